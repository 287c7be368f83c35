import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REASONS } from '../../src/core/problem.ts'
import { demoVariable } from '../../demo/state.ts'
import { freePort } from '../../tools/loopback.ts'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** The commands of the README's transcript, each with the lines it shows. */
function transcript(): { command: string; shown: string[] }[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const block = /```console\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...shown] = step.trimEnd().split('\n')
      return { command, shown }
    })
}

let demo: ChildProcess
let ports: { gate: number; origin: number; billing: number }
const printed: string[] = []

beforeAll(async () => {
  ports = { gate: await freePort(), origin: await freePort(), billing: await freePort() }
  const options = ['--port', `${ports.gate}`, '--origin-port', `${ports.origin}`, '--billing-port', `${ports.billing}`]
  demo = spawn(process.execPath, [join(root, 'demo/start.ts'), ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (demo.stdout === null) throw new Error('the demo has no output')
  for await (const line of createInterface({ input: demo.stdout })) {
    printed.push(line)
    if (line.startsWith('Ctrl-C ends it')) break
  }
})

afterAll(async () => {
  if (demo.exitCode === null) {
    demo.kill('SIGKILL')
    await once(demo, 'exit')
  }
})

/** The ports that the README names, as the test has them. */
function here(text: string): string {
  return text
    .replaceAll('8787', `${ports.gate}`)
    .replaceAll('8788', `${ports.origin}`)
    .replaceAll('8789', `${ports.billing}`)
}

/** A shown line stands for what is printed: `…` is anything, and the case of a field's name does not matter. */
function pattern(line: string): RegExp {
  const parts = here(line)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(parts.join('.*'), 'i')
}

describe('the configuration to begin with', () => {
  it.each(['README.md', 'faregate.config.ts', 'demo/faregate.config.ts'])(
    'has its result written in %s, so that an editor underlines a misspelt option',
    (name) => {
      const text = readFileSync(join(root, name), 'utf8')
      expect(text.match(/defineConfig\(\(\w*\)(?:: Options)? =>/g)).toEqual(['defineConfig((env): Options =>'])
    },
  )
})

describe('the README', () => {
  it('lists every reason of a refusal with its status', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const [, table = ''] = /\| reason \| status \|.*\n([^]*?)\n\n/.exec(readme) ?? []
    const listed = table.split('\n').flatMap((row) => {
      const [, reasons = '', statuses = ''] = row.split('|')
      const [first = '', ...others] = statuses.match(/\d{3}/g) ?? []
      const names = Array.from(reasons.matchAll(/`([a-z-]+)`/g), ([, name]) => name)
      return names.map((name, at) => `${name} ${(others.length === 0 ? undefined : [first, ...others][at]) ?? first}`)
    })
    const known = Object.entries(REASONS).map(([reason, { status }]) => `${reason} ${status}`)
    expect(listed.toSorted()).toEqual(known.toSorted())
  })

  it('shows what the running demo answers, line by line', async () => {
    const steps = transcript()
    expect(steps.length).toBeGreaterThanOrEqual(8)
    const env = {
      ...process.env,
      [demoVariable]: `${ports.gate}`,
      PATH: `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`,
    }
    for (const { command, shown } of steps) {
      const [, variable] = /^([A-Z]+)=/.exec(command) ?? []
      const asked = variable === undefined ? here(command) : `${here(command)}\nprintf %s "$${variable}"`
      const { stdout } = await run('bash', ['-c', `set -e\n${asked}`], { cwd: root, env })
      // Set once, as in a shell: a receipt that is made anew is another receipt.
      if (variable !== undefined) env[variable as 'PATH'] = stdout
      for (const line of shown) expect(stdout, command).toMatch(pattern(line))
    }
  })

  it('promises a demo that prints what to try, stops cleanly and leaves nothing behind', async () => {
    expect(printed.join('\n')).toContain(`curl -i http://localhost:${ports.gate}/articles/1`)
    demo.kill('SIGTERM')
    const [code] = await once(demo, 'exit')
    expect(code).toBe(0)
    for (const port of Object.values(ports))
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
  })
})
