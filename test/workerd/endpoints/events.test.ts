import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../src/gate.ts'
import type { RecordStatementCommand } from '../../../src/ledger/rules/statementcommands.ts'
import type { GrantCommand } from '../../../src/ledger/rules/grant.ts'
import type { Act } from '../../../src/ledger/rules/audit.ts'
import { err, ok } from '../../../src/core/result.ts'
import type { Ledger } from '../../../src/ports.ts'
import { NO_BULLETIN, type Posted } from '../../../src/standing/rules/bulletin.ts'
import type { Zone } from '../../../src/zone.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { newServices, NO_UPSTREAM } from '../../support/services.ts'
import { accountLedger, NO_LEDGER, receiptLedger } from '../../support/ledger.ts'
import { ask, withToken, createWorld, eventsClaim, postEvent, type World } from '../../support/world.ts'
import { readingOf } from '../objects.ts'

let world: World

/** Whom events are told, in order, and what is broken. */
let told: [to: string, what: RecordStatementCommand | GrantCommand | readonly Posted[]][]
/** What was recorded with it. */
let acts: (Act | undefined)[]
let broken: '' | 'ledgers' | 'bulletin' | 'grants' | 'both'

beforeEach(async () => {
  world = await createWorld()
  told = []
  acts = []
  broken = ''
})
afterEach(() => world.end())

function ledgerNamed(name: string): Ledger {
  return {
    ...NO_LEDGER,
    async grant({ act, ...command }) {
      acts.push(act)
      told.push([name, command])
      if (broken === 'grants') return ok({ kind: 'refused', reason: 'grant-differs' })
      return ok({ kind: 'granted', isRepeat: false, credit: command })
    },
    async recordStatement({ act, ...command }) {
      acts.push(act)
      told.push([name, command])
      if (broken === 'both') throw new TypeError('account-7 is lost')
      return broken === 'ledgers' ? err('ledger-unavailable') : ok({ entries: command.entries })
    },
  }
}

const PAST_DUE = eventsClaim({ 'standing-changed': { standing: 'past-due' } })
const now = Math.floor(Date.now() / 1000)

function event(claims: Record<string, unknown> = {}, typ?: string): Promise<string> {
  return world.event({ jti: 'event-1', toe: now, events: PAST_DUE, ...claims }, typ)
}

/** Posts to a gate whose ledgers and bulletin are the test's. */
async function push(body: string, init: RequestInit = {}, site = 'https://news.test'): Promise<Response> {
  const post = async ({ name }: Zone, entries: readonly Posted[]): Promise<boolean> => {
    told.push([`bulletin ${name}`, entries])
    return broken !== 'bulletin'
  }
  const bulletins = { post, of: () => ok(NOTHING_KNOWN.known), glance: () => NOTHING_KNOWN, ...NO_ORDERS }
  const app = createApp({ ...newServices(), ledgers: ledgerNamed, bulletins }, ENDPOINTS)
  const { body: event, ...rest } = postEvent(body)
  const given = { ...rest, ...(init.method === 'GET' ? {} : { body: event }), ...init }
  return app(new Request(`${site}/__faregate/events`, given), NO_UPSTREAM, () => undefined)
}

async function refusalOf(response: Response): Promise<unknown> {
  expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json'])
  expect(response.headers.get('content-language')).toBe('en')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const body: unknown = await response.json()
  expect(body).toEqual({ err: expect.any(String), description: expect.any(String) })
  return (body as { err: string }).err
}

const ACCOUNT = accountLedger('account-7')
const issuer = 'https://billing.test'
/** A day, and twice the tolerance of a clock. */
const KEPT = { longestTokenSeconds: 86_410 }
const NO_ORDERS = { proclaim: async () => undefined, order: async () => true as never }
const NOTHING_KNOWN = { known: { head: NO_BULLETIN, entries: new Map() }, asOf: 0, failedAt: 0 }
const pastDue = { standing: { at: now, standing: 'past-due' } }

