import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODEL_KEYS } from '../../../demo/models/models.ts'
import { serveModels, type ServedModels } from '../../../demo/models/serve.ts'
import { freePort, open, shut } from '../../../tools/loopback.ts'
import { type Block, type Page, readPages } from '../docs/markdown.ts'
import { Walker } from '../walker.ts'
import { installPackage, type Installed, type Started } from './installed.ts'
import { type IdentityProvider, startProvider } from './provider.ts'

const run = promisify(execFile)
let installed: Installed
let origin: Server
let bin: string
let models: ServedModels
let gatePort: number
let provider: IdentityProvider
let stripe: PageShop

/** What stands for Stripe while its page is followed. Loaded by name: without Stripe's folders the rest must compile. */
interface PageShop {
  readonly url: string
  readonly double: {
    readonly webhooks: { url: string; secret: string }[]
    addPrice(price: { id: string; amount: number; every: 'month'; name: string }): void
  }
  close(): Promise<void>
}
const SHOP = '../../stripe/double/server.ts'
const SHOP_KEYS = '../../stripe/double/index.ts'
const { startStripeDouble } = (await import(SHOP)) as {
  readonly startStripeDouble: (options: { deliverEveryMs: number }) => Promise<PageShop>
}
const { DOUBLE_KEY } = (await import(SHOP_KEYS)) as { DOUBLE_KEY: string }

const SITE = 'https://www.example.com'
/** What a reader of the pages types in place of `<…>`. */
const SECRETS = {
  CLIENT_SECRET: 'a-secret-of-the-tests-of-43-letters-or-more',
  STRIPE_KEY: DOUBLE_KEY,
  STRIPE_WEBHOOK: 'whsec_of_the_tests_000000000001',
}

beforeAll(async () => {
  installed = installPackage()
  origin = createServer((request, response) => response.end(`<h1>${request.url}</h1>`))
  process.env['ORIGIN_URL'] = await open(origin)
  bin = installed.project('bin')
  models = await serveModels()
  // The package is installed already, and nothing is deployed. The provider of language models is ours.
  gatePort = await freePort()
  const redirectUri = `http://localhost:${gatePort}/__faregate/return/oauth`
  provider = await startProvider({ clientId: 'news', clientSecret: SECRETS.CLIENT_SECRET, redirectUri, audience: SITE })
  stripe = await startStripeDouble({ deliverEveryMs: 100 })
  stripe.double.addPrice({ id: 'price_1Q2w3E4r5T6y7U8i', amount: 500, every: 'month', name: 'Subscription' })
  const url = `http://localhost:${gatePort}/__faregate/events/stripe`
  stripe.double.webhooks.push({ url, secret: SECRETS.STRIPE_WEBHOOK })
  const program = `exec '${process.execPath}' '${installed.program}' "$@"`
  const ours = `if [ "$2" = --llm ]; then set -- "$@" --origin '${models.url}'; fi`
  command('npx', `if [ "$1" = faregate ]; then shift; ${ours}; ${program}; fi`)
  command('npm', `if [ "$1" = init ]; then echo '{ "name": "mine" }' > package.json; fi`)
}, 120_000)
afterAll(async () => {
  await shut(origin)
  await models.close()
  await provider.stop()
  await stripe.close()
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
  /** True if a browser follows the page as well. */
  readonly isWalked: boolean
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
    if (START.test(text)) {
      pointHere(join(reader.folder, 'faregate.config.ts'))
      reader.gate = await installed.start(reader.folder, reader.isWalked ? ['--port', `${gatePort}`] : [], {
        ORIGIN_URL: reader.env['ORIGIN_URL'] ?? '',
        OPENAI_KEY: MODEL_KEYS.openai,
        ...SECRETS,
      })
    }
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
    const parts = standingFor(each)
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    expect(out, line).toMatch(new RegExp(parts.join('.*'), 'i'))
  }
}

/** What the pages tell a browser's user to do. */
const WALKS: Readonly<Record<string, (walker: Walker, gate: string) => Promise<void>>> = {
  async 'docs/start/sign-in.md'(walker, gate) {
    await walker.open(`${gate}/articles/1`)
    expect(walker.status).toBe(402)
    await walker.follow('Sign in')
    await walker.press('Sign-in', { login: 'reader-1', password: 'any' })
    await walker.press('Continue')
    expect([walker.url, walker.status]).toEqual([`${gate}/articles/1`, 200])
    await walker.open(`${gate}/__faregate/sign-out`)
    await walker.press('Sign out')
    expect((await walker.open(`${gate}/articles/1`)).status).toBe(402)
  },
  async 'docs/start/stripe.md'(walker, gate) {
    await walker.open(`${gate}/articles/1`)
    expect(walker.status).toBe(402)
    await walker.follow('Buy')
    await walker.press('Pay by card', { email: 'reader@example.com' })
    expect([walker.url, walker.status]).toEqual([`${gate}/articles/1`, 200])
    await walker.open(`${gate}/__faregate/portal`)
    await walker.press('Cancel subscription')
    expect(walker.text).toContain('ends with its period')
  },
}

/** Has a configuration ask what stands here for the services that it names. */
function pointHere(file: string): void {
  const text = standingFor(readFileSync(file, 'utf8'))
  writeFileSync(file, text.replace("key: 'STRIPE_KEY'", `key: 'STRIPE_KEY', apiUrl: '${stripe.url}'`))
}

/** What stands here for the services that the pages name. */
function standingFor(text: string): string {
  return text
    .replaceAll('https://login.example.com', provider.issuer)
    .replaceAll('https://checkout.stripe.com', stripe.url)
    .replaceAll('http://localhost:8787', `http://localhost:${gatePort}`)
}

describe('the pages for newcomers', () => {
  const pages = readPages().filter(({ path }) => path.startsWith('docs/start/'))

  it('are there for each kind of user', () => {
    expect(pages.map(({ path }) => path).toSorted()).toEqual(
      ['api-with-keys', 'existing-site-auth0', 'ghost', 'hono', 'llm', 'sign-in', 'stripe', 'wordpress'].map(
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
    const walk = WALKS[path]
    const reader: Reader = { folder, env, gate: undefined, isWalked: walk !== undefined }
    try {
      for (const block of blocks) await follow(block, reader)
      expect(reader.gate).toBeDefined()
      await walk?.(new Walker(), reader.gate?.url.replace('127.0.0.1', 'localhost') ?? '')
    } finally {
      await reader.gate?.end()
    }
  })
})
