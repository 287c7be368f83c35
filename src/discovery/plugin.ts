import type { Meter } from '../access/meter.ts'
import { AS_RECEIVED, type Route, type TimeLimits } from '../access/route.ts'
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

/** Makes a document that the gate serves in place of any server, to anyone. */
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
      cache: { ...AS_RECEIVED, partition: 'off' },
      limits,
    }),
    ...(rel !== undefined && { link: linkTo(name, path, rel) }),
  }
}

/** A meter that counts nothing: it answers in place of any server. */
function answering(document: WrittenDocument, described: LaterDescribed): Meter {
  let ours: WrittenText | undefined
  return {
    name: document.name,
    counted: [],
    boundsFree: true,
    classify: ({ method }) => (method === 'GET' || method === 'HEAD' ? 'free' : 'closed'),
    bound({ exchange }) {
      const written = (ours ??= writeText(writtenOf(document, described)))
      return ok({ amount: { counts: [] }, answer: () => answerWith(written, exchange) })
    },
    measure: (response) => ok({ response, used: () => undefined }),
  }
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
