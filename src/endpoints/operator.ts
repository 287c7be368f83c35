import { failureName } from '../core/error.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import { type BodyFault, type BodyTerms, readJson } from '../http/body.ts'
import { type Captured, capture } from '../http/capture.ts'
import { AuditEntry, auditFacts } from './audit.ts'
import { endpointAnswer, endpointProblem, type EndpointProblem, UNREAD, whyOf } from '../refusals/endpointproblem.ts'
import { recordEndpoint } from '../record.ts'
import type { WaitUntil } from '../ports.ts'
import { readBearer } from '../http/rules/authorization.ts'
import { bearerChallenge, EXPOSED, isExposed } from '../tokens/bearer.ts'
import type { Services } from '../services.ts'

/** Something that an operator may have the gate do: a POST of JSON with a token that has the scope. */
export interface AdminAction {
  /** What the token must have in its `scope`. */
  readonly scope: string
  readonly carryOut: (body: unknown, zone: Zone, audit: AuditEntry) => Promise<Result<unknown, EndpointProblem>>
  /** Told where it is not known what became of it. */
  readonly unsure: EndpointProblem
}

const MAX_BODY_BYTES = 64 * 1024
/** Who may give orders is known before the body is read. */
const BODY: BodyTerms = { maxBytes: MAX_BODY_BYTES, mostMs: 10_000, isAnonymous: false }

/** Answers an operator: 401, 403 and the like with a problem document, else what came of the order. Never throws. */
export async function answerOperator(
  request: Request,
  services: Services,
  waitUntil: WaitUntil,
  order: AdminAction,
): Promise<Response> {
  const exchange = capture(request, services.clock())
  const zone = services.sites.get(exchange.host)?.zone
  const audit = new AuditEntry(order.scope)
  const done = await attempt(request, exchange, zone, services, waitUntil, order, audit).catch((error: unknown) => {
    console.error(JSON.stringify({ id: exchange.id, [order.scope]: failureName(error) }))
    return err(order.unsure)
  })
  const response = done.ok ? endpointAnswer(done.value) : endpointProblem(done.error, exchange)
  const facts = await auditFacts(audit, done.ok, zone, services.hashAccount)
  return recordEndpoint(exchange, response, zone, services, { ...facts, ...whyOf(done) })
}

async function attempt(
  request: Request,
  exchange: Captured,
  zone: Zone | undefined,
  services: Services,
  waitUntil: WaitUntil,
  { scope, carryOut }: AdminAction,
  audit: AuditEntry,
): Promise<Result<unknown, EndpointProblem>> {
  if (zone === undefined) return err(HOST_UNKNOWN)
  if (exchange.method !== 'POST') return err(NOT_POST)
  if (zone.operators.length === 0) return err(NO_OPERATORS)
  const refused = await authorise(exchange, zone, scope, services, waitUntil, audit)
  if (refused !== undefined) return err(refused)
  const room = services.makeRoom(BODY)
  try {
    const body = await readJson(request, room)
    return body.ok ? await carryOut(body.value, zone, audit) : err(BODY_PROBLEMS[body.error])
  } finally {
    room.close()
  }
}

/** The token is looked for in `Authorization` and nowhere else: a cookie travels without its owner's will. */
async function authorise(
  exchange: Captured,
  zone: Zone,
  scope: string,
  { verifyOperator }: Services,
  waitUntil: WaitUntil,
  audit: AuditEntry,
): Promise<EndpointProblem | undefined> {
  const token = readBearer(exchange.fields.get('authorization'))
  if (token === undefined) return unauthorised(zone, scope, undefined)
  if (isExposed(exchange)) return unauthorised(zone, scope, EXPOSED)
  if (!token.ok) return unauthorised(zone, scope, token.error)
  const operator = await verifyOperator(token.value, zone, { now: exchange.now, waitUntil })
  if (!operator.ok) {
    return operator.error.reason === 'keys-unavailable' ? NO_KEYS : unauthorised(zone, scope, operator.error)
  }
  const { issuer, subject } = operator.value
  audit.by = subject ?? issuer
  return operator.value.scopes.includes(scope) ? undefined : insufficient(zone, scope)
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

/** The members of an order, which has these and no others. */
export function readMembers(body: unknown, names: readonly string[]): Result<ReadonlyMap<string, unknown>, string> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return err('The body is not an object.')
  const stranger = Object.keys(body).find((name) => !names.includes(name))
  return stranger === undefined
    ? ok(new Map(Object.entries(body)))
    : err(`${stranger}: not one of ${names.join(', ')}.`)
}

/** Whose account an order is about: it may go without saying where the site trusts one issuer alone. */
export function readIssuer(given: unknown, { issuers }: Zone): Result<string, string> {
  const issuer = given ?? (issuers.length === 1 ? issuers[0]?.issuer : undefined)
  const trusted = issuers.find((known) => known.issuer === issuer)
  return trusted === undefined ? err('issuer: expected one that the site trusts.') : ok(trusted.issuer)
}

const MAX_TEXT = 255

/** Well-formed text of 1 to 255 characters: storage would fold what is not, and mean another account. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT && value.isWellFormed()
}

/** 400, with what is wrong. */
export function badRequest(detail: string): EndpointProblem {
  return { ...BAD_REQUEST, detail }
}

/** For a 503: seconds after which it is worth asking again. */
export const RETRY = { 'retry-after': '5' }
const BAD_REQUEST = { status: 400, title: 'Bad Request' }
export const HOST_UNKNOWN: EndpointProblem = {
  status: 421,
  title: 'Misdirected Request',
  detail: 'No site is served here under this host name.',
  reason: 'host-unknown',
}
export const NOT_POST: EndpointProblem = {
  status: 405,
  title: 'Method Not Allowed',
  detail: 'This is a POST.',
  fields: { allow: 'POST' },
}
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
const BODY_PROBLEMS: Record<BodyFault, EndpointProblem> = {
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
