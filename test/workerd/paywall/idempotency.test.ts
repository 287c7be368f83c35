import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { worldOrigin } from '../../support/services.ts'
import { accountLedger } from '../../support/ledger.ts'
import { withToken } from '../../support/world.ts'
import { readingOf } from '../objects.ts'
import { useReader } from './reader.ts'

const reader = useReader('idempotency.test.ts', 1_000_000_000n)
let cache: ReturnType<typeof createEmbeddedCache>

beforeEach(() => {
  cache = createEmbeddedCache(createMemoryStore(1_000_000), Date.now)
})

/** The pipeline with a real ledger and the embedded cache behind it. */
const behindCache = () => cache.stage(worldOrigin(reader.world), reader.background.waitUntil)
const ask = (path: string, init?: RequestInit) => reader.ask(path, init, behindCache())
const askAndSettle = (path: string, init?: RequestInit) => reader.askAndSettle(path, init, behindCache())

async function keyed(key: string, more: RequestInit = {}, sub = reader.account): Promise<RequestInit> {
  const { headers } = withToken(await reader.world.token({ sub }))
  return { ...more, headers: { ...headers, 'idempotency-key': key, ...(more.headers as object) } }
}

/** What is left of 1 USD, in cents. */
async function credit(): Promise<number> {
  const { credit } = await readingOf(accountLedger(reader.account))
  return Number((credit[0]?.units ?? 0n) / 10_000_000n)
}

const conflict = expect.objectContaining({ reason: 'idempotency-conflict', status: 409 })

