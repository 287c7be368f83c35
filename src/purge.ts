import { refusal, type Refusal } from './core/problem.ts'
import type { Purge } from './core/purge.ts'
import { readPurge } from './core/purgeorder.ts'
import { err, ok, type Result } from './core/result.ts'
import type { Zone } from './core/zone.ts'
import { type BodyFault, readJson } from './edge/body.ts'
import { type Captured, capture } from './edge/capture.ts'
import { ownAnswer, ownProblem, type OwnProblem } from './edge/own.ts'
import { settleOwn } from './edge/settle.ts'
import type { House } from './paywall.ts'
import type { Call, PurgeCopies } from './ports.ts'
import { bearerChallenge, bearerToken, EXPOSED, isExposed } from './tokens/bearer.ts'

/** What an operator's token must have in its `scope`. */
const SCOPE = 'purge'
const MAX_BODY_BYTES = 64 * 1024

/**
 * `POST /__faregate/purge` with an operator token: what its body names is asked of the origin anew. When it is answered,
 * that holds in this isolate, and in all others no later than `PURGE_BOUND_MS` after. Never throws.
 */
export async function answerPurge(
  request: Request,
  house: House,
  purge: PurgeCopies,
  waitUntil: Call['waitUntil'],
): Promise<Response> {
  const exchange = capture(request, house.clock())
  const zone = house.sites.get(exchange.host)?.zone
  const done = await attempt(request, exchange, zone, house, purge, waitUntil).catch((error: unknown) => {
    // A cache that fails may say anything: only what kind of failure it was is fit for the log.
    console.error(JSON.stringify({ id: exchange.id, purge: error instanceof Error ? error.name : 'unknown' }))
    return err(NOT_PURGED)
  })
  const response = done.ok ? ownAnswer(done.value) : ownProblem(done.error, exchange)
  return settleOwn(exchange, response, zone, house, done.ok ? undefined : done.error.reason)
}

async function attempt(
  request: Request,
  exchange: Captured,
  zone: Zone | undefined,
  house: House,
  purge: PurgeCopies,
  waitUntil: Call['waitUntil'],
): Promise<Result<unknown, OwnProblem>> {
  if (zone === undefined) return err(HOST_UNKNOWN)
  if (exchange.method !== 'POST') return err(NOT_POST)
  if (zone.operators.length === 0) return err(NO_OPERATORS)
  const refused = await authorise(exchange, zone, house, waitUntil)
  if (refused !== undefined) return err(refused)
  const body = await readJson(request, MAX_BODY_BYTES)
  if (!body.ok) return err(BODY_PROBLEMS[body.error])
  const order = readPurge(body.value)
  if (!order.ok) return err({ ...BAD_REQUEST, detail: order.error })
  const isPurged = await carryOut(order.value, zone, house, purge)
  return isPurged ? ok({ zone: zone.name, purged: understood(order.value) }) : err(NOT_PURGED)
}

/** Memory is emptied whatever comes of the rest: what a failed purge did reach is not to be served from here. */
async function carryOut(order: Purge, zone: Zone, { hot }: House, purge: PurgeCopies): Promise<boolean> {
  try {
    return await purge(zone.name, order)
  } finally {
    hot.forget(zone)
  }
}

/** The empty prefix is written as an operator would. */
function understood(order: Purge): Purge {
  return { ...order, pathPrefixes: order.pathPrefixes.map((prefix) => (prefix === '' ? '/' : prefix)) }
}

/** The token is looked for in `Authorization` and nowhere else: a cookie travels without its owner's will. */
async function authorise(
  exchange: Captured,
  zone: Zone,
  { verifyOperator }: House,
  waitUntil: Call['waitUntil'],
): Promise<OwnProblem | undefined> {
  const token = bearerToken(exchange)
  if (token === undefined) return unauthorised(zone, undefined)
  if (isExposed(exchange)) return unauthorised(zone, EXPOSED)
  if (!token.ok) return unauthorised(zone, token.error)
  const operator = await verifyOperator(token.value, zone, { now: exchange.now, waitUntil })
  if (!operator.ok) return operator.error.reason === 'keys-unavailable' ? NO_KEYS : unauthorised(zone, operator.error)
  return operator.value.scopes.includes(SCOPE) ? undefined : insufficient(zone)
}

function unauthorised(zone: Zone, refused: Refusal | undefined): OwnProblem {
  return {
    status: 401,
    title: 'Unauthorized',
    detail: refused?.detail ?? `This needs an operator token with the scope "${SCOPE}" in "Authorization".`,
    ...(refused === undefined ? {} : { reason: refused.reason, check: refused.check }),
    fields: { 'www-authenticate': bearerChallenge(zone.name, SCOPE, refused) },
  }
}

function insufficient(zone: Zone): OwnProblem {
  const refused = refusal('entitlement-insufficient', `The token is genuine, but its "scope" has no "${SCOPE}".`)
  const fields = { 'www-authenticate': bearerChallenge(zone.name, SCOPE, refused) }
  return { status: 403, title: 'Forbidden', detail: refused.detail, reason: refused.reason, fields }
}

const RETRY = { 'retry-after': '5' }
const BAD_REQUEST = { status: 400, title: 'Bad Request' }
const HOST_UNKNOWN: OwnProblem = {
  status: 421,
  title: 'Misdirected Request',
  detail: 'No site is served here under this host name.',
  reason: 'host-unknown',
}
const NOT_POST: OwnProblem = {
  status: 405,
  title: 'Method Not Allowed',
  detail: 'A purge is a POST.',
  fields: { allow: 'POST' },
}
const NO_OPERATORS: OwnProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'No one may purge this site: its configuration names no "operators".',
}
const NO_KEYS: OwnProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The keys to verify operator tokens with could not be fetched. Nothing was purged.',
  reason: 'keys-unavailable',
  fields: RETRY,
}
const NOT_PURGED: OwnProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The purge could not be completed. It may hold in part; ask again.',
  fields: RETRY,
}
const BODY_PROBLEMS: Record<BodyFault, OwnProblem> = {
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
