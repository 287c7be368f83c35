import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { event as told } from '../../demo/event.ts'
import { type Block, readPages, root } from '../slow/docs/markdown.ts'
import { type Running, startAll } from '../slow/running.ts'

const run = promisify(execFile)
let all: Running
let folder: string

beforeAll(async () => {
  all = await startAll()
  await told(['--sub', 'account-demo', '--grant', '1 USD', '--url', all.gate, '--issuer', all.billing])
  // Below the root, so that the packages are found.
  mkdirSync(join(root, '.faregate'), { recursive: true })
  folder = mkdtempSync(join(root, '.faregate/sdks-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await all.stop()
})

/** A program that a page shows, and what the page says that it prints. */
interface Program extends Block {
  readonly shown: readonly string[]
}

const programs: readonly Program[] = readPages()
  .filter(({ path }) => path.startsWith('docs/llm/'))
  .flatMap(({ blocks }) =>
    blocks.map((block, index) => {
      const next = blocks[index + 1]
      return { ...block, shown: next?.language === 'text' ? next.text.trimEnd().split('\n') : [] }
    }),
  )

async function output(program: string, name: string, text: string): Promise<string> {
  const file = join(folder, name)
  writeFileSync(file, text.replaceAll('http://localhost:8787', all.gate))
  const env = { ...process.env, KEY: await all.token('--entitlements', 'api') }
  return (await run(program, [file], { cwd: folder, env })).stdout
}

/** `…` is anything. */
function expectShown(printed: string, shown: readonly string[]): void {
  for (const line of shown) {
    const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    expect(printed).toMatch(new RegExp(parts.join('.*'), 'i'))
  }
}

describe('the programs in Node on the pages of SDKs', () => {
  const inNode = programs.filter(
    ({ language, text }) => language === 'ts' && /^import .* from '(?!faregate)/m.test(text),
  )

  it('are there for each SDK', () => {
    expect(new Set(inNode.map(({ where }) => where.split('/').at(-1)?.split('.')[0]))).toEqual(
      new Set(['anthropic', 'google-genai', 'langchain', 'mistral', 'openai', 'vercel-ai-sdk']),
    )
  })

  it.each(inNode)('print what is shown at $where', async ({ where, text, shown }) => {
    const printed = await output(process.execPath, `${where.replaceAll(/\W/g, '-')}.ts`, text)
    expect(shown).not.toEqual([])
    expectShown(printed, shown)
  })
})

const hasPython = spawnSync('python3', ['--version']).status === 0

describe.runIf(hasPython)('the programs in Python on the pages of SDKs', () => {
  const inPython = programs.filter(({ language }) => language === 'python')
  const packageOf = (text: string): string =>
    /^(?:from|import) (openai|anthropic|google)\b/m.exec(text)?.[1] ?? 'absent'
  const isInstalled = (name: string): boolean => spawnSync('python3', ['-c', `import ${name}`]).status === 0

  it.each(inPython)('can be read at $where', ({ text }) => {
    const check = 'import ast, sys; ast.parse(sys.stdin.read())'
    expect(() => execFileSync('python3', ['-c', check], { input: text, stdio: 'pipe' })).not.toThrow()
  })

  it.each(inPython.filter(({ text }) => isInstalled(packageOf(text))))('run at $where', async ({ where, text }) => {
    expect(await output('python3', `${where.replaceAll(/\W/g, '-')}.py`, text)).toContain('You asked')
  })
})