describe('a request that is sent again with its key', () => {
  it('is answered from the stored copy once all of it was delivered, and charged once', async () => {
    const etag = '"v1"'
    reader.world.origin = () => new Response('the report', { headers: { etag, 'cache-control': 'max-age=60' } })
    for (let time = 0; time < 4; time++) {
      const response = await askAndSettle('/reports/stored', await keyed('one'))
      expect([response.status, await response.text()]).toEqual([200, 'the report'])
    }
    expect([reader.world.received.length, await credit()]).toEqual([1, 75])
  })

  it('is answered from the ledger if nothing tells what is stored from what was delivered', async () => {
    reader.world.origin = () => new Response('the report', { headers: { 'cache-control': 'max-age=60' } })
    const replayed: (string | null)[] = []
    for (let time = 0; time < 2; time++) {
      const response = await askAndSettle('/reports/untold', await keyed('one'))
      expect([response.status, await response.text()]).toEqual([200, 'the report'])
      replayed.push(response.headers.get('idempotency-replayed'))
    }
    expect([replayed, reader.world.received.length, await credit()]).toEqual([[null, 'true'], 1, 75])
  })

  it('may have a part of what is stored, or hear that it has it', async () => {
    reader.world.origin = () => new Response('the report', { headers: { etag: '"v1"', 'cache-control': 'max-age=60' } })
    await askAndSettle('/reports/parts', await keyed('one'))
    const part = await askAndSettle('/reports/parts', await keyed('one', { headers: { range: 'bytes=0-2' } }))
    expect([part.status, await part.text()]).toEqual([206, 'the'])
    const same = await ask('/reports/parts', await keyed('one', { headers: { 'if-none-match': '"v1"' } }))
    expect(same.status).toBe(304)
    expect(await credit()).toBe(75)
  })

  it('gets nothing newer than what it has paid for', async () => {
    let version = 1
    reader.world.origin = () =>
      new Response(`report ${version}`, { headers: { etag: `"v${version}"`, 'cache-control': 'max-age=60' } })
    await askAndSettle('/reports/news', await keyed('one'))
    version = 2
    await cache.purge('news', { everything: true, tags: [], pathPrefixes: [] })
    const site = reader.services.sites.get('news.test')
    if (site !== undefined) reader.services.memory.forget(site.zone)
    expect((await askAndSettle('/reports/news', await keyed('one'))).status).toBe(409)
    await askAndSettle('/reports/news', await keyed('two'))
    const again = await askAndSettle('/reports/news', await keyed('one'))
    expect(again.status).toBe(409)
    expect(await again.json()).toEqual(conflict)
    expect([reader.world.received.length, await credit()]).toEqual([2, 50])
  })

  it('does not reach the origin by a condition that only the origin can judge', async () => {
    reader.world.origin = () => new Response('the report', { headers: { etag: '"v1"', 'cache-control': 'max-age=60' } })
    await askAndSettle('/reports/if-match', await keyed('one'))
    const init = await keyed('one', { headers: { 'if-match': '"v1"', 'cache-control': 'no-cache' } })
    expect((await askAndSettle('/reports/if-match', init)).status).toBe(200)
    expect(reader.world.received).toHaveLength(1)
  })

  it('is answered as it was where nothing is stored', async () => {
    const init = await keyed('"8e03978e-40d5-43dd-bc93-6894a57f9324"', { method: 'POST', body: 'an order' })
    expect((await askAndSettle('/metered/order', init)).status).toBe(200)
    const again = await askAndSettle('/metered/order', init)
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect(reader.world.received).toHaveLength(1)
  })

  it('is in flight for as long as any other, though its content came slowly', async () => {
    const limits = [{ name: 'orders', quota: 9, window: 'P1D' }]
    const { headers } = withToken(await reader.world.token({ sub: reader.account, limits }))
    const order = (body: BodyInit): RequestInit => ({
      headers: { ...headers, 'idempotency-key': '1' },
      method: 'POST',
      body,
    })
    const late = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      vi.setSystemTime(Date.now() + 19_000)
      controller.enqueue(new TextEncoder().encode('an order'))
      controller.close()
    }
    const slow = new ReadableStream<Uint8Array>({ pull: late }, { highWaterMark: 0 })
    let meanwhile: Response | undefined
    reader.world.origin = async () => {
      vi.setSystemTime(Date.now() + 55_000) // the route gives an answer ten seconds, and its session sixty
      meanwhile ??= await ask('/live/orders', order('an order'))
      return new Response('made')
    }
    expect((await askAndSettle('/live/orders', order(slow))).status).toBe(200)
    expect(meanwhile?.status).toBe(409)
    expect(reader.world.received).toHaveLength(1)
  })

  it('is refused with a time to wait while the first is still in flight', async () => {
    let finish: (response: Response) => void = () => undefined
    const reached = new Promise<void>((resolve) => {
      reader.world.origin = () => {
        resolve()
        return new Promise((answer) => (finish = answer))
      }
    })
    const first = ask('/reports/slow', await keyed('one'))
    await reached
    const second = await ask('/reports/slow', await keyed('one'))
    expect(second.status).toBe(409)
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0)
    finish(new Response('the report'))
    expect(await (await first).text()).toBe('the report')
    expect([reader.world.received.length, await credit()]).toEqual([1, 75])
  })

  it('is tried at most twice more after it failed, and paid once', async () => {
    reader.world.origin = () => new Response('sorry', { status: 500 })
    expect((await askAndSettle('/reports/fails', await keyed('one'))).status).toBe(500)
    expect((await askAndSettle('/reports/fails', await keyed('one'))).status).toBe(500)
    expect(await credit()).toBe(100)
    reader.world.origin = () => new Response('the report')
    expect((await askAndSettle('/reports/fails', await keyed('one'))).status).toBe(200)
    const again = await askAndSettle('/reports/fails', await keyed('one'))
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    expect([reader.world.received.length, await credit()]).toEqual([3, 75])
  })

  it('is paid again for each delivery that broke after something was sent, and three are all there are', async () => {
    const broken = (): Response =>
      new Response(
        new ReadableStream({
          pull(controller) {
            controller.enqueue(new TextEncoder().encode('the re'))
            controller.error(new Error('gone'))
          },
        }),
      )
    reader.world.origin = broken
    await askAndSettle('/reports/breaks', await keyed('one'))
    expect(await credit()).toBe(75)
    await askAndSettle('/reports/breaks', await keyed('one'))
    expect(await credit()).toBe(50)
    await askAndSettle('/reports/breaks', await keyed('one'))
    expect(await credit()).toBe(25)
    expect((await askAndSettle('/reports/breaks', await keyed('one'))).status).toBe(409)
    expect([reader.world.received.length, await credit()]).toEqual([3, 25])
  })
})

