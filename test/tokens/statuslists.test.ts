import { describe, expect, it } from 'vitest'
import { REASONS } from '../../src/core/problem.ts'
import { makeKeys, type TestKey } from '../support/issuer.ts'
import { zipped } from '../support/statuslist.ts'
import { delayed, skipTime, advanceTime, SECOND, runUntilDone } from './endpoint.ts'
import {
  type Answer,
  COOLDOWN,
  createHost as createHostOf,
  listToken,
  type Publishing,
  STALE,
  URI,
} from './listhost.ts'

const [key, forger] = await makeKeys('es', 'es')

const refuseConnection = (): never => {
  throw new Error('connection refused')
}
const createHost = (answer: Answer, policy = {}) => createHostOf(key, answer, policy)

async function listResponse({ signer = key, ...list }: Publishing & { signer?: TestKey } = {}): Promise<Response> {
  return new Response(await listToken(signer, list), { headers: { 'content-type': 'application/statuslist+jwt' } })
}

describe('a status list', () => {
  it('is fetched once, and says of each token what it has', async () => {
    const host = createHost(() => listResponse({ statuses: [0, 1, 2, 3] }))
    const said: string[] = []
    for (const idx of [0, 1, 2, 3, 4, 2 ** 40]) said.push(await host.ask(idx))
    expect(said).toEqual(['valid', 'invalid', 'suspended', 'invalid', 'credential-invalid', 'credential-invalid'])
    expect(host.fetched).toEqual([URI])
    expect(host.accepted).toEqual(['application/statuslist+jwt'])
    expect(host.askAtOnce(1)).toBe('invalid')
  })

  it('may come as any text, with a line break at its end', async () => {
    const host = createHost(async () => new Response(`${await listToken(key, {})}\n`))
    expect(await host.ask()).toBe('valid')
  })

  it('is refreshed ahead of time, behind the back of a request that does not wait', async () => {
    const host = createHost(() => listResponse())
    await host.ask()
    host.answer = async () => delayed(SECOND, await listResponse({ statuses: [1] }))
    await advanceTime(224 * SECOND)
    expect([host.askAtOnce(), host.fetched.length]).toEqual(['valid', 1])
    await advanceTime(SECOND)
    expect([host.askAtOnce(), host.askAtOnce(), host.fetched.length]).toEqual(['valid', 'valid', 2])
    await runUntilDone(Promise.all(host.behind))
    expect([host.askAtOnce(), host.fetched.length]).toEqual(['invalid', 2])
  })

  const times: [name: string, claims: Record<string, unknown>, seconds: number][] = [
    ['for its ttl', { ttl: 60 }, 60],
    ['for five minutes where it does not say', { ttl: undefined }, 300],
    ['for five seconds at least', { ttl: 0.001 }, 5],
    ['for half a day at most', { ttl: 1e9 }, 43_200],
    ['until its exp, and the tolerance of the clock, where that comes first', { ttl: 3600, exp: 1_800_000_060 }, 65],
  ]
  it.each(times)('is kept %s', async (_name, claims, seconds) => {
    const host = createHost(() => listResponse({ claims }))
    await host.ask()
    host.answer = () => listResponse({ statuses: [1] })
    skipTime(seconds * SECOND - 1)
    expect(host.askAtOnce()).toBe('valid')
    host.answer = refuseConnection // the refresh ahead has begun before that
    await runUntilDone(Promise.all(host.behind))
    host.answer = () => listResponse({ statuses: [1] })
    skipTime(1)
    expect(await host.ask()).toBe('invalid')
  })

  it('that comes from a time ahead of the clock is fetched anew, and not kept until the clock has caught up', async () => {
    const host = createHost(() => listResponse({ claims: { iat: 1_799_990_000 } }))
    await host.ask()
    await advanceTime(200 * SECOND)
    expect(host.askAtOnce()).toBe('valid')
    host.answer = () => listResponse({ statuses: [1] })
    skipTime(-100 * SECOND) // since it was fetched, and by no one knows how much too late then
    expect(await host.ask()).toBe('invalid')
    host.answer = refuseConnection
    skipTime(-3600 * SECOND)
    expect([await host.ask(), host.askAtOnce()]).toEqual(['invalid', 'invalid'])
    await advanceTime(STALE)
    expect(await runUntilDone(host.ask())).toBe('standing-unavailable')
  })

  it('is fetched anew where the clock ran back while it was on its way', async () => {
    const host = createHost(async () => delayed(SECOND, await listResponse({ claims: { iat: 1_799_900_000 } })))
    const asked = host.ask()
    await advanceTime(0)
    skipTime(-3600 * SECOND)
    void host.ask()
    await runUntilDone(asked)
    host.answer = () => listResponse({ statuses: [1] })
    expect(await host.ask()).toBe('invalid')
  })

  it('is asked for again where the clock ran back after a failure', async () => {
    const host = createHost(refuseConnection)
    expect(await host.ask()).toBe('standing-unavailable')
    host.answer = () => listResponse({ claims: { iat: 1_799_990_000 } })
    skipTime(-3600 * SECOND)
    expect(await host.ask()).toBe('valid')
  })

  it('of one URI is another one for another issuer entry, whose keys differ', async () => {
    const host = createHost(() => listResponse())
    expect(await host.ask()).toBe('valid')
    const other = { ...host.issuer, keys: { kind: 'inline' as const, keys: [forger.jwk] } }
    expect(await host.ask(0, URI, other)).toBe('standing-unavailable')
    expect(await host.ask()).toBe('valid')
    expect(host.fetched).toHaveLength(2)
  })
})

