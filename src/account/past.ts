/**
 * What an account page shows beside the account's state: what the last thirty days took, API keys and feeds.
 *
 * Each is a fact of the ledger that is read by itself, so that one that does not answer in time hides no other.
 */
import type { Entitlement } from '../access/entitlement.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import { type Availability, describeCounts } from '../ledger/ledgerview.ts'
import { withAllMore } from '../ledger/rules/amount.ts'
import { DAY_MS } from '../ledger/rules/calendar.ts'
import type { CredentialKind, IssuedCredential } from '../ledger/rules/credentials.ts'
import type { DailySum } from '../ledger/rules/daily.ts'
import type { OrderCommand, OrderName, OrderOutcome } from '../ledger/rules/orders.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Ledgers } from '../ports.ts'
import type { Site } from '../site.ts'

/** What is known of an account's past. Keys and feeds are absent in zones without them. */
export interface PastView {
  readonly spend: Availability<SpendView>
  readonly keys?: Availability<readonly IssuedView[]>
  readonly feeds?: Availability<readonly IssuedView[]>
}

/** The sums of thirty days, in UTC. A day belongs to its charges' beginnings. */
export interface SpendView {
  /** The first day: `2026-11-01`. */
  readonly from: string
  /** The day after the last. */
  readonly to: string
  /** The days with charges, in order. */
  readonly days: readonly SpendDay[]
}

export interface SpendDay {
  readonly day: string
  readonly charges: number
  readonly counts: Readonly<Record<string, string>>
  readonly money: readonly MoneyView[]
}

/** An API key or a feed, without its secret. Times are RFC 3339; `lastUsed` is a day. */
export interface IssuedView {
  readonly id: string
  readonly name: string
  readonly created: string
  readonly lastUsed: string | null
  readonly expires: string | null
  readonly isDisabled: boolean
}

/** The number of days that are shown. */
export const SHOWN_DAYS = 30

/** Reads what is known of an account's past. Never throws. */
export async function readPast(
  { issuer, account }: Entitlement,
  { zone, rails }: Site,
  ledgers: Ledgers | undefined,
  now: number,
): Promise<PastView> {
  const ledger = ledgers && openLedger(ledgers, zone, { from: 'account', issuer, account })
  const ask = async <N extends OrderName>(
    name: N,
    command: OrderCommand<N>,
  ): Promise<Availability<OrderOutcome<N>>> => {
    if (ledger === undefined) return null
    const asked = (async () => ledger.order(name, command))()
    const answer = await withTimeout(
      asked.catch(() => undefined),
      LEDGER_MS,
    )
    return answer?.ok === true ? answer.value : 'unavailable'
  }
  const issued = async (kind: CredentialKind): Promise<Availability<readonly IssuedView[]>> => {
    const listed = await ask('listCredentials', kind)
    return isRead(listed) ? listed.map(describeIssued) : listed
  }
  const before = Math.floor(now / DAY_MS) + 1
  const from = before - SHOWN_DAYS
  const has = (rail: string): boolean => rails.some(({ name }) => name === rail)
  const [sums, keys, feeds] = await Promise.all([
    ask('dailySums', { from, before }),
    has('keys') ? issued('key') : undefined,
    has('feeds') ? issued('feed') : undefined,
  ])
  return {
    spend: isRead(sums) ? { from: dayText(from), to: dayText(before), days: describeDays(sums) } : sums,
    ...(keys !== undefined && { keys }),
    ...(feeds !== undefined && { feeds }),
  }
}

/** Returns true if a fact of the ledger is there. */
export function isRead<T>(fact: Availability<T>): fact is T {
  return fact !== null && fact !== 'unavailable'
}

/** Hides the past of an account whose state is hidden, or cannot be read. */
export function hidePast({ keys, feeds }: PastView, as: 'unavailable' | null): PastView {
  return { spend: as, ...(keys !== undefined && { keys: as }), ...(feeds !== undefined && { feeds: as }) }
}

function describeIssued({ id, name, createdAt, lastUsedDay, expires, isDisabled }: IssuedCredential): IssuedView {
  return {
    id,
    name,
    created: new Date(createdAt).toISOString(),
    lastUsed: lastUsedDay === undefined ? null : dayText(lastUsedDay),
    expires: expires === undefined ? null : new Date(expires).toISOString(),
    isDisabled: isDisabled === true,
  }
}

/** Adds up the sums of each day. */
function describeDays(sums: readonly DailySum[]): readonly SpendDay[] {
  const days = new Map<number, Pick<DailySum, 'charges' | 'counts' | 'money'>>()
  for (const { day, charges, counts, money } of sums) {
    const known = days.get(day)
    days.set(day, {
      charges: charges + (known?.charges ?? 0),
      counts: withAllMore(known?.counts ?? [], counts),
      money: withAllMore(known?.money ?? [], money),
    })
  }
  return Array.from(days, ([day, { charges, counts, money }]) => ({
    day: dayText(day),
    charges,
    counts: describeCounts(counts),
    money: money.map(({ name, units }) => describeMoney({ units, currency: name })),
  }))
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length)
}
