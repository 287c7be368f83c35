import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { holdMeterToContract } from '../../meters/contract.ts'
import { words, type WordsOptions } from '../../meters/toy.ts'
import { linesOf, createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Client, createClient, meteredGate, ONE, piecesOf, textOf, TWO } from './gate.ts'

const OPTIONS: WordsOptions = {
  models: { small: ONE, large: TWO, lost: 'https://elsewhere.test' },
  requires: { large: 'pro' },
}

const wishing = (most: number, ...models: string[]) =>
  ({
    method: 'POST',
    body: JSON.stringify({ words: most, models }),
    headers: { 'content-type': 'application/json' },
  }) as const

const answering = (count: number, lengths?: readonly number[]): Response =>
  new Response(piecesOf(textOf(count), lengths))

describe('words of a stream', () =>
  holdMeterToContract({ create: () => words(OPTIONS), asking: wishing(40, 'small'), answering, isKnownAtOnce: false }))

let world: World
let gate: Gate
let client: Client

function open(quota: number, options: Partial<WordsOptions> = {}, implementation?: 'embedded' | 'platform'): void {
  gate = meteredGate(words({ ...OPTIONS, ...options }), implementation)
  client = createClient(gate, world, quota)
}

/** What was asked of the servers: which one, for how many words, of which model. */
async function asked(): Promise<unknown[]> {
  const all = world.received.map(async (request) => {
    const { words: most } = await request.json<{ words: number }>()
    return [new URL(request.url).origin, most, request.headers.get('x-model')]
  })
  return Promise.all(all)
}

