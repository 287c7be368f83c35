import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** Runs a program with a text as its input. Rejects if it is not installed, or says that something is wrong. */
export async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const missing = once(child, 'error').then(([error]) => {
    throw new Error(`${command} is needed: "apt-get install prometheus"`, { cause: error })
  })
  child.stdin.end(input)
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const [output, problem, [code]] = await Promise.race([ended, missing])
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${output}${problem}`)
  return output
}

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')

/** Returns the block of the documentation that begins so. */
export function documented(begin: string): string {
  const blocks = Array.from(PAGE.matchAll(/```yaml\n([\s\S]*?)```/g), ([, block = '']) => block)
  const found = blocks.find((block) => block.startsWith(begin))
  if (found === undefined) throw new Error(`docs/metrics.md has no block that begins with "${begin}"`)
  return found
}
