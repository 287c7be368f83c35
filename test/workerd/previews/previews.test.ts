import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ok } from '../../../src/core/result.ts'
import { ZONE } from '../../support/compiled.ts'
import { headOf, page, PreviewWorld, SPOKEN, told } from './world.ts'

let world: PreviewWorld

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined) // that no ledger is there
  world = new PreviewWorld()
})
afterEach(() => void vi.restoreAllMocks())

describe('a refusal of a page', () => {
  it('shows what is public of it, and the paid part nowhere', async () => {
    const response = await world.app('/articles/1')
    const text = await response.text()
    expect(response.status).toBe(402)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(text).toContain('The bridge')
    expect(text).toContain('The free part.')
    expect(text + JSON.stringify([...response.headers])).not.toContain('CANARY')
    expect(world.lines).toMatchObject([
      { status: 402, decision: 'refuse', reason: 'payment-required', charged: undefined },
    ])
  })

  it('tells programs the same', async () => {
    const response = await world.app('/articles/1', { fields: { accept: 'application/json' } })
    expect(await response.json()).toMatchObject({
      reason: 'payment-required',
      article: {
        title: 'The bridge',
        description: 'How it was built.',
        language: 'en',
        paragraphs: ['The free part.'],
      },
    })
  })

  it.each(['GET', 'HEAD'])(
    'has one head and body whatever the paid part is, asked for by %s in whatever way',
    async (method) => {
      const ways: Record<string, string>[] = [
        {},
        { 'if-none-match': '"1"' },
        { 'if-modified-since': SPOKEN['last-modified'] },
        { range: 'bytes=0-3', 'if-range': '"1"' },
        { 'cache-control': 'only-if-cached' },
      ]
      const answers = []
      for (const paid of ['one', 'another, and a much longer one']) {
        world.restart()
        world.origin = () =>
          ok({ response: page(paid, { etag: `"${paid}"`, age: String(paid.length), 'x-word-count': paid }) })
        for (const fields of ways) {
          const response = await world.app('/articles/1', { method, fields })
          answers.push([headOf(response), await told(response)])
        }
      }
      for (const answer of answers) expect(answer).toEqual(answers[0])
      const { 'content-type': _type, 'cache-control': _cache, ...untold } = SPOKEN
      for (const name of Object.keys(untold)) expect(JSON.stringify(answers[0]?.[0])).not.toContain(`"${name}"`)
    },
  )

  it('comes with whatever of a payment is wanting', async () => {
    expect(await told(await world.app('/articles/1', { fields: await world.token({ entitlements: [] }) }))).toContain(
      'The free part.',
    )
    expect(world.lines).toMatchObject([{ reason: 'entitlement-insufficient' }])
  })
})

describe('the page itself', () => {
  it('is asked for as the gate, whole, by GET and with no field of the visitor', async () => {
    const credentials = {
      ...(await world.token({ exp: 1, iat: 0 })),
      cookie: '__Host-faregate=x; a=b',
      'x-visitor': 'ann',
    }
    const others = { range: 'bytes=0-3', 'if-none-match': '"1"', 'accept-language': 'xx', 'user-agent': 'Ann/1' }
    const response = await world.app('/articles/1?utm=1', {
      method: 'HEAD',
      fields: { ...credentials, ...others, referer: 'https://b.test/' },
    })
    expect(response.status).toBe(402)
    expect(world.received.map(({ method }) => method)).toEqual(['GET'])
    const fields = JSON.stringify([...(world.received[0]?.headers ?? [])])
    for (const text of ['ann', 'Ann', 'xx', 'a=b', 'bytes', 'b.test', 'Bearer']) expect(fields).not.toContain(text)
    expect(world.received[0]?.headers.get('accept-encoding')).toBe('identity')
  })

  it('is asked for once, however many are refused', async () => {
    await Promise.all(Array.from({ length: 20 }, () => world.app('/articles/1')))
    await world.app('/articles/1')
    expect(world.received).toHaveLength(1)
  })

  it('is not asked for if a paying reader has fetched it', async () => {
    await (await world.app('/articles/1', { fields: await world.token() })).text()
    await Promise.all(world.waiting)
    expect(await told(await world.app('/articles/1'))).toContain('The free part.')
    expect(world.received).toHaveLength(1)
  })

  it('serves whoever pays next, and is the same copy', async () => {
    await world.app('/articles/1')
    expect(await (await world.app('/articles/1', { fields: await world.token() })).text()).toContain('CANARY')
    expect(world.received).toHaveLength(1)
  })

  it('is asked for anew once it is no longer fresh', async () => {
    await world.app('/articles/1')
    world.now += 54_000 // 7 s old when it came
    await world.app('/articles/1')
    expect(world.received).toHaveLength(2)
  })

  it('is asked for by few unpaid requests in a second', async () => {
    for (let id = 0; id < 20; id += 1) await world.app(`/articles/${id}`)
    expect(world.received).toHaveLength(5)
    world.now += 1000
    for (let id = 100; id < 120; id += 1) await world.app(`/articles/${id}`)
    expect(world.received).toHaveLength(10)
  })

  it('is never asked for where only copies may tell', async () => {
    expect(await told(await world.app('/copies/1'))).not.toContain('The free part.')
    expect(world.received).toEqual([])
    await (await world.app('/copies/1', { fields: await world.token() })).text()
    await Promise.all(world.waiting)
    expect(await told(await world.app('/copies/1'))).toContain('The free part.')
    expect(world.received).toHaveLength(1)
  })
})

