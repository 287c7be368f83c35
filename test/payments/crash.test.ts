import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  auditSales,
  CHECKS,
  type Evidence,
  type Sale,
  type SaleLedger,
  type SaleRecord,
} from '../../demo/pay/crash-audit.ts'

const sale = (path: string, more: Partial<Sale> = {}): Sale => ({
  name: `payment of ${path}`,
  method: 'POST',
  path,
  price: 100n,
  pages: 1,
  isDisowned: false,
  ...more,
})

const ledger = (charge: string, kept: bigint): SaleLedger => ({
  kept,
  open: 0,
  unsettled: 0,
  charges: [charge],
  state: 'closed',
})

const record = (id: string, change: bigint, payment = id.slice(0, id.indexOf('/'))): SaleRecord => {
  const charge = id.slice(0, id.indexOf('/'))
  return { id, payment: `payment of /${payment}`, charge, isFirst: id.endsWith('/charge'), change, isDelivered: false }
}

/** One that was read, one whose answer was lost with the gate, and one that never moved money. */
const RIGHT: Evidence = {
  sales: [sale('/a'), sale('/lost', { pages: 0, isDisowned: true }), sale('/never', { pages: 0 })],
  moved: new Map([
    ['payment of /a', 100n],
    ['payment of /lost', 100n],
  ]),
  received: 200n,
  ledgers: new Map([
    ['payment of /a', ledger('a', 100n)],
    ['payment of /lost', { ...ledger('lost', 100n), unsettled: 1 }],
    ['payment of /never', ledger('never', 0n)],
  ]),
  records: [
    record('a/charge', 100n),
    { ...record('a/amend', 0n), isDelivered: true },
    record('a/charge', 100n),
    record('lost/charge', 100n),
    record('lost/unsettled', 0n),
    record('never/charge', 100n),
    record('never/amend', -100n),
  ],
  runs: [
    { method: 'POST', path: '/a', isPaid: false },
    { method: 'POST', path: '/never', isPaid: false },
    { method: 'POST', path: '/never', isPaid: false },
    { method: 'GET', path: '/read', isPaid: true },
  ],
}

const faultsOf = (more: Partial<Evidence>): string[] =>
  Object.entries(auditSales({ ...RIGHT, ...more }).faults).flatMap(([check, count]) => (count === 0 ? [] : [check]))

const withSale = (more: Partial<Sale>, name = '/a'): Partial<Evidence> => ({
  sales: RIGHT.sales.map((one) => (one.path === name ? { ...one, ...more } : one)),
})
const withMoved = (path: string, units: bigint): Partial<Evidence> => ({
  moved: new Map([...RIGHT.moved, [`payment of ${path}`, units]]),
})
const withLedger = (more: Partial<SaleLedger>): Partial<Evidence> => ({
  ledgers: new Map([...RIGHT.ledgers, ['payment of /a', { ...ledger('a', 100n), ...more }]]),
})
const without = (...ids: string[]): Partial<Evidence> => ({
  records: RIGHT.records.filter(({ id }) => !ids.includes(id)),
})
const withRecord = (...more: Parameters<typeof record>): Partial<Evidence> => ({
  records: [...RIGHT.records, record(...more)],
})

describe('the audit of payments', () => {
  it('finds nothing where all sides agree', () => {
    const { faults, sums, lost, paid } = auditSales(RIGHT)
    expect(Object.values(faults)).toEqual(Object.keys(CHECKS).map(() => 0))
    expect({ sums, lost, paid }).toEqual({ sums: { chain: 200n, ledgers: 200n, outbox: 200n }, lost: 1, paid: 2 })
  })

  it.each<[keyof typeof CHECKS, Partial<Evidence>, string[]?]>([
    ['unpaid', withSale({ pages: 1 }, '/never')],
    ['lost', withSale({ pages: 0 })],
    ['refund', withSale({ pages: 0, isDisowned: true })],
    ['wrong', withMoved('/a', 200n), ['wrong', 'ledger', 'told']],
    ['again', { runs: [...RIGHT.runs, { method: 'POST', path: '/a', isPaid: true }] }],
    ['ledger', withLedger({ kept: 0n }), ['ledger', 'sums']],
    ['ledger', { ledgers: new Map() }, ['ledger', 'events', 'sums']],
    ['told', without('never/amend'), ['told', 'events', 'sums']],
    ['told', withRecord('a/charge', 200n), ['told', 'events', 'sums']],
    ['events', without('lost/unsettled')],
    ['events', without('never/charge', 'never/amend')],
    ['events', withRecord('other/charge', 0n, 'a')],
    ['events', withRecord('other/charge', 0n)],
    ['events', withLedger({ charges: ['a', 'again'] })],
    ['open', withLedger({ open: 1 })],
    ['open', withLedger({ state: 'claimed' })],
    ['open', withLedger({ state: 'settling' })],
    ['open', withLedger({ state: 'unknown' })],
    ['sums', { received: 300n }],
    ['idle', { sales: [...RIGHT.sales, ...['/b', '/c'].map((path) => sale(path, { pages: 0 }))] }],
  ])('finds that it is wrong: %s', (check, evidence, found = [check]) => {
    expect(faultsOf(evidence)).toEqual(found)
  })
})

it('a gate that is killed while payments are under way agrees with the chain and with billing', async () => {
  const { stdout } = await promisify(execFile)('node', ['demo/pay/crash.ts', '--rounds', '6', '--seed', '2'])
  expect(stdout).toContain('seed 2: killed 6 times: 1 at any moment, 1 when ')
  expect(stdout).toMatch(/\n36 payments, /)
  expect(stdout).toMatch(/\nmismatches: 0\n$/)
}, 240_000)
