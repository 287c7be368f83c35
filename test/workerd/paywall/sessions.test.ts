import { presenting } from '../../support/proofs.ts'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refusal } from '../../../src/core/problem.ts'
import { err } from '../../../src/core/result.ts'
import type { ResolveStanding } from '../../../src/standing/resolve.ts'
import { paywall } from '../../../src/platform/hono/index.ts'
import { handle } from '../../../src/paywall.ts'
import { createGate } from '../cache/gate.ts'
import config from '../../support/config.ts'
import { newServices, worldOrigin, realObjects } from '../../support/services.ts'
import { accountLedger } from '../../support/ledger.ts'
import { withToken, createWorld, linesOf, type World } from '../../support/world.ts'
import type { Services } from '../../../src/services.ts'
import { readingOf } from '../objects.ts'
import { cloudflare } from '../../../src/platform/cloudflare/platform.ts'
// What is paid for is watched for as long as it is on its way, whatever it is: here the test drives the clock, and nothing
// but the time that passes ends what an origin sends for ever.

let world: World
let resolveStanding: ReturnType<typeof vi.fn<ResolveStanding>>
let services: Services

beforeEach(async () => {
  world = await createWorld()
  resolveStanding = vi.fn<ResolveStanding>((presented) => presented)
  services = { ...newServices(realObjects()), resolveStanding }
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  world.end()
})

/** Whoever answers a client, by the path that its response takes. */
interface Way {
  readonly path: string
  readonly ask: (request: Request) => Promise<Response>
  /** True where the test says how an account stands. */
  readonly isConsulted: boolean
}

const never = (): void => undefined
const ways: Record<string, () => Way> = {
  'an origin': () => ({
    path: '/live/1',
    isConsulted: true,
    ask: async (request) => handle(request, services, worldOrigin(world), never),
  }),
  'the embedded cache': () => {
    const gate = createGate('embedded', config, KEY, undefined, replaced)
    return { path: '/articles/1', isConsulted: true, ask: async (request) => gate.fetch(request) }
  },
  'the cache of the platform': () => {
    const gate = createGate('platform', config, KEY, undefined, replaced)
    return { path: '/articles/1', isConsulted: true, ask: async (request) => gate.fetch(request) }
  },
  'an app behind the middleware': () => {
    const app = new Hono().use(paywall(config, cloudflare)).all('*', (c) => world.origin(c.req.raw))
    return { path: '/live/1', isConsulted: false, ask: async (request) => app.fetch(request, KEY) }
  },
}
const KEY = { ACCOUNT_HASH_KEY: 'a key for the tests' }

interface Open {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  readonly write: (text: string) => void
}

/** Time stands still from now on, but for what a test lets pass. */
function stopTime(): void {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Math.ceil(Date.now() / 1000) * 1000 })
}

/** A response that has begun, and goes on for as long as the test writes. */
async function open(way: Way, fields: Record<string, string>, init: RequestInit, status = 200): Promise<Open> {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) })
  world.origin = () => new Response(body, { status, headers: fields })
  const response = await elapsing(way.ask(new Request(`https://news.test${way.path}`, init)))
  expect(response.status).toBe(status)
  const reader = response.body?.getReader()
  if (reader === undefined) throw new Error('there is no body')
  return { reader, write: (text) => controller?.enqueue(new TextEncoder().encode(text)) }
}

/** What comes of it, while a little time passes: some wait by polling. */
async function elapsing<T>(work: Promise<T>, stepMs = 0): Promise<T> {
  const state = { isDone: false }
  const note = (): void => void (state.isDone = true)
  work.then(note, note)
  await until(async () => {
    await vi.advanceTimersByTimeAsync(stepMs)
    return state.isDone
  })
  return work
}

/** Waits for something that takes no time. */
async function until(isSo: () => unknown): Promise<void> {
  while ((await isSo()) !== true) await scheduler.wait(1)
}

async function warm(way: Way, claims: Record<string, unknown> = {}): Promise<RequestInit> {
  const token = await world.token(claims)
  await way.ask(new Request('https://news.test/api/warm', withToken(token))) // keys are fetched in real time
  return withToken(token)
}

