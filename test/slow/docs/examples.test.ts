import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBilling } from '../../../demo/billing.ts'
import type { Listening } from '../../../demo/listen.ts'
import { startOrigin } from '../../../demo/origin.ts'
import { demoVariable } from '../../../demo/state.ts'
import { token } from '../../../demo/token.ts'
import { bundle } from '../../../tools/bundle.ts'
import { freePort } from '../../../tools/loopback.ts'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { workerdPath } from '../../../cli/toolchain.ts'
import { root } from './markdown.ts'

// Its keys are no running demo's.
process.env[demoVariable] ??= 'tests'

const SECRETS = {
  ACCOUNT_HASH_KEY: 'a key for the tests',
  USAGE_SECRET: 'a key for the tests, of thirty-two bytes',
  GATE_SECRET: 'a secret of the gate for the tests',
}

let folder: string
let origin: Listening
let billing: Listening

beforeAll(async () => {
  origin = await startOrigin({})
  billing = await startBilling({ usageSecret: SECRETS.USAGE_SECRET })
  folder = mkdtempSync(join(root, '.faregate/examples-'))
  // What a reader changes first: whose tokens, and which hosts. Both are on this machine here.
  for (const example of readdirSync(join(root, 'examples'), { withFileTypes: true }).filter((it) => it.isDirectory())) {
    cpSync(join(root, 'examples', example.name), join(folder, example.name), { recursive: true })
    change(`${example.name}/faregate.config.ts`, [
      [/hosts: \['[\w.]+'\]/, "hosts: ['localhost', '127.0.0.1']"],
      [/https:\/\/billing\.example\.com\/jwks\.json/g, `${billing.url}/.well-known/jwks.json`],
      [/https:\/\/billing\.example\.com/g, billing.url],
    ])
  }
})
afterAll(async () => {
  await origin.close()
  await billing.close()
  rmSync(folder, { recursive: true, force: true })
})

function change(name: string, changes: readonly (readonly [RegExp, string])[]): void {
  const file = join(folder, name)
  if (!readdirSync(join(file, '..')).includes(name.split('/').at(-1) ?? '')) return
  let text = readFileSync(file, 'utf8')
  for (const [from, to] of changes) text = text.replace(from, to)
  writeFileSync(file, text)
}

function signed(...options: string[]): Promise<string> {
  return token(['--issuer', billing.url, ...options], Math.floor(Date.now() / 1000))
}

async function ask(url: string, bearer?: string, more: Record<string, string> = {}) {
  const headers = { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...more }
  const response = await fetch(url, { headers, redirect: 'manual' })
  const text = await response.text()
  return { status: response.status, text, fields: response.headers, reason: /"reason":"([\w-]+)"/.exec(text)?.[1] }
}

/** An example around the Worker of the first one, in workerd. */
async function startGate(example: string): Promise<Workerd> {
  const of = example === 'worker' ? [] : ['worker.ts', 'wrangler.toml']
  for (const name of of) cpSync(join(folder, 'worker', name), join(folder, example, name))
  const module = await bundle({
    config: join(folder, example, 'wrangler.toml'),
    outdir: join(folder, example, 'built'),
  })
  return startWorkerd({ module, objects: { LEDGER: 'Ledger' }, vars: { ...SECRETS, ORIGIN_URL: origin.url } })
}

describe('the examples', () => {
  it('fit the types of the package', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', 'examples'], { cwd: root, encoding: 'utf8' })
    expect([stdout, status]).toEqual(['', 0])
  })
})

describe('examples/worker', () => {
  let gate: Workerd
  beforeAll(async () => {
    gate = await startGate('worker')
  })
  afterAll(() => gate.stop())

  it('refuses, serves who paid, and lets free pages through', async () => {
    expect(await ask(`${gate.url}/articles/1`)).toMatchObject({ status: 402, reason: 'payment-required' })
    expect(await ask(`${gate.url}/articles/1`, await signed())).toMatchObject({ status: 200 })
    expect(await ask(`${gate.url}/free/echo`)).toMatchObject({ status: 200 })
  })
})

