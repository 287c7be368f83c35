import * as v from 'valibot'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { baseUrl, secretValue, text, TOKEN_BYTES } from '../config/rules/values.ts'
import type { Amount, Units } from '../ledger/rules/commands.ts'
import { additionOf, type LedgerRecord } from '../ledger/rules/record.ts'
import type { Result } from '../core/result.ts'
import { deliver, TAKEN, type DeliveryVerdict, verdictOf } from '../usage/deliver.ts'
import { postBatch, type PostResponse } from '../usage/post.ts'
import { addressIn, type UsageSink, type Warn } from '../usage/sink.ts'
import { STRIPE_API } from './api.ts'

/** Maps the quotas of a configuration, or the classes of what its meters count, to the meters of a Stripe account. */
export interface StripeMeterOptions {
  /** Names the environment's secret with the API key. A key that may only write meter events is enough. */
  key: string
  /** Maps the name of a quota, or of a class of what a meter counts, to the `event_name` of a meter that sums: `{ requests: 'api_requests' }`. */
  meters: Record<string, string>
  /** Default `https://api.stripe.com`. */
  url?: string
}

/**
 * The longest name of a count: a record's id and this name form an identifier, and Stripe takes 100 characters for one, as
 * for an `event_name`.
 */
const MAX_COUNT_NAME = 50
const MAX_EVENT_NAME = 100

const meterNames = /* @__PURE__ */ v.pipe(
  v.record(
    v.pipe(text, v.maxLength(MAX_COUNT_NAME, `expected at most ${MAX_COUNT_NAME} characters`)),
    v.pipe(text, v.maxLength(MAX_EVENT_NAME, `expected at most ${MAX_EVENT_NAME} characters`)),
  ),
  v.check((names) => Object.keys(names).length > 0, 'expected at least one, such as {requests: "api_requests"}'),
)

/**
 * The patience: shorter than the day for which Stripe remembers identifiers. A record is sent again as a whole, even if some
 * of its meters have it.
 */
const PATIENCE_MS = 12 * 3_600_000

/** One value for one meter, from one record. */
interface MeterEvent {
  readonly meter: string
  readonly identifier: string
  readonly value: bigint
}

/**
 * Posts a meter event for each closed charge and each metered count in it. Events are sent one after the other: Stripe takes
 * one at a time for a customer. A charge lowered after it was sent becomes a negative value: Stripe documents negative
 * values for corrections, and unlike a cancellation they have no deadline and may arrive twice.
 *
 * Prices are not sent, because credit was paid for before; neither are charges to receipts. Accounts are customers by id
 * (`cus_…`): any other account is passed over, with a line in the log.
 *
 * Not promised: Stripe remembers an identifier for a day at least. An event whose response was lost and that could not be
 * repeated within that time may be counted twice.
 *
 * @example
 * ```ts options
 * usage: [stripeMeter({ key: 'STRIPE_KEY', meters: { requests: 'api_requests' } })]
 * ```
 */
export function stripeMeter(options: StripeMeterOptions): UsageSink {
  const { faults, read } = pluginOptions(
    ({ secrets }) =>
      v.strictObject({
        key: secretValue(secrets, TOKEN_BYTES),
        meters: meterNames,
        url: v.optional(baseUrl, STRIPE_API),
      }),
    options,
  )
  return {
    name: 'stripe-meter',
    to: addressIn({ url: options?.url ?? STRIPE_API }),
    faults,
    create(platform, warn) {
      const { url, key, meters } = read(platform.bindings)
      const endpoint = `${url.replace(/(?<!\/)\/+$/, '')}/v1/billing/meter_events`
      // No `Idempotency-Key`: under one, Stripe repeats its first response, even a 500.
      const fields = { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${key}` }
      const send = async ([record]: readonly LedgerRecord[]): Promise<DeliveryVerdict> => {
        if (record === undefined) return TAKEN
        for (const event of eventsOf(record, meters)) {
          const verdict = readAnswer(await postBatch(platform, endpoint, fields, formOf(record, event)))
          if (verdict.kind !== 'taken') return verdict
        }
        return TAKEN
      }
      return async (records) => {
        const metered = records.filter((record) => eventsOf(record, meters).length > 0 && isCustomer(record, warn))
        const unmetered = records.filter((record) => !metered.includes(record))
        const batches = metered.map((record) => [record])
        const done = await deliver(batches, send, { now: platform.clock(), warn, patienceMs: PATIENCE_MS })
        return [...done, ...unmetered.map(({ position }) => position)]
      }
    },
  }
}

function eventsOf(record: LedgerRecord, meters: StripeMeterOptions['meters']): readonly MeterEvent[] {
  const { counts }: Pick<Amount, 'counts'> = additionOf(record) ?? { counts: [] }
  const isCounted = ({ name }: Units): boolean => counts.some((count) => count.name === name)
  return [...counts, ...classesOf(record).filter((one) => !isCounted(one))].flatMap(({ name, units }) => {
    const meter = Object.hasOwn(meters, name) ? meters[name] : undefined
    if (meter === undefined || units === 0n) return []
    return [{ meter, identifier: `${record.id}/${name}`, value: units }]
  })
}

/** Returns what was used by class, as the record adds it. What is not known until the charge is closed is told with that. */
function classesOf({ kind, breakdown }: LedgerRecord): readonly Units[] {
  if (kind === 'charge') return []
  const sign = kind === 'reversed' ? -1n : 1n
  return (breakdown?.lines ?? []).map(({ name, units }) => ({ name, units: sign * units }))
}

function isCustomer({ id, facts }: LedgerRecord, warn: Warn): boolean {
  const { account } = facts
  if (typeof account !== 'string') return false
  if (/^cus_\w+$/.test(account)) return true
  warn('passed over: the account is no customer of Stripe', id)
  return false
}

function formOf({ at, facts }: LedgerRecord, { meter, identifier, value }: MeterEvent): string {
  return new URLSearchParams({
    event_name: meter,
    identifier,
    timestamp: Math.floor(at / 1000).toString(),
    'payload[stripe_customer_id]': String(facts['account']),
    'payload[value]': value.toString(),
  }).toString()
}

/**
 * Reads a response. An identifier that Stripe already has counts as taken. Of an error only the code is reported: its
 * message may name the customer.
 */
function readAnswer(replied: Result<PostResponse, string>): DeliveryVerdict {
  const verdict = verdictOf(replied)
  if (verdict.kind !== 'refused' || !replied.ok) return verdict
  const { code, message } = errorOf(replied.value.text)
  // Stripe sends this error without a `code`.
  if (code === 'duplicate_meter_event' || message.startsWith('An event already exists with identifier')) return TAKEN
  return /^[a-z_]{1,64}$/.test(code) ? { ...verdict, problem: `${verdict.problem} ${code}` } : verdict
}

function errorOf(text: string): { readonly code: string; readonly message: string } {
  try {
    const { error } = JSON.parse(text) as { readonly error?: Readonly<Record<string, unknown>> }
    const member = (name: string): string => (typeof error?.[name] === 'string' ? error[name] : '')
    return { code: member('code'), message: member('message') }
  } catch {
    return { code: '', message: '' }
  }
}
