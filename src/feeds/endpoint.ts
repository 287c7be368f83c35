/**
 * The endpoint at which owners make, list, replace and remove their feeds.
 *
 * It takes what signs an owner in and nothing less: an entitlement in `Authorization`, or the gate's cookie on a request that
 * a page of the site has made. An API key or a feed token makes no URL. The URL of a feed is answered once.
 */
import { signedOutPage } from '../account/signedout.ts'
import type { Entitlement } from '../access/entitlement.ts'
import { judgeLifetime } from '../access/lifetime.ts'
import { entitlementIn } from '../access/proof.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { signInFor } from '../core/remedy.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readJson } from '../http/body.ts'
import type { UrlParameter } from '../http/rules/parameter.ts'
import type { EndpointCall, EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import { badRequest, BODY, BODY_PROBLEMS } from '../endpoints/operator.ts'
import type { IssuedCredential } from '../ledger/rules/credentials.ts'
import { prefersHtml } from '../http/accept.ts'
import { endpointAnswer, type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import { describeRefusal, requestRefOf } from '../refusals/describe.ts'
import type { Services } from '../services.ts'
import { presentAsSigned } from '../standing/present.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import { isForm, readFeedForm } from './form.ts'
import { answerFeedPage, FEEDS_PATH } from './page.ts'
import { FEEDS } from './rail.ts'
import { SHOWN_REMOVAL, shownCookie, urlToShow } from './shownurl.ts'
import { FEED_WORDS } from './words.ts'
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
 * the feeds open. To browsers it is a page with forms for all of that. See docs/feeds.md.
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
    words: FEED_WORDS.en,
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
  const { request, exchange, site } = asked
  const parameters = site.rails.find(({ name }) => name === FEEDS)?.parameters ?? []
  if (parameters.length === 0) return err(NO_FEEDS)
  const owner = await ownerOf(asked, call, services)
  if (!owner.ok) return err(prefersHtml(exchange.fields.get('accept')) ? signInPage(owner.error, asked) : owner.error)
  const order = exchange.method === 'POST' ? await readOrder(asked, services, parameters) : ok(LIST)
  if (!order.ok && !isForm(request)) return order
  const context = noteOrder(order.ok ? order.value : LIST, owner.value, asked, most)
  const refreshed = await refreshFeeds(context, services)
  if (!refreshed.ok) return refreshed
  const owned = { feeds: refreshed.value, parameters, context, asked }
  if (isForm(request)) return answerForm(order, owned, services)
  if (!order.ok) return order
  if (order.value.action === 'list') return answerList(owned)
  const done = await runFeedOrder(order.value, context, services)
  return done.ok ? ok(answerOf(done.value, exchange.origin, parameters)) : done
}

/** The feeds of whoever asks. */
interface OwnedFeeds {
  readonly feeds: readonly IssuedCredential[]
  readonly parameters: readonly UrlParameter[]
  readonly context: FeedContext
  readonly asked: EndpointRequest
}

/** Notes an order for the audit, and returns what carries it out. */
function noteOrder(order: FeedOrder, signed: Entitlement, { site, audit }: EndpointRequest, most: number): FeedContext {
  const { issuer, account } = signed
  audit.action = ACTS[order.action]
  audit.by = 'owner'
  audit.signedBy = signed.signedBy
  audit.subject = { issuer, account }
  audit.isIdle = order.action === 'list'
  return { issuer, account, zone: site.zone, signed, most, act: (facts) => audit.toAct(facts) }
}

/** Lists the feeds: as a page for a browser, with the URL that was just made. */
async function answerList({ feeds, parameters, context, asked }: OwnedFeeds): Promise<Result<Response, never>> {
  const { exchange, site } = asked
  if (!prefersHtml(exchange.fields.get('accept'))) return ok(endpointAnswer({ feeds: feeds.map(describeFeed) }))
  const url = await urlToShow(exchange, context)
  const removal = url === undefined ? undefined : SHOWN_REMOVAL
  return ok(answerFeedPage({ feeds, parameters, url }, exchange, site.zone, removal))
}

/** Carries out the order of a form, and goes on with the page, by 303 See Other. An order in vain is answered by the page. */
async function answerForm(
  order: Result<FeedOrder, EndpointProblem>,
  { feeds, parameters, context, asked }: OwnedFeeds,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  const { exchange, site, audit } = asked
  const done = order.ok && order.value.action !== 'list' ? await runFeedOrder(order.value, context, services) : order
  if (!done.ok) {
    audit.isIdle = true
    return ok(answerFeedPage({ feeds, parameters, problem: done.error }, exchange, site.zone))
  }
  const headers = new Headers({ location: FEEDS_PATH, ...NOT_STORED })
  const url = 'token' in done.value ? urlOfAnswer(done.value, exchange.origin, parameters) : undefined
  const cookie = url === undefined ? undefined : await shownCookie(url, context, exchange.now)
  // A URL that no cookie holds is shown at once, or its owner would never see it.
  if ('token' in done.value && cookie === undefined)
    return ok(answerFeedPage({ feeds: withFeed(feeds, done.value.feed), parameters, url }, exchange, site.zone))
  if (cookie !== undefined) headers.set('set-cookie', cookie)
  return ok(new Response(null, { status: 303, headers }))
}

/** Returns the feeds as they are after one was made or replaced. */
function withFeed(feeds: readonly IssuedCredential[], made: IssuedCredential): readonly IssuedCredential[] {
  return [...feeds.filter(({ id }) => id !== made.id), made]
}

/** Asks whoever is not signed in to do so. */
function signInPage(problem: EndpointProblem, asked: EndpointRequest): EndpointProblem {
  if (problem.status !== 401) return problem
  return signedOutPage(problem, undefined, { asked, isElsewhere: problem.detail === FROM_ELSEWHERE.detail })
}

const LIST: FeedOrder = { action: 'list' }

/** Answers a feed; with its URL if it was just made. */
function answerOf(answer: FeedAnswer, origin: string, parameters: readonly UrlParameter[]): Response {
  const url = urlOfAnswer(answer, origin, parameters)
  return endpointAnswer({ feed: describeFeed(answer.feed), ...(url !== undefined && { url }) })
}

/** Returns the URL of a feed that was just made. */
function urlOfAnswer(
  { feed, token }: FeedAnswer,
  origin: string,
  parameters: readonly UrlParameter[],
): string | undefined {
  const { parameter } = parameters.find(({ route }) => route === feed.route) ?? { parameter: 'token' }
  return token === undefined ? undefined : urlOf(origin, feed.path ?? '/', parameter, token)
}

async function readOrder(
  asked: EndpointRequest,
  services: Services,
  parameters: readonly UrlParameter[],
): Promise<Result<FeedOrder, EndpointProblem>> {
  const { request, site } = asked
  const body = isForm(request) ? await readFeedForm(asked, services) : await readOrderBody(request, services)
  if (!body.ok) return body
  const order = readFeedOrder(body.value, site.zone, parameters)
  return order.ok ? order : err(badRequest(order.error))
}

async function readOrderBody(request: Request, { makeRoom }: Services): Promise<Result<unknown, EndpointProblem>> {
  const room = makeRoom(BODY)
  try {
    const body = await readJson(request, room)
    return body.ok ? body : err(BODY_PROBLEMS[body.error])
  } finally {
    room.close()
  }
}

/** Returns the entitlement of whoever asks, as it was signed, if it is in force and still stands. */
async function ownerOf(
  { exchange, site }: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<Result<Entitlement, EndpointProblem>> {
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
