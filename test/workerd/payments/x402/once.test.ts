import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PAYER, readField } from '../../../rails/x402/payer.ts'
import { toldBy } from '../shop.ts'
import { type ChainShop, createChainShop } from './chain.ts'

let chain: ChainShop
beforeEach(async () => {
  chain = await createChainShop()
})
afterEach(() => chain.shop.end())

describe('a payment by x402 v2', () => {
  it('opens its page, is settled once, and its receipt says by which transaction', async () => {
    const response = await chain.pay('/reports/a')
    expect([response.status, await response.text()]).toEqual([200, 'the paid page'])
    expect(readField(response, 'payment-response')).toEqual({
      success: true,
      transaction: `0x${'1'.padStart(64, '0')}`,
      network: 'eip155:84532',
      payer: PAYER.toLowerCase(),
    })
    expect(chain.facilitator.calls).toEqual(['verify', 'settle'])
    expect(await toldBy(response)).toBe('served')
  })
})
