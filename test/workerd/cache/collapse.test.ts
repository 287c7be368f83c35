import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorld, type World } from '../../support/world.ts'
import { type Call, type Crowd, chunksOf, createCrowd, openBody, tokensFor } from './crowd.ts'

const READERS = 1000
const FRESH = { 'cache-control': 'max-age=60' }

let world: World
let tokens: readonly string[]
let crowd: Crowd

beforeAll(async () => {
  world = await createWorld()
  tokens = await tokensFor(world, READERS)
})
afterAll(() => world.end())
beforeEach(async () => {
  crowd = createCrowd(tokens)
  await crowd.warm()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'], now: Date.now() })
})
afterEach(() => {
  vi.useRealTimers()
})

function call(index: number): Call {
  const found = crowd.calls[index]
  if (found === undefined) throw new Error(`the origin got ${crowd.calls.length} calls`)
  return found
}

/** What everyone got, and how many got it. */
async function tally(asked: readonly Promise<Response>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const read = async (pending: Promise<Response>): Promise<string> => {
    const response = await pending
    const text = await response.text().catch(() => 'broken')
    return `${response.status} ${response.status === 200 || text === 'broken' ? text : ''}`.trim()
  }
  for (const got of await crowd.finish(Promise.all(asked.map(read)))) counts[got] = (counts[got] ?? 0) + 1
  return counts
}

