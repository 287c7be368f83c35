import { evictDurableObject } from 'cloudflare:test'
import { calculateJwkThumbprint } from 'jose'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createApp } from '../../../src/gate.ts'
import { ok } from '../../../src/core/result.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { makeKeys, sign, type TestKey } from '../../support/issuer.ts'
import { createBackground, newServices, realObjects } from '../../support/services.ts'
import { eventsClaim, postEvent, postOrder, withToken } from '../../support/world.ts'
import { ledgerOf } from '../objects.ts'

const HOUR = 3600

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** One isolate of the gate, over the objects of the runtime. */
function isolate() {
  const app = createApp(newServices(realObjects()), ENDPOINTS)
  const { waitUntil, settled } = createBackground()
  const behind = { origin: async () => ok({ response: new Response('the paid page') }), purge: async () => true }
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const response = await app(new Request(`https://news.test${path}`, init), behind, waitUntil)
    const whole = new Response(await response.text(), response)
    await settled()
    return whole
  }
  const statuses = async (...tokens: string[]): Promise<number[]> => {
    const found: number[] = []
    for (const token of tokens) found.push((await send('/articles/1', withToken(token))).status)
    return found
  }
  return { send, statuses }
}

/** Tokens of one key of billing. */
function signedBy(key: TestKey) {
  const now = Math.floor(Date.now() / 1000)
  const common = { iss: 'https://billing.test', aud: 'https://news.test', iat: now, exp: now + HOUR }
  return {
    token: (claims: Record<string, unknown> = {}) =>
      sign(key, { ...common, sub: `reader of ${key.kid}`, entitlements: ['premium'], ...claims }),
    operator: (scope: string) => sign(key, { ...common, scope }, { typ: 'operator+jwt' }),
    event: (jti: string, events: Record<string, unknown>) => {
      const { exp: _exp, ...rest } = common
      const claims = { ...rest, jti, toe: now, sub: 'account-9', events: eventsClaim(events) }
      return sign(key, claims, { typ: 'secevent+jwt' })
    },
  }
}

it('a stolen key opens nothing in any isolate within the bound, and its objects keep that; honest tokens go on', async () => {
  const [stolen, honest] = await makeKeys('stolen', 'honest')
  vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json({ keys: [stolen.jwk, honest.jwk] }))
  const [told, other] = [isolate(), isolate()]
  const [thief, good] = [signedBy(stolen), signedBy(honest)]
  const now = Math.floor(Date.now() / 1000)
  const bad = [await thief.token(), await thief.token({ iat: now - HOUR + 60 })]
  const reader = await good.token()
  for (const one of [told, other]) expect(await one.statuses(...bad, reader)).toEqual([200, 200, 200])
  const credit = { 'credit-granted': { amount: '5', currency: 'USD' } }
  expect((await told.send('/__faregate/events', postEvent(await thief.event('t-1', credit)))).status).toBe(202)

  const distrust = await calculateJwkThumbprint(stolen.jwk)
  const order = async (body: object, by = good) =>
    told.send('/__faregate/emergency', postOrder(await by.operator('emergency'), body))
  expect((await order({ distrust })).status).toBe(200)
  bad.push(await thief.token({ iat: now + HOUR, exp: now + 2 * HOUR }))
  expect(await told.statuses(...bad, reader)).toEqual([402, 402, 402, 200])
  vi.setSystemTime(Date.now() + 5000)
  expect(await other.statuses(...bad, reader)).toEqual([402, 402, 402, 200])
  expect((await order({ distrust }, thief)).status).toBe(401)
  expect((await other.send('/__faregate/events', postEvent(await thief.event('t-2', credit)))).status).toBe(400)

  await evictDurableObject(ledgerOf(`bulletin ${JSON.stringify(['news'])}`))
  const later = isolate()
  expect(await later.statuses(...bad, await signedBy(honest).token())).toEqual([402, 402, 402, 200])
  expect(await (await order({ events: distrust })).json()).toMatchObject({
    events: [{ id: 't-1', account: 'account-9', states: ['credit 5 USD'] }],
  })
  expect(await (await order({ undo: distrust })).json()).toMatchObject({
    events: [{ id: 't-1', undone: { credit: [{ taken: { amount: '5' }, spent: { amount: '0' } }] } }],
  })
  expect(await (await order({ undo: distrust })).json()).toEqual({ events: [] })
})
