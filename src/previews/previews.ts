/**
 * Keeps what is public of pages on sale, in the isolate of the gate.
 *
 * A refusal must stay cheap, so a page is read once, and its public part is kept for as long as the page would be fresh. It is
 * made from the copy that paying readers share, or, if there is none, from the origin: by at most so many requests a second in a
 * zone, without any field of the visitor. A purge of the page ends it, wherever the purge was made, and so does a change that
 * went through this gate.
 */
import type { ArticleFacts } from '../access/article.ts'
import type { PreviewPolicy } from '../access/previewpolicy.ts'
import { assess } from '../cache/rules/freshness.ts'
import { isPurged, type Purgeable } from '../cache/rules/purge.ts'
import type { PurgeFeed } from '../cache/purgenews.ts'
import type { MemoryCache } from '../content/memory.ts'
import { match } from '../access/route.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { readTarget } from '../http/rules/target.ts'
import { LruCache } from '../core/lru.ts'
import { withTimeout } from '../http/timeout.ts'
import type { AdmittedRequest, Answer, Clock } from '../ports.ts'
import type { Zone } from '../zone.ts'
import type { NewPageParser } from './rules/pageparser.ts'
import { readPublic } from './extract.ts'
import { letGo, originPage, pageRequest, type PreviewRequest, type PreviewWays, storedPage } from './page.ts'
import { Allowance } from './rules/allowance.ts'

/** What is publicly known of a page on sale. */
export type FoundPreview =
  | { readonly kind: 'article'; readonly article: ArticleFacts }
  /** The origin has no such page. */
  | { readonly kind: 'gone' }

/** Finds what is public of pages on sale. */
export interface Previews {
  /** Returns what is known of a page; undefined if nothing can be shown. Never throws. */
  find(asked: PreviewRequest, ways: PreviewWays): Eventually<FoundPreview | undefined>
  /** Forgets what is known of a zone, or of one path in it. */
  forget(zone: Zone, path?: string): void
}

/** The services that previews need. */
export interface PreviewsOptions {
  readonly memory: MemoryCache
  readonly clock: Clock
  /** Tells of purges; absent if nothing does. */
  readonly news: PurgeFeed | undefined
  readonly newPageParser: NewPageParser
  /** As `Platform.sharesPromises`. */
  readonly sharesPromises: boolean | undefined
}

interface Fetching {
  readonly reading: Promise<KeptPreview>
  readonly at: number
}

interface KeptPreview {
  readonly found: FoundPreview | undefined
  readonly until: number
  readonly facts: Purgeable
  /** The state of the zone and of the path when the page was asked for. */
  readonly generation: string
}

const MAX_BYTES = 8 * 1024 * 1024
/** How long what no cache may keep is remembered, what is not there, and that nothing could be read. */
const UNSTORED_MS = 60_000
const GONE_MS = 60_000
const FAILED_MS = 10_000
const UNASKED_MS = 1000
/** How long a refusal waits for the page. */
const MOST_WAITING_MS = 2000
const MOST_FETCHING_MS = 60_000
const MOST_MS = 86_400_000
/** Without news of purges made elsewhere nothing is kept for longer. */
const MOST_WITHOUT_NEWS_MS = 60_000

export function createPreviews(options: PreviewsOptions): Previews {
  const { news } = options
  const kept = new LruCache<KeptPreview>(MAX_BYTES, ({ found }) => sizeOf(found))
  const fetching = new Map<string, Fetching>()
  const generations = new Generations()
  const reader = new PageReader(options)

  /** Reads a page once for all who want it. A refusal waits a moment for that, and comes without if it takes longer. */
  async function fetchAnew(
    key: string,
    page: AdmittedRequest,
    policy: PreviewPolicy,
    ways: PreviewWays,
  ): Promise<FoundPreview | undefined> {
    const running = fetching.get(key)
    // What died with its request never ends.
    const isRunning = running !== undefined && options.clock() - running.at < MOST_FETCHING_MS
    if (isRunning && options.sharesPromises === false) return undefined
    const reading = isRunning ? running.reading : begin()
    return (await withTimeout(reading, MOST_WAITING_MS))?.found

    function begin(): Promise<KeptPreview> {
      const generation = generations.of(page)
      const reading = reader.read(page, policy, ways).then((read): KeptPreview => {
        const fresh = { ...read, generation }
        fetching.delete(key)
        kept.set(key, fresh)
        return fresh
      })
      fetching.set(key, { reading, at: options.clock() })
      ways.call.waitUntil(reading)
      return reading
    }
  }

  return {
    find(asked, ways) {
      const { zone, route, exchange } = asked
      const policy = route.terms.kind === 'paid' ? route.terms.preview : undefined
      const page = policy && pageRequest(asked)
      if (policy === undefined || page === undefined) return undefined
      const key = keyOf(page)
      const known = kept.get(key)
      if (known === undefined || known.until <= exchange.now || known.generation !== generations.of(page))
        return fetchAnew(key, page, policy, ways)
      return after(news?.latest(zone, ways.call), (latest) =>
        latest !== undefined && isPurged(known.facts, latest) ? fetchAnew(key, page, policy, ways) : known.found,
      )
    },
    forget: (zone, path) => generations.add(zone, path),
  }
}

type ReadPreview = Omit<KeptPreview, 'generation'>

/** Reads pages: from the copy that paying readers share, or from the origin as often as it may. */
class PageReader {
  readonly #options: PreviewsOptions
  readonly #allowances = new Map<string, Allowance>()

  constructor(options: PreviewsOptions) {
    this.#options = options
  }

