/**
 * Lets the owner of an account make and change its API keys.
 *
 * A key outlives the token that its owner presents, so an owner can give no more than that token opens, and for a bounded
 * time after its end. A key is made by a page of the site or by a program, never by another site with the reader's cookie, and
 * never with another key.
 */
import { covers, type Entitlement, judgeStanding } from '../access/entitlement.ts'
import { judgeLifetime } from '../access/lifetime.ts'
import { entitlementIn, type EntitlementPresentation } from '../access/proof.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Refusal } from '../core/problem.ts'
import { readJson } from '../http/body.ts'
import type { IssuedCredential } from '../ledger/rules/credentials.ts'
import { keysRailIn } from '../rails/keys/keys.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { presentAsSigned } from '../standing/present.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import type { Zone } from '../zone.ts'
import type { EndpointCall, EndpointFactory, EndpointRequest } from './endpoint.ts'
import { ACTS } from './keys.ts'
import { type KeyContext, keysOf, NOT_KNOWN, runKeyOrder, UNKNOWN_ID } from './keysact.ts'
import { type KeyOrder, type KeyTerms, readKeyOrder } from './keysread.ts'
import { badRequest, BODY, BODY_PROBLEMS } from './operator.ts'

/**
 * `POST /__faregate/account/keys` with the token of an account: makes and changes API keys of that account, in zones whose
 * `keys({ self: true })` allows it. The bodies are those of `manageKeys()` without `account` and `issuer`.
 *
 * @example
 * ```ts options
 * endpoints: [ownKeys()]
 * ```
 */
export function ownKeys(): EndpointFactory {
  return {
    path: 'account/keys',
    needsGateKey: true,
    create: (services) => ({
      methods: ['POST'],
      action: 'keys',
      onUnknown: NOT_KNOWN,
      answer: (asked, call) => answer(asked, call, services),
    }),
  }
}

async function answer(
  asked: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  const { site, audit } = asked
  const { zone } = site
  const rail = keysRailIn(site.rails)
  if (rail?.ownerDays(true) === undefined) return err(NOT_ALLOWED)
  const owner = await ownerOf(asked, call, services)
  if (!owner.ok) return err(owner.error === undefined ? unauthorised(zone) : refusedFor(owner.error, zone))
  const token = owner.value
  const ownerDays = rail.ownerDays(zone.toldOf.has(token.issuer)) ?? 0
  const body = await bodyOf(asked, services)
  if (!body.ok) return body
  const read = readKeyOrder(body.value, [])
  if (!read.ok) return err(badRequest(read.error))
  const { issuer, account } = token
  audit.by = 'owner'
  audit.signedBy = token.signedBy
  audit.action = ACTS[read.value.action]
  audit.subject = { issuer, account, ...('id' in read.value && { jti: read.value.id }) }
  audit.isIdle = read.value.action === 'list'
  const context = { owner: { issuer, account }, zone, by: OWNER, byOwner: true as const, act: audit.toAct() }
  const order = await withinOwn(read.value, token, ownerDays, context, services)
  if (!order.ok) return order
  const done = await runKeyOrder(order.value, context, services)
  return done.ok ? ok(endpointAnswer(done.value)) : done
}

const OWNER = 'owner'

/**
 * Returns the account of the request's token, as it stands now. Error: the refusal of the token; undefined if nobody has
 * identified themselves on purpose.
 */
async function ownerOf(
  { exchange, site }: EndpointRequest,
  call: EndpointCall,
  services: Services,
): Promise<Result<Entitlement, Refusal | undefined>> {
  const signed = await presentAsSigned(exchange, site, services, call)
  const sent = entitlementIn(signed)
  if (sent === undefined || !isDeliberate(sent)) return err(undefined)
  const found = entitlementIn(await services.resolveStanding(signed, site.zone, call))?.proof
  if (found === undefined || !found.ok) return err(found?.error)
  const token = found.value
  if (token.key !== undefined) return err(undefined)
  const why = judgeLifetime(token, exchange.now) ?? judgeStanding(token.standing)
  return why === undefined ? ok(token) : err(why)
}