/** It goes on until then, and is broken off: what was read of it cannot be taken for all. */
async function expectCutAt(ms: number, { reader, write }: Open): Promise<void> {
  write('one ')
  expect((await elapsing(reader.read())).done).toBe(false)
  await vi.advanceTimersByTimeAsync(ms - 1)
  write('two ')
  expect((await elapsing(reader.read())).done).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await expect(elapsing(reader.read())).rejects.toThrow()
}

const FOR_EVER: [what: string, fields: Record<string, string>][] = [
  ['lines of JSON', { 'content-type': 'application/x-ndjson' }],
  ['parts that replace each other', { 'content-type': 'multipart/x-mixed-replace; boundary=a' }],
  ['a film of stated length', { 'content-type': 'video/mp4', 'content-length': '1000000' }],
  ['text that a cache may keep', { 'content-type': 'text/plain', 'cache-control': 'max-age=60', etag: '"1"' }],
  ['what is not said', {}],
]
const replaced = (made: Services): Services => ({ ...made, resolveStanding })
const HELD: ResolveStanding = () => presenting({ entitlement: err(refusal('security-hold', 'It is held.')) })

describe.each(Object.entries(ways))('what comes from %s', (_from, make) => {
  it.each(FOR_EVER)('is broken off when its token ends: %s', async (_what, fields) => {
    stopTime()
    const way = make()
    const init = await warm(way, { exp: Date.now() / 1000 + 30 })
    await expectCutAt(30_000, await open(way, fields, init))
  })
})

