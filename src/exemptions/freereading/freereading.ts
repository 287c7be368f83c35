import * as v from 'valibot'
import type { AccountCost } from '../../access/cost.ts'
import type { Limit } from '../../access/limit.ts'
import type { Proof } from '../../access/proof.ts'
import { cachePartitionOf } from '../../cache/rules/key.ts'
import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import { text, whole } from '../../config/rules/values.ts'
import { type Reason, type Refusal, refusal } from '../../core/problem.ts'
import { prefersHtml } from '../../http/accept.ts'
import { instantText } from '../../http/date.ts'
import type { Field } from '../../http/rules/exchange.ts'
import { isPathPattern } from '../../http/rules/pattern.ts'
import { isPrefetch } from '../../http/rules/prefetch.ts'
import { rateLimitFields } from '../../ledger/rules/ratelimitfields.ts'
import { newestGateKey } from '../../secrets/gatekeys.ts'
import type { Exempted, Exemption, ExemptionPlugin, ExemptionRequest, RefusedDecision } from '../exemption.ts'
import {
  markOf,
  MOST_PAGES,
  newReader,
  nothingRead,
  readCookie,
  type ReadPages,
  readPagesIn,
  withPage,
} from './cookie.ts'
import { type NetworkBound, Networks } from './networks.ts'
import { type FreePeriod, periodAround } from './rules/period.ts'
import { isVisit, pageName } from './rules/visit.ts'

/** How much may be read for nothing. */
export interface FreeReadingOptions {
  /** The pages of a period: 1 to 30. */
  views: number
  /** The paths of routes, as configured: no others are read for nothing. Default: all with `requires`. */
  routes?: string[]
  /** A day, a week from Monday on, or a month of the calendar, in UTC. Default `P1M`. */
  every?: FreePeriod
  /**
   * `cookie`: a cookie lists what was read, without an identifier; who sends an older value again reads more. `ledger`: a ledger
   * counts exactly, for a random name in the cookie. Default `cookie`.
   */
  keep?: 'cookie' | 'ledger'
  /**
   * How many pages may be opened in this way from one network (/24 or /48), counted by each isolate by itself: it bounds what
   * comes of cookies that are thrown away. Default 100 a day.
   */
  perNetwork?: NetworkBound
  /** The pages of a period for an account whose plan does not include them; its ledger counts exactly. Default: none. */
  signedIn?: { views: number }
}

type CheckedFree = Required<Omit<FreeReadingOptions, 'signedIn' | 'routes'>> & {
  readonly routes?: readonly string[] | undefined
  readonly signedIn?: { views: number } | undefined
}

const PATH = 'expected paths of routes, such as "/articles/*"'
const views = whole(1, MOST_PAGES)
const schema = v.strictObject({
  views,
  routes: v.optional(v.pipe(v.array(v.pipe(text, v.check(isPathPattern, PATH))), v.minLength(1, PATH))),
  every: v.optional(v.picklist(['P1D', 'P1W', 'P1M'], 'expected "P1D", "P1W" or "P1M"'), 'P1M'),
  keep: v.optional(v.picklist(['cookie', 'ledger'], 'expected "cookie" or "ledger"'), 'cookie'),
  perNetwork: v.optional(v.strictObject({ views: whole(1, 1_000_000), seconds: whole(60, 31 * 86_400) }), {
    views: 100,
    seconds: 86_400,
  }),
  signedIn: v.optional(v.strictObject({ views })),
})

/**
 * Lets readers open some pages of each period for nothing: on routes with `requires`, as a page that is opened in a browser.
 * The same page again in the period is free. What is fetched ahead, framed or read by programs counts nothing and opens
 * nothing. Needs `secrets.gate`.
 *
 * @example
 * ```ts zone
 * exemptions: [freeReading({ views: 3, every: 'P1M' })]
 * ```
 */