it('A refusal comes without a preview if the page takes its time, and the next one has it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const slow = Promise.withResolvers<Awaited<ReturnType<typeof world.origin>>>()
    world.origin = () => slow.promise
    const first = world.app('/articles/1')
    const second = world.app('/articles/1')
    await vi.advanceTimersByTimeAsync(2000)
    expect(await told(await first)).not.toContain('The free part.')
    expect(await told(await second)).not.toContain('The free part.')
    slow.resolve(ok({ response: page('CANARY') }))
    await Promise.all(world.waiting)
    expect(await told(await world.app('/articles/1'))).toContain('The free part.')
    expect(world.received).toHaveLength(1)
  } finally {
    vi.useRealTimers()
  }
})

describe('a page that the origin does not have', () => {
  it.each([404, 410])('(%d) is not on sale', async (status) => {
    world.origin = () => ok({ response: new Response('CANARY', { status }) })
    const response = await world.app('/articles/999', { fields: { accept: 'application/json' } })
    expect(response.status).toBe(404)
    const problem = await response.json()
    expect(problem).toMatchObject({ reason: 'not-found', status: 404, remedies: [] })
    expect(problem).not.toHaveProperty('offer')
    await world.app('/articles/999')
    expect(world.received).toHaveLength(1)
  })

  it('may be there a minute later', async () => {
    world.origin = () => ok({ response: new Response(null, { status: 404 }) })
    await world.app('/articles/999')
    world.origin = () => ok({ response: page('CANARY') })
    world.now += 59_000
    expect((await world.app('/articles/999')).status).toBe(404)
    world.now += 1000
    expect((await world.app('/articles/999')).status).toBe(402)
  })
})

describe('a purge', () => {
  const order = async (body: object): Promise<void> => {
    const claims = { sub: 'operator', scope: 'purge', aud: ZONE.audience, entitlements: undefined }
    const fields = { ...(await world.token(claims, { typ: 'operator+jwt' })), 'content-type': 'application/json' }
    const response = await world.app('/__faregate/purge', { method: 'POST', fields, body: JSON.stringify(body) })
    expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, ''])
    await Promise.all(world.waiting)
  }

  it('of its path fetches what is public anew at once', async () => {
    await world.app('/articles/1')
    world.now += 10
    await order({ pathPrefixes: ['/articles/1'] })
    expect(world.received).toHaveLength(2)
    world.now += 10
    await world.app('/articles/1')
    expect(world.received).toHaveLength(2)
  })

  it('of everything ends it', async () => {
    await world.app('/articles/1')
    world.now += 10
    await order({ everything: true })
    await world.app('/articles/1')
    expect(world.received).toHaveLength(2)
  })
})

it('A change through the gate ends what was known of the page', async () => {
  await world.app('/articles/1')
  world.origin = () => ok({ response: new Response(null, { status: 204 }) })
  await world.app('/articles/1', { method: 'PUT', fields: await world.token(), body: 'new' })
  world.origin = () => ok({ response: page('CANARY') })
  world.now += 10
  await world.app('/articles/1')
  expect(world.received.map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET'])
})
