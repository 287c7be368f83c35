import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { bearer } from '../../../src/index.ts'
import { PAYMENT } from '../../../src/tokens/payment.ts'
import { goodToken, makeParties, NOW, type Parties } from '../hostile/parties.ts'
import { createGate, type Gate, receiptToken, request, verdictOf } from './gate.ts'
import { goodReceipts, hostileReceipts } from './hostile.ts'

let parties: Parties
let gate: Gate
let withoutRail: Gate
const fetching = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('nothing may be fetched'))
const cryptography = vi.spyOn(crypto.subtle, 'verify')

beforeAll(async () => {
  parties = await makeParties()
  gate = createGate(parties)
  withoutRail = createGate(parties, [bearer()])
})
afterEach(() => {
  expect(fetching).not.toHaveBeenCalled()
  gate.at.now = NOW * 1000
})
afterAll(() => fetching.mockRestore())

describe('a hostile receipt is refused with', () => {
  it.each(hostileReceipts)('$name: $reason, $check', async ({ token, reason, check }) => {
    const presented = await token(parties)
    for (let round = 0; round < 2; round++) {
      const decision = await gate.judge(request({ receipt: presented }))
      expect(decision).toMatchObject({ action: 'refuse', refusal: { reason, check } })
      expect(JSON.stringify(decision.action === 'refuse' && decision.refusal)).not.toContain(presented.slice(0, 20))
    }
    // As a bearer token it may be an entitlement after all; it is no receipt.
    expect(await gate.judge(request({ bearer: presented }))).not.toMatchObject({ cost: { from: 'receipt' } })
  })

  it('more than 150 others like it', () => {
    expect(hostileReceipts.length).toBeGreaterThan(150)
    expect(new Set(hostileReceipts.map(({ name, check }) => `${name} ${check}`)).size).toBe(hostileReceipts.length)
  })
})

describe('a good receipt opens a report with', () => {
  it.each(goodReceipts)('$name', async ({ token }) => {
    const presented = await token(parties)
    for (const credential of [{ receipt: presented }, { bearer: presented }]) {
      const decision = await gate.judge(request(credential))
      expect(decision).toMatchObject({ action: 'serve', proof: { kind: 'receipt' }, cost: { from: 'receipt' } })
    }
  })
})

describe('a receipt', () => {
  it('that was verified before costs no cryptography, and is judged by its times at every use', async () => {
    const token = await receiptToken(parties, { exp: NOW + 100, jti: 'times' })
    cryptography.mockClear()
    const at = async (second: number): Promise<string> => {
      gate.at.now = (NOW + second) * 1000
      return verdictOf(await gate.judge(request({ receipt: token })))
    }
    expect(await at(0)).toBe('served')
    expect(await at(-66)).toBe('credential-not-yet-valid')
    expect(await at(104.999)).toBe('served')
    expect(await at(105)).toBe('credential-expired')
    expect(await at(1)).toBe('served')
    expect(cryptography).toHaveBeenCalledTimes(1)
  })

  it('is remembered for its own zone and kind alone', async () => {
    const { services, site } = gate
    const token = await receiptToken(parties, { jti: 'zones' })
    const call = { now: NOW * 1000, waitUntil: () => undefined }
    const shop = services.sites.get('shop.example')?.zone
    if (shop === undefined) throw new Error('no shop')
    for (let round = 0; round < 2; round++) {
      expect(await services.verifyAs(PAYMENT, token, site.zone, call)).toMatchObject({ ok: true })
      expect(await services.verify(token, site.zone, call)).toMatchObject({ ok: false, error: { check: 'type' } })
      expect(await services.verifyAs(PAYMENT, token, shop, call)).toMatchObject({ error: { check: 'audience' } })
    }
  })

  it('is refused as any token of another kind where no rail takes receipts', async () => {
    const token = await receiptToken(parties)
    for (const path of ['/reports/1', '/paid/1']) {
      const decision = await withoutRail.judge(request({ path, bearer: token }))
      expect(decision).toMatchObject({ refusal: { reason: 'credential-invalid', check: 'type' } })
      expect(verdictOf(await withoutRail.judge(request({ path, receipt: token })))).toBe('payment-required')
    }
  })

  it('never passes for an entitlement, not even with all its claims, nor in the cookie', async () => {
    const token = await receiptToken(parties, { entitlements: ['premium'] })
    const cookie = [['cookie', `__Host-faregate=${token}`]] as const
    expect(verdictOf(await gate.judge(request({ path: '/paid/1', bearer: token })))).toBe('payment-insufficient')
    expect(verdictOf(await gate.judge(request({ path: '/paid/1', receipt: token })))).toBe('payment-insufficient')
    expect(verdictOf(await gate.judge(request({ path: '/paid/1', fields: cookie })))).toBe('credential-invalid')
    expect(verdictOf(await gate.judge(request({ path: '/reports/1', fields: cookie })))).toBe('credential-invalid')
    expect(await gate.judge(request({ path: '/free/1', bearer: token }))).toMatchObject({ proof: undefined })
  })

  it('does not make an entitlement token a receipt: one opens no report', async () => {
    const token = await goodToken(parties, { amount: '0.25', currency: 'USD', resource: '/*', jti: 'x' })
    expect(verdictOf(await gate.judge(request({ receipt: token })))).toBe('credential-invalid')
    // In Authorization it is what it says, and could pay from credit alone.
    expect(await gate.judge(request({ bearer: token }))).toMatchObject({ cost: { from: 'account' } })
  })
})
