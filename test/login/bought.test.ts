import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Receipt } from '../../src/access/receipt.ts'
import { compileResource } from '../../src/access/resource.ts'
import { ok } from '../../src/core/result.ts'
import { agreed, FakeLogin } from './fakelogin.ts'
import { leave, sendBack } from './journey.ts'
import { Reader } from './reader.ts'
import { TripWorld } from './world.ts'

let shop: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  shop = new FakeLogin({ name: 'shop', offers: [{ name: 'monthly', title: 'Monthly' }] })
  world = new TripWorld([shop])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

function back(parameters: URLSearchParams): Promise<Response> {
  return sendBack(parameters, reader, 'shop')
}

describe('what was bought without an account', () => {
  const receipt = (over: Partial<Receipt> = {}): Receipt => {
    const resource = compileResource('/dear/1')
    if (resource === undefined) throw new Error('no resource')
    const now = world.now / 1000
    return {
      kind: 'receipt',
      issuer: shop.issuer,
      jti: 'pi_1',
      payer: undefined,
      amount: { units: 1_000_000_000n, currency: 'EUR' },
      resource,
      methods: ['GET'],
      grant: { kind: 'uses', uses: 1 },
      accountHash: undefined,
      issuedAt: now,
      notBefore: now,
      expires: now + 86_400,
      toleranceSeconds: 0,
      ...over,
    }
  }

  it.each([
    ['of one use', {}],
    ['of a pass', { grant: { kind: 'pass' as const, passSeconds: 3600 } }],
  ])('opens the page that it was bought for, without another question: a receipt %s', async (_what, over) => {
    shop.endings.push(ok({ kind: 'bought', receipts: [receipt(over)] }))
    const done = await back(agreed(await leave('/__faregate/checkout?offer=monthly&to=/dear/1', reader)))
    expect(await done.text()).toContain('url=/dear/1"')
    expect((await reader.open('/dear/1')).status).toBe(200)
    expect((await reader.open('/dear/2')).status).toBe(402)
    expect(reader.names().some((name) => name.startsWith('__Host-faregate-trip-'))).toBe(false)
  })

  it('beside an account is kept, too', async () => {
    shop.entitlements = []
    shop.endings.push(shop.signedIn({ receipts: [receipt()] }))
    await back(agreed(await leave('/__faregate/checkout?offer=monthly&to=/dear/1', reader)))
    expect((await reader.open('/dear/1')).status).toBe(200)
  })
})
