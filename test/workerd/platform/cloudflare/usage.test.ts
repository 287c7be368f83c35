import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { chargeOf, EUR } from '../../../ledger/rules/pureledger.ts'
import { LATER, valueOf } from '../../../ledger/host/driver.ts'
import type { Stub } from './driver.ts'

interface Event {
  readonly id: string
  readonly data: { readonly change: { readonly counts: Readonly<Record<string, string>> } }
}

interface Post {
  readonly url: string
  readonly init: RequestInit
  readonly body: string
}

/** What billing was sent, and what it answers. */
let posts: Post[]
let answer: () => Response

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: LATER })
  posts = []
  answer = () => new Response(null, { status: 204 })
  // Its timer would be in flight for as long, and no ledger is evicted before what is in flight has ended.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal)
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const [url, body] = [input, init?.body]
    if (typeof url !== 'string' || typeof body !== 'string') throw new Error('not a batch')
    posts.push({ url, init: init ?? {}, body })
    return answer()
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function meteredLedger(name: string): Stub {
  const { METERED } = env as unknown as { readonly METERED: DurableObjectNamespace<LedgerObject> }
  return METERED.getByName(name)
}

const facts = { zone: 'news', route: '/metered/*', method: 'GET', issuer: 'https://billing.test', account: 'ann' }

/** One request that is charged and then delivered in part: ten units reserved, and four kept. */
async function use(ledger: Stub, id: string): Promise<void> {
  await ledger.grant({ id: 'g', ...EUR(1_000_000_000n) })
  const counts = [{ name: 'requests', units: 10n }]
  await ledger.charge(chargeOf(id, LATER, { counts, price: EUR(250_000_000n), facts }))
  await ledger.amend({ charge: id, request: id, delivery: 'broken', counts: [{ name: 'requests', units: 4n }] })
}

async function ring(ledger: Stub, ms: number): Promise<void> {
  vi.setSystemTime(LATER + ms)
  await runDurableObjectAlarm(ledger)
}

const left = async (ledger: Stub): Promise<number> => valueOf(await ledger.takeOutbox(10)).length
const lineOf = ([line]: readonly unknown[]): unknown => JSON.parse(String(line))
const eventsOf = ({ body }: Post): Event[] => JSON.parse(body) as Event[]

async function macOf(text: string): Promise<string> {
  const secret = new TextEncoder().encode('a secret for the tests, of thirty-two bytes')
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)))
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