describe('while its host is down, a list', () => {
  it('is used for as long as that is allowed, without waiting, and no longer', async () => {
    const host = createHost(() => listResponse({ statuses: [0, 1] }))
    await host.ask()
    host.answer = refuseConnection
    skipTime(300 * SECOND)
    expect(await host.ask()).toBe('valid') // waits for the fetch that fails
    for (let passed = 0; passed < STALE; passed += STALE / 6) {
      expect([host.askAtOnce(0), host.askAtOnce(1)]).toEqual(['valid', 'invalid'])
      await advanceTime(STALE / 6)
    }
    expect(await runUntilDone(host.ask())).toBe('standing-unavailable')
    host.answer = () => listResponse({ statuses: [2] })
    await advanceTime(COOLDOWN)
    expect(await host.ask()).toBe('suspended')
  })

  it('is not used beyond its exp', async () => {
    const host = createHost(() => listResponse({ claims: { exp: 1_800_000_400 } }))
    await host.ask()
    host.answer = refuseConnection
    skipTime(404 * SECOND)
    expect(await host.ask()).toBe('valid')
    skipTime(SECOND)
    expect(await host.ask()).toBe('standing-unavailable')
  })

  it('is not used at all beyond its time where nothing stale may be', async () => {
    const host = createHost(() => listResponse(), { staleMs: 0 })
    await host.ask()
    host.answer = refuseConnection
    skipTime(300 * SECOND)
    expect(await host.ask()).toBe('standing-unavailable')
  })

  it('is asked for ever less often, to once in a cool-down', async () => {
    const host = createHost(refuseConnection)
    for (let request = 0; request < 200; request++) {
      await host.ask()
      skipTime(SECOND)
    }
    expect(host.fetched.length).toBeGreaterThan(5)
    expect(host.fetched.length).toBeLessThanOrEqual(5 + Math.ceil((200 * SECOND) / COOLDOWN))
    expect(host.failures[0]).toBe(`${URI} connection refused`)
  })

  it('that was never had is a 503 that says when to try again', async () => {
    const host = createHost(refuseConnection)
    expect(await host.look()).toMatchObject({
      ok: false,
      error: { reason: 'standing-unavailable', check: 'standing', retryAfterSeconds: 1 },
    })
    expect(REASONS['standing-unavailable']).toEqual({ status: 503, title: 'Standing unavailable', remedies: [] })
    expect(await host.ask()).toBe('standing-unavailable')
    expect(host.fetched).toHaveLength(1)
  })
})

