/** Deliveries of usage as the gate's webhook signs them, and some that it does not. */
import { createHmac } from 'node:crypto'
import type { UsageFault } from '../../src/billing/index.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { BATCH_TYPE, eventOf } from '../../src/usage/cloudevents.ts'
import { NOW } from './cases.ts'
import { type Members, SECRET } from './signing.ts'

const REQUEST = { zone: 'news', route: '/reports/*', method: 'GET', issuer: 'https://billing.example.com' }
const amount = (units: bigint, price?: bigint) => ({
  counts: [{ name: 'requests', units }],
  price: price === undefined ? undefined : { units: price, currency: 'USD' },
  uses: 0,
})
const NONE = { counts: [], price: undefined, uses: 0 }

function record(over: Partial<LedgerRecord> & Pick<LedgerRecord, 'id' | 'kind' | 'charge'>): LedgerRecord {
  return {
    position: 1,
    repeats: undefined,
    at: NOW * 1000,
    delivery: undefined,
    kept: amount(1n, 250_000_000n),
    change: amount(1n, 250_000_000n),
    facts: { ...REQUEST, account: 'account-7' },
    ...over,
  }
}

/** A charge, what was kept of it, one that nobody closed, one by receipt, one by a payment that settled late, one given back. */
const RECORDS: readonly LedgerRecord[] = [
  record({ id: 'a1/charge', kind: 'charge', charge: 'a1' }),
  record({
    id: 'a1/amend',
    kind: 'amend',
    charge: 'a1',
    delivery: 'complete',
    kept: amount(1n, 100_000_000n),
    change: amount(0n, -150_000_000n),
  }),
  record({ id: 'b2/unsettled', kind: 'unsettled', charge: 'b2', repeats: 'a1', change: NONE }),
  record({
    id: 'c3/charge',
    kind: 'charge',
    charge: 'c3',
    facts: { ...REQUEST, receipt: 'receipt-1' },
    kept: { ...NONE, uses: 1 },
    change: { ...NONE, uses: 1 },
  }),
  record({
    id: 'd4/settled',
    kind: 'settled',
    charge: 'd4',
    facts: { ...REQUEST, payment: '["toy","1"]' },
    payment: { rail: 'toy', state: 'settled', reference: 'tx-1' },
  }),
  record({
    id: 'e5/reversed',
    kind: 'reversed',
    charge: 'e5',
    kept: NONE,
    change: amount(-9_007_199_254_740_993n, -999_999_999_999_999_999_999n),
  }),
]

const ALL = JSON.stringify(RECORDS.map(eventOf))
const BODY = JSON.stringify(RECORDS.slice(0, 1).map(eventOf))

function signature(seconds: string, body: string, secret = SECRET): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
}

const T = String(NOW)
const MAC = signature(T, BODY)
const GOOD = `t=${T},v1=${MAC}`

interface Delivery {
  readonly name: string
  readonly signature?: string | null
  readonly body?: string
  readonly now?: number
  readonly refused?: readonly [reason: UsageFault['reason'], status: number]
}

const FORGED = ['signature', 401] as const
const LATE = ['time', 401] as const

const DELIVERIES: readonly Delivery[] = [
  { name: 'a batch of every kind of record', body: ALL, signature: `t=${T},v1=${signature(T, ALL)}` },
  { name: 'a batch of one record' },
  { name: 'an empty batch', body: '[]', signature: `t=${T},v1=${signature(T, '[]')}` },
  { name: 'a batch on its way for five minutes', now: NOW + 300 },
  { name: 'a batch on its way for longer', now: NOW + 301, refused: LATE },
  { name: 'a batch of the future', now: NOW - 301, refused: LATE },
  { name: 'a batch without a signature', signature: null, refused: FORGED },
  { name: 'a batch with an empty signature', signature: '', refused: FORGED },
  { name: 'another batch under the same signature', body: BODY.replace('account-7', 'account-8'), refused: FORGED },
  { name: 'a batch with one byte more', body: `${BODY} `, refused: FORGED },
  {
    name: 'a batch signed with another secret',
    signature: `t=${T},v1=${signature(T, BODY, `${SECRET}.`)}`,
    refused: FORGED,
  },
  {
    name: 'a batch signed without its time',
    signature: `t=${T},v1=${createHmac('sha256', SECRET).update(BODY).digest('hex')}`,
    refused: FORGED,
  },
  { name: 'an old batch with a new time', signature: `t=${NOW + 600},v1=${MAC}`, now: NOW + 600, refused: FORGED },
  { name: 'a batch whose time is spelt in another way', signature: `t=0${T},v1=${MAC}`, refused: FORGED },
  { name: 'a signature cut short', signature: GOOD.slice(0, -2), refused: FORGED },
  { name: 'a signature in capitals', signature: `t=${T},v1=${MAC.toUpperCase()}`, refused: FORGED },
  { name: 'a signature without a time', signature: `v1=${MAC}`, refused: FORGED },
  { name: 'a signature of another scheme', signature: `t=${T},v0=${MAC}`, refused: FORGED },
  { name: 'two signatures', signature: `${GOOD},v1=${MAC}`, refused: FORGED },
  genuinely('what is no JSON', 'account-7'),
  genuinely('what is no batch', '{"id":"a1/charge"}'),
  genuinely(
    'a record without an id',
    JSON.stringify(RECORDS.slice(0, 1).map((each) => ({ ...eventOf(each), id: undefined }))),
  ),
  genuinely('a record of another type', BODY.replaceAll('faregate.usage.', 'com.example.')),
  genuinely('a count that is a number', BODY.replace('"requests":"1"', '"requests":1')),
]

function genuinely(name: string, body: string): Delivery {
  return { name, body, signature: `t=${T},v1=${signature(T, body)}`, refused: ['malformed', 500] }
}

export function usageVectors(): Members {
  return {
    description:
      'Deliveries of usage, as signed({ url, secret }) posts them: HMAC-SHA-256 of <t>.<body> with the secret, in Faregate-Signature. "source" and "id" of a record name it.',
    secret: SECRET,
    now: NOW,
    toleranceSeconds: 300,
    vectors: DELIVERIES.map(({ name, signature: field = GOOD, body = BODY, now, refused }) => ({
      name,
      ...(now === undefined ? {} : { now }),
      headers: { 'content-type': BATCH_TYPE, ...(field === null ? {} : { 'faregate-signature': field }) },
      body,
      verdict:
        refused === undefined
          ? { accepted: true, means: { records: recordsIn(body) } }
          : { accepted: false, reason: refused[0], status: refused[1] },
    })),
  }
}

/** What a reader should make of a batch: written down by another way than the reader's own. */
function recordsIn(body: string): Members[] {
  const events = JSON.parse(body) as (Members & { type: string; data: Members })[]
  return events.map(({ id, source, type, time, subject, data }) => {
    const { charge, repeats, delivery, paidBy, payment, request, change, kept } = data
    const kind = type.replace('faregate.usage.', '')
    return { id, source, kind, time, subject, charge, repeats, delivery, paidBy, payment, request, change, kept }
  })
}
