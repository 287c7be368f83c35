/**
 * One record of a charge, as the gate tells billing of it. Billing may get a record twice: `source` and `id` together name
 * it. The sum of `change` over all records of a charge is what it cost.
 */
export interface UsageRecord {
  readonly id: string
  /** `faregate/` and the id of the zone. */
  readonly source: string
  /**
   * `charge`: reserved. `amend`: this was kept. `unsettled`: nobody said what was kept. `settled`: a payment taken for failed
   * moved money after all. `reversed`: an operator gave the charge back. `threshold`: with this charge a share of a limit was
   * used, which changes no amount. `anomaly`: an account or receipt was held, or asked to sign in again, which is about no charge:
   * `charge` is its reference then. A later gate may have others.
   */
  readonly kind: 'charge' | 'amend' | 'unsettled' | 'settled' | 'reversed' | 'threshold' | 'anomaly' | (string & {})
  /** RFC 3339. */
  readonly time: string
  /** The account; the `jti` of a receipt; or the name of a payment. Absent if nobody is named. */
  readonly subject?: string
  /** The id of the charge: that of the request in the gate's log. */
  readonly charge: string
  /** The charge that this one continues. */
  readonly repeats?: string
  /** How much of the response was delivered. */
  readonly delivery?: string
  readonly paidBy: 'account' | 'receipt' | 'payment' | (string & {})
  /** The machine payment that paid: its rail, state and reference. */
  readonly payment?: Members
  /** Facts of the request: `route`, `method`, `issuer` and others. */
  readonly request: Members
  /** What this record adds: negative for what is given back. */
  readonly change: UsageAmount
  /** What is kept of the charge from now on. */
  readonly kept: UsageAmount
  /** How the amount came about, if a meter counted it: `of`, such as a model, its `basis`, `lines` by class, `rates`, `tier`. */
  readonly breakdown?: Members
  /** The limit of a `threshold`: `name`, `threshold` in per cent, `quota`, `used`, `window`, `kind`, `since`, `resets`. */
  readonly limit?: Members
  /** What an `anomaly` did and stands on: `step` (`hold`, `ask`), `reference`, `until`, `evidence`, `for`. */
  readonly anomaly?: Members
}

/** Amounts as decimal strings: they may exceed the integers that JSON readers keep exact. */
export interface UsageAmount {
  /** Units by name: `{"requests": "1"}`. `BigInt` reads them. */
  readonly counts: Readonly<Record<string, string>>
  readonly price?: { readonly amount: string; readonly currency: string }
  /** Uses of a receipt. */
  readonly uses?: number
}

/** An object of JSON. */
type Members = Readonly<Record<string, unknown>>

const TYPE = 'faregate.usage.'

/** Reads a batch of CloudEvents; undefined if it is not one of usage. Members that are not known here are ignored. */
export function readUsageBatch(text: string): readonly UsageRecord[] | undefined {
  const batch = parseJson(text)
  if (!Array.isArray(batch)) return undefined
  const records: UsageRecord[] = []
  for (const event of batch) {
    const record = readRecord(event)
    if (record === undefined) return undefined
    records.push(record)
  }
  return records
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readRecord(event: unknown): UsageRecord | undefined {
  if (!isObject(event)) return undefined
  const { id, source, type, time, subject, data } = event
  if (!isText(id) || !isText(source) || !isText(type) || !isText(time) || !type.startsWith(TYPE)) return undefined
  if (!isAbsentOrText(subject) || !isObject(data)) return undefined
  const { charge, repeats, delivery, paidBy, payment, request, breakdown, limit, anomaly } = data
  if (!isText(charge) || !isText(paidBy) || !isAbsentOrText(repeats) || !isAbsentOrText(delivery)) return undefined
  if (!isObject(request) || !isAbsentOrObject(payment)) return undefined
  if (!isAbsentOrObject(breakdown) || !isAbsentOrObject(limit) || !isAbsentOrObject(anomaly)) return undefined
  const [change, kept] = [readAmount(data['change']), readAmount(data['kept'])]
  if (change === undefined || kept === undefined) return undefined
  return {
    id,
    source,
    kind: type.slice(TYPE.length),
    time,
    ...(subject === undefined ? {} : { subject }),
    charge,
    ...(repeats === undefined ? {} : { repeats }),
    ...(delivery === undefined ? {} : { delivery }),
    paidBy,
    ...(payment === undefined ? {} : { payment }),
    request,
    change,
    kept,
    ...(breakdown === undefined ? {} : { breakdown }),
    ...(limit === undefined ? {} : { limit }),
    ...(anomaly === undefined ? {} : { anomaly }),
  }
}

const WHOLE = /^-?\d{1,40}$/
const DECIMAL = /^-?\d{1,40}(?:\.\d{1,9})?$/

function readAmount(value: unknown): UsageAmount | undefined {
  if (!isObject(value)) return undefined
  const { counts, price, uses } = value
  if (!isObject(counts)) return undefined
  const units: [string, string][] = []
  for (const [name, count] of Object.entries(counts)) {
    if (typeof count !== 'string' || !WHOLE.test(count)) return undefined
    units.push([name, count])
  }
  const money = readPrice(price)
  if (price !== undefined && money === undefined) return undefined
  if (uses !== undefined && !(typeof uses === 'number' && Number.isSafeInteger(uses))) return undefined
  return {
    counts: Object.fromEntries(units),
    ...(money === undefined ? {} : { price: money }),
    ...(uses === undefined ? {} : { uses }),
  }
}

function readPrice(value: unknown): UsageAmount['price'] {
  if (!isObject(value)) return undefined
  const { amount, currency } = value
  return typeof amount === 'string' && DECIMAL.test(amount) && isText(currency) ? { amount, currency } : undefined
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isAbsentOrObject(value: unknown): value is Members | undefined {
  return value === undefined || isObject(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isAbsentOrText(value: unknown): value is string | undefined {
  return value === undefined || isText(value)
}