describe('usage', () => {
  it('is told to billing as one batch of CloudEvents', async () => {
    const ledger = meteredLedger('batch')
    await use(ledger, 'first')
    await ring(ledger, 5000)
    expect(posts).toHaveLength(1)
    expect(posts[0]).toMatchObject({ url: 'https://billing.test/usage', init: { method: 'POST', redirect: 'manual' } })
    expect(posts[0]?.init.signal).toBeInstanceOf(AbortSignal)
    expect(posts[0]?.init.headers).toMatchObject({ 'content-type': 'application/cloudevents-batch+json' })
    const common = { specversion: '1.0', source: 'faregate/news', subject: 'ann', time: '2040-01-15T12:00:00.000Z' }
    const request = { route: '/metered/*', method: 'GET', issuer: 'https://billing.test' }
    const reserved = { counts: { requests: '10' }, price: { amount: '0.25', currency: 'EUR' } }
    expect(posts.flatMap(eventsOf)).toEqual([
      {
        ...common,
        id: 'first/charge',
        type: 'faregate.usage.charge',
        datacontenttype: 'application/json',
        data: { charge: 'first', paidBy: 'account', request, change: reserved, kept: reserved },
      },
      {
        ...common,
        id: 'first/amend',
        type: 'faregate.usage.amend',
        datacontenttype: 'application/json',
        data: {
          charge: 'first',
          delivery: 'broken',
          paidBy: 'account',
          request,
          change: { counts: { requests: '-6' }, price: { amount: '0', currency: 'EUR' } },
          kept: { ...reserved, counts: { requests: '4' } },
        },
      },
    ])
    expect(await left(ledger)).toBe(0)
  })

  it('is signed with the time that it is sent at', async () => {
    const ledger = meteredLedger('signed')
    await use(ledger, 'first')
    await ring(ledger, 5000)
    const [post] = posts
    const seconds = LATER / 1000 + 5
    expect(post?.init.headers).toMatchObject({
      'faregate-signature': `t=${seconds},v1=${await macOf(`${seconds}.${post?.body}`)}`,
    })
  })

  it('of what was given back is less than nothing, in money too', async () => {
    const ledger = meteredLedger('negative')
    await ledger.grant({ id: 'g', ...EUR(1_000_000_000n) })
    await ledger.charge(chargeOf('first', LATER, { price: EUR(250_000_000n), facts }))
    await ledger.amend({ charge: 'first', request: 'first', delivery: 'none' })
    await ring(ledger, 5000)
    const changes = posts.flatMap(eventsOf).map(({ data }) => data.change)
    expect(changes).toMatchObject([{ price: { amount: '0.25' } }, { price: { amount: '-0.25' } }])
  })

  const failures: [name: string, answer: () => Response][] = [
    ['fails', () => new Response('no', { status: 500 })],
    ['refuses', () => new Response(null, { status: 401 })],
    ['redirects', () => new Response(null, { status: 307, headers: { location: 'https://elsewhere.test/' } })],
    [
      'is not there',
      () => {
        throw new TypeError('connect(): Connection refused; peer = 10.0.0.1, with a secret in it')
      },
    ],
  ]
  it.each(failures)('is told again, the same, where billing %s', async (name, failing) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger(`again ${name}`)
    await use(ledger, 'first')
    answer = failing
    await ring(ledger, 5000)
    expect([posts.length, await left(ledger)]).toEqual([1, 2])
    const told = JSON.parse(String(warn.mock.calls[0]?.[0])) as Record<string, unknown>
    expect(told).toEqual({
      usage: expect.stringMatching(/^(?:status \d+|TypeError: connection refused)$/),
      to: 'https://billing.test/usage',
      attempts: 1,
      backlog: 2,
    })
    await ring(ledger, 10_000)
    expect(posts).toHaveLength(1)
    answer = () => new Response(null, { status: 202 })
    await ring(ledger, 35_000)
    expect(posts).toHaveLength(2)
    expect(posts[1]?.body).toBe(posts[0]?.body)
    expect(await left(ledger)).toBe(0)
  })

  it('is kept for longer each time that billing fails, and then for as long as the first time', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger('longer')
    await use(ledger, 'first')
    answer = () => new Response(null, { status: 503 })
    const told: number[] = []
    for (const seconds of [5, 34, 35, 94, 95, 214, 215]) {
      await ring(ledger, seconds * 1000)
      told.push(posts.length)
    }
    expect(told).toEqual([1, 1, 2, 2, 3, 3, 4])
    expect(warn.mock.calls.map(([line]) => (JSON.parse(String(line)) as { attempts: number }).attempts)).toEqual([
      1, 2, 3, 4,
    ])
    answer = () => new Response(null, { status: 204 })
    await ring(ledger, 455_000)
    expect(await left(ledger)).toBe(0)
    await use(ledger, 'second')
    answer = () => new Response(null, { status: 503 })
    await ring(ledger, 460_000)
    await ring(ledger, 490_000)
    expect(posts).toHaveLength(7)
  })

  it('is kept for longer each time, and its attempts are counted on, where the ledger was evicted in between', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger('evicted')
    await use(ledger, 'first')
    answer = () => new Response(null, { status: 503 })
    await ring(ledger, 5000)
    await evictDurableObject(ledger)
    const told: number[] = []
    for (const seconds of [34, 35, 94, 95]) {
      await ring(ledger, seconds * 1000)
      told.push(posts.length)
    }
    expect(told).toEqual([1, 2, 2, 3])
    expect(warn.mock.calls.map(lineOf)).toMatchObject([1, 2, 3].map((attempts) => ({ attempts })))
  })

  it('that billing took at last ends the count of attempts, for a ledger made anew too', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger('forgiven')
    await use(ledger, 'first')
    answer = () => new Response(null, { status: 503 })
    await ring(ledger, 5000)
    answer = () => new Response(null, { status: 204 })
    await ring(ledger, 35_000)
    await evictDurableObject(ledger)
    await use(ledger, 'second')
    answer = () => new Response(null, { status: 503 })
    await ring(ledger, 40_000)
    expect(warn.mock.calls.map(lineOf)).toMatchObject([{ attempts: 1 }, { attempts: 1 }])
  })

  it('that waits is counted as it is, where what came later was taken before', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger('holes')
    for (const id of ['first', 'second', 'third']) await use(ledger, id)
    await ledger.flushed([2, 3, 5])
    answer = () => new Response(null, { status: 503 })
    await ring(ledger, 5000)
    expect(warn.mock.calls.map(lineOf)).toMatchObject([{ usage: 'status 503', attempts: 1, backlog: 3 }])
  })

  it('that cannot even be put into words is in the log, and waits', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger('wordless')
    await use(ledger, 'first')
    const broken = vi.spyOn(crypto.subtle, 'sign').mockRejectedValue(new DOMException('a secret', 'OperationError'))
    await ring(ledger, 5000)
    const line = { usage: 'OperationError', to: 'https://billing.test/usage', attempts: 1, backlog: 2 }
    expect([posts, warn.mock.calls.map(lineOf)]).toEqual([[], [line]])
    broken.mockRestore()
    await ring(ledger, 35_000)
    expect(await left(ledger)).toBe(0)
  })

  it('goes on behind a record that billing refuses for good, which the log names', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger('poison')
    await use(ledger, 'first')
    await use(ledger, 'second')
    answer = () => new Response(null, { status: posts.at(-1)?.body.includes('second/charge') === true ? 422 : 204 })
    await ring(ledger, 5000)
    expect(warn.mock.calls).toEqual([
      [
        '{"usage":"passed over: status 422","to":"https://billing.test/usage","record":"second/charge","attempts":1,"backlog":4}',
      ],
    ])
    expect(await left(ledger)).toBe(0)
  })

  it('that was taken is added up once, whatever came twice', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const ledger = meteredLedger('twice')
    await use(ledger, 'first')
    // Billing has it, and its answer was lost.
    answer = () => new Response(null, { status: 504 })
    await ring(ledger, 5000)
    await use(ledger, 'second')
    answer = () => new Response(null, { status: 204 })
    await ring(ledger, 35_000)
    const known = new Map(posts.flatMap(eventsOf).map((event) => [event.id, event]))
    const changes = [...known.values()].map(({ data }) => BigInt(data.change.counts['requests'] ?? '0'))
    expect(changes.reduce((sum, units) => sum + units, 0n)).toBe(8n)
    expect(valueOf(await ledger.read({})).totals.counts).toEqual([{ name: 'requests', units: 8n }])
  })
})