describe('a thousand readers of one cold page', () => {
  it('are one request to the origin', async () => {
    const asked = await crowd.arrive('/articles/1')
    call(0).answer(new Response('the page', { headers: FRESH }))
    expect(await tally(asked)).toEqual({ '200 the page': READERS })
    expect(crowd.calls.length).toBe(1)
    expect((await crowd.ask('/articles/1')).headers.get('cache-status')).toMatch(/^faregate; hit/)
  })

  it('read a stream along as it comes, in order and before it ends', async () => {
    const asked = await crowd.arrive('/articles/1')
    const { body, write, end } = openBody()
    call(0).answer(new Response(body, { headers: FRESH }))
    await crowd.tick()
    const readers = (await Promise.all(asked)).map(chunksOf)
    for (const text of ['one', 'two', 'three']) {
      const chunks = Promise.all(readers.map((next) => next()))
      write(text)
      await crowd.tick()
      expect(new Set(await chunks)).toEqual(new Set([text]))
    }
    const ends = Promise.all(readers.map((next) => next()))
    end()
    await crowd.tick()
    expect(new Set(await ends)).toEqual(new Set([undefined]))
    expect(crowd.calls.length).toBe(1)
  })

  it('get the beginning too when they come while the stream is under way', async () => {
    const first = crowd.ask('/articles/1')
    await crowd.tick()
    const { body, write, end } = openBody()
    call(0).answer(new Response(body, { headers: FRESH }))
    write('one ')
    await first
    const asked = await crowd.arrive('/articles/1')
    write('two')
    end()
    expect(await tally([first, ...asked])).toEqual({ '200 one two': READERS + 1 })
    expect(crowd.calls.length).toBe(1)
  })

  it('are served though the first of them has left', async () => {
    const asked = await crowd.arrive('/articles/1')
    const { body, write, end } = openBody()
    call(0).answer(new Response(body, { headers: FRESH }))
    write('one ')
    const [leader, ...followers] = asked
    await (await leader)?.body?.cancel()
    write('two')
    end()
    expect(await tally(followers)).toEqual({ '200 one two': READERS - 1 })
    expect((await crowd.ask('/articles/1')).headers.get('cache-status')).toMatch(/^faregate; hit/)
    expect(crowd.calls.length).toBe(1)
  })

  it('ask once more when the first request fails', async () => {
    const asked = await crowd.arrive('/articles/1')
    call(0).fail('origin-unreachable')
    await crowd.tick()
    call(1).answer(new Response('the page', { headers: FRESH }))
    expect(await tally(asked)).toEqual({ '502': 1, '200 the page': READERS - 1 })
    expect(crowd.calls.length).toBe(2)
  })

  it('all hear of a failure that two requests met with', async () => {
    const asked = await crowd.arrive('/articles/1')
    call(0).fail('origin-unreachable')
    await crowd.tick()
    call(1).fail('origin-timeout')
    expect(await tally(asked)).toEqual({ '502': 1, '504': READERS - 1 })
    expect(crowd.calls.length).toBe(2)
  })

  it('ask no third time when both requests fail at once, though each looks at a moment of its own', async () => {
    const early = await crowd.arrive('/articles/1')
    await crowd.tick(300)
    const late = await crowd.arrive('/articles/1')
    for (let failed = 0, looks = 0; looks < 60; looks++) {
      for (; failed < crowd.calls.length; failed++) call(failed).fail('origin-unreachable')
      await crowd.tick(2)
    }
    expect(await tally([...early, ...late])).toEqual({ '502': 2 * READERS })
    expect(crowd.calls.length).toBe(2)
  })

  it('are never given a page that broke off as if it were whole, and none of it is kept', async () => {
    const asked = await crowd.arrive('/articles/1')
    const { body, write, break: breakOff } = openBody()
    call(0).answer(new Response(body, { headers: FRESH }))
    write('half a page')
    await crowd.tick()
    await Promise.all(asked)
    breakOff()
    expect(await tally(asked)).toEqual({ '200 broken': READERS })
    expect(crowd.calls.length).toBe(1)
    const again = crowd.ask('/articles/1')
    await crowd.tick()
    call(1).answer(new Response('the page', { headers: FRESH }))
    expect(await (await again).text()).toBe('the page')
  })

  it('ask once more when the page broke off before they had any of it', async () => {
    const asked = await crowd.arrive('/articles/1')
    const { body, write, break: breakOff } = openBody()
    call(0).answer(new Response(body, { headers: FRESH }))
    write('half a page')
    const [leader, ...followers] = asked
    await leader
    breakOff()
    await expect(leader?.then((response) => response.text())).rejects.toThrow('too soon')
    await crowd.tick()
    call(1).answer(new Response('the page', { headers: FRESH }))
    expect(await tally(followers)).toEqual({ '200 the page': READERS - 1 })
    expect(crowd.calls.length).toBe(2)
  })

  it('are freed when the one they wait for is not heard of any more', async () => {
    const beat = vi.spyOn(globalThis, 'setInterval').mockImplementation(() => 0 as unknown as NodeJS.Timeout)
    const asked = await crowd.arrive('/articles/1')
    expect(beat).toHaveBeenCalledOnce()
    beat.mockRestore()
    await crowd.tick(5000)
    expect(crowd.calls.length).toBe(1)
    await crowd.tick(100)
    expect(crowd.calls.length).toBe(2)
    call(1).answer(new Response('the page', { headers: FRESH }))
    const [, ...followers] = asked
    expect(await tally(followers)).toEqual({ '200 the page': READERS - 1 })
    expect(crowd.calls.length).toBe(2)
  })

  it('are not left hanging in the middle of a page by one who is not heard of any more', async () => {
    const beat = vi.spyOn(globalThis, 'setInterval').mockImplementation(() => 0 as unknown as NodeJS.Timeout)
    const asked = await crowd.arrive('/articles/1')
    beat.mockRestore()
    const { body, write } = openBody()
    call(0).answer(new Response(body, { headers: FRESH }))
    write('half a page')
    const [, ...followers] = asked
    await crowd.tick(5100)
    expect(await tally(followers)).toEqual({ '200 broken': READERS - 1 })
    expect(crowd.calls.length).toBe(1)
  })

  it('wait for one that is slow but heard of', async () => {
    const asked = await crowd.arrive('/articles/1')
    await crowd.tick(20_000)
    call(0).answer(new Response('the page', { headers: FRESH }))
    expect(await tally(asked)).toEqual({ '200 the page': READERS })
    expect(crowd.calls.length).toBe(1)
  })
})

