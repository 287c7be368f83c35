import { accountFault, hasAccounts } from '../access/accountname.ts'
import { type Reason, refusal, type Refusal } from '../core/problem.ts'
import { type Money, parseMoney } from '../core/money.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import { type BodyFault, type BodyTerms, readJson } from '../http/body.ts'
import type { Captured } from '../http/capture.ts'
import type { AuditEntry } from './audit.ts'
import { type EndpointCall, type EndpointFactory, type EndpointPeers, type EndpointRequest, READ } from './endpoint.ts'
import { endpointAnswer, type EndpointProblem, UNREAD } from '../refusals/endpointproblem.ts'
import type { Call } from '../ports.ts'
import { readBearer } from '../http/rules/authorization.ts'
import { bearerChallenge, EXPOSED, isExposed } from '../tokens/bearer.ts'
import { createOperatorVerifier, type VerifyOperator } from '../tokens/operator.ts'
import type { Services } from '../services.ts'

/**
 * An action of an operator: a POST of JSON with a token that has the scope. A result is answered as JSON, unless it is a
 * response.
 */
export interface AdminAction {
  readonly run: (
    body: unknown,
    zone: Zone,
    audit: AuditEntry,
    call: EndpointCall,
    asked: EndpointRequest,
  ) => Promise<Result<unknown, EndpointProblem>>
  /** The answer if the outcome is unknown. */
  readonly onUnknown: EndpointProblem
  /** Answers a GET, which changes nothing. Any one of the scopes will do. */
  readonly show?: {
    readonly scopes: readonly string[]
    readonly run: (zone: Zone, call: EndpointCall) => Promise<Result<unknown, EndpointProblem>>
  }
}

/** An order of operators, for a page of theirs that has a button for it. */
export interface OperatorOrder {
  /** The scope that its author needs. */
  readonly scope: string
  createAction(services: Services, peers?: EndpointPeers): AdminAction
}

const MAX_BODY_BYTES = 64 * 1024
/** The author is known before the body is read. */
export const BODY: BodyTerms = { maxBytes: MAX_BODY_BYTES, mostMs: 10_000, isAnonymous: false }

/**
 * Creates the endpoint of an action. It answers 401, 403 and the like with a problem document, else the action's outcome.
 * `scope` must be in the token's `scope`. `path` is also the action's name in the log.
 */
export function operatorEndpoint(
  scope: string,
  createAction: (services: Services, peers?: EndpointPeers) => AdminAction,
  path = scope,
): EndpointFactory {
  return {
    path,
    order: { scope, createAction },
    create(services, peers) {
      const action = createAction(services, peers)
      const verifyOperator = createOperatorVerifier(services)
      const { makeRoom } = services
      return {
        methods: action.show === undefined ? ['POST'] : ['POST', ...READ],
        action: path,
        onUnknown: action.onUnknown,
        answer: (asked, call) => runAuthorised(scope, action, asked, call, { makeRoom, verifyOperator }),
      }
    },
  }
}

interface OperatorServices extends Pick<Services, 'makeRoom'> {
  readonly verifyOperator: VerifyOperator
}

async function runAuthorised(
  scope: string,
  { run, show }: AdminAction,
  asked: EndpointRequest,
  call: EndpointCall,
  services: OperatorServices,
): Promise<Result<Response, EndpointProblem>> {
  const {
    request,
    exchange,
    site: { zone },
    audit,
  } = asked
  const shown = READ.includes(exchange.method) ? show : undefined
  const refused = await authorise(exchange, zone, shown?.scopes ?? [scope], services, call, audit)
  if (refused !== undefined) return err(refused)
  if (shown !== undefined) {
    audit.isIdle = true
    const read = await shown.run(zone, call)
    return read.ok ? ok(endpointAnswer(read.value)) : read
  }
  const room = services.makeRoom(BODY)
  try {
    const body = await readJson(request, room)
    if (!body.ok) return err(BODY_PROBLEMS[body.error])
    const done = await run(body.value, zone, audit, call, asked)
    if (!done.ok) return done
    return ok(done.value instanceof Response ? done.value : endpointAnswer(done.value))
  } finally {
    room.close()
  }
}

/**
 * Returns the problem of a request whose operator has none of the scopes, or undefined. Takes the token from `Authorization` only:
 * browsers send a cookie without its owner's will.
 */
export async function authorise(
  exchange: Captured,
  zone: Zone,
  scopes: readonly string[],
  { verifyOperator }: Pick<OperatorServices, 'verifyOperator'>,
  call: Call,
  audit: AuditEntry,
): Promise<EndpointProblem | undefined> {
  if (zone.operators.length === 0) return NO_OPERATORS
  const [scope = ''] = scopes
  const token = readBearer(exchange.fields.get('authorization'))
  if (token === undefined) return unauthorised(zone, scope, undefined)
  if (isExposed(exchange)) return unauthorised(zone, scope, EXPOSED)
  if (!token.ok) return unauthorised(zone, scope, token.error)
  const operator = await verifyOperator(token.value, zone, call)
  if (!operator.ok) {
    return UNVERIFIED[operator.error.reason] ?? unauthorised(zone, scope, operator.error)
  }
  const { issuer, subject, signedBy } = operator.value
  audit.by = subject ?? issuer
  audit.signedBy = signedBy
  audit.issuer = issuer
  return operator.value.scopes.some((held) => scopes.includes(held)) ? undefined : insufficient(zone, scope)
}

