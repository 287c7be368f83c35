import type { Meter, MeteredAmount } from '../access/meter.ts'
import { AS_RECEIVED, type CachePolicy, type Route, type TimeLimits } from '../access/route.ts'
import type { Json } from '../core/json.ts'
import { ok } from '../core/result.ts'
import type { Rail } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'
import { answerWith, writeText, type WrittenText } from './writtentext.ts'

/** A document that says what a site sells. It is written from the compiled zone, so that every published price is the price charged. */
export interface WrittenDocument {
  readonly name: string
  /** Where it is served: `/openapi.json`. A route of the configuration that takes GET at the same path comes first. */
  readonly path: string
  /** True if it takes the place of a document that the origin has there. */
  readonly replaces?: boolean
  /** The relation by which refusals link to it (RFC 8288); absent for none. */
  readonly rel?: string
  /** Writes the document. Called once in each isolate. */
  write(described: DescribedSite): Json
}

/** A document as a configuration names it, for programs that look before they ask. */
export interface DiscoveryDocument {
  readonly name: string
  readonly path: string
  /** Creates the route that serves it. `described` is filled in before the first request. */
  routeAt(limits: TimeLimits, described: LaterDescribed): Route
  /** A rail that takes nothing: it adds to refusals where the document is. Absent if they do not say so. */
  readonly link?: Rail
}

/** What a document describes. */
export interface DescribedSite {
  readonly zone: Zone
  readonly rails: readonly Rail[]
  /** The public address: `https://` and the first host. */
  readonly address: string
}

/** What is known of a site once it is compiled. */
export interface LaterDescribed {
  site?: Omit<DescribedSite, 'address'>
}

/** How long it is remembered that the origin has no such document, and that it could not say. In milliseconds. */
const ABSENT_MS = 300_000
const FAILED_MS = 30_000
/** An origin that takes longer has not answered. */
const MOST_MS = 5000

/** The origin's own document is one copy for everyone, whatever query is sent. */
const ONE_COPY: CachePolicy = {
  ...AS_RECEIVED,
  freshness: { ...AS_RECEIVED.freshness, defaultSeconds: ABSENT_MS / 1000 },
  query: { kind: 'only', names: [], kept: [] },
}

/**
 * Makes a document that is served to anyone: the origin's own if it has one, unless `replaces` says otherwise, and else the one that
 * the gate has written.
 */
export function servedDocument(document: WrittenDocument): DiscoveryDocument {
  const { name, path, rel } = document
  return {
    name,
    path,
    routeAt: (limits, described) => ({
      path,
      methods: ['GET'],
      terms: { kind: 'free' },
      meter: answering(document, described),
      cache: ONE_COPY,
      limits: { ...limits, responseMs: Math.min(limits.responseMs, MOST_MS) },
    }),
    ...(rel !== undefined && { link: linkTo(name, path, rel) }),
  }
}

/** A meter that counts nothing: it answers where the origin has nothing to answer. */
function answering(document: WrittenDocument, described: LaterDescribed): Meter {
  let ours: WrittenText | undefined
  let absentUntil = document.replaces === true ? Number.POSITIVE_INFINITY : 0
  return {
    name: document.name,
    counted: [],
    boundsFree: true,
    classify: ({ method }) => (method === 'GET' || method === 'HEAD' ? 'free' : 'closed'),
    bound({ exchange }) {
      const written = (ours ??= writeText(writtenOf(document, described)))
      const answer = (): Response => answerWith(written, exchange)
      if (exchange.now < absentUntil) return ok({ amount: NOTHING, answer })
      return ok({
        amount: NOTHING,
        otherwise(answered) {
          absentUntil = exchange.now + (answered === undefined || answered.status >= 500 ? FAILED_MS : ABSENT_MS)
          return answer()
        },
      })
    },
    measure(response, _attempt, { bound: { otherwise } }) {
      const used = (): undefined => undefined
      if (otherwise === undefined || isDocument(response)) return ok({ response, used })
      response.body?.cancel().catch(used)
      return ok({ response: otherwise(response), isOwn: true, used })
    },
  }
}

const NOTHING: MeteredAmount = { counts: [] }
const WITH_DOCUMENT = new Set([200, 203, 206, 304])

/** Returns false for an error, a redirection, and the page with which the servers of many apps answer every path. */
function isDocument({ status, headers }: Response): boolean {
  return WITH_DOCUMENT.has(status) && !/^(?:text\/html|application\/xhtml)\b/i.test(headers.get('content-type') ?? '')
}

function writtenOf(document: WrittenDocument, { site }: LaterDescribed): Json {
  if (site === undefined) throw new TypeError('nothing is served before the site is compiled')
  return document.write({ ...site, address: `https://${site.zone.hosts[0] ?? site.zone.name}` })
}

function linkTo(name: string, path: string, rel: string): Rail {
  return {
    name,
    role: 'entitlement',
    kinds: [],
    present: () => undefined,
    challenge: () => ({ fields: [['Link', `<${path}>; rel="${rel}"`]], isStatic: true }),
    peek: () => undefined,
    strip: () => undefined,
  }
}
