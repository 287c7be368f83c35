import { withoutKeys } from '../access/limit.ts'
import type { Limit } from '../access/limit.ts'
import type { ApplicableLimit } from '../access/applicable.ts'
import type { Amount, ChargeView, LimitStatus, ReadCommand, LedgerSnapshot, Units } from './rules/commands.ts'
import { type BreakdownView, describeBreakdown } from './rules/breakdown.ts'
import type { Holder } from './rules/name.ts'
import { openLedger } from './rules/place.ts'
import type { Ledgers } from '../ports.ts'
import type { Zone } from '../zone.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import { describeMoney, type Money, type MoneyView } from '../core/money.ts'
import { debtOf, spendable } from './rules/credit.ts'

/** A fact of a ledger. Null if the zone keeps none, `unavailable` if it did not answer. */
export type Availability<T> = T | 'unavailable' | null

/** Reads a ledger, and changes nothing. Never throws. */
export async function readLedger(
  ledgers: Ledgers | undefined,
  zone: Zone,
  holder: Holder,
  command: ReadCommand,
): Promise<Availability<LedgerSnapshot>> {
  if (ledgers === undefined) return null
  const asked = (async () => openLedger(ledgers, zone, holder).read(command))()
  const reading = await withTimeout(
    asked.catch(() => undefined),
    LEDGER_MS,
  )
  return reading?.ok === true ? reading.value : 'unavailable'
}

/** Applies `show` to a snapshot, if there is one. */
export function availabilityOf<T>(
  reading: Availability<LedgerSnapshot>,
  show: (reading: LedgerSnapshot) => T,
): Availability<T> {
  return reading === null || reading === 'unavailable' ? reading : show(reading)
}

/** A time in RFC 3339, and in seconds since 1970. */
export interface InstantView {
  readonly at: string
  readonly seconds: number
}

/** A limit as its account sees it. Amounts are strings: JSON readers may not hold such numbers. */
export interface LimitView extends Pick<Limit, 'name' | 'unit' | 'window' | 'kind'> {
  readonly quota: string
  readonly from: 'token' | 'key' | 'route'
  readonly routes?: readonly string[]
  readonly usage: Availability<UsageView>
}

export interface UsageView {
  readonly used: string
  readonly remaining: string
  readonly reset: InstantView & { readonly inSeconds: number }
}

export function describeLimit(
  { limit, routes }: ApplicableLimit,
  usage: Availability<LimitStatus>,
  now: number,
): LimitView {
  const { name: own, of: name = own, quota, unit, window, kind } = limit
  return {
    name,
    quota: String(quota),
    unit,
    window,
    kind,
    from: limit.of !== undefined ? 'key' : routes === undefined ? 'token' : 'route',
    ...(routes && { routes }),
    usage: usage === null || usage === 'unavailable' ? usage : describeUsage(usage, now),
  }
}

function describeUsage({ used, remaining, resetSeconds }: LimitStatus, now: number): UsageView {
  // The ledger rounds up, so the reset falls on a whole second.
  const reset = { ...instant(Math.floor(now / 1000) + resetSeconds), inSeconds: resetSeconds }
  return { used: String(used), remaining: String(remaining), reset }
}

/** Describes what can be spent of the credit in each currency. */
export function describeCredit({ credit }: Pick<LedgerSnapshot, 'credit'>): readonly MoneyView[] {
  return credit.map((balance) => describeMoney(spendable(balance)))
}

/** Describes the debts: credit that was taken back after it was spent. Has no member if there are none. */
export function describeDebts({ credit }: Pick<LedgerSnapshot, 'credit'>): { readonly debt?: readonly MoneyView[] } {
  const debts = credit.flatMap((balance) => debtOf(balance) ?? [])
  return debts.length === 0 ? {} : { debt: debts.map(describeMoney) }
}

/** Describes the credit in one currency, or the debt. */
export function describeBalance(balance: Money): { readonly credit: MoneyView; readonly debt?: MoneyView } {
  const debt = debtOf(balance)
  return { credit: describeMoney(spendable(balance)), ...(debt && { debt: describeMoney(debt) }) }
}

/** The charges of a ledger as its account sees them. */
export interface ChargesView {
  /** Latest first. */
  readonly last: readonly ListedCharge[]
  /** The number of charges whose end was never reported. */
  readonly unsettled: number
  /** The number of charges ever made. */
  readonly total: number
}

export interface ListedCharge extends Pick<ChargeView, 'id' | 'state'> {
  readonly route: ChargeView['facts'][string] | undefined
  readonly method: ChargeView['facts'][string] | undefined
  readonly time: InstantView
  readonly delivery: NonNullable<ChargeView['delivery']> | null
  /** How the amount came about, if a meter counted it. */
  readonly breakdown?: BreakdownView
  /** The amount kept: units by name, money, and uses of a receipt. */
  readonly counts: Readonly<Record<string, string>>
  readonly price: MoneyView | null
  readonly uses?: number
}

export function describeCharges({ recent, totals }: LedgerSnapshot): ChargesView {
  return { last: recent.map(describeCharge), unsettled: totals.unsettled, total: totals.charges }
}

/** Describes one charge. */
export function describeCharge({ id, at, state, delivery, kept, breakdown, facts }: ChargeView): ListedCharge {
  const { route, method } = facts
  const told = breakdown && { breakdown: describeBreakdown(breakdown) }
  return { id, time: momentOf(at), route, method, state, delivery: delivery ?? null, ...describeAmount(kept), ...told }
}

/** Describes an amount. Members without a value are left out, or null. */
export function describeAmount({ counts, price, uses }: Amount): Pick<ListedCharge, 'counts' | 'price' | 'uses'> {
  return {
    counts: describeCounts(counts),
    price: price === undefined ? null : describeMoney(price),
    ...(uses === 0 ? {} : { uses }),
  }
}

/** Writes counts by name, as strings: JSON readers may not hold such numbers. */
export function describeCounts(counts: readonly Units[]): Readonly<Record<string, string>> {
  return Object.fromEntries(withoutKeys(counts).map(({ name, units }) => [name, String(units)]))
}

/** Formats a time given in seconds since 1970. */
export function instant(seconds: number): InstantView {
  return { at: new Date(seconds * 1000).toISOString(), seconds }
}

/** Formats a time given in milliseconds since 1970. */
export function momentOf(ms: number): InstantView {
  return { at: new Date(ms).toISOString(), seconds: Math.floor(ms / 1000) }
}
