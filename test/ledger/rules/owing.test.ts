import { beforeEach, describe, expect, it } from 'vitest'
import { limitOfMoney } from '../../../src/access/limit.ts'
import { charged } from './payer.ts'
import { EUR, PureLedger, units } from './pureledger.ts'

let ledger: PureLedger

beforeEach(() => {
  ledger = new PureLedger()
})

const creditLeft = () => ledger.read().credit.find(({ currency }) => currency === 'EUR')?.units ?? 0n
const later = (price: bigint, more = {}) => ledger.charge({ price: EUR(price), mayOwe: true, ...more })

describe('an account that pays later', () => {
  it('spends its credit first, and owes the rest', () => {
    ledger.grant(10n)
    charged(later(7n))
    expect(creditLeft()).toBe(3n)
    charged(later(7n))
    expect(creditLeft()).toBe(-4n)
    ledger.grant(10n, 'g2')
    expect(creditLeft()).toBe(6n)
  })

  it('owes nothing for what was not delivered', () => {
    ledger.amend(later(7n), 'none')
    expect(creditLeft()).toBe(0n)
  })

  it('is the only one that may owe', () => {
    charged(later(7n))
    expect(ledger.charge({ price: EUR(1n) })).toMatchObject({ kind: 'refused', reason: 'credit-insufficient' })
  })
})

describe('a limit of money', () => {
  const spending = limitOfMoney(EUR(10n), 'P1D')
  const spend = (price: bigint) => later(price, { counts: units(price, spending.name), limits: [spending] })

  it('bounds what is spent in its window, and is told to nobody', () => {
    expect(charged(spend(6n)).limits).toEqual([])
    expect(spend(5n)).toMatchObject({ kind: 'refused', reason: 'usage-limit-reached', limits: [] })
    charged(spend(4n))
    expect(spend(1n)).toMatchObject({ kind: 'refused', reason: 'usage-limit-reached' })
    expect(ledger.records().flatMap(({ kept }) => kept.counts)).toEqual([])
  })

  it('has the room again that an answer without a charge had taken', () => {
    ledger.amend(spend(10n), 'none')
    charged(spend(10n))
  })
})
