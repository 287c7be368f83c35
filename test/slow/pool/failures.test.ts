import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { behaviours, flapping, startUnruly, type Unruly } from '../../../demo/unruly.ts'
import { type PoolGate, startPoolGate } from './gate.ts'

let gate: PoolGate
let one: Unruly
let two: Unruly
let three: Unruly
let absent: Unruly

beforeAll(async () => {
  ;[one, two, three, absent] = await Promise.all([startUnruly(), startUnruly(), startUnruly(), startUnruly()])
  await absent.behave('refuses')
  const all = [one, two, three].map(({ url }) => ({ url, limits: { responseSeconds: 0.3 } }))
  const servers = [one, two, three].map(({ url }) => ({ url }))
  const forLong = { ejectSeconds: 3600, maxEjectSeconds: 3600 }
  const never = { failures: 1000 }
  const module = `${import.meta.dirname}/backend.js`
  const workers = {
    sorry: { module, vars: { STATUS: '503', SAYS: 'sorry' } },
    broken: { module, vars: { THROWS: 'broken' } },
    sound: { module, vars: { SAYS: 'sound' } },
  }
  const origins = {
    bound: { servers: [{ binding: 'SORRY' }, { binding: 'BROKEN' }, { binding: 'SOUND' }] },
    hanging: { servers: all, health: forLong },
    refusing: { servers: [...servers, { url: absent.url }], health: forLong },
    flapping: { servers },
    killed: { servers, health: { failures: 2, ejectSeconds: 0.1, maxEjectSeconds: 0.1 } },
    budget: { servers, health: never },
    none: { servers, health: never, retries: false as const },
    alone: { servers: [{ url: one.url }], health: never },
    posted: { servers, health: never },
    reset: { servers: [{ url: one.url, weight: 1_000_000 }, { url: two.url }], health: never },
    late: { servers: [...all, { url: three.url, weight: 0 }].slice(0, 2), limits: { responseSeconds: 0.3 } },
    cut: {
      servers: [{ url: one.url, weight: 1_000_000, limits: { responseSeconds: 0.2 } }, { url: two.url }],
      limits: { responseSeconds: 0.3 },
      health: { failures: 1, ...forLong },
    },
    mixed: { servers: [{ url: one.url, weight: 1_000_000 }, { url: absent.url }], health: never },
    path: { servers, choose: { hash: 'path' as const } },
    account: { servers, choose: { hash: 'account' as const } },
    moved: { servers: [{ url: one.url }, { url: two.url, weight: 0 }] },
  }
  const services = { SORRY: 'sorry', BROKEN: 'broken', SOUND: 'sound' }
  gate = await startPoolGate(origins, { services, workers })
})

beforeEach(async () => {
  for (const server of [one, two, three]) {
    await server.behave(behaviours.serves)
    server.asked.length = 0
  }
})

afterAll(async () => {
  await gate.stop()
  await Promise.all([one, two, three, absent].map((server) => server.close()))
})

const SERVED = '200 the page'
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const askedInAll = (): string[] => [one, two, three].flatMap(({ asked }) => asked)

/** The outcomes of so many paid requests, a few at a time. */
async function outcomes(zone: string, count: number, atOnce = 4): Promise<string[]> {
  const found: string[] = []
  let next = 0
  const walk = async (): Promise<void> => {
    while (next < count) found.push(await gate.outcome(zone, `/articles/${next++}`))
  }
  await Promise.all(range(atOnce).map(walk))
  return found
}

describe('every paid GET that a healthy server could answer is answered', () => {
  it('while one hangs, which is then left alone', async () => {
    await one.behave(behaviours.hangs)
    while (one.asked.length < 3) expect(await gate.outcome('hanging', '/articles/x')).toBe(SERVED)
    expect(await outcomes('hanging', 60)).toEqual(range(60).map(() => SERVED))
    expect(one.asked).toHaveLength(3)
  })

  it('while one refuses connections', async () => {
    expect(await outcomes('refusing', 100)).toEqual(range(100).map(() => SERVED))
  })

  it('while one serves, is sorry and resets in turn', async () => {
    await one.behave(flapping())
    expect(await outcomes('flapping', 300)).toEqual(range(300).map(() => SERVED))
    expect(one.asked.length).toBeLessThan(30)
  })

  it('when one is killed at work, and it gets its share again once it is back', async () => {
    let held = 0
    await one.behave(() => held++)
    const asked = outcomes('killed', 24, 24)
    await expect.poll(() => held).toBeGreaterThan(0)
    await one.behave('refuses')
    expect(await asked).toEqual(range(24).map(() => SERVED))
    expect(await outcomes('killed', 50)).toEqual(range(50).map(() => SERVED))
    await one.behave(behaviours.serves)
    one.asked.length = 0
    while (one.asked.length < 20) expect(await gate.outcome('killed', '/articles/x')).toBe(SERVED)
  })

  it('while Workers behind the gate fail and one does not', async () => {
    expect(await outcomes('bound', 60)).toEqual(range(60).map(() => '200 sound'))
  })

  it('when all were ejected, and one is back', async () => {
    for (const server of [one, two, three]) await server.behave(behaviours.sorry)
    expect(new Set(await outcomes('hanging', 20))).toEqual(new Set(['503 sorry']))
    await two.behave(behaviours.serves)
    const found = await outcomes('hanging', 20, 1)
    expect(found.slice(-10)).toEqual(range(10).map(() => SERVED))
  })
})

