import { presenting } from '../../support/proofs.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refusal } from '../../../src/core/problem.ts'
import { entitlementIn, type Presented } from '../../../src/access/proof.ts'
import { err, ok } from '../../../src/core/result.ts'
import { STANDING_UNKNOWN } from '../../../src/standing/rules/asitstands.ts'
import type { ResolveStanding } from '../../../src/standing/resolve.ts'
import { handle } from '../../../src/paywall.ts'
import { newServices, worldOrigin } from '../../support/services.ts'
import { withToken, createWorld, type World } from '../../support/world.ts'
import type { Services } from '../../../src/services.ts'

// Streams and sockets belong to the request that made them, so the pipeline runs in the test's own context here; the
// whole Worker streams over real sockets in test/slow.

let world: World
let services: Services

beforeEach(async () => {
  world = await createWorld()
  services = newServices()
})
afterEach(() => {
  vi.useRealTimers()
  world.end()
})

/** How late a change may be known. */
const BOUND_MS = 5000
/** The end of the observation in the configuration. */
const WATCHED_UNTIL = Date.parse('2100-01-01T00:00:00Z')

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return handle(new Request(`https://news.test${path}`, init), services, worldOrigin(world), () => undefined)
}

/** A body that the test writes, and never ends by itself. */
function openBody(): { body: ReadableStream<Uint8Array>; write: (text: string) => void; cancelled: () => boolean } {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
    cancel: () => {
      isCancelled = true
    },
  })
  return { body, write: (text) => controller?.enqueue(new TextEncoder().encode(text)), cancelled: () => isCancelled }
}

describe('an event stream', () => {
  async function open(claims: Record<string, unknown> = {}) {
    const token = await world.token({ ...claims })
    await ask('/live/warm', withToken(token)) // keys are fetched in real time
    const { body, write } = openBody()
    world.origin = () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() })
    const left = new AbortController()
    const response = await ask('/live/1', { ...withToken(token), signal: left.signal })
    if (response.body === null) throw new Error('no body')
    return { reader: response.body.getReader(), write, leave: () => left.abort() }
  }

  async function openWatched() {
    const resolveStanding = vi.fn<ResolveStanding>((presented) => presented)
    services = { ...services, resolveStanding }
    const opened = await open()
    resolveStanding.mockClear()
    return { ...opened, resolveStanding }
  }

  it('passes event by event, without being buffered', async () => {
    const { reader, write } = await open()
    write('data: 1\n\n')
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n')
    write('data: 2\n\n')
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 2\n\n')
    await reader.cancel()
  })

  it('ends in order when the session is over', async () => {
    const { reader, write } = await open()
    write('data: 1\n\n')
    await reader.read()
    vi.advanceTimersByTime(60_000)
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })

  it('goes on while what opened it still would, and is looked at no more once it has ended', async () => {
    const { reader, write, leave, resolveStanding } = await openWatched()
    for (let looks = 1; looks <= 3; looks++) {
      await vi.advanceTimersByTimeAsync(BOUND_MS / 2)
      expect(resolveStanding).toHaveBeenCalledTimes(looks)
      write('data: 1\n\n')
      expect((await reader.read()).done).toBe(false)
    }
    leave()
    await vi.advanceTimersByTimeAsync(10 * BOUND_MS)
    expect(resolveStanding).toHaveBeenCalledTimes(3)
  })

  it('is looked at no more once its client takes no more', async () => {
    const { reader, write, resolveStanding } = await openWatched()
    await reader.cancel()
    write('data: 1\n\n')
    await vi.advanceTimersByTimeAsync(10 * BOUND_MS)
    expect(resolveStanding).toHaveBeenCalledTimes(0)
  })

  const unknown: ResolveStanding = () => presenting({ entitlement: err(STANDING_UNKNOWN) })
  const lessen = (presented: Presented | undefined): Presented => {
    const proof = entitlementIn(presented)?.proof
    if (proof?.ok !== true) throw new Error('nothing is presented')
    return presenting({ entitlement: ok({ ...proof.value, entitlements: ['basic'] }) })
  }
  it.each<[string, ResolveStanding, number]>([
    ['is held', () => presenting({ entitlement: err(refusal('security-hold', 'It is held.')) }), 1],
    ['is not known, at the end of the bound either', unknown, 2],
    ['cannot be asked for', () => Promise.reject(new TypeError('broken')), 1],
    ['includes this no more', lessen, 1],
  ])('ends in order when the account that opened it %s', async (_what, changed, looks) => {
    const { reader, resolveStanding } = await openWatched()
    resolveStanding.mockImplementation(changed)
    await vi.advanceTimersByTimeAsync(BOUND_MS / 2)
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    await vi.advanceTimersByTimeAsync(10 * BOUND_MS)
    expect(resolveStanding).toHaveBeenCalledTimes(looks)
  })

  it.each([
    ['when its route is no longer only watched', 10_000, 10_000],
    ['when the session is over, where its route is watched for longer', 90_000, 60_000],
  ])('of nobody ends %s', async (_when, watchedMs, lastsMs) => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: WATCHED_UNTIL - watchedMs })
    const { body, write } = openBody()
    world.origin = () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    const reader = (await ask('/watched/1')).body?.getReader()
    write('data: 1\n\n')
    await reader?.read()
    vi.advanceTimersByTime(lastsMs - 1)
    write('data: 2\n\n')
    expect((await reader?.read())?.done).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await reader?.read()).toEqual({ done: true, value: undefined })
  })

  it('ends when its token does, if that is sooner', async () => {
    const exp = Math.floor(Date.now() / 1000) + 30
    const { reader, write } = await open({ exp })
    write('data: 1\n\n')
    await reader.read()
    vi.advanceTimersByTime(31_000)
    expect(await reader.read()).toEqual({ done: true, value: undefined })
  })
})

