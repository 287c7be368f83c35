import { describe, expect, it } from 'vitest'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { NamedLedger } from './namedledger.ts'
import { EUR } from './pureledger.ts'

describe('a grant of credit', () => {
  it.each([0n, -5n])('of %d is refused', (units) => {
    const ledger = new NamedLedger()
    expect(ledger.grant(units)).toEqual({ kind: 'refused', reason: 'grant-not-positive' })
    expect(ledger.left()).toBe(0n)
  })

  it('counts once for its id, and is another one for no other amount or currency', () => {
    const ledger = new NamedLedger()
    ledger.grant(50n, 'g')
    expect(ledger.grant(50n, 'g')).toEqual({ kind: 'granted', isRepeat: true, credit: EUR(50n) })
    for (const other of [ledger.grant(51n, 'g'), ledger.grant(50n, 'g', 'USD')])
      expect(other).toEqual({ kind: 'refused', reason: 'grant-differs' })
    expect([ledger.left(), ledger.left('USD')]).toEqual([50n, 0n])
  })

  it('that an emergency undoes takes nothing of a debt, and forgives none', () => {
    const ledger = new NamedLedger()
    ledger.apply(verbs.grant, { id: 'g1', ...EUR(100n), act: { action: 'event', by: 'b', signedBy: 'k' } })
    ledger.amend(ledger.charge({ price: EUR(100n) }))
    ledger.take(30n, undefined, { id: 'other' })
    expect(ledger.left()).toBe(-30n)
    expect(ledger.apply(orders.undoGrant, { id: 'g1', signedBy: 'k' })).toMatchObject({
      taken: EUR(0n),
      spent: EUR(100n),
    })
    expect(ledger.left()).toBe(-30n)
  })
})