describe.each(Object.entries(ways).filter(([, make]) => make().isConsulted))('what comes from %s', (_from, make) => {
  it.each(FOR_EVER)('is broken off within the bound of what is said of its account: %s', async (_what, fields) => {
    stopTime()
    const way = make()
    const opened = await open(way, fields, await warm(way))
    resolveStanding.mockImplementation(HELD)
    await expectCutAt(2500, opened)
  })

  it('is looked at no more once all of it has left', async () => {
    stopTime()
    const way = make()
    const init = await warm(way)
    world.origin = () => new Response('all of it')
    const response = await elapsing(way.ask(new Request(`https://news.test${way.path}`, init)))
    expect(await elapsing(response.text())).toBe('all of it')
    resolveStanding.mockClear()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(resolveStanding).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('what a token opens that ended within the tolerance of clocks comes until that ends too', async () => {
  stopTime()
  const way = (ways['an origin'] as () => Way)()
  const now = Date.now() / 1000
  const opened = await open(way, {}, await warm(way, { iat: now - 60, exp: now - 2 }))
  await expectCutAt(3000, opened)
})

describe('what is paid for', () => {
  const direct = ways['an origin'] as () => Way

  it('is broken off when its session is over', async () => {
    stopTime()
    const way = direct()
    await expectCutAt(60_000, await open(way, { 'content-type': 'video/mp4' }, await warm(way)))
  })

  it('is broken off when the pass ends that paid for it', async () => {
    stopTime()
    const way = { ...direct(), path: '/reports/film' }
    const claims = { aud: 'https://news.test', jti: crypto.randomUUID(), amount: '0.25', currency: 'USD' }
    const init = withToken(await world.receipt({ ...claims, resource: '/reports/*', pass: 20 }))
    await expectCutAt(20_000, await open(way, { 'content-type': 'video/mp4' }, init))
  })

  it('is broken off in part as in whole', async () => {
    stopTime()
    const way = direct()
    const init = await warm(way, { exp: Date.now() / 1000 + 30 })
    const headers = { ...(init.headers as Record<string, string>), range: 'bytes=0-99999' }
    const fields = { 'content-range': 'bytes 0-99999/200000', 'content-length': '100000' }
    await expectCutAt(30_000, await open(way, fields, { headers }, 206))
  })

  it('is let go on where it is known to be short: all of it could have been sent while it was paid for', async () => {
    stopTime()
    const way = direct()
    const init = await warm(way, { exp: Date.now() / 1000 + 30 })
    const { reader, write } = await open(way, { 'content-length': '8' }, init)
    write('one ')
    expect((await elapsing(reader.read())).done).toBe(false)
    await vi.advanceTimersByTimeAsync(60_000)
    write('two ')
    expect(new TextDecoder().decode((await elapsing(reader.read())).value)).toBe('two ')
  })

  it('is broken off for who reads along alone, where that is whose token ends', async () => {
    stopTime()
    const way = ways['the embedded cache']?.() ?? direct()
    const ends = Date.now() + 30_000
    const leader = await open(way, { 'cache-control': 'max-age=60' }, await warm(way))
    const init = await warm(way, { sub: 'another', exp: ends / 1000 })
    const response = await elapsing(way.ask(new Request(`https://news.test${way.path}`, init)), 10)
    expect(response.headers.get('cache-status')).toContain('collapsed')
    const reader = response.body?.getReader()
    if (reader === undefined) throw new Error('there is no body')
    leader.write('one ')
    expect((await elapsing(reader.read(), 10)).done).toBe(false)
    await vi.advanceTimersByTimeAsync(ends - Date.now())
    await expect(elapsing(reader.read())).rejects.toThrow()
    expect((await elapsing(leader.reader.read())).done).toBe(false)
    leader.write('two ')
    expect((await elapsing(leader.reader.read())).done).toBe(false)
  })

  it('is not answered, where it came after its token had ended, and costs nothing', async () => {
    stopTime()
    const account = crypto.randomUUID()
    const token = await world.token({ sub: account, exp: Date.now() / 1000 + 6 })
    world.origin = async () => {
      await vi.advanceTimersByTimeAsync(12_000) // its clock may be five seconds off
      return new Response('too late')
    }
    const way = { ...direct(), path: '/metered/1' }
    const refused = await elapsing(way.ask(new Request('https://news.test/metered/1', withToken(token))))
    expect([refused.status, linesOf(world).at(-1)?.['reason']]).toEqual([402, 'credential-expired'])
    await until(async () => (await deliveries(account)) === 'none')
  })
})

async function deliveries(account: string): Promise<string> {
  return (await readingOf(accountLedger(account))).recent.map(({ delivery }) => delivery).join()
}

/** Content that goes on for as long as the test lives, and one piece of it. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })
}

describe('an upload', () => {
  it('ends when its token does, though the origin has not answered, and costs nothing', async () => {
    stopTime()
    const account = crypto.randomUUID()
    const token = await world.token({ sub: account, exp: Date.now() / 1000 + 30 })
    world.origin = () => new Promise(() => undefined)
    const request = new Request('https://news.test/metered/1', { ...withToken(token), method: 'POST', body: endless() })
    const answer = handle(request, services, worldOrigin(world), never)
    await until(() => world.received.length === 1)
    await vi.advanceTimersByTimeAsync(29_999)
    expect(world.received[0]?.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect([(await answer).status, linesOf(world).at(-1)?.['reason']]).toEqual([402, 'credential-expired'])
    expect(world.received[0]?.signal.aborted).toBe(true)
    await until(async () => (await deliveries(account)) === 'none')
  })

  it.each(['text/event-stream', 'application/x-ndjson'])(
    'ends with the answer that it came with, when its account is held: %s',
    async (type) => {
      stopTime()
      const way = (ways['an origin'] as () => Way)()
      const init = { ...(await warm(way)), method: 'POST', body: endless() }
      const { reader } = await open(way, { 'content-type': type }, init)
      resolveStanding.mockImplementation(HELD)
      expect(world.received.at(-1)?.signal.aborted).toBe(false)
      await vi.advanceTimersByTimeAsync(2500)
      expect(world.received.at(-1)?.signal.aborted).toBe(true)
      if (type === 'text/event-stream') expect((await reader.read()).done).toBe(true)
      else await expect(reader.read()).rejects.toThrow()
    },
  )

  it('to an app behind the middleware ends when its token does', async () => {
    stopTime()
    const way = (ways['an app behind the middleware'] as () => Way)()
    const init = await warm(way, { exp: Date.now() / 1000 + 30 })
    vi.spyOn(console, 'error').mockImplementation(() => undefined) // where Hono tells of what an app throws
    let read: Promise<string> | undefined
    world.origin = async (request) => new Response(await (read = request.text()))
    const request = new Request('https://news.test/live/1', { ...init, method: 'POST', body: endless() })
    const answer = way.ask(request)
    await until(() => read !== undefined)
    await vi.advanceTimersByTimeAsync(30_000)
    await expect(read).rejects.toThrow()
    expect((await answer).status).toBe(402)
  })
})
