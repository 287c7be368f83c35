/** What charges add to tallies, from the records that ledgers tell billing. */
import { additionOf, type LedgerRecord } from '../../ledger/rules/record.ts'
import { addAmounts, kindWith, type Tally } from './tally.ts'

/** How far the records of a payer have been added up. */
export interface Mark {
  readonly position: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * Returns true if a record was added up before. Positions of a ledger grow with its records, and begin again, later, if the
 * ledger was deleted in between.
 */
export function isAddedUp({ position, at }: Pick<LedgerRecord, 'position' | 'at'>, mark: Mark | undefined): boolean {
  return mark !== undefined && position <= mark.position && at <= mark.at
}

/** Adds a record of a charge that was closed. Sums over all records of a ledger are what it has kept of closed charges. */
export function addRecord(tally: Tally, record: LedgerRecord): void {
  const { kind, payment, delivery, corrects } = record
  const added = additionOf(record)
  if (added === undefined) return
  const cell = tally.moneyOf(moneyKindOf(record))
  if (corrects === undefined) {
    cell.charges += 1
    if (kind === 'unsettled') cell.unsettled += 1
    if (payment !== undefined && delivery !== 'complete') cell.undelivered += 1
  }
  if (added.price !== undefined) addAmounts(cell.money, [[added.price.currency, added.price.units]])
  addAmounts(
    cell.units,
    added.counts.map(({ name, units }) => [name, units]),
  )
}

function moneyKindOf({ facts, breakdown, payment }: LedgerRecord): string {
  const { route, plan, model, account } = facts
  const rail = payment?.rail ?? (account === undefined ? 'receipt' : 'account')
  return kindWith([text(route), text(plan), breakdown?.of ?? text(model), rail])
}

function text(value: LedgerRecord['facts'][string] | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Names the payer whose ledger has written a record, and the zone that it is of: a receipt is spent anywhere. */
export function payerOfRecord({ facts }: Pick<LedgerRecord, 'facts'>): string {
  const { zone, issuer, account, receipt, payment } = facts
  if (account !== undefined) return JSON.stringify(['account', zone, issuer, account])
  return JSON.stringify(receipt === undefined ? ['payment', zone, payment] : ['receipt', zone, issuer, receipt])
}
