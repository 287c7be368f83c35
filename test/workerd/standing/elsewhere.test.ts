import { env } from 'cloudflare:workers'
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createGate } from '../../../src/gate.ts'
import { ok } from '../../../src/core/result.ts'
import { auth0, bearer, events, keys, manageKeys } from '../../../src/index.ts'
import { ledgerName } from '../../../src/ledger/rules/name.ts'
import { web } from '../../../src/platform/web/index.ts'
import { compiled, ZONE } from '../../support/compiled.ts'
import { makeKeys, sign, type TestKey } from '../../support/issuer.ts'
import { createBackground, realObjects } from '../../support/services.ts'
import { eventsClaim, postEvent, postOrder, withToken } from '../../support/world.ts'
import { ledgerOf } from '../objects.ts'

const BOUND = 5000
const DAY = 86_400_000
const BILLING = 'https://billing.test'
const LOGIN = 'https://tenant.eu.auth0.com/'
const OPERATORS = 'https://operators.test'
const AUDIENCE = 'https://a.test'
const ID = 'told-elsewhere'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (ms: number): unknown => vi.setSystemTime(Date.now() + ms)

/** A site whose readers sign in at an identity provider; billing speaks for their accounts. */
async function site() {
  const [billing, login] = await makeKeys('billing', 'login')
  const claims = (more: object): Record<string, unknown> => {
    const iat = Math.floor(Date.now() / 1000)
    return { aud: AUDIENCE, iat, exp: iat + 3600, ...more }
  }
  return {
    isolate: () => isolateOf(billing, login),
    signIn: (sub: string) =>
      sign(login, claims({ iss: LOGIN, sub, azp: 'app', permissions: ['premium'] }), { typ: 'JWT' }),
    operator: () => sign(billing, claims({ iss: OPERATORS, sub: 'olga', scope: 'keys' }), { typ: 'operator+jwt' }),
    cancelled: (sub: string) => {
      const { exp: _exp, ...event } = claims({ iss: BILLING, jti: crypto.randomUUID() })
      const said = eventsClaim({ 'standing-changed': { standing: 'inactive' } })
      const all = { ...event, toe: Date.now() / 1000, sub_id: { format: 'iss_sub', iss: LOGIN, sub }, events: said }
      return sign(billing, all, { typ: 'secevent+jwt' })
    },
  }
}

/** One isolate of the gate: it remembers nothing, and its objects are everyone's. */
function isolateOf(billing: TestKey, login: TestKey) {
  const zone = {
    ...ZONE,
    id: ID,
    issuers: [
      { issuer: BILLING, keys: [billing.jwk], speaksFor: [LOGIN] },
      auth0({ domain: 'tenant.eu.auth0.com', audience: AUDIENCE, keys: [login.jwk], algorithms: ['ES256'] }),
    ],
    operators: [{ issuer: OPERATORS, keys: [billing.jwk] }],
    rails: [bearer(), keys()],
    routes: [{ path: '/paid', requires: 'premium', cache: 'off' as const }],
  }
  const options = { zones: [zone], endpoints: [events(), manageKeys()], secrets: { gate: 'GATE' } }
  const gate = createGate(ok(compiled(options, { ...env, GATE: 'the secret of the gate, long enough' })), {
    ...web({}),
    ...realObjects(),
  })
  const { waitUntil, settled } = createBackground()
  const behind = { origin: async () => ok({ response: new Response('the paid page') }), purge: async () => true }
  return async (path: string, init: RequestInit): Promise<Response> => {
    const response = await gate.answer(new Request(`https://a.test${path}`, init), behind, waitUntil)
    const whole = new Response(await response.text(), response)
    await settled()
    return whole
  }
}

/** Loses what the objects have in memory, after what is due is done. */
async function restart(account: string): Promise<void> {
  const ledger = ledgerOf(ledgerName({ id: ID }, { from: 'account', issuer: LOGIN, account }))
  for (const object of [ledger, ledgerOf(`bulletin ${JSON.stringify([ID])}`)]) {
    await runDurableObjectAlarm(object)
    await evictDurableObject(object)
  }
}

it('a reader whom billing has cancelled is refused after each new login, here, in another isolate, and two days later', async () => {
  const { isolate, signIn, cancelled } = await site()
  const [here, other] = [isolate(), isolate()]
  const reader = 'auth0|cancelled'
  const statuses = async (...gates: (typeof here)[]): Promise<number[]> => {
    const found: number[] = []
    for (const gate of gates) found.push((await gate('/paid', withToken(await signIn(reader)))).status)
    return found
  }
  expect(await statuses(here, other)).toEqual([200, 200])
  pass(60_000)
  expect((await here('/__faregate/events', postEvent(await cancelled(reader)))).status).toBe(202)
  expect(await statuses(here)).toEqual([402])
  pass(BOUND)
  // Signed in anew, then with a token that was renewed silently.
  for (const ms of [0, 1000, 600_000, 2 * DAY]) {
    pass(ms)
    await restart(reader)
    expect(await statuses(here, other, isolate())).toEqual([402, 402, 402])
  }
  expect((await other('/paid', withToken(await signIn('auth0|another')))).status).toBe(200)
})

it('an API key that is disabled is refused in another isolate within the bound, and by one that knows nothing', async () => {
  const { isolate, operator } = await site()
  const [here, other] = [isolate(), isolate()]
  const order = async (body: object): Promise<{ secret?: string; key: { id: string } }> => {
    const account = { account: 'auth0|owner', issuer: LOGIN }
    const response = await here('/__faregate/keys', postOrder(await operator(), { ...account, ...body }))
    expect(response.status).toBe(200)
    return response.json()
  }
  const { secret = '', key } = await order({ action: 'create', name: 'CI', entitlements: ['premium'] })
  for (const gate of [here, other, other]) expect((await gate('/paid', withToken(secret))).status).toBe(200)
  await order({ action: 'disable', id: key.id })
  expect((await here('/paid', withToken(secret))).status).toBe(402)
  pass(BOUND)
  await restart('auth0|owner')
  for (const gate of [other, isolate()]) {
    const refused = await gate('/paid', withToken(secret))
    expect([refused.status, await refused.json()]).toMatchObject([402, { detail: 'The API key is disabled.' }])
  }
  await order({ action: 'enable', id: key.id })
  pass(BOUND)
  expect((await other('/paid', withToken(secret))).status).toBe(200)
})
