import type { JsonObject } from '../tokens/jws.ts'
import type { EntitlementInput, EventInput, OperatorInput, ReceiptInput, StatusPlace, TokenInput } from './input.ts'

/**
 * Writes the claims of each kind of token. Nothing is judged here: the readers of the gate judge what was written, so that
 * no rule stands in two places. Members that are undefined are left out of the token.
 */

/** What is known when a token is signed. */
export interface SigningFacts {
  readonly issuer: string
  /** The default audience. */
  readonly audience: string | undefined
  /** Milliseconds since 1970. */
  readonly now: number
  readonly randomId: () => string
}

interface Registered extends Omit<TokenInput, 'audience'> {
  readonly audience?: string | readonly string[] | undefined
}

const HOUR_SECONDS = 3600
const OPERATOR_SECONDS = 300

function registered(input: Registered, facts: SigningFacts, defaultSeconds: number): JsonObject {
  const { audience = facts.audience, lifetimeSeconds = defaultSeconds, notBefore, id = facts.randomId() } = input
  const iat = Math.floor(facts.now / 1000)
  return { iss: facts.issuer, aud: audience, iat, nbf: notBefore, exp: iat + lifetimeSeconds, jti: id }
}

function statusClaim(status: StatusPlace | undefined): unknown {
  return status && { status_list: { idx: status.idx, uri: status.uri } }
}

export function entitlementClaims(input: EntitlementInput, facts: SigningFacts): JsonObject {
  const { account: sub, entitlements, plan, limits, standing, status } = input
  return {
    ...registered(input, facts, HOUR_SECONDS),
    sub,
    entitlements,
    plan,
    limits,
    standing,
    status: statusClaim(status),
  }
}

export function receiptClaims(input: ReceiptInput, facts: SigningFacts): JsonObject {
  const { account: sub, amount, currency, resource, methods, uses, passSeconds: pass, status } = input
  return {
    ...registered(input, facts, HOUR_SECONDS),
    sub,
    amount,
    currency,
    resource,
    methods,
    uses,
    pass,
    status: statusClaim(status),
  }
}

export function operatorClaims(input: OperatorInput, facts: SigningFacts): JsonObject {
  return { ...registered(input, facts, OPERATOR_SECONDS), sub: input.subject, scope: input.scopes.join(' ') }
}

const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked'

/** Returns the URI of a type of event. */
function eventType(name: string): string {
  return name === 'session-revoked' ? SESSION_REVOKED : `urn:faregate:event:${name}`
}

export function eventClaims({ account, events, at, audience, id }: EventInput, facts: SigningFacts): JsonObject {
  const said = Object.entries(events).filter(([, payload]) => payload !== undefined)
  return {
    iss: facts.issuer,
    aud: audience ?? facts.audience,
    iat: Math.floor(facts.now / 1000),
    jti: id ?? facts.randomId(),
    toe: at ?? facts.now / 1000,
    sub_id: subjectClaim(account, facts.issuer),
    events: Object.fromEntries(said.map(([name, payload]) => [eventType(name), payload])),
  }
}

/**
 * Writes a subject identifier (RFC 9493) of the format `iss_sub`: a gate at which the issuer speaks for the accounts of
 * others takes no other.
 */
function subjectClaim(account: EventInput['account'], issuer: string): unknown {
  if (account === undefined) return undefined
  const named = typeof account === 'object' ? account : { issuer, account }
  return { format: 'iss_sub', iss: named.issuer, sub: named.account }
}
