/**
 * The endpoint at which owners make, list, replace and remove their feeds.
 *
 * It takes what signs an owner in and nothing less: an entitlement in `Authorization`, or the gate's cookie on a request that
 * a page of the site has made. An API key or a feed token makes no URL. The URL of a feed is answered once.
 */
import { judgeLifetime } from '../access/lifetime.ts'
import { entitlementIn, type EntitlementPresentation } from '../access/proof.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { signInFor } from '../core/remedy.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readJson } from '../http/body.ts'
import type { UrlParameter } from '../http/rules/parameter.ts'
import type { EndpointCall, EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import { badRequest, BODY, BODY_PROBLEMS } from '../endpoints/operator.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import { describeRefusal, requestRefOf } from '../refusals/describe.ts'
import type { Services } from '../services.ts'
import { presentAsSigned } from '../standing/present.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import { FEEDS } from './rail.ts'
import { describeFeed, urlOf } from './view.ts'
import { readFeedOrder, type FeedOrder } from './order.ts'
import { FEEDS_NOT_KNOWN, type FeedAnswer, type FeedContext, refreshFeeds, runFeedOrder } from './owned.ts'

/** The bounds of what owners may make. */
export interface ManageFeedsOptions {
  /** The most feeds of an account. Default 20. */
  most?: number
}

const MOST_FEEDS = 20

/**
 * `/__faregate/feeds`, for owners: GET lists the account's feeds; POST `{"action": "create", "name": "phone", "path":
 * "/feeds/daily.xml"}` answers a feed's URL, once. `rotate` replaces the URL, `remove` ends it. Each request also renews what
 * the feeds open. See docs/feeds.md.
 *
 * @example
 * ```ts options
 * endpoints: [manageFeeds()]
 * ```
 */
export function manageFeeds({ most = MOST_FEEDS }: ManageFeedsOptions = {}): EndpointFactory {
  return {
    path: 'feeds',
    needsGateKey: true,
    create: (services) => ({
      methods: ['GET', 'POST', 'HEAD'],
      action: 'feeds',
      onUnknown: FEEDS_NOT_KNOWN,
      answer: (asked, call) => answer(asked, call, services, most),
    }),
  }
}

const ACTS: Readonly<Record<FeedOrder['action'], string>> = {
  list: 'feeds-listed',
  create: 'feed-created',
  rotate: 'feed-rotated',
  remove: 'feed-removed',
}

async function answer(
  asked: EndpointRequest,
  call: EndpointCall,
  services: Services,
  most: number,
): Promise<Result<Response, EndpointProblem>> {
  const { exchange, site, audit } = asked
  const parameters = site.rails.find(({ name }) => name === FEEDS)?.parameters ?? []
  if (parameters.length === 0) return err(NO_FEEDS)
  const owner = await ownerOf(asked, call, services)
  if (!owner.ok) return owner
  const signed = owner.value
  const { issuer, account } = signed
  const order = exchange.method === 'POST' ? await readOrder(asked, services, parameters) : ok(LIST)
  if (!order.ok) return order
  audit.action = ACTS[order.value.action]
  audit.by = 'owner'
  audit.signedBy = signed.signedBy
  audit.subject = { issuer, account }
  audit.isIdle = order.value.action === 'list'
  const context: FeedContext = { issuer, account, zone: site.zone, signed, most, act: (facts) => audit.toAct(facts) }
  const refreshed = await refreshFeeds(context, services)
  if (!refreshed.ok) return refreshed
  if (order.value.action === 'list') return ok(endpointAnswer({ feeds: refreshed.value.map(describeFeed) }))
  const done = await runFeedOrder(order.value, context, services)
  return done.ok ? ok(answerOf(done.value, exchange.origin, parameters)) : done
}

const LIST: FeedOrder = { action: 'list' }

/** Answers a feed; with its URL if it was just made. */
function answerOf({ feed, token }: FeedAnswer, origin: string, parameters: readonly UrlParameter[]): Response {
  const { parameter } = parameters.find(({ route }) => route === feed.route) ?? { parameter: 'token' }
  return endpointAnswer({
    feed: describeFeed(feed),
    ...(token !== undefined && { url: urlOf(origin, feed.path ?? '/', parameter, token) }),
  })
}

async function readOrder(
  { request, site: { zone } }: EndpointRequest,
  { makeRoom }: Services,
  parameters: readonly UrlParameter[],
): Promise<Result<FeedOrder, EndpointProblem>> {
  const room = makeRoom(BODY)
  try {
    const body = await readJson(request, room)
    if (!body.ok) return err(BODY_PROBLEMS[body.error])
    const order = readFeedOrder(body.value, zone, parameters)
    return order.ok ? order : err(badRequest(order.error))
  } finally {
    room.close()
  }
}

/** Returns the entitlement of whoever asks, as it was signed, if it is in force and still stands. */
async function ownerOf(
  { exchange, site }: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<Result<Extract<EntitlementPresentation['proof'], { ok: true }>['value'], EndpointProblem>> {
  const { zone } = site
  const refuse = (why: Refusal): Result<never, EndpointProblem> => err(refusedFor(why, { exchange, site }))
  const presented = entitlementIn(await presentAsSigned(exchange, site, services, call))
  if (presented === undefined) return refuse(NOBODY)
  const { proof: signed, authority, rail } = presented
  if (!signed.ok) return refuse(signed.error)
  if (!SIGNS_IN.has(rail)) return refuse(NOT_SIGNED_IN)
  if (authority !== undefined && authority !== 'spend' && !(exchange.method !== 'POST' && authority === 'tell'))
    return refuse(FROM_ELSEWHERE)
  const untimely = judgeLifetime(signed.value, call.now)
  if (untimely !== undefined) return refuse(untimely)
  const resolved = entitlementIn(await services.resolveStanding([presented], zone, call))?.proof
  return resolved?.ok === false ? refuse(resolved.error) : signed
}

/** The rails of what signs an owner in. */
const SIGNS_IN: ReadonlySet<string> = new Set(['bearer', 'session'])

const NOBODY = /* @__PURE__ */ refusal(
  'payment-required',
  'Feeds are made by their owner: send the token of the account.',
  {
    check: 'presented',
  },
)
const NOT_SIGNED_IN = /* @__PURE__ */ refusal(
  'credential-invalid',
  'Feeds are made with what signs their owner in, not with an API key or a feed.',
  { check: 'type' },
)
const FROM_ELSEWHERE = /* @__PURE__ */ refusal(
  'payment-required',
  'The cookie was sent from another site, where it makes no feeds.',
  { check: 'presented' },
)
const NO_FEEDS: EndpointProblem = { status: 404, title: 'Not Found', detail: 'This site has no feeds.' }

/** Writes the refusal of a credential: 401, since this sells nothing. */
function refusedFor(why: Refusal, { exchange, site }: Pick<EndpointRequest, 'exchange' | 'site'>): EndpointProblem {
  const ref = requestRefOf({ ...exchange, target: { ...exchange.target, query: '' } })
  const { zone } = site
  if (why.reason === 'payment-required')
    return {
      status: 401,
      title: 'Unauthorized',
      detail: why.detail,
      remedies: signInFor(zone.remedies, ref),
      fields: { 'www-authenticate': bearerChallenge(zone.name, '', undefined) },
    }
  const { type, title, status, detail, remedies } = describeRefusal(why, ref, zone, undefined)
  const fields = {
    ...(status === 402 && { 'www-authenticate': bearerChallenge(zone.name, '', why) }),
    ...(why.retryAfterSeconds !== undefined && { 'retry-after': String(why.retryAfterSeconds) }),
  }
  return { type, title, status, detail, reason: why.reason, check: why.check, remedies, fields }
}