describe('an answer that is no good list', () => {
  const bad: [name: string, answer: Answer, why: RegExp][] = [
    ['a signature of nobody', () => listResponse({ signer: forger }), /signature/],
    ['another type', () => listResponse({ header: { typ: 'JWT' } }), /"typ"/],
    ['another list', () => listResponse({ claims: { sub: `${URI}0` } }), /"sub"/],
    ['an expired list', () => listResponse({ claims: { exp: 1 } }), /expired/],
    ['an older list than the one held', () => listResponse({ claims: { iat: 1_799_999_999 } }), /older/],
    [
      'a bomb',
      async () => listResponse({ claims: { status_list: { bits: 1, lst: await zipped(new Uint8Array(9 << 20)) } } }),
      /unpacks/,
    ],
    ['an error', () => new Response('busy', { status: 500 }), /status 500/],
    ['nothing', () => new Response(null, { status: 204 }), /status 204/],
    ['a page', () => new Response('<!doctype html>'), /three parts/],
    ['more than a megabyte', () => new Response('A'.repeat(1024 * 1024 + 1)), /more than 1048576 bytes/],
    ['a way to another origin', () => Response.redirect('https://evil.example/status/1'), /another origin/],
    ['a way in a circle', () => Response.redirect(URI), /too many redirects/],
  ]
  it.each(bad)('but %s is a failure, and the list that is held goes on', async (_name, answer, why) => {
    const host = createHost(() => listResponse({ statuses: [0, 1] }))
    await host.ask()
    host.answer = answer
    skipTime(300 * SECOND)
    expect(await runUntilDone(host.ask(0))).toBe('valid')
    expect(await host.ask(1)).toBe('invalid')
    expect(host.failures).toHaveLength(1)
    expect(host.failures[0]).toMatch(why)
    skipTime(STALE)
    expect(await runUntilDone(host.ask())).toBe('standing-unavailable')
  })

  it('is none at all where there is none to go on with', async () => {
    const host = createHost(() => listResponse({ signer: forger }))
    expect(await host.ask()).toBe('standing-unavailable')
  })

  it('may be of the same second: then the new one counts', async () => {
    const host = createHost(() => listResponse())
    await host.ask()
    host.answer = () => listResponse({ statuses: [1], claims: { iat: 1_800_000_000 } })
    skipTime(300 * SECOND)
    expect(await host.ask()).toBe('invalid')
  })

  it('may come by way of another path of its host', async () => {
    const host = createHost((url) => (url === URI ? Response.redirect(`${URI}.jwt`) : listResponse()))
    expect(await host.ask()).toBe('valid')
    expect(host.fetched).toEqual([URI, `${URI}.jwt`])
  })
})

describe('requests at the same time', () => {
  it('make one fetch of a list, a hundred of them', async () => {
    const host = createHost(async () => delayed(100, await listResponse()))
    const asked = Array.from({ length: 100 }, () => host.ask())
    expect(new Set(await runUntilDone(Promise.all(asked)))).toEqual(new Set(['valid']))
    expect(host.fetched).toHaveLength(1)
  })

  it('share one failure', async () => {
    const host = createHost(async () => delayed(100, new Response(null, { status: 500 })))
    const asked = Array.from({ length: 100 }, () => host.ask())
    expect(new Set(await runUntilDone(Promise.all(asked)))).toEqual(new Set(['standing-unavailable']))
    expect(host.fetched).toHaveLength(1)
  })

  it('are all freed when the one that fetches dies with its client', async () => {
    const host = createHost(() => new Promise(() => undefined), { timeoutMs: 100 })
    void host.ask()
    host.answer = async () => delayed(100, await listResponse())
    const asked = Array.from({ length: 8 }, () => host.ask())
    expect(new Set(await runUntilDone(Promise.all(asked)))).toEqual(new Set(['valid']))
    expect(host.fetched).toHaveLength(2)
  })

  it('keep the newest list, though an older one comes later by a fetch that was overtaken', async () => {
    const host = createHost(async () => delayed(10 * SECOND, await listResponse()), { timeoutMs: 100 })
    void host.ask()
    await advanceTime(SECOND)
    host.answer = () => listResponse({ statuses: [1] })
    expect(await host.ask()).toBe('invalid')
    await runUntilDone(Promise.all(host.behind))
    expect(host.failures).toEqual([`${URI} an older list than the one that is held`])
    expect(host.askAtOnce()).toBe('invalid')
  })

  it('leave the fetch to outlive the one that began it', async () => {
    const host = createHost(async () => delayed(100, await listResponse()))
    void host.ask()
    await runUntilDone(Promise.all(host.behind))
    expect(host.askAtOnce()).toBe('valid')
  })
})
