/**
 * Shows an account what it used, day by day: the sums that its ledger keeps for thirteen months.
 *
 * A day is one of UTC, and a charge belongs to the day on which it was made; one that is open counts as reserved. So a time within
 * a day has no sum of its own, and is not asked for.
 */
import { parseInstant } from '../core/instant.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'
import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import { describeCounts } from '../ledger/ledgerview.ts'
import { withAllMore } from '../ledger/rules/amount.ts'
import { DAY_MS } from '../ledger/rules/calendar.ts'
import { type DailySum, OTHER_ROUTES } from '../ledger/rules/daily.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Call } from '../ports.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { type EndpointFactory, type EndpointRequest, READ } from './endpoint.ts'
import { exposeOwn, LEDGER_SILENT, readerAccount } from './owner.ts'

/**
 * `GET /__faregate/usage` with any credential of an account: what the account used, in sums of days of UTC. `from` and `to` (not
 * included) are midnights (RFC 3339) or dates; by default the last 31 days. `group` is `model`, `meter`, `route`, `key` or `tag`.
 * An answer has at most 31 days; `next` is the `from` of the next one.
 *
 * @example
 * ```ts options
 * endpoints: [usageReport()]
 * ```
 */
export function usageReport(): EndpointFactory {
  return {
    path: 'usage',
    create: (services) => ({
      methods: READ,
      expose: exposeOwn,
      answer: (asked, call) => answer(asked, call, services),
    }),
  }
}

async function answer(
  asked: EndpointRequest,
  call: Call,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  const owner = await readerAccount(asked, call, services)
  if (!owner.ok) return owner
  const { exchange, site } = asked
  const query = readQuery(new URLSearchParams(exchange.target.query), call.now)
  if (!query.ok) return err({ ...BAD_REQUEST, detail: query.error })
  const { issuer, account } = owner.value
  const ledger = services.ledgers && openLedger(services.ledgers, site.zone, { from: 'account', issuer, account })
  const { from, to, group } = query.value
  const before = Math.min(to, from + MOST_DAYS_SHOWN)
  const sums =
    ledger &&
    (await withTimeout(
      ledger.order('dailySums', { from, before }).catch(() => undefined),
      LEDGER_MS,
    ))
  if (sums?.ok !== true) return err(LEDGER_SILENT)
  return ok(
    endpointAnswer({
      instance: `urn:uuid:${exchange.id}`,
      zone: site.zone.name,
      from: timeOf(from),
      to: timeOf(before),
      group: group ?? null,
      sums: groupedBy(group, sums.value),
      next: before < to ? timeOf(before) : null,
    }),
  )
}

const GROUPS = ['model', 'meter', 'route', 'key', 'tag'] as const
type Group = (typeof GROUPS)[number]

interface UsageQuery {
  /** Days since 1970; `to` is not included. */
  readonly from: number
  readonly to: number
  readonly group: Group | undefined
}

/** The most days of one answer. */
const MOST_DAYS_SHOWN = 31

/** Error: what is expected. */
function readQuery(query: URLSearchParams, now: number): Result<UsageQuery, string> {
  const today = Math.floor(now / DAY_MS)
  const to = dayIn(query.get('to'), today + 1)
  const from = dayIn(query.get('from'), (to ?? today) - MOST_DAYS_SHOWN)
  if (from === undefined || to === undefined)
    return err('"from" and "to" are dates, or midnights of UTC, such as 2026-11-01T00:00:00Z: sums are by day.')
  if (from >= to) return err('"from" is a day before "to".')
  const named = query.get('group')
  const group = GROUPS.find((one) => one === named)
  if (named !== null && group === undefined) return err(`"group" is one of ${GROUPS.join(', ')}.`)
  return ok({ from, to, group })
}

function dayIn(text: string | null, fallback: number): number | undefined {
  if (text === null) return Math.max(0, fallback)
  const seconds = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  return seconds === undefined || (seconds * 1000) % DAY_MS !== 0 ? undefined : (seconds * 1000) / DAY_MS
}

function timeOf(day: number): string {
  return new Date(day * DAY_MS).toISOString()
}

interface SumView {
  readonly day: string
  readonly [group: string]: unknown
  readonly charges: number
  readonly counts: Readonly<Record<string, string>>
  readonly money: readonly MoneyView[]
}

/** Sums up the sums of each day by a name; those that the ledger has under no single name are under null. */
function groupedBy(group: Group | undefined, sums: readonly DailySum[]): readonly SumView[] {
  const groups = new Map<string, DailySum>()
  for (const sum of sums) {
    const key = `${sum.day} ${group === undefined ? '' : (nameIn(sum, group) ?? '')}`
    const known = groups.get(key)
    groups.set(key, known === undefined ? sum : added(known, sum))
  }
  return Array.from(groups.values(), (sum) => ({
    day: timeOf(sum.day).slice(0, 'YYYY-MM-DD'.length),
    ...(group && { [group]: nameIn(sum, group) ?? null }),
    charges: sum.charges,
    counts: describeCounts(sum.counts),
    money: sum.money.map(({ name, units }) => describeMoney({ units, currency: name })),
  }))
}

function nameIn(sum: DailySum, group: Group): string | undefined {
  return sum.route === OTHER_ROUTES ? undefined : sum[group]
}

function added(sum: DailySum, { charges, counts, money }: DailySum): DailySum {
  return {
    ...sum,
    charges: sum.charges + charges,
    counts: withAllMore(sum.counts, counts),
    money: withAllMore(sum.money, money),
  }
}

const BAD_REQUEST = { status: 400, title: 'Bad Request' }
