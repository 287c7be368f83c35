import * as v from 'valibot'
import { parseDecimal } from '../../../core/money.ts'
import type { Fault } from '../../../config/rules/fault.ts'
import { faultOf } from '../../../config/rules/fault.ts'
import { namedIdentity } from './agent.ts'

/** How one agent pays for pages. */
export interface CrawlerTerms {
  /** From prepaid credit, or later: what it owes is a debt of its account, and billing is told of every charge. */
  billing: 'credit' | 'postpaid'
  /** The most that it spends on a day of UTC, in the currency of each price. Default: no bound. */
  maxPerDay?: string
}

/** Which crawlers pay for pages, and which are asked to. */
export interface CrawlOptions {
  /** The agents that may pay, by the URL that publishes their keys. */
  agents?: Record<string, CrawlerTerms>
  /** Who is told prices: agents that have signed the request, everyone but people, or crawlers by a word of their user agent. Default `verified`. */
  ask?: 'verified' | 'all' | { userAgents: string[] }
  /** Any agent may pay, from prepaid credit. Its keys are fetched from the host that it names. */
  any?: true
  /** Keys of RFCs count, whose private halves everybody knows: in tests alone. */
  testKeys?: true
}

const AGENT = 'expected the https URL that publishes an agent\'s keys, as "https://bot.example"'
const AMOUNT = 'expected a decimal string above zero, such as "5.00"'
const WORD = 'expected a word of a user agent, of at least 3 letters'

const terms = v.strictObject({
  billing: v.picklist(['credit', 'postpaid'], 'expected "credit" or "postpaid"'),
  maxPerDay: v.optional(
    v.pipe(
      v.string(AMOUNT),
      v.check((amount) => (parseDecimal(amount) ?? 0n) > 0n, AMOUNT),
    ),
  ),
})

const schema = v.pipe(
  v.strictObject({
    agents: v.optional(
      v.record(
        v.pipe(
          v.string(),
          v.check((url) => namedIdentity(url) !== undefined, AGENT),
        ),
        terms,
      ),
      {},
    ),
    ask: v.optional(
      v.union(
        [
          v.picklist(['verified', 'all']),
          v.strictObject({
            userAgents: v.pipe(v.array(v.pipe(v.string(WORD), v.regex(/^[\w.-]{3,64}$/, WORD))), v.minLength(1, WORD)),
          }),
        ],
        'expected "verified", "all" or {userAgents: [...]}',
      ),
      'verified',
    ),
    any: v.optional(v.literal(true, 'expected true, or nothing')),
    testKeys: v.optional(v.literal(true, 'expected true, or nothing')),
  }),
  v.check(
    ({ agents, any }) => any === true || Object.keys(agents).length > 0,
    'expected at least one of "agents", or any: true',
  ),
)

/** Checked options; those with faults name no agent. */
export interface CheckedCrawl {
  readonly agents: ReadonlyMap<string, v.InferOutput<typeof terms>>
  readonly ask: 'verified' | 'all' | { readonly userAgents: readonly string[] }
  readonly any: boolean
  readonly allowsTestKeys: boolean
  readonly faults: readonly Fault[]
}

/** Checks the options of `crawl()`. They may be any value: types are not checked when a configuration runs. */
export function checkCrawl(options: unknown): CheckedCrawl {
  const parsed = v.safeParse(schema, options)
  if (!parsed.success)
    return { agents: new Map(), ask: 'verified', any: false, allowsTestKeys: false, faults: parsed.issues.map(faultOf) }
  const { agents, ask, any, testKeys } = parsed.output
  const named = Object.entries(agents).map(([url, given]) => [namedIdentity(url) ?? url, given] as const)
  return { agents: new Map(named), ask, any: any === true, allowsTestKeys: testKeys === true, faults: [] }
}
