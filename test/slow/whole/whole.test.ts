import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Miniflare, type WorkerOptions } from 'miniflare'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf, ROOT } from '../bundles.ts'

const SECRET = '0123456789abcdef0123456789abcdef'

interface UsageEvent {
  readonly id: string
  readonly type: string
  readonly subject: string
}

let folder: string
let workers: WorkerOptions[]
let whole: Miniflare
/** What the queue's consumer was given. */
const taken: UsageEvent[] = []

type Bindings = NonNullable<WorkerOptions['config']['env']>

async function worker(name: string, entry: string, env: Bindings, more: object = {}): Promise<WorkerOptions> {
  const contents = await readFile(bundleOf(import.meta.dirname, entry), 'utf8')
  const manifest = { mainModule: 'worker.js', modules: { 'worker.js': { type: 'esm' as const, contents } } }
  const compatibility = { compatibilityDate: '2026-10-20', compatibilityFlags: ['enable_request_signal'] }
  return { config: { name, ...compatibility, manifest, env, ...more } }
}

beforeAll(async () => {
  folder = await mkdtemp(join(ROOT, '.faregate/whole-'))
  const gate: Bindings = {
    BLOG: {
      type: 'node-handler',
      // As WordPress and Ghost do: asked under another host than the public one, it redirects to that.
      handler: async ({ headers, url }, response) => {
        if (headers.host === 'blog.test') response.end('the page')
        else response.writeHead(301, { location: `https://blog.test${url}`, 'cache-control': 'max-age=60' }).end()
      },
    },
    API_RATE: { type: 'rate-limit', namespace: '1001', simple: { limit: 2, period: 60 } },
    LEDGER: { type: 'durable-object', worker: 'gate', exportName: 'Ledger' },
    SITE: { type: 'worker', worker: 'site' },
    TOKEN_SECRET: { type: 'text', value: SECRET },
    USAGE: { type: 'queue', name: 'usage' },
  }
  const consumer: Bindings = {
    TAKEN: {
      type: 'node-handler',
      handler: async (request, response) => {
        taken.push(...(JSON.parse(await text(request)) as UsageEvent[]))
        response.end()
      },
    },
  }
  workers = [
    await worker('gate', 'worker.ts', gate, { exports: { Ledger: { type: 'durable-object', storage: 'sqlite' } } }),
    await worker('site', 'site-worker.ts', {}),
    await worker('consumer', 'consumer-worker.ts', consumer, { triggers: [{ type: 'queue', name: 'usage' }] }),
  ]
  await start()
})
afterAll(async () => {
  await whole.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** Starts all Workers on what they stored before. */
async function start(): Promise<void> {
  whole = new Miniflare({
    workers,
    resourcePersistencePath: folder,
    telemetry: { enabled: false },
    handleStructuredLogs: () => undefined,
  })
  await whole.ready
}

/** Asks as an account that has paid, and gives the status with the page or with the reason that there is none. */
async function ask(account: string, path: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://billing.test', aud: 'https://site.test', sub: account, iat: now, exp: now + 600 }
  const token = await sign(await secretKey(SECRET), { ...claims, entitlements: ['premium'] })
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
  const response = await whole.dispatchFetch(`https://site.test${path}`, { headers })
  const answer = await response.text()
  return `${response.status} ${response.ok ? answer : (JSON.parse(answer) as { reason: string }).reason}`
}

describe('a gate among other Workers', () => {
  it('asks the site by its binding, and the rate limit of the platform before it', async () => {
    const answers = [await ask('a', '/limited/1'), await ask('a', '/limited/2'), await ask('a', '/limited/3')]
    expect(answers).toEqual(['200 the page /limited/1', '200 the page /limited/2', '429 too-many-requests'])
    expect(await ask('b', '/limited/1')).toBe('200 the page /limited/1')
  })

  it('asks a site by its public host, though a binding leads there: one that redirects to that host serves the page', async () => {
    const response = await whole.dispatchFetch('https://blog.test/page?a=1', { redirect: 'manual' })
    expect([response.status, await response.text()]).toEqual([200, 'the page'])
  })

  it('counts on after a restart, and tells the queue what was charged before and after', async () => {
    expect([await ask('c', '/metered/1'), await ask('c', '/metered/2')]).toEqual([
      '200 the page /metered/1',
      '200 the page /metered/2',
    ])
    await whole.dispose()
    await start()
    expect([await ask('c', '/metered/3'), await ask('c', '/metered/4')]).toEqual([
      '200 the page /metered/3',
      '402 usage-limit-reached',
    ])
    // Each at least once; of an amendment the restart may have come before.
    const charges = () => new Set(taken.filter(({ type }) => type === 'faregate.usage.charge').map(({ id }) => id))
    await expect.poll(() => charges().size, { timeout: 30_000 }).toBe(3)
    expect(new Set(taken.map(({ subject }) => subject))).toEqual(new Set(['c']))
  })
})
