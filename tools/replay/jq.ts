import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'

const TIME_ZONES = { berlin: 'Europe/Berlin', newfoundland: 'America/St_Johns' } as const

interface Asked {
  readonly program: 'rows' | 'closings' | 'metrics' | 'dashboard'
  /** Files with a document in each line. */
  readonly files: readonly string[]
  readonly strings?: Readonly<Record<string, string>>
  readonly numbers?: Readonly<Record<string, number>>
  /** Files whose documents a program has as a list, by its name. */
  readonly lists?: Readonly<Record<string, string>>
  readonly zone?: keyof typeof TIME_ZONES
}

/** Runs a program of this folder, and resolves with what it writes. Rejects if there is no jq. */
export async function jq({ program, files, strings = {}, numbers = {}, lists = {}, zone }: Asked): Promise<string> {
  const args = [
    // Of the log each line is read by itself; the others read their input on their own.
    ...(program === 'rows' ? ['-c'] : ['-n', '-c']),
    ...Object.entries(strings).flatMap(([name, value]) => ['--arg', name, value]),
    ...Object.entries(numbers).flatMap(([name, value]) => ['--argjson', name, String(value)]),
    ...Object.entries(lists).flatMap(([name, file]) => ['--slurpfile', name, file]),
    '-f',
    join(import.meta.dirname, `${program}.jq`),
    ...files,
  ]
  const env = { ...process.env, TZ: zone === undefined ? 'UTC' : TIME_ZONES[zone] }
  const child = spawn('jq', args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const failed = once(child, 'error').then(([error]) => {
    throw new Error('jq is needed: `apt-get install jq`', { cause: error })
  })
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const [output, problem, [code]] = await Promise.race([ended, failed])
  if (code !== 0) throw new Error(`${program}.jq: ${problem}`)
  return output
}