describe('a request is sent again', () => {
  it('never as POST, whatever becomes of it', async () => {
    for (const server of [one, two, three]) await server.behave(flapping())
    const paths = range(30).map((index) => `/api/${index}`)
    const found = await Promise.all(paths.map((path) => gate.outcome('posted', path, { method: 'POST', body: path })))
    expect(askedInAll().toSorted()).toEqual(paths.map((path) => `POST ${path}`).toSorted())
    expect(new Set(found)).toEqual(new Set([SERVED, '503 sorry', '502 origin-unreachable']))
  })

  it('as PUT or DELETE without content, and never with', async () => {
    for (const server of [one, two, three]) await server.behave(behaviours.sorry)
    for (const method of ['PUT', 'DELETE'] as const) {
      await gate.outcome('posted', '/api/with', { method, body: 'content' })
      expect(askedInAll()).toEqual([`${method} /api/with`])
      await gate.outcome('posted', '/api/without', { method })
      expect(askedInAll().slice().toSorted()).toEqual(
        [`${method} /api/with`, ...range(3).map(() => `${method} /api/without`)].toSorted(),
      )
      for (const server of [one, two, three]) server.asked.length = 0
    }
  })

  it('never once the head of a response was handed on', async () => {
    let begun: ServerResponse | undefined
    await one.behave((_request, response) => {
      begun = response
      response.writeHead(200, { 'content-length': '100' }).write('0123456789')
    })
    const response = await gate.ask('reset', '/articles/1')
    expect(response.statusCode).toBe(200)
    begun?.destroy()
    await expect(response.body.text()).rejects.toThrow()
    expect(askedInAll()).toEqual(['GET /articles/1'])
  })

  it('at most twice, and never to a server that has failed it', async () => {
    for (const server of [one, two, three]) await server.behave(behaviours.sorry)
    expect(await gate.outcome('posted', '/articles/1')).toBe('503 sorry')
    for (const server of [one, two, three]) expect(server.asked).toEqual(['GET /articles/1'])
  })

  it('never where there is one server, or where retries are off', async () => {
    for (const server of [one, two, three]) await server.behave(behaviours.sorry)
    expect(await gate.outcome('alone', '/articles/1')).toBe('503 sorry')
    expect(await gate.outcome('none', '/articles/1')).toBe('503 sorry')
    expect(askedInAll()).toHaveLength(2)
  })

  it('within the budget: ten, and one for each five requests', async () => {
    for (const server of [one, two, three]) await server.behave(behaviours.sorry)
    expect(new Set(await outcomes('budget', 100))).toEqual(new Set(['503 sorry']))
    expect(askedInAll()).toHaveLength(100 + 10 + 20)
  })

  it('within the time of its route: a server that hangs for all of it leaves none', async () => {
    await one.behave(behaviours.hangs)
    await two.behave(behaviours.hangs)
    expect(await gate.outcome('late', '/articles/1')).toBe('504 origin-timeout')
    expect(askedInAll()).toHaveLength(1)
  })
})

describe('a server that was asked last, and had little time,', () => {
  it('is not held to have failed', async () => {
    await one.behave(behaviours.hangs)
    await two.behave(behaviours.hangs)
    expect(await gate.outcome('cut', '/articles/1')).toBe('504 origin-timeout')
    await one.behave(behaviours.serves)
    await two.behave(behaviours.serves)
    expect(await gate.outcome('cut', '/articles/1')).toBe(SERVED)
    expect([one.asked.length, two.asked.length]).toEqual([1, 2])
  })
})

describe('where all servers fail', () => {
  it('what one of them said is the answer', async () => {
    await one.behave(behaviours.sorry)
    expect(await gate.outcome('mixed', '/articles/1')).toBe('503 sorry')
  })
})

describe('a redirect', () => {
  it('to any server of the pool leads back to the gate', async () => {
    await one.behave((_request, response) => response.writeHead(302, { location: `${two.url}/articles/2?a` }).end())
    const { statusCode, headers, body } = await gate.ask('moved', '/articles/1')
    await body.dump()
    expect([statusCode, headers['location']]).toEqual([302, '/articles/2?a'])
  })
})

describe('a choice by hash', () => {
  /** How many servers were asked. */
  const spread = (): number => [one, two, three].filter(({ asked }) => asked.length > 0).length

  it('of the path sends a page to one server, whatever its query, and pages to all', async () => {
    for (const index of range(10)) await gate.outcome('path', `/articles/1?page=${index}`, { account: `${index}` })
    expect(spread()).toBe(1)
    for (const index of range(30)) await gate.outcome('path', `/articles/${index}`)
    expect(spread()).toBe(3)
  })

  it('of the account sends a reader to one server, and readers to all', async () => {
    for (const index of range(10)) await gate.outcome('account', `/api/${index}`)
    expect(spread()).toBe(1)
    for (const index of range(30)) await gate.outcome('account', '/api/1', { account: `${index}` })
    expect(spread()).toBe(3)
  })
})

describe('a client that leaves', () => {
  it('takes its request with it: no other server is asked', async () => {
    const leaving = new AbortController()
    await one.behave(behaviours.hangs)
    const asked = gate.ask('reset', '/articles/1', { signal: leaving.signal })
    await expect.poll(() => one.asked.length).toBe(1)
    leaving.abort()
    await expect(asked).rejects.toThrow()
    expect(two.asked).toEqual([])
  })
})