describe('a thousand readers of what is not for all', () => {
  it.each([
    ['private', { 'cache-control': 'private, max-age=60' }],
    ['no-store', { 'cache-control': 'no-store' }],
    ['silent about time', {}],
    ['with a cookie', { ...FRESH, 'set-cookie': 'a=1' }],
    ['different for everyone', { ...FRESH, vary: '*' }],
    ['too large to keep', { ...FRESH, 'content-length': '1001' }],
  ] as [string, Record<string, string>][])('each ask for themselves when it is %s', async (_what, headers) => {
    const asked = await crowd.arrive('/small/1')
    const of = (index: number): Response => new Response(`for ${index}`.padEnd(1001), { headers })
    call(0).answer(of(0))
    await crowd.tick()
    expect(crowd.calls.length).toBe(READERS)
    crowd.calls.forEach(({ answer }, index) => answer(of(index)))
    const got = await tally(asked)
    expect(Object.keys(got).length).toBe(READERS)
  })

  it('do not wait for each other a second time', async () => {
    const asked = await crowd.arrive('/articles/1')
    call(0).answer(new Response('mine', { headers: { 'cache-control': 'private' } }))
    await crowd.tick()
    for (const { answer } of crowd.calls) answer(new Response('mine', { headers: { 'cache-control': 'private' } }))
    await tally(asked)
    void (await crowd.arrive('/articles/1'))
    expect(crowd.calls.length).toBe(2 * READERS)
  })

  it('get the variant that is theirs, at one request for each', async () => {
    const language = (reader: number): string => (reader % 2 === 0 ? 'de' : 'en')
    const asked = await crowd.arrive('/articles/1', (reader) => ({ 'accept-language': language(reader) }))
    const headers = { ...FRESH, vary: 'Accept-Language' }
    const answerInLanguage = ({ request, answer }: Call): void =>
      answer(new Response(request.headers.get('accept-language'), { headers }))
    answerInLanguage(call(0))
    await crowd.tick()
    answerInLanguage(call(1))
    const texts = await crowd.finish(Promise.all(asked.map(async (pending) => (await pending).text())))
    for (const [reader, text] of texts.entries()) expect(text).toBe(language(reader))
    expect(crowd.calls.length).toBe(2)
  })

  it('of one account each do not share across accounts', async () => {
    void (await crowd.arrive('/account/1'))
    expect(crowd.calls.length).toBe(READERS)
  })

  it('share a 503 that they have waited for, and no one else does', async () => {
    const asked = await crowd.arrive('/articles/1')
    call(0).answer(new Response('sorry', { status: 503 }))
    expect(await tally(asked)).toEqual({ '503': READERS })
    expect(crowd.calls.length).toBe(1)
    void crowd.ask('/articles/1')
    await crowd.tick()
    expect(crowd.calls.length).toBe(2)
  })

  it('do not share a 503 with a cookie', async () => {
    void (await crowd.arrive('/articles/1'))
    call(0).answer(new Response('sorry', { status: 503, headers: { 'set-cookie': 'a=1' } }))
    await crowd.tick()
    expect(crowd.calls.length).toBe(READERS)
  })

  it('read along what turns out too large to keep, and who comes later asks anew', async () => {
    const asked = await crowd.arrive('/small/1')
    const { body, write, end } = openBody()
    call(0).answer(new Response(body, { headers: FRESH }))
    await crowd.tick()
    const readers = (await Promise.all(asked)).map(chunksOf)
    for (let chunk = 0; chunk < 5; chunk++) {
      const chunks = Promise.all(readers.map((next) => next()))
      write(`${chunk}`.repeat(600))
      await crowd.tick()
      expect(new Set(await chunks)).toEqual(new Set([`${chunk}`.repeat(600)]))
    }
    void crowd.ask('/small/1')
    await crowd.tick()
    expect(crowd.calls.length).toBe(2)
    const ends = Promise.all(readers.map((next) => next()))
    end()
    await crowd.tick()
    expect(new Set(await ends)).toEqual(new Set([undefined]))
    void crowd.ask('/small/1')
    await crowd.tick()
    expect(crowd.calls.length).toBeGreaterThanOrEqual(2)
  })
})
