import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../src/gate.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { newServices, NO_UPSTREAM, realObjects } from '../../support/services.ts'
import { ask, withToken, createWorld, postOrder, type World } from '../../support/world.ts'

let world: World
let account: string
let number = 0

beforeEach(async () => {
  world = await createWorld()
  account = `hold-${++number}`
})
afterEach(() => {
  vi.useRealTimers()
  world.end()
})

const issuer = 'https://billing.test'

interface Answered {
  readonly status: number
  readonly body: unknown
}

async function orderWith(token: string, body: unknown): Promise<Answered> {
  const response = await ask('/__faregate/hold', postOrder(token, body))
  return { status: response.status, body: await response.json() }
}

async function order(body: unknown): Promise<Answered> {
  return orderWith(await world.operator({ scope: 'hold' }), body)
}

const PLACES = [
  ['a metered route', '/metered/1'],
  ['a route that is not metered', '/articles/hold'],
] as const

describe('a hold', () => {
  it.each(PLACES)('closes %s until it is lifted', async (_what, path) => {
    const bearer = withToken(await world.token({ sub: account }))
    expect((await ask(path, bearer)).status).toBe(200)
    expect(await order({ account })).toEqual({ status: 200, body: { issuer, account, isHeld: true } })
    const held = await ask(path, bearer)
    expect(held.status).toBe(402)
    expect(await held.json()).toMatchObject({
      reason: 'security-hold',
      remedies: [{ rel: 'support', href: 'mailto:support@billing.test' }],
    })
    expect(held.headers.get('www-authenticate')).toBeNull()
    expect(held.headers.get('link')).not.toMatch(/rel="payment"/)
    expect(await order({ account, lift: true })).toEqual({ status: 200, body: { issuer, account, isHeld: false } })
    expect((await ask(path, bearer)).status).toBe(200)
  })

  it.each(PLACES)('outlives a new token on %s, and is of its account alone', async (_what, path) => {
    await order({ account })
    const later = Math.floor(Date.now() / 1000) + 2
    const held = await ask(path, withToken(await world.token({ sub: account, iat: later })))
    expect([held.status, await held.json()]).toMatchObject([402, { reason: 'security-hold' }])
    expect((await ask(path, withToken(await world.token({ sub: `${account} other` })))).status).toBe(200)
  })

  it.each(PLACES)('of one token closes %s to that token alone', async (_what, path) => {
    const jti = `${account}-token`
    const bearer = withToken(await world.token({ sub: account, jti }))
    expect(await order({ account, jti })).toEqual({ status: 200, body: { issuer, account, jti, isHeld: true } })
    const held = await ask(path, bearer)
    expect([held.status, await held.json()]).toMatchObject([402, { reason: 'security-hold' }])
    expect((await ask(path, withToken(await world.token({ sub: account, jti: 'another' })))).status).toBe(200)
    expect(await order({ account, jti, lift: true })).toMatchObject({ body: { isHeld: false } })
    expect((await ask(path, bearer)).status).toBe(200)
  })

  it('of a receipt keeps it from being spent', async () => {
    const jti = `${account}-receipt`
    const paid = withToken(await world.receipt({ jti, amount: '0.25', currency: 'USD', resource: '/reports/*' }))
    expect(await order({ jti })).toEqual({ status: 200, body: { issuer, jti, isHeld: true } })
    const held = await ask('/reports/held', paid)
    expect([held.status, await held.json()]).toMatchObject([402, { reason: 'security-hold' }])
    expect(await order({ jti, lift: true })).toMatchObject({ body: { isHeld: false } })
    expect((await ask('/reports/held', paid)).status).toBe(200)
  })

  it('that is placed twice is lifted by once, and a lift of none holds nothing', async () => {
    expect(await order({ account, lift: true })).toMatchObject({ status: 200, body: { isHeld: false } })
    await order({ account })
    expect(await order({ account })).toMatchObject({ body: { isHeld: true } })
    expect(await order({ account, lift: true })).toMatchObject({ body: { isHeld: false } })
    expect(await order({ account, lift: true })).toMatchObject({ body: { isHeld: false } })
  })
})

describe('the latest order', () => {
  it('holds, also of several in the same millisecond, and after a clock that was ahead', async () => {
    const token = await world.operator({ scope: 'hold' })
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now })
    for (const lift of [false, true, false, true]) {
      expect(await orderWith(token, { account, lift })).toMatchObject({ body: { isHeld: !lift } })
    }
    vi.setSystemTime(now + 60_000)
    await orderWith(token, { account })
    vi.setSystemTime(now)
    expect(await orderWith(token, { account, lift: true })).toMatchObject({ body: { isHeld: false } })
  })
})

describe('an order that is refused', () => {
  it('for want of the scope is 403, and holds nothing', async () => {
    const answered = await orderWith(await world.operator({ scope: 'credit purge' }), { account })
    expect(answered).toMatchObject({ status: 403, body: { reason: 'entitlement-insufficient' } })
    expect((await ask('/articles/1', withToken(await world.token({ sub: account })))).status).toBe(200)
  })

  it('for a forged token, a reader’s or none is 401, and holds nothing', async () => {
    const good = await world.operator({ scope: 'hold' })
    const forged = `${good.slice(0, -8)}AAAAAAAA`
    for (const token of [forged, await world.token({ scope: 'hold' }), 'none'])
      expect(await orderWith(token, { account })).toMatchObject({ status: 401 })
    expect((await ask('/articles/1', withToken(await world.token({ sub: account })))).status).toBe(200)
  })

  it.each([
    ['neither account nor token', {}],
    ['an account that is no text', { account: 7 }],
    ['an empty token', { jti: '' }],
    ['an account that is not well-formed, and would be another where it is stored', { account: 'account \ud800' }],
    ['a lift that is neither', { account: 'a', lift: 'yes' }],
    ['an issuer that is not trusted', { account: 'a', issuer: 'https://evil.test' }],
    ['something else beside', { account: 'a', reason: 'x' }],
    ['a list', []],
  ])('is not a whole order: %s is 400', async (_what, body) => {
    expect(await order(body)).toMatchObject({ status: 400 })
  })

  it('is 503 where nobody can be told, and says so', async () => {
    const services = newServices(realObjects())
    const token = await world.operator({ scope: 'hold' })
    const bulletins = services.bulletins && { ...services.bulletins, post: async () => false }
    for (const broken of [
      { ...services, ledgers: undefined },
      { ...services, bulletins },
    ]) {
      const request = new Request('https://news.test/__faregate/hold', postOrder(token, { account }))
      const response = await createApp(broken, ENDPOINTS)(request, NO_UPSTREAM, () => undefined)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    }
  })
})
