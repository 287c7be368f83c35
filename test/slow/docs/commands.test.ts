import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoVariable } from '../../../demo/state.ts'
import { freePort } from '../../../tools/loopback.ts'
import { type Block, readPages, root } from './markdown.ts'

const run = promisify(execFile)

/** All pages share one demo, as they do for who reads one after the other. */
/** Pages for newcomers begin in an empty folder: test/slow/cli/pages.test.ts follows those. */
const pages = readPages()
  .filter(({ path }) => !path.startsWith('docs/start/'))
  .map(({ path, blocks }) => ({ path, blocks }))

/** Commands of a page: with `$`, each with the lines it shows; else a script that must succeed. */
interface Step {
  readonly command: string
  readonly shown: readonly string[]
}

function transcript({ text }: Block): Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...shown] = step.trimEnd().split('\n')
      return { command, shown }
    })
}

/**
 * Not run here: what these tests are part of or have run already, what runs until it is stopped, what takes minutes, and
 * what needs an account of Cloudflare's. Their scripts are looked up by the test of links.
 */
const ELSEWHERE = [
  /^npm (?:ci|install|pack|test|start)\b/,
  /^npm run (?:-s )?(?:bench|build|check|cold|conformance|costs|crash(?::payments)?|dev|outage|standing|test:\w+)\b/,
  /^npx wrangler (?:deploy|secret put)\b/,
  /^(?:git clone|cd) /,
  /^(?:claude|codex)$/,
]

function isElsewhere({ text }: Block): boolean {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.every((line) => ELSEWHERE.some((command) => command.test(line)))
}

let demo: ChildProcess
let ports: { gate: number; origin: number; billing: number }
let folder: string
const printed: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(root, '.faregate/commands-'))
  ports = { gate: await freePort(), origin: await freePort(), billing: await freePort() }
  const options = ['--port', `${ports.gate}`, '--origin-port', `${ports.origin}`, '--billing-port', `${ports.billing}`]
  demo = spawn(process.execPath, [join(root, 'demo/start.ts'), ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (demo.stdout === null) throw new Error('the demo has no output')
  const lines = createInterface({ input: demo.stdout })
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      printed.push(line)
      if (line.startsWith('Ctrl-C ends it')) resolve()
    })
  })
})

afterAll(async () => {
  if (demo.exitCode === null) {
    demo.kill('SIGKILL')
    await once(demo, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

/** The ports, files and programs that a page names, as the test has them: the package is not installed in its own repository. */
function here(text: string): string {
  return text
    .replaceAll('8787', `${ports.gate}`)
    .replaceAll('8788', `${ports.origin}`)
    .replaceAll('8789', `${ports.billing}`)
    .replaceAll('log.jsonl', join(folder, 'log.jsonl'))
    .replaceAll(/^npx faregate(?= prices)/gm, 'node cli/main.ts')
}

/** A shown line stands for what is printed: `…` is anything, and the case of a field's name does not matter. */
function pattern(line: string): RegExp {
  const parts = here(line)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(parts.join('.*'), 'i')
}

async function shell(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  writeFileSync(join(folder, 'log.jsonl'), printed.filter((line) => line.startsWith('{')).join('\n'))
  const { stdout } = await run('bash', ['-c', `set -e\n${script}`], { cwd: root, env })
  return stdout
}

function environment(): NodeJS.ProcessEnv {
  const path = `${join(process.execPath, '..')}:${process.env['PATH'] ?? ''}`
  return { ...process.env, [demoVariable]: `${ports.gate}`, PATH: path }
}

describe('the commands of a page', () => {
  const shown = pages.filter(({ blocks }) => blocks.some(({ language }) => language === 'console'))

  it('are shown with their answers in the README and where one starts', () => {
    expect(shown.map(({ path }) => path)).toEqual(expect.arrayContaining(['README.md', 'docs/getting-started.md']))
  })

  it.each(shown)('answer as $path shows, line by line', async ({ blocks }) => {
    const env = environment()
    const steps = blocks.filter(({ language }) => language === 'console').flatMap(transcript)
    expect(steps.length).toBeGreaterThan(0)
    for (const { command, shown: lines } of steps) {
      const [, variable] = /^([A-Z]+)=/.exec(command) ?? []
      const script = variable === undefined ? here(command) : `${here(command)}\nprintf %s "$${variable}"`
      const stdout = await shell(script, env)
      // Set once, as in a shell: a receipt that is made anew is another receipt.
      if (variable !== undefined) env[variable as 'PATH'] = stdout
      for (const line of lines) expect(stdout, command).toMatch(pattern(line))
    }
  })

  const scripts = pages.flatMap(({ blocks }) =>
    blocks.filter((block) => block.language === 'sh' && !isElsewhere(block)),
  )
  const hasJq = spawnSync('jq', ['--version']).status === 0

  it.each(scripts)('succeed at $where', async ({ text }) => {
    // The one tool that is neither ours nor of every system.
    if (/^jq /m.test(text) && !hasJq) return
    await expect(shell(here(text), environment())).resolves.toEqual(expect.any(String))
  })

  it('are run, unless they name a program of ours that is', () => {
    const others = pages.flatMap(({ blocks }) =>
      blocks.filter((block) => block.language === 'sh' && isElsewhere(block)),
    )
    const programs = others.flatMap(({ text }) => Array.from(text.matchAll(/^npx (\w+)/gm), ([, name = '']) => name))
    expect(programs.filter((name) => !existsSync(join(root, 'node_modules/.bin', name)))).toEqual([])
  })
})

describe('the demo', () => {
  it('prints what to try, stops cleanly and leaves nothing behind', async () => {
    expect(printed.join('\n')).toContain(`curl -i http://localhost:${ports.gate}/articles/1`)
    demo.kill('SIGTERM')
    const [code] = await once(demo, 'exit')
    expect(code).toBe(0)
    for (const port of Object.values(ports))
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
  })
})
