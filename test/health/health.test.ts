import { afterEach, describe, expect, it, vi } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import { dashboard, health } from '../../src/index.ts'
import { openPool } from '../../src/origin/origin.ts'
import { noteOpened } from '../../src/origin/opened.ts'
import { createPoolState } from '../../src/origin/rules/pool.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { web } from '../../src/platform/web/index.ts'
import type { BulletinStore, Platform } from '../../src/ports.ts'
import type { Condition } from '../../src/tallies/rules/conditions.ts'
import { ISSUER, sign } from '../platform/deployments.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const BINDINGS = { TOKEN_SECRET: SECRET, GATE_SECRET: `gate ${SECRET}` }
const OPERATORS = 'https://operators.test'
const JWKS = 'https://i.test/jwks'
const NOWHERE = { origin: async () => ok({ response: new Response() }), purge: async () => false }

interface Check {
  readonly status: string
  readonly componentId?: string
  readonly observedValue?: unknown
  readonly knownTo: string
}

function site(over: Partial<Platform> = {}, endpoints = [health()], full: Partial<Platform> = memory(BINDINGS)) {
  const platform = { ...web(BINDINGS), ...full, log: () => undefined, ...over }
  const zone = {
    ...ZONE,
    issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }, ...ZONE.issuers],
    operators: [{ issuer: OPERATORS, secret: 'TOKEN_SECRET' }],
    routes: [{ path: '/paid', requires: 'premium' }],
    origin: { servers: [{ url: 'https://one.test' }, { url: 'https://two.test' }] },
  }
  const options = compiled({ zones: [zone], endpoints, secrets: { gate: 'GATE_SECRET' } }, BINDINGS)
  const gate = createGate(ok(options), platform)
  const ask = async (token?: string, path = '/__faregate/health') => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await gate.answer(new Request(`https://a.test${path}`, { headers }), NOWHERE, () => undefined)
    const body: { status: string; checks?: Record<string, Check[]>; detail?: string } = await response.json()
    return { status: response.status, type: response.headers.get('content-type'), body }
  }
  return { ask, zone: siteAt(options, 'a.test').zone, services: gate.services }
}

const viewer = (): Promise<string> => sign(OPERATORS, 'operator+jwt', { scope: 'view' })
const never = (): Promise<never> => new Promise(() => undefined)

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('without a token', () => {
  it('is a small answer, for which nobody is called', async () => {
    const call = vi.fn((): never => {
      throw new Error('called')
    })
    const { ask } = site({ fetch: call, ledgers: call, bulletins: call, tallies: call }, [health(), dashboard()])
    const { status, type, body } = await ask()
    expect([status, type, body]).toEqual([200, 'application/health+json', { status: 'pass' }])
    expect(call).not.toHaveBeenCalled()
  })

  it('is not there unless the configuration names it', async () => {
    expect((await site({}, []).ask()).status).toBe(404)
  })
})

it.each([
  ['of nobody', () => Promise.resolve('no token'), 401],
  ['of a reader', () => sign(ISSUER, 'entitlement+jwt', { sub: 'ann' }), 401],
  ['of an operator who may not look', () => sign(OPERATORS, 'operator+jwt', { scope: 'credit' }), 403],
])('with a token %s it says nothing', async (_, token, expected) => {
  const { status, body } = await site().ask(await token())
  expect([status, body.checks]).toEqual([expected, undefined])
})