describe('a key', () => {
  it('of bytes that are not UTF-8 is refused: another one would look the same', async () => {
    const refused = await askAndSettle('/reports/unreadable', await keyed('\ufffd', { method: 'POST', body: 'order' }))
    expect([refused.status, await refused.json()]).toMatchObject([400, { reason: 'request-malformed' }])
    expect([reader.world.received.length, await credit()]).toEqual([0, 100])
  })

  it.each([
    ['another target', '/reports/2', {}],
    ['another query', '/reports/1?page=2', {}],
    ['another method', '/reports/1', { method: 'POST' }],
    ['content', '/reports/1', { method: 'POST', body: 'x' }],
  ])('that comes with %s is a conflict', async (_what, path, init) => {
    expect((await askAndSettle('/reports/1', await keyed('one'))).status).toBe(200)
    const other = await askAndSettle(path, await keyed('one', init))
    expect(other.status).toBe(409)
    expect(await other.json()).toMatchObject({
      reason: 'idempotency-conflict',
      detail: expect.stringContaining('another'),
    })
    expect([reader.world.received.length, await credit()]).toEqual([1, 75])
  })

  it('is one account’s own', async () => {
    await askAndSettle('/metered/1', await keyed('one'))
    const other = await keyed('one', {}, `${reader.account}, another`)
    expect((await askAndSettle('/metered/1', other)).status).toBe(200)
  })

  it('means nothing where nothing is charged', async () => {
    for (let time = 0; time < 5; time++) {
      expect((await askAndSettle('/articles/1', await keyed('one', { method: 'POST', body: 'x' }))).status).toBe(200)
      expect((await askAndSettle('/metered/1', await keyed('one', { method: 'HEAD' }))).status).toBe(200)
    }
  })

  it('reaches the origin with the content that it stands for', async () => {
    await askAndSettle('/metered/1', await keyed('one', { method: 'PUT', body: 'an order' }))
    expect(await reader.world.received[0]?.text()).toBe('an order')
    expect(reader.world.received[0]?.headers.get('idempotency-key')).toBe('one')
    expect(reader.world.received[0]?.method).toBe('PUT')
  })

  it('of many requests at once is answered once', async () => {
    const init = await keyed('one')
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('/metered/crowd', init)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49)
    expect(reader.world.received).toHaveLength(1)
  })
})

describe('content that comes with a key', () => {
  const MIB = 1024 * 1024

  it('may have one MiB', async () => {
    const init = await keyed('one', { method: 'POST', body: new Uint8Array(MIB) })
    expect((await askAndSettle('/metered/large', init)).status).toBe(200)
    expect((await reader.world.received[0]?.arrayBuffer())?.byteLength).toBe(MIB)
  })

  it.each([
    ['said', (): BodyInit => new Uint8Array(MIB + 1)],
    ['not said', (): BodyInit => new Blob([new Uint8Array(MIB + 1)]).stream()],
  ])('and more, %s beforehand, is refused without a charge', async (_what, body) => {
    const init = await keyed('one', { method: 'POST', body: body() })
    const refused = await askAndSettle('/metered/large', init)
    expect(refused.status).toBe(413)
    expect(await refused.json()).toMatchObject({ reason: 'content-too-large' })
    expect(reader.world.received).toHaveLength(0)
  })

  it('is not read for who is refused anyway', async () => {
    const refused = await askAndSettle('/metered/large', { method: 'POST', body: new Uint8Array(MIB + 1) })
    expect(refused.status).toBe(402)
  })
})