describe('an event that is posted', () => {
  it('is told the account’s ledger, and then the bulletin', async () => {
    const response = await push(await event())
    expect([response.status, await response.text()]).toEqual([202, ''])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(told).toEqual([
      [ACCOUNT, { ...KEPT, entries: [{ entry: pastDue }] }],
      ['bulletin news', [{ issuer, account: 'account-7', entry: pastDue }]],
    ])
    const request = expect.stringMatching(/^[\w-]{36}$/)
    expect(acts).toEqual([
      { action: 'event', by: issuer, signedBy: expect.any(String), request, facts: { event: 'event-1' } },
    ])
  })

  it('is told again in the same words when it comes again, and when an earlier one comes later', async () => {
    const [later, earlier] = [await event(), await event({ jti: 'event-0', toe: now - 60 })]
    for (const token of [later, earlier, later]) expect((await push(token)).status).toBe(202)
    const entries = told.filter(([to]) => to === ACCOUNT).map(([, what]) => what)
    expect(entries[2]).toEqual(entries[0])
    expect(entries[1]).toEqual({ ...KEPT, entries: [{ entry: { standing: { at: now - 60, standing: 'past-due' } } }] })
  })

  it('is told the ledger of each token that it revokes, and the account’s where it names one', async () => {
    const events = eventsClaim({ 'tokens-revoked': { jtis: ['t', 'u'] } })
    const entry = { revokedAt: now }
    expect((await push(await event({ events }))).status).toBe(202)
    expect(new Map(told)).toEqual(
      new Map<string, unknown>([
        [receiptLedger('t'), { ...KEPT, entries: [{ token: '["news","t"]', entry }] }],
        [receiptLedger('u'), { ...KEPT, entries: [{ token: '["news","u"]', entry }] }],
        [ACCOUNT, { ...KEPT, entries: ['t', 'u'].map((jti) => ({ token: `["news","${jti}"]`, entry })) }],
        // As the ledger of the token knows it, and as that of the account does.
        ['bulletin news', ['t', 't', 'u', 'u'].map((jti) => ({ issuer, jti, entry }))],
      ]),
    )
    expect(told.at(-1)?.[0]).toBe('bulletin news')
    told = []
    expect((await push(await event({ events, sub: undefined }))).status).toBe(202)
    expect(told.map(([to]) => to)).not.toContain(ACCOUNT)
  })

  it('that says several things is one entry of its account', async () => {
    const events = { ...PAST_DUE, ...eventsClaim({ 'hold-placed': {}, 'tokens-revoked': { before: 7 } }) }
    await push(await event({ events }))
    expect(told[0]).toEqual([ACCOUNT, { ...KEPT, entries: [{ entry: { ...pastDue, heldAt: now, revokedAt: 7 } }] }])
  })

  it('that grants credit does so under its own id, and posts no bulletin', async () => {
    const events = eventsClaim({ 'credit-granted': { amount: '5', currency: 'USD' } })
    expect((await push(await event({ events }))).status).toBe(202)
    const grant = { id: 'event 0 event-1', units: 5_000_000_000n, currency: 'USD', ledger: ACCOUNT }
    expect(told).toEqual([[ACCOUNT, grant]])
  })

  it('that grants another amount under an id that was used is refused, and nothing of it holds', async () => {
    broken = 'grants'
    const events = { ...PAST_DUE, ...eventsClaim({ 'credit-granted': { amount: '6', currency: 'USD' } }) }
    expect(await refusalOf(await push(await event({ events })))).toBe('invalid_request')
    expect(told).toHaveLength(1)
  })

  it.each(['ledgers', 'bulletin', 'both'] as const)('is to be sent again while the %s fail', async (what) => {
    broken = what
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const response = await push(await event())
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ reason: 'ledger-unavailable' })
    expect(told.map(([to]) => to).includes('bulletin news')).toBe(what === 'bulletin')
    expect(JSON.stringify(printed.mock.calls)).not.toContain('account-7')
    printed.mockRestore()
  })

  it('leaves one line in the log, without a word of whom it is about', async () => {
    await push(await event())
    await push(await event({ iss: 'https://evil.test' }))
    const lines = world.log.mock.calls.map(([line]) => String(line))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { zone: 'news', status: 202, decision: 'own' },
      { zone: 'news', status: 400, decision: 'own', reason: 'credential-invalid' },
    ])
    expect(lines.join()).not.toMatch(/account-7|event-1|eyJ/)
  })
})