export function freeReading(options: FreeReadingOptions): ExemptionPlugin {
  const { faults, read } = pluginOptions((): v.GenericSchema<unknown, CheckedFree> => schema, options)
  return {
    name: NAME,
    needsGateKey: true,
    faults,
    create: (bindings) => createFreeReading(read(bindings)),
  }
}

const NAME = 'free-reading'

/** The refusals that a free view may take the place of. */
const OPENED: ReadonlySet<Reason> = new Set<Reason>([
  'payment-required',
  'credential-malformed',
  'credential-ambiguous',
  'credential-invalid',
  'credential-expired',
  'subscription-inactive',
  'entitlement-insufficient',
])

const PREFETCH_DECLINED = refusal(
  'prefetch-declined',
  'This is counted once it is opened, so it is not fetched ahead. Nothing was counted.',
)

function createFreeReading(options: CheckedFree): Exemption {
  const networks = new Map<string, Networks>()
  return {
    name: NAME,
    judge(refused, asked) {
      const { exchange, zone, route } = asked
      if (!OPENED.has(refused.refusal.reason) || zone.gateKeys === undefined || route.terms.kind !== 'paid')
        return undefined
      if (options.routes?.includes(route.terms.offer.resource) === false) return undefined
      if (route.terms.offer.entitlements.length === 0 || !isVisit(exchange, prefersHtml(exchange.fields.get('accept'))))
        return undefined
      const key = newestGateKey(zone.gateKeys, 'free-reading', zone.id).bytes
      const network = networks.get(zone.id) ?? new Networks(options.perNetwork, key)
      networks.set(zone.id, network)
      return judgeVisit(refused, asked, options, network)
    },
  }
}

/** Opens a page that was read before, or one more. Refused with what is known of the period if none is left. */
function judgeVisit(
  { refusal: why, proof }: RefusedDecision,
  asked: ExemptionRequest,
  options: CheckedFree,
  networks: Networks,
): Exempted | undefined {
  const { exchange, zone, route, clientAddress } = asked
  if (zone.gateKeys === undefined) return undefined
  const { start, end } = periodAround(options.every, exchange.now)
  const period = { start, end, seconds: Math.ceil((end - exchange.now) / 1000) }
  const came = readPagesIn(exchange.fields, zone.gateKeys, zone.id, start / 1000)
  const read = came ?? nothingRead(zone.gateKeys, zone.id, start / 1000)
  const page = pageName(exchange.target.path, cachePartitionOf(exchange, route, undefined).query)
  const mark = markOf(read.key, read.period, page)
  const account = signedInAs(why, proof, options)
  const quota = account === undefined ? options.views : (options.signedIn?.views ?? options.views)
  if (read.marks.includes(mark))
    return { ...FOR_NOTHING, fieldsFor: () => limitFields(quota, read.marks.length, period) }
  if (isPrefetch(exchange.fields)) return { kind: 'refuse', refusal: PREFETCH_DECLINED }
  const usedUp: Exempted = { kind: 'refuse', refusal: spent(why, quota, period) }
  const isExact = account !== undefined || (options.keep === 'ledger' && came?.reader !== undefined)
  if (!isExact && read.marks.length >= quota) return usedUp
  const release = account === undefined ? networks.reserve(clientAddress(), exchange.now) : () => undefined
  if (release === undefined) return undefined
  const next = withReader(withPage(read, mark), options)
  const cost = account ?? (isExact && came?.reader !== undefined ? readerCost(came.reader, options) : undefined)
  return {
    ...FOR_NOTHING,
    proof: account === undefined ? undefined : proof,
    cost,
    refusedAs: (refused) => (refused.reason === 'usage-limit-reached' ? spent(why, quota, period) : refused),
    release,
    fieldsFor(answer) {
      if (isFailure(answer)) release()
      if (!isContent(answer)) return []
      const kept = next.marks.length > MOST_PAGES ? read : next
      const left = limitFields(quota, kept.marks.length, period)
      return [['Set-Cookie', readCookie(kept, period.seconds)], ...(cost === undefined ? left : [])]
    },
  }
}