describe('examples/api', () => {
  let gate: Workerd
  beforeAll(async () => {
    gate = await startGate('api')
  })
  afterAll(() => gate.stop())

  it('counts a plan, takes its key in a field, and serves nothing else', async () => {
    const key = await signed('--audience', 'https://api.example.com', '--sub', 'account-1', '--entitlements', 'api')
    const paid = await ask(`${gate.url}/v1/echo`, undefined, { 'X-Api-Key': key })
    // The demo's origin has no such page, and what it does not have is not charged.
    expect(paid.status).toBe(404)
    expect(paid.fields.get('ratelimit-policy')).toContain('"requests";q=10000')
    expect(await ask(`${gate.url}/v1/echo`)).toMatchObject({ status: 402, reason: 'payment-required' })
    expect(await ask(`${gate.url}/elsewhere`)).toMatchObject({ status: 403, reason: 'not-for-sale' })
  })

  it('sells reports by receipt', async () => {
    const options = ['--payment', '--audience', 'https://api.example.com', '--resource', '/v1/reports/*']
    expect(await ask(`${gate.url}/v1/reports/1`, await signed(...options))).toMatchObject({ status: 404 })
    expect(await ask(`${gate.url}/v1/reports/1`, await signed(...options, '--amount', '0.1'))).toMatchObject({
      reason: 'payment-insufficient',
    })
  })
})

describe('examples/publisher', () => {
  let gate: Workerd
  beforeAll(async () => {
    gate = await startGate('publisher')
  })
  afterAll(() => gate.stop())

  it('only watches its articles until the day that it names', async () => {
    const { observe } = JSON.parse((await ask(`${gate.url}/__faregate/explain?target=/articles/1`)).text) as {
      observe?: { would: string }
    }
    const isWatched = Date.now() < Date.parse('2027-01-31T00:00:00Z')
    expect(observe?.would).toBe(isWatched ? 'payment-required' : undefined)
    expect((await ask(`${gate.url}/articles/1`)).status).toBe(isWatched ? 200 : 402)
  })

  it('makes a feed for its reader, and takes that from a URL', async () => {
    expect((await ask(`${gate.url}/feed/news`)).status).toBe(402)
    const made = await fetch(`${gate.url}/__faregate/feeds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await signed()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ action: 'create', name: 'phone', path: '/feed/news' }),
    })
    const { url } = (await made.json()) as { url: string }
    const read = await ask(url)
    expect([read.status, read.fields.get('referrer-policy')]).toEqual([404, 'no-referrer'])
    expect((await ask(`${gate.url}/feed/news?token=${await signed()}`)).reason).toBe('credential-invalid')
  })
})

describe('examples/hono', () => {
  let app: ChildProcess
  let url: string
  beforeAll(async () => {
    const outfile = join(folder, 'hono/node.mjs')
    const entry = join(folder, 'hono/node.ts')
    await build({ entryPoints: [entry], bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'silent' })
    const env = { ...process.env, ...SECRETS, PORT: String(await freePort()) }
    app = spawn(process.execPath, [outfile], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    if (app.stdout === null) throw new Error('the app has no output')
    for await (const line of createInterface({ input: app.stdout })) {
      url = line
      break
    }
  })
  afterAll(async () => {
    app.kill('SIGKILL')
    await once(app, 'exit')
  })

  it('is its own origin, in Node', async () => {
    expect(await ask(`${url}/`)).toMatchObject({ status: 200, text: 'Free for all.\n' })
    expect(await ask(`${url}/articles/1`)).toMatchObject({ status: 402, reason: 'payment-required' })
    expect(await ask(`${url}/articles/1`, await signed('--sub', 'account-1'))).toMatchObject({
      status: 200,
      text: 'Article 1, for account-1.\n',
    })
  })
})

describe('examples/workerd', () => {
  let server: ChildProcess
  let url: string
  beforeAll(async () => {
    const port = await freePort()
    await bundle({ config: join(folder, 'worker/wrangler.toml'), outdir: join(folder, 'worker/out') })
    mkdirSync(join(folder, 'workerd/ledgers'))
    // The origin and the billing backend are on this machine.
    change('workerd/config.capnp', [
      [/127\.0\.0\.1:8080/, `127.0.0.1:${port}`],
      [/\["public"\]/, '["public", "private", "local"]'],
    ])
    server = spawn(workerdPath(root), ['serve', '--control-fd=3', 'config.capnp'], {
      cwd: join(folder, 'workerd'),
      env: { ...process.env, ...SECRETS, ORIGIN_URL: origin.url },
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    })
    url = `http://127.0.0.1:${port}`
    // It says there when its socket listens.
    for await (const line of createInterface({ input: server.stdio[3] as Readable }))
      if (line.includes('"listen"')) break
  })
  afterAll(async () => {
    server.kill('SIGKILL')
    await once(server, 'exit')
  })

  it('is a gate behind a proxy that ends TLS', async () => {
    const proxied = { 'X-Forwarded-Proto': 'https' }
    expect(await ask(`${url}/articles/1`, undefined, proxied)).toMatchObject({
      status: 402,
      reason: 'payment-required',
    })
    expect(await ask(`${url}/articles/1`, await signed(), proxied)).toMatchObject({ status: 200 })
  })
})
