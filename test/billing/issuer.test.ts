import { beforeAll, describe, expect, it } from 'vitest'
import { statusAt } from '../../src/access/statuslist.ts'
import {
  type BillingIssuer,
  createIssuer,
  type EventInput,
  generateKeys,
  type IssuerKey,
  InvalidClaimsError,
} from '../../src/billing/index.ts'
import { createGate, type GateReaders } from './gate.ts'

const ISSUER = 'https://billing.test'
const AUDIENCE = 'https://news.test'
const NOW = 1_800_000_000_250
const SECONDS = 1_800_000_000
const clock = (): number => NOW

let keys: readonly IssuerKey[]
let billing: BillingIssuer
let gate: GateReaders
beforeAll(async () => {
  keys = await generateKeys()
  billing = createIssuer({ issuer: ISSUER, audience: AUDIENCE, keys, clock, speaksFor: ['https://id.test'] })
  gate = createGate({ issuer: ISSUER, audience: AUDIENCE, keys: [...billing.jwks().keys], now: NOW })
})

describe('an issuer', () => {
  it('signs entitlements that the gate takes as they are meant', async () => {
    const token = await billing.signEntitlement({
      account: 'account-7',
      entitlements: ['premium', { value: 'day pass' }],
      plan: 'Gold',
      standing: 'past-due',
      limits: [{ name: 'reports', quota: 5, window: 'P1M', kind: 'sliding' }],
      status: { idx: 7, uri: `${ISSUER}/status/1` },
      lifetimeSeconds: 900,
      id: 'token-1',
    })
    expect(await gate.entitlement(token)).toMatchObject({
      ok: true,
      value: {
        account: 'account-7',
        entitlements: ['premium', 'day pass'],
        plan: 'Gold',
        standing: 'past-due',
        limits: [{ name: 'reports', quota: 5n, window: 'P1M', kind: 'sliding', unit: 'requests' }],
        status: { idx: 7, uri: `${ISSUER}/status/1` },
        jti: 'token-1',
        issuedAt: SECONDS,
        expires: SECONDS + 900,
      },
    })
  })

  it('signs receipts that the gate takes as they are meant', async () => {
    const sold = { amount: '0.50', currency: 'USD', resource: '/reports/*' }
    expect(await gate.payment(await billing.signReceipt({ ...sold, uses: 2, methods: ['POST'] }))).toMatchObject({
      ok: true,
      value: { amount: { units: 500_000_000n, currency: 'USD' }, methods: ['POST'], grant: { kind: 'uses', uses: 2 } },
    })
    expect(await gate.payment(await billing.signReceipt({ ...sold, passSeconds: 60, account: 'a' }))).toMatchObject({
      ok: true,
      value: { payer: 'a', grant: { kind: 'pass', passSeconds: 60 } },
    })
  })

  it('signs operators’ tokens that the gate takes as they are meant', async () => {
    const token = await billing.signOperator({ scopes: ['purge', 'hold'], subject: 'ops@example.com' })
    expect(await gate.operator(token)).toMatchObject({
      ok: true,
      value: { scopes: ['purge', 'hold'], subject: 'ops@example.com', expires: SECONDS + 300 },
    })
  })

  const events: readonly (readonly [EventInput['events'], object])[] = [
    [{ 'standing-changed': { standing: 'past-due' } }, { kind: 'statement', statement: { standing: 'past-due' } }],
    [{ 'entitlements-changed': { entitlements: [] } }, { kind: 'statement', statement: { names: [] } }],
    [{ 'tokens-revoked': {} }, { kind: 'statement', statement: { kind: 'tokens-revoked', at: NOW / 1000 } }],
    [{ 'tokens-revoked': { before: 1 } }, { kind: 'statement', statement: { kind: 'tokens-revoked', at: 1 } }],
    [{ 'tokens-revoked': { jti: 'x' } }, { kind: 'token-revoked', jti: 'x' }],
    [{ 'tokens-revoked': { jtis: ['x'] } }, { kind: 'token-revoked', jti: 'x' }],
    [
      { 'credit-granted': { amount: '5', currency: 'USD' } },
      { kind: 'credit-granted', money: { units: 5_000_000_000n } },
    ],
    [
      { 'credit-taken': { amount: '5', currency: 'USD', grant: 'payment-1' } },
      { kind: 'credit-taken', money: { units: 5_000_000_000n }, grant: 'payment-1' },
    ],
    [{ 'hold-placed': {} }, { kind: 'statement', statement: { kind: 'hold', isLifted: false } }],
    [{ 'hold-lifted': {} }, { kind: 'statement', statement: { kind: 'hold', isLifted: true } }],
    [{ 'session-revoked': {} }, { kind: 'statement', statement: { kind: 'tokens-revoked', at: NOW / 1000 } }],
  ]
  it.each(events)('signs the event %j', async (said, meant) => {
    const token = await billing.signEvent({ account: 'account-7', events: said, id: 'event-1' })
    expect(await gate.event(token)).toMatchObject({
      ok: true,
      value: { id: 'event-1', issuer: ISSUER, account: 'account-7', changes: [meant] },
    })
  })

  it('signs an event for an account of an issuer that it speaks for, and of no other', async () => {
    const events = { 'hold-placed': {} }
    await expect(
      billing.signEvent({ account: { issuer: 'https://id.test', account: 'a' }, events }),
    ).resolves.toBeTypeOf('string')
    await expect(
      billing.signEvent({ account: { issuer: 'https://other.test', account: 'a' }, events }),
    ).rejects.toThrow(InvalidClaimsError)
  })

  it.each([1, 2, 4, 8] as const)('signs a status list of %i bits', async (bits) => {
    const statuses = Array.from({ length: 1000 }, (_, idx) => idx % 2)
    const uri = `${ISSUER}/status/1`
    const read = await gate.statuslist(await billing.statusList({ uri, statuses, bits }), uri)
    expect(read).toMatchObject({ ok: true, value: { ttlSeconds: 300, issuedAt: SECONDS } })
    if (read.ok)
      expect(statuses.map((_, idx) => statusAt(read.value.list, idx) === 'invalid')).toEqual(statuses.map(Boolean))
  })

  it('signs with a secret', async () => {
    const secret = 'a secret of thirty-two bytes, or more'
    const signer = createIssuer({ issuer: ISSUER, audience: AUDIENCE, secret, clock })
    const token = await signer.signEntitlement({ account: 'a', entitlements: [] })
    const verdict = await createGate({ issuer: ISSUER, audience: AUDIENCE, secret, now: NOW }).entitlement(token)
    expect(verdict).toMatchObject({ ok: true })
    expect(signer.jwks()).toEqual({ keys: [] })
  })
})
