import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { auditSales, CHECKS, type Evidence, type Sale } from '../../demo/pay/crash-audit.ts'

const sale = (path: string, more: Partial<Sale> = {}): Sale => ({
  name: `payment of ${path}`,
  method: 'POST',
  path,
  price: 100n,
  pages: 1,
  isDisowned: false,
  ...more,
})

/** One that was read, one whose answer was lost with the gate, and one that never moved money. */
const RIGHT: Evidence = {
  sales: [sale('/a'), sale('/lost', { pages: 0, isDisowned: true }), sale('/never', { pages: 0 })],
  moved: new Map([
    ['payment of /a', 100n],
    ['payment of /lost', 100n],
  ]),
  received: 200n,
  ledgers: new Map([
    ['payment of /a', { kept: 100n, open: 0, unsettled: 0 }],
    ['payment of /lost', { kept: 100n, open: 0, unsettled: 1 }],
    ['payment of /never', { kept: 0n, open: 0, unsettled: 0 }],
  ]),
  records: [
    { id: 'a/charge', payment: 'payment of /a', change: 100n, isDelivered: false },
    { id: 'a/amend', payment: 'payment of /a', change: 0n, isDelivered: true },
    { id: 'a/charge', payment: 'payment of /a', change: 100n, isDelivered: false },
    { id: 'lost/charge', payment: 'payment of /lost', change: 100n, isDelivered: false },
    { id: 'never/charge', payment: 'payment of /never', change: 100n, isDelivered: false },
    { id: 'never/amend', payment: 'payment of /never', change: -100n, isDelivered: false },
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
const withLedger = (kept: bigint, open = 0): Partial<Evidence> => ({
  ledgers: new Map([...RIGHT.ledgers, ['payment of /a', { kept, open, unsettled: 0 }]]),
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
    ['ledger', withLedger(0n), ['ledger', 'sums']],
    ['ledger', { ledgers: new Map() }, ['ledger', 'sums']],
    ['told', { records: RIGHT.records.filter(({ id }) => id !== 'lost/charge') }, ['told', 'sums']],
    ['told', { records: RIGHT.records.filter(({ id }) => id !== 'never/amend') }, ['told', 'sums']],
    ['open', withLedger(100n, 1)],
    ['sums', { received: 300n }],
  ])('finds that it is wrong: %s', (check, evidence, found = [check]) => {
    expect(faultsOf(evidence)).toEqual(found)
  })
})

it('a gate that is killed while payments are under way agrees with the chain and with billing', async () => {
  const { stdout } = await promisify(execFile)('node', ['demo/pay/crash.ts', '--rounds', '4', '--seed', '2'])
  expect(stdout).toContain('seed 2: killed 4 times: ')
  expect(stdout).toMatch(/\n24 payments, /)
  expect(stdout).toMatch(/\nmismatches: 0\n$/)
}, 240_000)