describe('with the token of an operator who may look', () => {
  it('says what the gate depends on, and who knows it', async () => {
    const { ask } = site({}, [health(), dashboard()])
    const { status, body } = await ask(await viewer())
    expect([status, body.status]).toEqual([200, 'pass'])
    const known = Object.entries(body.checks ?? {}).map(([name, each]) => [name, each.map(({ knownTo }) => knownTo)])
    expect(Object.fromEntries(known)).toEqual({
      'keys:age': ['isolate'],
      'bulletin:age': ['isolate'],
      'ledger:responseTime': ['all'],
      'tallies:responseTime': ['all'],
    })
  })

  it('has no checks of what the configuration does not have', async () => {
    const { ledgers: _ledgers, bulletins: _bulletins, ...bare } = memory(BINDINGS)
    const { ask } = site({}, [health()], bare)
    const { body } = await ask(await viewer())
    expect(Object.keys(body.checks ?? {})).toEqual(['keys:age'])
  })

  it('fails while the keys of an issuer cannot be had', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { ask, services, zone } = site({ fetch: () => Promise.reject(new Error('down')) })
    const issuer = zone.issuers.find((known) => known.keys.kind === 'url')
    if (issuer === undefined || services === undefined) throw new Error('no issuer')
    const call = { now: Date.now(), waitUntil: () => undefined }
    await services.keys.find(issuer, { alg: 'ES256', kid: 'one' }, call)
    const { status, body } = await ask(await viewer())
    expect([status, body.status]).toEqual([503, 'fail'])
    expect(body.checks?.['keys:age']).toMatchObject([{ componentId: 'https://i.test', status: 'fail' }])
    expect(JSON.stringify(body)).not.toContain(JWKS)
  })

  it('shows the servers that this isolate has ejected', async () => {
    const { ask, zone } = site()
    expect((await ask(await viewer())).body.checks).not.toHaveProperty('origin:state')
    const origin = openPool(zone)
    if (origin === undefined) throw new Error('no pool')
    expect((await ask(await viewer())).body).toMatchObject({ status: 'pass' })
    const state = createPoolState(origin.pool)
    const [first] = state.members
    if (first === undefined) throw new Error('no member')
    first.health = { failures: 3, ejections: 1, ejectedUntil: Date.now() + 60_000, epoch: 1 }
    noteOpened(zone, state)
    const { status, body } = await ask(await viewer())
    expect([status, body.status]).toEqual([200, 'warn'])
    expect(body.checks?.['origin:state']).toMatchObject([
      { componentId: 'https://one.test/', observedValue: 'ejected', status: 'warn' },
      { componentId: 'https://two.test/', observedValue: 'fit', status: 'pass' },
    ])
  })

  it('says what other isolates and ledgers have noted, once anybody watches the zone', async () => {
    const platform = memory(BINDINGS)
    const { ask, zone } = site({}, [health(), dashboard()], platform)
    const noted = async () => (await ask(await viewer())).body.checks?.['noted:state']
    expect(await noted()).toBeUndefined()
    const note = (conditions: readonly Condition[]) =>
      platform.tallies?.(zone.id, 0, zone.places.own)({ kind: 'note', zone: zone.id, conditions })
    await note([])
    expect(await noted()).toMatchObject([{ status: 'pass', knownTo: 'all' }])
    await note([{ name: 'sink-failing', of: 'signed b.test', seconds: 420 }])
    expect(await noted()).toMatchObject([
      { status: 'warn', componentId: 'signed b.test', observedValue: 'sink-failing', knownTo: 'all' },
    ])
    expect((await ask(await viewer())).status).toBe(200)
  })

  it('fails within its time limit while a ledger is silent', async () => {
    const token = await viewer()
    const kept = memory(BINDINGS)
    const silent: Platform['bulletins'] = (zone, place) => {
      const store = kept.bulletins?.(zone, place)
      if (store === undefined) throw new Error('no bulletins')
      const order = (): Promise<never> => {
        reached.resolve()
        return never()
      }
      return { delta: (since) => store.delta(since), post: (command) => store.post(command), order }
    }
    const reached = Promise.withResolvers<void>()
    vi.useFakeTimers({ now: Date.now(), toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const asked = site({ bulletins: silent, tallies: () => never }, [health(), dashboard()]).ask(token)
    await reached.promise
    await vi.advanceTimersByTimeAsync(3000)
    const { status, body } = await asked
    expect([status, body.checks?.['ledger:responseTime']?.[0]?.status]).toEqual([503, 'fail'])
    expect(body.checks?.['tallies:responseTime']?.[0]?.status).toBe('fail')
  })

  it('says that it fails where not even the token can be judged', async () => {
    const token = await viewer()
    vi.useFakeTimers({ now: Date.now(), toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    const dead = (): Promise<never> => Promise.reject(new Error('down'))
    const bulletins = (): BulletinStore => ({ delta: dead, post: dead, order: dead })
    const { status, type, body } = await site({ bulletins }).ask(token)
    expect([status, type, body.status, body.checks]).toEqual([503, 'application/health+json', 'fail', undefined])
  })
})