const FOR_NOTHING = { kind: 'serve', proof: undefined, cost: undefined } as const

/** Gives a reader a name, where a ledger counts: the first page is counted in no ledger, so who keeps no cookie has none. */
function withReader(read: ReadPages, { keep }: CheckedFree): ReadPages {
  return keep === 'cookie' || read.reader !== undefined ? read : { ...read, reader: newReader() }
}

interface FreeTime {
  readonly start: number
  readonly end: number
  readonly seconds: number
}

/** Refuses as before, and says when there is more. */
function spent(why: Refusal, quota: number, { end }: FreeTime): Refusal {
  const facts = { ...why.facts, views: { quota, resetsAt: end / 1000 } }
  if (why.reason !== 'payment-required') return { ...why, facts }
  const detail = `The free pages of this period (${quota}) have been read. There are new ones from ${instantText(end / 1000)} on.`
  return { ...why, detail, facts }
}

/** The refusals of accounts that are signed in. Who shows a token that has expired is not. */
const SIGNED_IN: ReadonlySet<Reason> = new Set<Reason>(['subscription-inactive', 'entitlement-insufficient'])

/** Returns the cost of a view of an account that is signed in, if such accounts read more. */
function signedInAs(
  { reason }: Refusal,
  proof: Proof | undefined,
  { signedIn, every }: CheckedFree,
): AccountCost | undefined {
  if (signedIn === undefined || proof?.kind !== 'entitlement' || !SIGNED_IN.has(reason)) return undefined
  return costOf(proof.issuer, proof.account, limitOf(signedIn.views, every))
}

/** The issuer of readers without an account, who are known by the random name in their cookie alone. */
const READERS = 'urn:faregate:free-reading'

/** Returns the cost of a view of a named reader. The one that named them was counted nowhere. */
function readerCost(reader: string, { views: most, every }: CheckedFree): AccountCost {
  return costOf(READERS, reader, limitOf(most - 1, every))
}

function costOf(issuer: string, account: string, limit: Limit): AccountCost {
  const counts = [{ name: limit.name, units: 1n }]
  return { from: 'account', issuer, account, price: undefined, counts, limits: [limit] }
}

const WEEK_SECONDS = 7 * 86_400
/** The first Monday of 1970. */
const FIRST_MONDAY_SECONDS = 4 * 86_400

function limitOf(quota: number, every: FreePeriod): Limit {
  const limit = { name: 'free', quota: BigInt(quota), unit: 'views', kind: 'fixed' } as const
  if (every !== 'P1W') return { ...limit, window: every, anchor: undefined }
  return { ...limit, window: WEEK_SECONDS, anchor: FIRST_MONDAY_SECONDS }
}

/** Returns true if the page was there: what fails, or leads elsewhere, is no view. */
function isContent({ status }: Response): boolean {
  return (status >= 200 && status < 300) || status === 304
}

/** Returns true for an answer that leaves the network what it had: an origin in trouble, or one that says where the page is. */
function isFailure({ status }: Response): boolean {
  return status >= 500 || (status >= 300 && status < 400 && status !== 304)
}

/** Returns the fields that say how much is left. */
function limitFields(quota: number, used: number, { start, end, seconds }: FreeTime): readonly Field[] {
  const remaining = BigInt(Math.max(0, quota - used))
  const windowSeconds = (end - start) / 1000
  const standing = {
    name: 'free',
    quota: BigInt(quota),
    unit: 'views',
    windowSeconds,
    remaining,
    resetSeconds: seconds,
  }
  const fields = rateLimitFields([standing])
  if (fields === undefined) return []
  return [
    ['RateLimit-Policy', fields.policy],
    ['RateLimit', fields.limit],
  ]
}