beforeEach(async () => {
  world = await createWorld()
  open(1000)
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

describe('a meter that reads the content', () => {
  it('ends an answer with what it has counted', async () => {
    world.origin = () => answering(12, [5])
    const { text } = await client.visit('/metered/x', await client.withToken(wishing(40, 'small')))
    expect(text).toBe(`${textOf(12)}\n[12 of at most 40 words]`)
  })

  it('lowers its bound to what is left, and rewrites the request', async () => {
    open(50)
    world.origin = async (request) => {
      const { words: most } = await request.clone().json<{ words: number }>()
      return answering(most)
    }
    const init = await client.withToken(wishing(40, 'small'))
    expect((await client.visit('/metered/x', init)).status).toBe(200)
    const { text } = await client.visit('/metered/x', init)
    expect(text).toContain('[10 of at most 10 words]')
    expect((await client.visit('/metered/x', init)).status).toBe(402)
    expect(await asked()).toEqual([
      [ONE, 40, 'small'],
      [ONE, 10, 'small'],
    ])
    expect(await client.charged()).toBe(50)
  })

  it('lowers it to what credit affords beside the price of the request itself', async () => {
    open(1000, { nanos: 10_000_000n })
    await client.grant(400_000_000n)
    world.origin = () => answering(9)
    const init = await client.withToken(wishing(40, 'small'), { entitlements: [] })
    const { text } = await client.visit('/sold/x', init)
    expect(text).toContain('[9 of at most 15 words]')
    expect([await client.credit(), await client.charged()]).toEqual([400_000_000n - 250_000_000n - 90_000_000n, 9])
  })

  it('is refused for what the plan does not include, for what is not sold, and for what it cannot read', async () => {
    const answers = [wishing(1, 'large'), wishing(1, 'other'), { ...wishing(1), body: '{' }, wishing(1, 'large')]
    world.origin = () => answering(1)
    const refused = await Promise.all(
      answers.map(async (wish, index) => {
        const more = index === 3 ? { entitlements: ['api', 'pro'] } : {}
        return client.visit('/metered/x', await client.withToken(wish, more))
      }),
    )
    const reasons = refused.map(({ text }) => /"reason":"([^"]*)"/.exec(text)?.[1])
    expect(reasons).toEqual(['entitlement-insufficient', 'not-for-sale', 'request-malformed', undefined])
    expect(refused.map(({ status }) => status)).toEqual([402, 403, 400, 200])
  })
})

describe('attempts', () => {
  const pro = { entitlements: ['api', 'pro'] }
  const failures = {
    'is down': () => Promise.reject(new Error('down')),
    'answers 503': () => new Response('later', { status: 503 }),
    'has an error as its first event': () => new Response(piecesOf('error: none left\nof this', [3])),
  }

  describe.each(['embedded', 'platform'] as const)('over the %s cache', (implementation) => {
    it.each(Object.entries(failures))('go on to the next server where one %s', async (_what, fail) => {
      open(1000, {}, implementation)
      world.origin = (request) => (request.url.startsWith(ONE) ? fail() : answering(7))
      const { status, text } = await client.visit(
        '/metered/x',
        await client.withToken(wishing(40, 'small', 'large'), pro),
      )
      expect([status, text.endsWith('[7 of at most 40 words]')]).toEqual([200, true])
      expect(await asked()).toEqual([
        [ONE, 40, 'small'],
        [TWO, 40, 'large'],
      ])
      expect(await client.charged()).toBe(7)
    })
  })

  it.each([
    ['is down', 502],
    ['answers 503', 503],
    ['has an error as its first event', 502],
  ] as const)('cost nothing where the last server %s', async (what, status) => {
    world.origin = failures[what]
    const answer = await client.visit('/metered/x', await client.withToken(wishing(40, 'small', 'large'), pro))
    expect([answer.status, answer.text.includes('none left'), await client.charged()]).toEqual([status, false, 0])
    expect(world.received).toHaveLength(2)
    expect((await client.reading()).unsettled).toEqual([])
  })

  it('are over with an answer that is the client’s to mend', async () => {
    world.origin = () => new Response('no', { status: 400 })
    const { status } = await client.visit('/metered/x', await client.withToken(wishing(40, 'small', 'large'), pro))
    expect([status, world.received.length, await client.charged()]).toEqual([400, 1, 0])
  })

  it('are not begun once the time of the route for an answer is over', async () => {
    world.origin = () => {
      vi.setSystemTime(Date.now() + 10_000)
      return new Response('later', { status: 503 })
    }
    const { status } = await client.visit('/metered/x', await client.withToken(wishing(40, 'small', 'large'), pro))
    expect([status, world.received.length, await client.charged()]).toEqual([502, 1, 0])
  })

  it('at a server that the pool has not are a fault of the configuration', async () => {
    const { status, text } = await client.visit('/metered/x', await client.withToken(wishing(40, 'lost')))
    expect([status, text.includes('"misconfigured"'), world.received.length]).toEqual([503, true, 0])
    expect(await client.charged()).toBe(0)
  })
})

describe('a client that leaves', () => {
  /** A server that sends some words, and the rest once it is told to. */
  function slowly(): () => void {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const send = (text: string): Promise<void> => writer.write(new TextEncoder().encode(text))
    world.origin = () => {
      void send('one two three\nfour ')
      return new Response(readable)
    }
    return () => void send('five six').then(() => writer.close())
  }

  /** Reads the first piece, and leaves as a connection that ends. */
  async function leave(): Promise<void> {
    const connection = new AbortController()
    const init = await client.withToken({ ...wishing(40, 'small'), signal: connection.signal })
    const reader = (await client.send('/metered/x', init)).body?.getReader()
    await reader?.read()
    connection.abort()
    await reader?.cancel()
  }

  it('pays for what was generated by the end of the drain', async () => {
    const goOn = slowly()
    await leave()
    goOn()
    await gate.settled()
    expect(await client.charged()).toBe(6)
  })

  it('pays for what had come when the drain was given up', async () => {
    open(1000, { drainMs: 1 })
    slowly()
    await leave()
    await gate.settled()
    expect(await client.charged()).toBe(4)
  })
})

describe('what a meter does not meter', () => {
  it('is free to who may read it, and takes its place under a rate', async () => {
    world.origin = () => new Response('[]')
    const reader = await client.withToken({})
    expect((await client.visit('/metered/models', reader)).text).toBe('[]')
    expect((await client.visit('/metered/models', {})).status).toBe(402)
    expect((await client.reading()).totals.charges).toBe(0)
    const statuses = [await client.visit('/rated/models', reader), await client.visit('/rated/models', reader)]
    expect(statuses.map(({ status }) => status)).toEqual([200, 429])
  })

  it('spends no receipt', async () => {
    const jti = `free ${client.account}`
    const init = await client.receipt({}, jti)
    expect((await client.visit('/sold/models', init)).status).toBe(200)
    expect((await client.visit('/sold/models', init)).status).toBe(200)
    expect(await client.usesOf(jti)).toBe(0)
  })

  it('is closed to all, and passes where the route is only watched, with a line that says so', async () => {
    const init = await client.withToken(wishing(40, 'small'))
    const refused = await client.visit('/metered/batches', init)
    expect([refused.status, refused.text.includes('"not-for-sale"'), world.received.length]).toEqual([403, true, 0])
    const watched = await client.visit('/watched/batches', init)
    expect([watched.status, linesOf(world).at(-1)?.['observed']]).toEqual([200, 'not-for-sale'])
  })
})

describe('a cookie', () => {
  const here = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
  const elsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }

  async function withCookie(fields: Record<string, string>, method = 'POST'): Promise<RequestInit> {
    const { headers } = await client.withToken({})
    const token = new Headers(headers).get('authorization')?.slice(7)
    const all = { cookie: `__Host-faregate=${token}`, ...fields }
    return method === 'GET' ? { headers: all } : { ...wishing(40, 'small'), headers: all }
  }

  it('takes words for a page of ours, and none for what another site has its browser ask', async () => {
    world.origin = () => answering(7)
    expect((await client.visit('/metered/x', await withCookie(here))).status).toBe(200)
    expect((await client.visit('/metered/x', await withCookie(elsewhere, 'GET'))).status).toBe(402)
    expect(await client.charged()).toBe(7)
  })

  it('takes no money: nobody could confirm what is not known', async () => {
    open(1000, { nanos: 1n })
    await client.grant(1_000_000_000n)
    const { status, text } = await client.visit('/metered/x', await withCookie(here))
    expect([status, text.includes('not paid with a cookie'), world.received.length]).toEqual([402, true, 0])
  })

  it('takes nothing for what is only fetched ahead', async () => {
    const { status } = await client.visit('/metered/x', await withCookie({ ...here, 'sec-purpose': 'prefetch' }, 'GET'))
    expect([status, world.received.length]).toEqual([503, 0])
  })
})

describe('credit for what is counted', () => {
  it('is asked for before the content is read, and the last of it can be spent', async () => {
    open(1000, { nanos: 10_000_000n })
    world.origin = async (request) => answering((await request.clone().json<{ words: number }>()).words)
    const init = await client.withToken(wishing(40, 'small'))
    const pull = vi.fn()
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    const refused = await client.visit('/metered/x', { ...init, body })
    expect([refused.status, refused.text.includes('"credit-insufficient"'), pull.mock.calls.length]).toEqual([
      402,
      true,
      0,
    ])
    await client.grant(500_000_000n)
    for (const most of [40, 10]) {
      const { text } = await client.visit('/metered/x', init)
      expect(text).toContain(`[${most} of at most ${most} words]`)
    }
    expect([await client.credit(), await client.charged()]).toEqual([0n, 50])
  })
})