describe('an event that is refused', () => {
  const refused: [string, string, () => Promise<string>][] = [
    ['of a foreign issuer', 'invalid_issuer', () => event({ iss: 'https://evil.test' })],
    ['for another zone', 'invalid_audience', () => event({ aud: 'https://shop.test' })],
    ['with a bad signature', 'authentication_failed', async () => `${(await event()).slice(0, -8)}AAAAAAAA`],
    ['that is an entitlement', 'invalid_request', () => world.token()],
    ['that is an operator token', 'invalid_request', () => world.operator()],
    ['of eight days ago', 'invalid_request', () => event({ iat: now - 8 * 86_400 })],
    ['of the future', 'invalid_request', () => event({ toe: now + 3600 })],
    ['issued in ten minutes', 'invalid_request', () => event({ iat: now + 600 })],
    ['of an unknown type', 'invalid_request', () => event({ events: { ...PAST_DUE, 'urn:x': {} } })],
    ['that is no token', 'invalid_request', async () => '{}'],
    ['that is too long', 'invalid_request', async () => 'x'.repeat(65_537)],
    ['that is not UTF-8', 'invalid_request', async () => ''],
  ]
  it.each(refused)('%s gets %s, and nobody is told', async (name, code, make) => {
    const init = name.endsWith('UTF-8') ? { body: new Uint8Array([0xff]) } : {}
    expect(await refusalOf(await push(await make(), init))).toBe(code)
    expect(told).toEqual([])
  })

  it.each([
    [{ 'content-type': 'application/jwt' }],
    [{ 'content-type': 'application/json' }],
    [{ 'content-type': 'text/plain; application/secevent+jwt' }],
    [{ 'content-type': 'application/secevent+jwtx' }],
    [{ 'content-type': 'application/secevent+jwt', 'content-encoding': 'gzip' }],
  ])('with %j gets invalid_request', async (headers) => {
    expect(await refusalOf(await push(await event(), { headers }))).toBe('invalid_request')
  })

  it('over plain http gets access_denied', async () => {
    expect(await refusalOf(await push(await event(), {}, 'http://news.test'))).toBe('access_denied')
  })

  it('has neither a parameter of its media type nor capitals in it for a fault', async () => {
    for (const type of ['application/secevent+jwt; charset=utf-8', 'Application/SecEvent+JWT'])
      expect((await push(await event(), { headers: { 'content-type': type } })).status).toBe(202)
  })

  it('was not posted, or to no site', async () => {
    const got = await push('', { method: 'GET' })
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await push(await event(), { method: 'PUT' })).status).toBe(405)
    expect((await push(await event(), {}, 'https://elsewhere.test')).status).toBe(421)
  })

  it.each([
    ['issued in', { iat: now + 20 }],
    ['of', { toe: now + 20 }],
    ['not valid for', { nbf: now + 20 }],
  ])('is not lost for being %s twenty seconds: it is to be sent again, and holds then', async (_what, claims) => {
    const token = await event(claims)
    const early = await push(token)
    // But for what is forgiven.
    expect([early.status, early.headers.get('retry-after')]).toEqual([503, '15'])
    expect(await early.json()).toMatchObject({ reason: 'credential-not-yet-valid' })
    expect(told).toEqual([])
    vi.setSystemTime((now + 15) * 1000)
    expect((await push(token)).status).toBe(202)
  })

  it('tells nothing that could not be taken for the keys alone', async () => {
    world.end()
    const down = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('down'))
    const quiet = (['log', 'warn'] as const).map((name) => vi.spyOn(console, name).mockImplementation(() => undefined))
    const response = await push(await event())
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ reason: 'keys-unavailable' })
    for (const spy of [down, ...quiet]) spy.mockRestore()
  })

  it('opens nothing as a bearer token, not even with all claims of one', async () => {
    const all = { entitlements: ['premium'], exp: now + 3600 }
    expect((await ask('/articles/1', withToken(await event(all, 'entitlement+jwt')))).status).toBe(200)
    const response = await ask('/articles/1', withToken(await event(all)))
    expect([response.status, await response.json()]).toMatchObject([
      402,
      { reason: 'credential-invalid', check: 'type' },
    ])
  })
})

describe('the Worker', () => {
  it('grants credit by an event, once, to the account’s ledger', async () => {
    const events = eventsClaim({ 'credit-granted': { amount: '5', currency: 'USD' } })
    const post = async (claims: Record<string, unknown>): Promise<Response> =>
      ask('/__faregate/events', postEvent(await event({ jti: 'grant-1', sub: 'events-1', events, ...claims })))
    expect((await post({})).status).toBe(202)
    expect((await post({})).status).toBe(202)
    const other = { events: eventsClaim({ 'credit-granted': { amount: '6', currency: 'USD' } }) }
    expect(await refusalOf(await post(other))).toBe('invalid_request')
    expect(await readingOf(accountLedger('events-1'))).toMatchObject({
      credit: [{ units: 5_000_000_000n, currency: 'USD' }],
    })
  })
})
