import { describe, expect, it } from 'vitest'
import type { JsonMembers } from '../../../src/core/json.ts'
import { type CounterQuestion, createCounter, isWorthCounting } from '../../../src/meters/llm/counter.ts'

const KEY = 'sk-canary'

const QUESTION: CounterQuestion = {
  account: 'a',
  provider: { authorize: (headers, secret) => headers.set('x-api-key', secret) },
  api: {
    counter: (body, model) => ({ path: '/v1/count', body: { ...body, model }, fields: [['version', '1']] }),
    countIn: (answer) => BigInt((answer as { readonly tokens: number }).tokens),
  },
  url: 'https://models.test',
  secret: KEY,
  body: { messages: [] },
  model: 'm',
}

interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: JsonMembers
  readonly redirect: string | undefined
}

/** Asks once, of a server that answers as `answer` does. */
async function ask(answer: () => Promise<Response> | Response, question: Partial<CounterQuestion> = {}) {
  const sent: Sent[] = []
  const fetch = (async (url: string, { headers, body, redirect }: RequestInit) => {
    sent.push({ url, headers: new Headers(headers), body: JSON.parse(body as string), redirect })
    return answer()
  }) as typeof globalThis.fetch
  const count = createCounter({ fetch, clock: () => 0 })
  return { count: await count({ ...QUESTION, ...question }), sent }
}

const counted = (tokens: unknown) => Response.json({ tokens })

describe('the counter of a provider', () => {
  it('is asked with the key of the operator and nothing of the client, and its answer raised by 5 %', async () => {
    const { count, sent } = await ask(() => counted(320))
    expect(count).toBe(336n)
    const [{ url, headers, body, redirect }] = sent as [Sent]
    expect({ url, headers: Object.fromEntries(headers), body, redirect }).toEqual({
      url: 'https://models.test/v1/count',
      headers: { 'content-type': 'application/json', accept: 'application/json', version: '1', 'x-api-key': KEY },
      body: { messages: [], model: 'm' },
      redirect: 'manual',
    })
  })

  it.each([
    [0, 0n],
    [1, 2n],
    [20, 21n],
    [21, 23n],
  ])('of %d tokens bounds them by %d', async (tokens, bound) => {
    expect((await ask(() => counted(tokens))).count).toBe(bound)
  })

  it('is asked without a key if the server needs none', async () => {
    const { count, sent } = await ask(() => counted(1), { secret: undefined })
    expect(count).toBe(2n)
    expect(sent[0]?.headers.has('x-api-key')).toBe(false)
  })

  it.each<readonly [string, () => Promise<Response> | Response]>([
    ['refuses', () => new Response('{"tokens":1}', { status: 429 })],
    ['redirects', () => new Response(null, { status: 302, headers: { location: 'https://elsewhere.test' } })],
    ['says nothing', () => new Response(null, { status: 204 })],
    ['answers no JSON', () => new Response('tokens: 1')],
    ['answers without a count', () => Response.json({})],
    ['counts fewer than none', () => counted(-1)],
    ['answers without end', () => new Response('9'.repeat(70_000))],
    ['is unreachable', () => Promise.reject(new Error(`no route with ${KEY}`))],
    ['breaks off', () => new Response(new ReadableStream({ pull: (stream) => stream.error(new Error(KEY)) }))],
  ])('counts for nothing if it %s', async (_, answer) => {
    expect((await ask(answer)).count).toBeUndefined()
  })

  it('is not asked if the API has none', async () => {
    expect(await ask(() => counted(1), { api: {} })).toEqual({ count: undefined, sent: [] })
    const none = { ...QUESTION.api, counter: () => undefined }
    expect(await ask(() => counted(1), { api: none })).toEqual({ count: undefined, sent: [] })
  })
})

/** A counter whose server answers when told, at a time that is told. */
function slowCounter() {
  const answers: (() => void)[] = []
  const time = { now: 0 }
  const fetch = (() =>
    new Promise((resolve) => {
      answers.push(() => resolve(counted(20)))
    })) as unknown as typeof globalThis.fetch
  return { count: createCounter({ fetch, clock: () => time.now }), answers, time }
}

describe('questions to the counter', () => {
  it('are open five at once for an account, and for others all the same', async () => {
    const { count, answers } = slowCounter()
    const all = Array.from({ length: 993 }, () => count(QUESTION))
    const other = count({ ...QUESTION, account: 'b' })
    expect(answers).toHaveLength(6)
    for (const answer of answers) answer()
    const counts = await Promise.all(all)
    expect(counts.filter((each) => each !== undefined)).toEqual([21n, 21n, 21n, 21n, 21n])
    expect(await other).toBe(21n)
    const next = count(QUESTION)
    answers[6]?.()
    expect(await next).toBe(21n)
  })

  it('that died with their requests are forgotten after three seconds', async () => {
    const { count, answers, time } = slowCounter()
    const died = Array.from({ length: 5 }, () => count(QUESTION))
    time.now = 2999
    expect(await count(QUESTION)).toBeUndefined()
    time.now = 3000
    const fresh = Array.from({ length: 6 }, () => count(QUESTION))
    expect(answers).toHaveLength(10)
    for (const answer of answers) answer()
    expect((await Promise.all(fresh)).filter((each) => each === 21n)).toHaveLength(5)
    expect(await Promise.all(died)).toHaveLength(5)
  })

  it('are open for a thousand accounts at once, no more', async () => {
    const { count, answers, time } = slowCounter()
    const all = Array.from({ length: 1001 }, (_, index) => count({ ...QUESTION, account: String(index) }))
    expect(await all.at(-1)).toBeUndefined()
    expect(answers).toHaveLength(1000)
    const second = count({ ...QUESTION, account: '7' })
    expect(answers).toHaveLength(1001)
    time.now = 3000
    const later = count({ ...QUESTION, account: 'later' })
    expect(answers).toHaveLength(1002)
    for (const answer of answers) answer()
    expect([await second, await later]).toEqual([21n, 21n])
  })

  it.each([
    [600n, 100n, true],
    [601n, 100n, false],
    [0n, 0n, true],
    [1n, 0n, false],
  ])('are worth it for a bound of %d with %d left: %s', (bound, left, isWorth) => {
    expect(isWorthCounting(bound, left)).toBe(isWorth)
  })
})
