import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODEL_KEYS } from '../../../demo/models/models.ts'
import { serveModels, type ServedModels } from '../../../demo/models/serve.ts'
import { open, shut } from '../../../tools/loopback.ts'
import { type Block, type Page, readPages } from '../docs/markdown.ts'
import { installPackage, type Installed, type Started } from './installed.ts'

const run = promisify(execFile)
let installed: Installed
let origin: Server
let bin: string
let models: ServedModels

beforeAll(async () => {
  installed = installPackage()
  origin = createServer((request, response) => response.end(`<h1>${request.url}</h1>`))
  process.env['ORIGIN_URL'] = await open(origin)
  bin = installed.project('bin')
  models = await serveModels()
  // The package is installed already, and nothing is deployed. The provider of language models is ours.
  const program = `exec '${process.execPath}' '${installed.program}' "$@"`
  const ours = `if [ "$2" = --llm ]; then set -- "$@" --origin '${models.url}'; fi`
  command('npx', `if [ "$1" = faregate ]; then shift; ${ours}; ${program}; fi`)
  command('npm', `if [ "$1" = init ]; then echo '{ "name": "mine" }' > package.json; fi`)
}, 120_000)
afterAll(async () => {
  await shut(origin)
  await models.close()
  installed.remove()
})

function command(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, name), 0o755)
}

/** A page as somebody follows it: from block to block, in one folder after the other, in one shell. */
interface Reader {
  folder: string
  readonly env: NodeJS.ProcessEnv
  gate: Started | undefined
}

async function shell(script: string, reader: Reader): Promise<string> {
  const { stdout } = await run('bash', ['-c', `set -e\n${script}\npwd > "$PLACE"`], {
    cwd: reader.folder,
    env: reader.env,
  })
  reader.folder = readFileSync(reader.env['PLACE'] ?? '', 'utf8').trim()
  return stdout
}

const START = /^npx faregate start$/m

async function follow({ language, text }: Block, reader: Reader): Promise<void> {
  if (language === 'sh') {
    await shell(text.replace(START, ''), reader)
    if (START.test(text))
      reader.gate = await installed.start(reader.folder, [], {
        ORIGIN_URL: reader.env['ORIGIN_URL'] ?? '',
        OPENAI_KEY: MODEL_KEYS.openai,
      })
  }
  if (language === 'console') for (const step of text.split(/^\$ /m).slice(1)) await answer(step, reader)
}

/** Runs a line that is shown, and compares what it prints: `…` is anything. */
async function answer(step: string, reader: Reader): Promise<void> {
  const [line = '', ...shown] = step.trimEnd().split('\n')
  const here = line.replaceAll('http://localhost:8787', reader.gate?.url ?? '')
  const [, variable] = /^([A-Z]+)=/.exec(here) ?? []
  const out = await shell(variable === undefined ? here : `${here}\nprintf %s "$${variable}"`, reader)
  if (variable !== undefined) reader.env[variable] = out
  for (const [, name = '', value = ''] of here.startsWith('export ') ? here.matchAll(/(\w+)=(\S+)/g) : [])
    reader.env[name] = value
  for (const each of shown) {
    const parts = each.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    expect(out, line).toMatch(new RegExp(parts.join('.*'), 'i'))
  }
}

describe('the pages for newcomers', () => {
  const pages = readPages().filter(({ path }) => path.startsWith('docs/start/'))

  it('are there for each kind of user', () => {
    expect(pages.map(({ path }) => path).toSorted()).toEqual(
      ['api-with-keys', 'existing-site-auth0', 'ghost', 'hono', 'llm', 'wordpress'].map(
        (name) => `docs/start/${name}.md`,
      ),
    )
  })

  it.each(pages)('lead from an empty folder to a paid answer: $path', async ({ path, blocks }: Page) => {
    const folder = installed.project(path.replaceAll('/', '-'))
    mkdirSync(folder, { recursive: true })
    const env = {
      ...process.env,
      PATH: `${bin}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      PLACE: join(bin, 'place'),
      ...(path.endsWith('/llm.md') && { ORIGIN_URL: models.url }),
    }
    const reader: Reader = { folder, env, gate: undefined }
    try {
      for (const block of blocks) await follow(block, reader)
      expect(reader.gate).toBeDefined()
    } finally {
      await reader.gate?.end()
    }
  })
})