  /** Reads what is public of a page. Never throws. */
  async read(page: AdmittedRequest, policy: PreviewPolicy, ways: PreviewWays): Promise<ReadPreview> {
    const { clock, memory, newPageParser } = this.#options
    const failed = { found: undefined, facts: factsOf(page, undefined), until: clock() + FAILED_MS }
    try {
      const answer = (await storedPage(page, ways, memory)) ?? (await this.#fromOrigin(page, policy, ways))
      // Not asked for: the next reader may try.
      if (answer === undefined) return { ...failed, until: policy.from === 'copy' ? 0 : clock() + UNASKED_MS }
      const found = await readAnswer(answer, page, policy, newPageParser)
      return { found, facts: factsOf(page, answer), until: clock() + this.#keptMs(found, answer, page) }
    } catch {
      return failed // the origin broke off
    }
  }

  #fromOrigin(page: AdmittedRequest, policy: PreviewPolicy, ways: PreviewWays): Eventually<Answer | undefined> {
    if (policy.from === 'copy') return undefined
    const { id, previewsPerSecond } = page.zone
    const allowance = this.#allowances.get(id) ?? new Allowance(previewsPerSecond)
    this.#allowances.set(id, allowance)
    const { clock, memory } = this.#options
    return allowance.take(clock()) ? originPage(page, ways, memory) : undefined
  }

  #keptMs(found: FoundPreview | undefined, answer: Answer, page: AdmittedRequest): number {
    if (found?.kind === 'gone') return GONE_MS
    if (found === undefined) return FAILED_MS
    const { ttlSeconds } = answer
    const freshMs = ttlSeconds === undefined ? freshMsOf(answer, page, this.#options.clock()) : ttlSeconds * 1000
    const most = this.#options.news === undefined ? MOST_WITHOUT_NEWS_MS : MOST_MS
    return Math.min(most, freshMs > 0 ? freshMs : UNSTORED_MS)
  }
}

/** Returns how long a page stays fresh from now on, by its fields; 0 if they do not say. */
function freshMsOf({ response: { status, headers }, copy }: Answer, { route }: AdmittedRequest, now: number): number {
  const read = (name: string): string | null => headers.get(name)
  const received = { status, read, requestedAt: now, respondedAt: now }
  const freshness = copy?.stored.freshness ?? assess(received, route.cache)
  if (freshness === undefined || freshness.isUnproven) return 0
  const sinceMs = copy === undefined ? 0 : now - copy.stored.respondedAt
  return freshness.lifetimeMs - freshness.initialAgeMs - sinceMs
}

async function readAnswer(
  { response }: Answer,
  { zone }: AdmittedRequest,
  policy: PreviewPolicy,
  newPageParser: NewPageParser,
): Promise<FoundPreview | undefined> {
  const { status, headers, body } = response
  const type = headers.get('content-type')
  if (status === 200 && type !== null && body !== null && !headers.has('content-encoding')) {
    const article = await readPublic({ type, body }, policy, newPageParser)
    return article && { kind: 'article', article: withOwnImage(article, zone) }
  }
  letGo(response)
  return status === 404 || status === 410 ? { kind: 'gone' } : undefined
}

/**
 * Names an image of the zone's own by its path, so that pages may show it; drops the image if its path is not free, as nobody who
 * is refused would see it.
 */
function withOwnImage({ image, ...article }: ArticleFacts, { hosts, routes }: Zone): ArticleFacts {
  if (image === undefined) return article
  const url = URL.parse(image.url, `https://${hosts[0]}`)
  if (url === null) return article
  if (!hosts.includes(url.hostname)) return { ...article, image }
  const target = readTarget(url.pathname, url.search)
  const route = target.ok ? match(routes, target.value, 'GET') : undefined
  if (route?.ok !== true || route.value.terms.kind !== 'free') return article
  return { ...article, image: { ...image, url: `${url.pathname}${url.search}` } }
}

/** Returns what a purge is compared with. Tags that nobody knows count as any. */
function factsOf({ exchange }: AdmittedRequest, answer: Answer | undefined): Purgeable {
  return { requestedAt: exchange.now, path: exchange.target.path, tags: answer?.copy?.stored.tags }
}

function keyOf({ exchange, partition, zone, route }: AdmittedRequest): string {
  return `${zone.id} ${exchange.scheme} ${route.path} ${exchange.target.path}${partition.query}`
}

function sizeOf(found: FoundPreview | undefined): number {
  if (found?.kind !== 'article') return 0
  return 2 * JSON.stringify(found.article).length
}

const MAX_PATHS = 1000

/** Counts what was forgotten, of a zone and of single paths. */
class Generations {
  /** Counts the times that too many paths were forgotten to be told apart. */
  #all = 0
  #paths = new Map<string, number>()
  readonly #zones = new Map<string, number>()

  of({ zone, exchange }: AdmittedRequest): string {
    const [ofZone, ofPath] = [this.#zones.get(zone.id) ?? 0, this.#paths.get(`${zone.id} ${exchange.target.path}`) ?? 0]
    return `${this.#all} ${ofZone} ${ofPath}`
  }

  add({ id }: Zone, path: string | undefined): void {
    if (path === undefined) {
      this.#zones.set(id, (this.#zones.get(id) ?? 0) + 1)
    } else if (this.#paths.size >= MAX_PATHS) {
      this.#paths = new Map()
      this.#all += 1
    } else {
      const place = `${id} ${path}`
      this.#paths.set(place, (this.#paths.get(place) ?? 0) + 1)
    }
  }
}