function unauthorised(zone: Zone, scope: string, refused: Refusal | undefined): EndpointProblem {
  return {
    status: 401,
    title: 'Unauthorized',
    detail: refused?.detail ?? `This needs an operator token with the scope "${scope}" in "Authorization".`,
    ...(refused === undefined ? {} : { reason: refused.reason, check: refused.check }),
    fields: { 'www-authenticate': bearerChallenge(zone.name, scope, refused) },
  }
}

function insufficient(zone: Zone, scope: string): EndpointProblem {
  const refused = refusal('entitlement-insufficient', `The token is genuine, but its "scope" has no "${scope}".`)
  const fields = { 'www-authenticate': bearerChallenge(zone.name, scope, refused) }
  return { status: 403, title: 'Forbidden', detail: refused.detail, reason: refused.reason, fields }
}

/** Returns the members of an order. Error: a member that is not in `names`. */
export function readMembers(body: unknown, names: readonly string[]): Result<ReadonlyMap<string, unknown>, string> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return err('The body is not an object.')
  const stranger = Object.keys(body).find((name) => !names.includes(name))
  return stranger === undefined
    ? ok(new Map(Object.entries(body)))
    : err(`${stranger}: not one of ${names.join(', ')}.`)
}

/** Returns the issuer of the account. It may be left out if only one issuer of the site has accounts. */
export function readIssuer(given: unknown, { issuers }: Zone): Result<string, string> {
  const meant = issuers.filter((issuer) => hasAccounts(issuer) && issuer.isNamedOnly !== true)
  const [only, ...others] = new Set(meant.map(({ issuer }) => issuer))
  const issuer = given ?? (others.length === 0 ? only : undefined)
  const trusted = issuers.find((known) => known.issuer === issuer)
  return trusted === undefined ? err('issuer: expected one that the site trusts.') : ok(trusted.issuer)
}

/** Returns the account that an order names, if a token can name it so. `issuer` may be left out as above. */
export function readAccount(
  given: ReadonlyMap<string, unknown>,
  zone: Zone,
): Result<{ readonly issuer: string; readonly account: string }, string> {
  const issuer = readIssuer(given.get('issuer'), zone)
  if (!issuer.ok) return issuer
  const account = given.get('account')
  if (!isText(account)) return err(`account: expected the "sub" of its tokens: 1 to ${MAX_TEXT} characters.`)
  const fault = accountFault(zone.issuers, issuer.value, account)
  return fault === undefined ? ok({ issuer: issuer.value, account }) : err(fault)
}

const MAX_TEXT = 255

/** Returns true for well-formed text of 1 to 255 characters. Storage would fold other text into the name of another account. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT && value.isWellFormed()
}

/** Reads `amount` and `currency`: more than nothing. */
export function readMoney(given: ReadonlyMap<string, unknown>): Result<Money, string> {
  const money = parseMoney(given.get('amount'), given.get('currency'))
  if (money !== undefined && money.units > 0n) return ok(money)
  return err('amount, currency: expected "5.00" and "USD", for example.')
}

/** Returns a 400 with the fault. */
export function badRequest(detail: string): EndpointProblem {
  return { ...BAD_REQUEST, detail }
}

/** For a 503: the seconds to wait before asking again. */
export const RETRY = { 'retry-after': '5' }
const BAD_REQUEST = { status: 400, title: 'Bad Request' }
const NO_OPERATORS: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'No one may do this here: the configuration names no "operators".',
}
const NO_KEYS: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The keys to verify operator tokens with could not be fetched. Nothing was done.',
  reason: 'keys-unavailable',
  fields: RETRY,
}
/** The answers if it is not known whether a token is good. */
const UNVERIFIED: Partial<Record<Reason, EndpointProblem>> = {
  'keys-unavailable': NO_KEYS,
  'standing-unavailable': {
    ...NO_KEYS,
    detail: 'It cannot be known now whether the key that signed the token is still trusted. Nothing was done.',
    reason: 'standing-unavailable',
  },
}
export const BODY_PROBLEMS: Record<BodyFault, EndpointProblem> = {
  ...UNREAD,
  'media-type': {
    status: 415,
    title: 'Unsupported Media Type',
    detail: 'The body must be application/json.',
    fields: { accept: 'application/json' },
  },
  coding: {
    status: 415,
    title: 'Unsupported Media Type',
    detail: 'The body must not be compressed.',
    fields: { 'accept-encoding': 'identity' },
  },
  'too-large': { status: 413, title: 'Content Too Large', detail: `The body is longer than ${MAX_BODY_BYTES} bytes.` },
  'not-json': { ...BAD_REQUEST, detail: 'The body is not JSON in UTF-8.' },
}
