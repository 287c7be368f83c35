import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type App, createApp } from '../../src/gate.ts'
import { ok } from '../../src/core/result.ts'
import { createServices } from '../../src/services.ts'
import { bearer, receipt } from '../../src/index.ts'
import { compiled } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'
import { realObjects } from '../support/services.ts'
import { withToken, createWorld, postOrder, eventsClaim, postEvent, type World } from '../support/world.ts'
import { web } from '../../src/platform/web/index.ts'

/** Sites that trust one issuer, and take receipts of it; each is run by others. One goes by another's audience. */
const issuer = 'https://billing.test'
const jwks = { url: `${issuer}/jwks.json` }
const zones = ['news', 'shop', 'magazine'].map((name) => ({
  name,
  hosts: [`${name}.test`],
  audience: `https://${name === 'magazine' ? 'news' : name}.test`,
  issuers: [{ issuer, jwks }],
  operators: [{ issuer, jwks }],
  rails: [bearer(), receipt()],
  routes: [{ path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' as const }],
  unmatched: 'closed' as const,
  remedies: { documentation: `${issuer}/problems` },
}))

let world: World
let app: App

beforeEach(async () => {
  world = await createWorld()
  app = createApp(createServices(compiled({ zones }, { ...env }, false), { ...web({}), ...realObjects() }), ENDPOINTS)
})
afterEach(() => world.end())

async function ask(url: string, init: RequestInit = {}, content = new Response('paid')): Promise<Response> {
  const behind = { origin: async () => ok({ response: content }), purge: async () => true }
  return app(new Request(url, init), behind, () => undefined)
}

async function order(name: string, body: object): Promise<unknown> {
  const aud = `https://${name}.test`
  return (await ask(`${aud}/__faregate/hold`, postOrder(await world.operator({ scope: 'hold', aud }), body))).json()
}

async function revoke(name: string, jti: string): Promise<number> {
  const aud = `https://${name}.test`
  const event = await world.event({ toe: 1, sub: undefined, aud, events: eventsClaim({ 'tokens-revoked': { jti } }) })
  return (await ask(`${aud}/__faregate/events`, postEvent(event))).status
}

async function reads(jti: string): Promise<number> {
  const paid = await world.receipt({ jti, amount: '2.5', currency: 'USD', resource: '/reports/*', uses: 10 })
  return (await ask('https://news.test/reports/1', withToken(paid))).status
}

describe('what is said of a receipt at one site', () => {
  it('holds there, and leaves a receipt of that name for another site alone', async () => {
    const jti = crypto.randomUUID()
    expect(await reads(jti)).toBe(200)
    expect(await order('shop', { jti })).toMatchObject({ jti, isHeld: true })
    expect(await reads(jti)).toBe(200)
    expect(await revoke('shop', jti)).toBe(202)
    expect(await reads(jti)).toBe(200)
    expect(await revoke('news', jti)).toBe(202)
    expect(await reads(jti)).toBe(402)
  })

  it('is not lifted by who runs another', async () => {
    const jti = crypto.randomUUID()
    expect(await order('news', { jti })).toMatchObject({ isHeld: true })
    expect(await order('shop', { jti, lift: true })).toMatchObject({ isHeld: false })
    expect(await reads(jti)).toBe(402)
    expect(await order('news', { jti })).toMatchObject({ isHeld: true })
    expect(await order('news', { jti, lift: true })).toMatchObject({ isHeld: false })
    expect(await reads(jti)).toBe(200)
  })
})

describe('a receipt with one use that two sites take', () => {
  const part = (): Response =>
    new Response('paid', { status: 206, headers: { etag: '"1"', 'content-range': 'bytes 0-3/9' } })

  it.each<[string, Record<string, string>]>([
    ['a further Range', { range: 'bytes=0-3' }],
    ['a key', { 'idempotency-key': 'k' }],
  ])('pays with %s for the page of the one and not for the other’s of the same path', async (_how, fields) => {
    const jti = crypto.randomUUID()
    const paid = await world.receipt({ jti, amount: '0.25', currency: 'USD', resource: '/reports/*', uses: 1 })
    const headers = { ...withToken(paid).headers, ...fields }
    const read = async (host: string): Promise<number> => {
      const response = await ask(`https://${host}.test/reports/1`, { headers }, part())
      await response.text()
      return response.status
    }
    expect(await read('news')).toBe(206)
    expect(await read('magazine')).not.toBe(206)
    if ('range' in fields) expect(await read('news')).toBe(206)
  })
})
