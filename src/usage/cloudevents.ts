import { describeBreakdown } from '../ledger/rules/breakdown.ts'
import type { Amount } from '../ledger/rules/commands.ts'
import type { LedgerRecord, LimitCrossing } from '../ledger/rules/record.ts'
import { formatAmount } from '../core/money.ts'

/** The media type of several CloudEvents in one JSON array. */
export const BATCH_TYPE = 'application/cloudevents-batch+json'

/** Writes a record as a CloudEvent (specification 1.0). The subject is the account, the receipt or the payment that paid, or the trip that was not normal. */
export function eventOf(record: LedgerRecord) {
  const { kind, charge, repeats, delivery, kept, change, breakdown, payment, limit, anomaly, facts } = record
  const { zone: _zone, account: _account, receipt: _receipt, payment: _payment, ...request } = facts
  return {
    ...envelopeOf(record, `faregate.usage.${kind}`),
    data: {
      charge,
      ...(repeats === undefined ? {} : { repeats }),
      ...(delivery === undefined ? {} : { delivery }),
      paidBy: payerOf(record),
      ...(payment === undefined ? {} : { payment }),
      request,
      change: amountOf(change),
      kept: amountOf(kept),
      ...(breakdown && { breakdown: describeBreakdown(breakdown) }),
      ...(limit && { limit: crossingOf(limit) }),
      ...(anomaly && { anomaly }),
    },
  }
}

/** Writes a used share of a limit. A limit of money is in its currency's major unit. */
function crossingOf({ name, key, currency, threshold, quota, used, window, kind, from, resetsAt }: LimitCrossing) {
  const written = (units: bigint): string =>
    currency === undefined ? units.toString() : formatAmount({ units, currency })
  return {
    name,
    ...(key === undefined ? {} : { key }),
    threshold,
    quota: written(quota),
    used: written(used),
    ...(currency === undefined ? {} : { currency }),
    window,
    kind,
    since: new Date(from).toISOString(),
    resets: new Date(resetsAt).toISOString(),
  }
}

/** Returns how the charge was paid: by credit or a plan of the account, by a receipt, or by a machine payment. */
export function payerOf({ payment, facts }: LedgerRecord): 'account' | 'receipt' | 'payment' {
  if (payment !== undefined) return 'payment'
  return facts['account'] === undefined ? 'receipt' : 'account'
}

/** Returns the attributes that every event has. A repeated event has the same `source` and `id`. */
export function envelopeOf({ id, at, facts }: LedgerRecord, type: string) {
  const subject = facts['account'] ?? facts['receipt'] ?? facts['payment'] ?? facts['trip']
  return {
    specversion: '1.0',
    id,
    source: `faregate/${facts['zone'] ?? ''}`,
    type,
    time: new Date(at).toISOString(),
    ...(typeof subject === 'string' && subject !== '' ? { subject } : {}),
    datacontenttype: 'application/json',
  }
}

/** Writes numbers as decimal strings: they may exceed the integers that JSON readers keep exact. */
function amountOf({ counts, price, uses }: Amount) {
  return {
    counts: countsOf({ counts }),
    ...(price === undefined ? {} : { price: { amount: formatAmount(price), currency: price.currency } }),
    ...(uses === 0 ? {} : { uses }),
  }
}

/** Returns the counts by name, as decimal strings. */
export function countsOf({ counts }: Pick<Amount, 'counts'>): Record<string, string> {
  return Object.fromEntries(counts.map(({ name, units }) => [name, units.toString()]))
}
