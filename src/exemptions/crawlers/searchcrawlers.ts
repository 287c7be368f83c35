import * as v from 'valibot'
import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import { isSafeUrl } from '../../config/rules/values.ts'
import { refusal } from '../../core/problem.ts'
import type { Call, Platform } from '../../ports.ts'
import type { Exempted, Exemption, ExemptionPlugin, ExemptionRequest } from '../exemption.ts'
import { fixedRanges, isRange, publishedRanges, type Ranges } from './ranges.ts'

/** A search engine's crawler that is known here by name, with the list of addresses that its operator publishes. */
export type KnownCrawler = keyof typeof KNOWN

/** A crawler by its name and its addresses. */
export interface NamedCrawler {
  /** A word of its user agent, compared without case. It opens nothing by itself: the address has to fit, too. */
  agent: string
  /** Address ranges in the notation of CIDR, or the URL of a published list (`{"prefixes": [{"ipv4Prefix": …}]}`). */
  ranges: string | string[]
}

/** Which crawlers see everything. */
export interface SearchCrawlersOptions {
  /**
   * The crawlers, by name. `cloudflare`: those that Cloudflare has verified as crawlers of search engines, and no others of its
   * categories.
   */
  verify: (KnownCrawler | 'cloudflare' | NamedCrawler)[]
}

const KNOWN = {
  googlebot: {
    agent: 'Googlebot',
    ranges: 'https://developers.google.com/static/search/apis/ipranges/googlebot.json',
  },
  bingbot: { agent: 'bingbot', ranges: 'https://www.bing.com/toolbox/bingbot.json' },
  applebot: { agent: 'Applebot', ranges: 'https://search.developer.apple.com/applebot.json' },
  duckduckbot: { agent: 'DuckDuckBot', ranges: 'https://duckduckgo.com/duckduckbot.json' },
} as const

const NAMES = ['googlebot', 'bingbot', 'applebot', 'duckduckbot', 'cloudflare'] as const
const USER_TRIGGERED =
  'expected a list of crawlers: what a user of that service triggers comes from these addresses, too, and would open every page'
const RANGES = 'expected an https URL of a published list, or ranges such as "192.0.2.0/24"'
const ranges = v.union(
  [
    v.pipe(
      v.string(RANGES),
      v.check((url) => isSafeUrl(url), RANGES),
      v.check((url) => !/user-?triggered|fetchers|[-_]user\b|assistbot/i.test(url), USER_TRIGGERED),
    ),
    v.pipe(
      v.array(
        v.pipe(
          v.string(RANGES),
          v.check((text) => isRange(text), RANGES),
        ),
      ),
      v.minLength(1, RANGES),
    ),
  ],
  RANGES,
)
const AGENT = 'expected a word of the user agent, of at least 4 letters'
const crawler = v.union(
  [
    v.picklist(NAMES),
    v.strictObject({ agent: v.pipe(v.string(AGENT), v.regex(/^[A-Za-z][\w.-]{3,63}$/, AGENT)), ranges }),
  ],
  `expected one of ${NAMES.join(', ')}, or {agent, ranges}`,
)
const schema = v.strictObject({
  verify: v.pipe(v.array(crawler, 'expected a list of crawlers'), v.minLength(1, 'expected at least one crawler')),
})

type CheckedCrawlers = v.InferOutput<typeof schema>

/**
 * Lets the crawlers of search engines read every page on sale, so that it can be found: if both the name and the address are those
 * of a crawler that is named here. From the copy that all share, uncharged, and with `noarchive`, so that no search engine shows a
 * copy of its own. Crawlers of AI, assistants and agents pay like anyone.
 *
 * @example
 * ```ts zone
 * exemptions: [searchCrawlers({ verify: ['googlebot', 'bingbot'] })]
 * ```
 */
export function searchCrawlers(options: SearchCrawlersOptions): ExemptionPlugin {
  const { faults, read } = pluginOptions((): v.GenericSchema<unknown, CheckedCrawlers> => schema, options)
  return { name: NAME, faults, create: (bindings, platform) => createCrawlers(read(bindings), platform) }
}

const NAME = 'crawler'

/** A crawler, as it is verified. */
interface Verified {
  readonly pattern: RegExp
  readonly ranges: Ranges
}

function createCrawlers({ verify }: CheckedCrawlers, platform: Pick<Platform, 'clock' | 'fetch'>): Exemption {
  const named = verify.flatMap((one): readonly NamedCrawler[] =>
    typeof one === 'string' ? (one === 'cloudflare' ? [] : [{ ...KNOWN[one] }]) : [one],
  )
  const crawlers = named.map(({ agent, ranges: given }): Verified => {
    const published = typeof given === 'string' ? publishedRanges(given, platform) : fixedRanges(given)
    return { pattern: new RegExp(`(?<![\\w-])${agent.replaceAll(/[.-]/g, '\\$&')}(?![\\w-])`, 'i'), ranges: published }
  })
  const asksCloudflare = verify.includes('cloudflare')
  return {
    name: NAME,
    showsWholePages: true,
    judge({ refusal: { reason } }, asked) {
      if (reason !== 'payment-required') return undefined
      if (asksCloudflare && categoryOf(asked.request) === SEARCH_ENGINE) return SERVED
      const agent = asked.exchange.fields.get('user-agent') ?? ''
      if (agent.length > MAX_CHARACTERS) return undefined
      const claimed = crawlers.filter(({ pattern }) => pattern.test(agent))
      return claimed.length === 0 ? undefined : judgeAddress(claimed, asked)
    },
  }
}

/** A longer name is no crawler's. */
const MAX_CHARACTERS = 512

const SERVED: Exempted = {
  kind: 'serve',
  proof: undefined,
  cost: undefined,
  fieldsFor: () => [['X-Robots-Tag', 'noarchive']],
}

/** A crawler that gets a refusal drops the page: it is asked to come again if its addresses are not known. */
const UNKNOWN: Exempted = {
  kind: 'refuse',
  refusal: refusal(
    'keys-unavailable',
    'The addresses of this crawler cannot be had at the moment. Nothing was charged.',
    {
      retryAfterSeconds: 300,
    },
  ),
}

async function judgeAddress(
  claimed: readonly Verified[],
  { clientAddress, call }: { readonly clientAddress: ExemptionRequest['clientAddress']; readonly call: Call },
): Promise<Exempted | undefined> {
  const address = clientAddress()
  if (address === undefined) return undefined
  const found = await Promise.all(claimed.map(({ ranges: known }) => known.has(address, call)))
  if (found.includes(true)) return SERVED
  return found.includes(undefined) ? UNKNOWN : undefined
}

/** The name that Cloudflare gives to crawlers of search engines. Its other categories open nothing. */
const SEARCH_ENGINE = 'Search Engine Crawler'

/** Returns the category of a bot that Cloudflare has verified. The runtime alone can set it. */
function categoryOf(request: Request): unknown {
  const facts: unknown = 'cf' in request ? request.cf : undefined
  return typeof facts === 'object' && facts !== null && 'verifiedBotCategory' in facts
    ? facts.verifiedBotCategory
    : undefined
}
