import { describe, expect, it, vi } from 'vitest'
import { memory } from '../../src/platform/memory/index.ts'
import { web } from '../../src/platform/web/index.ts'
import { createServices } from '../../src/services.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { chargeOf, MINUTE } from '../ledger/rules/pureledger.ts'
import { platformContract } from './contract.ts'

describe('what every runtime of the web has', () => {
  platformContract(web, { hasLedgers: false })

  it('warns of the routes that it can neither count nor limit', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const limiter = { limit: async () => ({ success: true }) }
    const routes = [
      { path: '/counted', price: { amount: '0.10', currency: 'EUR' } },
      { path: '/limited', requires: 'premium', rates: [{ binding: 'FAST', seconds: 60 as const }] },
    ]
    const config = compiled({ zones: [{ ...ZONE, routes }] }, { FAST: limiter })
    createServices(config, web({ FAST: limiter }))
    expect(warn.mock.calls.map(([line]) => JSON.parse(String(line)) as object)).toMatchObject([
      { ledger: expect.stringContaining('503'), routes: ['a /counted'] },
      { rate: expect.stringContaining('let all through'), routes: ['a /limited'] },
    ])
    warn.mockRestore()
  })
})

describe('a platform in memory', () => {
  platformContract(memory, { hasLedgers: true })

  it('rings the alarms that are due', async () => {
    let now = Date.now()
    const platform = memory({}, {}, { clock: () => now })
    const ledger = platform.ledgers?.('account', {})
    await ledger?.charge(chargeOf('first', now))
    await platform.ring()
    expect(await ledger?.read({})).toMatchObject({ value: { unsettled: [] } })
    now += 2 * MINUTE
    await platform.ring()
    expect(await ledger?.read({})).toMatchObject({ value: { unsettled: [{ id: 'first' }] } })
  })
})