describe('a large response', () => {
  it('passes while it is still being made', async () => {
    const { body, write } = openBody()
    world.origin = () => new Response(body, { headers: { 'content-type': 'application/octet-stream' } })
    const response = await ask('/articles/1', withToken(await world.token()))
    const reader = response.body?.getReader()
    for (let chunk = 0; chunk < 64; chunk++) {
      write('x'.repeat(64 * 1024))
      let left = 64 * 1024
      while (left > 0) left -= (await reader?.read())?.value?.byteLength ?? Number.NaN
      expect(left).toBe(0)
    }
    await reader?.cancel()
  })
})

describe('a WebSocket', () => {
  async function open(path: string, init: { headers: Record<string, string> }) {
    const { 0: far, 1: server } = new WebSocketPair()
    world.origin = () => new Response(null, { status: 101, webSocket: far })
    const response = await ask(path, { ...init, headers: { ...init.headers, upgrade: 'websocket' } })
    return { response, server, socket: response.webSocket }
  }

  const message = (socket: WebSocket | null) =>
    new Promise((resolve) => socket?.addEventListener('message', ({ data }) => resolve(data)))
  const close = (socket: WebSocket | null) =>
    new Promise((resolve) => socket?.addEventListener('close', ({ code }) => resolve(code)))

  /** With timers that the test moves. What is given resolves when both of its ends are closed, with how. */
  async function openTimed(): Promise<{ closed: Promise<unknown[]> }> {
    const token = await world.token()
    await ask('/live/warm', withToken(token))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { server, socket } = await open('/live/1', withToken(token))
    server.accept()
    socket?.accept()
    return { closed: Promise.all([close(server), close(socket)]) }
  }

  it('on a paid route needs a payment before it opens', async () => {
    const response = await ask('/live/1', { headers: { upgrade: 'websocket' } })
    expect(response.status).toBe(402)
    expect(world.received).toEqual([])
  })

  it('carries messages both ways, and closes both ends when one does', async () => {
    const { response, server, socket } = await open('/live/1', withToken(await world.token()))
    expect(response.status).toBe(101)
    server.accept()
    socket?.accept()
    const toServer = message(server)
    socket?.send('up')
    expect(await toServer).toBe('up')
    const toClient = message(socket)
    server.send('down')
    expect(await toClient).toBe('down')
    const closed = close(server)
    socket?.close(4001, 'bye')
    expect(await closed).toBe(4001)
  })

  it('is closed when the session is over', async () => {
    const { closed } = await openTimed()
    vi.advanceTimersByTime(60_000)
    expect(await closed).toEqual([4402, 4402])
  })

  it('is closed when the account that opened it is past due', async () => {
    const resolveStanding = vi.fn<ResolveStanding>((presented) => presented)
    services = { ...services, resolveStanding }
    const { closed } = await openTimed()
    resolveStanding.mockImplementation(() =>
      presenting({ entitlement: err(refusal('payment-declined', 'It was declined.')) }),
    )
    vi.advanceTimersByTime(BOUND_MS / 2)
    expect(await closed).toEqual([4402, 4402])
  })

  it('of nobody is closed when its route is no longer only watched', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: WATCHED_UNTIL - 10_000 })
    const headers = { cookie: `__Host-faregate=${await world.token()}`, origin: 'https://evil.test' }
    const { response, server, socket } = await open('/watched/1', { headers })
    expect(response.status).toBe(101)
    expect(world.received[0]?.headers.get('cookie')).toBeNull()
    server.accept()
    socket?.accept()
    const both = Promise.all([close(server), close(socket)])
    vi.advanceTimersByTime(10_000)
    expect(await both).toEqual([4402, 4402])
    const late = await open('/watched/1', { headers: {} })
    expect(late.response.status).toBe(402)
  })

  it('is not opened by a cookie from another site', async () => {
    const headers = { cookie: `__Host-faregate=${await world.token()}`, origin: 'https://evil.test' }
    const { response } = await open('/live/1', { headers })
    expect(response.status).toBe(402)
    const own = await open('/live/1', { headers: { ...headers, origin: 'https://news.test' } })
    expect(own.response.status).toBe(101)
  })
})