function isDeliberate({ authority = 'spend' }: EntitlementPresentation): boolean {
  return authority === 'spend'
}

async function bodyOf({ request }: EndpointRequest, { makeRoom }: Services): Promise<Result<unknown, EndpointProblem>> {
  const room = makeRoom(BODY)
  try {
    const body = await readJson(request, room)
    return body.ok ? body : err(BODY_PROBLEMS[body.error])
  } finally {
    room.close()
  }
}

const DAY_MS = 86_400_000

/** Bounds an order by what the owner has. Error: it asks for more. */
async function withinOwn(
  order: KeyOrder,
  token: Entitlement,
  ownerDays: number,
  context: KeyContext,
  services: Services,
): Promise<Result<KeyOrder, EndpointProblem>> {
  const latest = Math.floor(token.expires * 1000 + ownerDays * DAY_MS)
  if (order.action === 'enable') return err(FOR_OPERATORS)
  if (order.action === 'create') {
    const { entitlements = token.entitlements, expires = latest } = order
    const fault = excess({ ...order, entitlements, expires }, token, latest)
    if (fault !== undefined) return err(badRequest(fault))
    const { plan, limits } = token
    return ok({ ...order, plan, entitlements, accountLimits: limits, expires })
  }
  if (order.action !== 'change' && order.action !== 'rotate') return ok(order)
  const own = await ownKey(order.id, context, services)
  if (!own.ok) return own
  if (order.action === 'rotate') return covered(own.value, token) ? ok(order) : err(MORE_THAN_OWNED)
  const { expires = latest, entitlements = own.value.entitlements } = order.change
  const fault = excess({ ...order.change, entitlements, expires }, token, latest)
  if (fault !== undefined) return err(badRequest(fault))
  const { plan, limits } = token
  return ok({ ...order, change: { ...order.change, plan, entitlements, accountLimits: limits, expires } })
}

/** Returns the part of an order that is more than the owner can give. */
function excess(
  { plan, accountLimits, entitlements = [], expires = 0 }: KeyTerms,
  token: Entitlement,
  latest: number,
): string | undefined {
  const stranger = entitlements.find((name) => !covers(token, [name]))
  if (stranger !== undefined) return 'entitlements: expected some of those of your own token.'
  if (plan !== undefined || accountLimits !== undefined) return 'plan, accountLimits: they are those of your own token.'
  return expires > latest ? `expires: expected a time until ${new Date(latest).toISOString()}.` : undefined
}

function covered({ entitlements }: IssuedCredential, token: Entitlement): boolean {
  return entitlements.every((name) => covers(token, [name]))
}

/** Returns the key if an owner made it: one that an operator made may open more. */
async function ownKey(
  id: string,
  context: KeyContext,
  services: Services,
): Promise<Result<IssuedCredential, EndpointProblem>> {
  const found = await keysOf(context, services)
  if (!found.ok) return found
  const key = found.value.find((one) => one.id === id)
  if (key === undefined) return err(UNKNOWN_ID)
  return key.createdBy === OWNER ? ok(key) : err(FOR_OPERATORS)
}

function unauthorised(zone: Zone): EndpointProblem {
  return {
    status: 401,
    title: 'Unauthorized',
    detail: 'This needs the token of the account, sent on purpose: no cookie from another site, and no API key.',
    fields: { 'www-authenticate': bearerChallenge(zone.name, '', undefined) },
  }
}

function refusedFor(why: Refusal, zone: Zone): EndpointProblem {
  const { reason, detail, check } = why
  if (reason.endsWith('-unavailable')) return { ...NOT_KNOWN, detail, reason }
  return {
    status: 401,
    title: 'Unauthorized',
    detail,
    reason,
    check,
    fields: { 'www-authenticate': bearerChallenge(zone.name, '', why) },
  }
}

const NOT_ALLOWED: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'Owners make no keys here: the configuration has no keys({ self: true }).',
}
const FOR_OPERATORS: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'Only an operator can do this with this key.',
}
const MORE_THAN_OWNED: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'The key opens more than your own token.',
}
