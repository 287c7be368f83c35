import { describe, expect, it } from 'vitest'
import { type AuditRecord, brokenAt } from '../../../src/ledger/rules/audit.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { PureLedger } from './pureledger.ts'

function chainOf(count: number): readonly AuditRecord[] {
  const ledger = new PureLedger()
  for (let index = 1; index <= count; index++)
    ledger.apply(orders.recordAct, { action: 'hold', by: `operator-${index}`, facts: { b: index, a: 'x' } })
  return ledger.apply(orders.audit, { most: count }).records
}

describe('the chain of an audit', () => {
  const chain = chainOf(4)
  const [first, second, third, fourth] = chain as [AuditRecord, AuditRecord, AuditRecord, AuditRecord]

  it.each<[string, readonly AuditRecord[], number | undefined]>([
    ['as it was written', chain, undefined],
    ['with facts in another order', chain.map((one) => ({ ...one, facts: { a: 'x', b: one.number } })), undefined],
    ['whose record was altered', [first, { ...second, by: 'nobody' }, third, fourth], 2],
    ['whose facts were altered', [first, second, { ...third, facts: { a: 'x', b: 9 } }, fourth], 3],
    ['that lacks a record', [first, third, fourth], 3],
    ['that lacks the first record', [second, third], 2],
    ['in another order', [first, third, second], 3],
    ['with a record twice', [first, first], 1],
  ])('%s', (_name, records, broken) => {
    expect(brokenAt(records)).toBe(broken)
  })

  it('goes on from the record before a page', () => {
    expect(brokenAt([third, fourth], second)).toBeUndefined()
    expect(brokenAt([third, fourth], first)).toBe(3)
  })
})
