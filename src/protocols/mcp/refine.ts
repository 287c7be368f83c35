/** Reads a request of the Model Context Protocol (streamable HTTP): what it asks for, who pays for it, and whose session it is in. */
import { usableEntitlement } from '../../access/decide.ts'
import { type Presented, entitlementIn } from '../../access/proof.ts'
import type { RefinedRequest, UnrefinedRequest } from '../../access/protocol.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { contentOf } from '../../http/content.ts'
import { type Exchange, type Field, isUpgrade } from '../../http/rules/exchange.ts'
import { isSameField } from '../../http/rules/fields.ts'
import { applyEdits } from '../../meters/llm/rules/edit.ts'
import { answering, type AnsweredRequest, judgeResult } from './answer.ts'
import { type Binding, bindName, type BindingKeys, type BoundName, isBound, readName } from './rules/bound.ts'
import { liftCredentials } from './rules/credentials.ts'
import { type Message, readMessage } from './rules/message.ts'
import { CALL, type FindRoute } from './tariff.ts'

const SESSION_FIELD = 'Mcp-Session-Id'
const EVENT_FIELD = 'Last-Event-ID'
export const METHODS = ['POST', 'GET', 'DELETE'] as const
const CONTENT_MS = 20_000
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i

/** What the requests of one route are read by. */
export interface McpReading {
  readonly find: FindRoute
  readonly maxBytes: number
  /** For the names of sessions and of events. */
  readonly keys: { readonly sessions: BindingKeys; readonly events: BindingKeys }
}

/**
 * Refines a request. Errors: `origin-not-allowed`, `method-not-allowed`, `request-malformed`, `not-found` for what is no session,
 * `credential-ambiguous`, `credential-malformed`; those of reading content.
 */
export async function refineRequest(asked: UnrefinedRequest, by: McpReading): Promise<Result<RefinedRequest, Refusal>> {
  const { exchange, request } = asked
  const unfit = judgeHead(asked)
  if (unfit !== undefined) return err(unfit)
  const names = readNames(exchange)
  if (!names.ok) return names
  if (exchange.method !== 'POST') {
    const sent = { request, exchange, message: undefined }
    return ok(refined(sent, names.value, by.find(undefined, paysBy(exchange.fields)), by.keys))
  }
  const read = await asked.read({ maxBytes: by.maxBytes, mostMs: CONTENT_MS })
  if (!read.ok) return read
  const found = readMessage(read.value.content)
  if (!found.ok) return err(malformed(found.error))
  const { message, members } = found.value
  const mismatch = judgeCall(message) ?? judgeMirrored(message, exchange)
  if (mismatch !== undefined) return err(malformed(mismatch))
  const lifted = liftCredentials(members, exchange.fields.get('authorization') !== null)
  if (!lifted.ok) return err(lifted.error === 'several' ? SEVERAL : MALFORMED)
  const { paths, fields } = lifted.value
  if (fields.some(([name]) => exchange.fields.get(name) !== null)) return err(SEVERAL)
  const edits = paths.map((path) => ({ path, text: undefined }))
  const content = applyEdits(read.value.content, edits)
  const known = withFields(exchange, fields, message)
  const sent = { request: withContent(read.value.request, content), exchange: known, message }
  return ok(refined(sent, names.value, by.find(message, fields.length > 0 || paysBy(exchange.fields)), by.keys))
}

/** Judges what must hold before anything is read. */
function judgeHead({ exchange: { fields, method, origin }, origins, request }: UnrefinedRequest): Refusal | undefined {
  const from = fields.get('origin')
  if (from !== null && from !== origin && !origins.has(from)) return ELSEWHERE
  if (method === 'HEAD' || !METHODS.some((one) => one === method)) return NOT_A_METHOD
  // What is asked for in a socket, nobody here would read.
  if (isUpgrade(fields)) return malformed('There are no sockets in this protocol.')
  if (method !== 'POST') return contentOf(request) === null ? undefined : malformed('Only a POST has content here.')
  return JSON_TYPE.test(fields.get('content-type') ?? '')
    ? undefined
    : malformed('The content is not application/json.')
}

const ELSEWHERE = /* @__PURE__ */ refusal(
  'origin-not-allowed',
  'Pages of this origin may not use this server. Nothing was charged.',
)
const NOT_A_METHOD = /* @__PURE__ */ refusal('method-not-allowed', 'This is no method of the protocol.', {
  fields: [['Allow', METHODS.join(', ')]],
})
const SEVERAL = /* @__PURE__ */ refusal('credential-ambiguous', 'The request has more than one payment.', {
  check: 'spelling',
})
const MALFORMED = /* @__PURE__ */ refusal('credential-malformed', 'The payment in "_meta" is not one.', {
  check: 'spelling',
})
const NO_SESSION = /* @__PURE__ */ refusal(
  'not-found',
  'There is no such session. Begin a new one. Nothing was charged.',
)
const NO_EVENT = /* @__PURE__ */ refusal(
  'request-malformed',
  'The "Last-Event-ID" is of no stream of yours. Nothing was charged.',
)

function malformed(sentence: string): Refusal {
  return refusal('request-malformed', `${sentence} Nothing was charged.`)
}

/** What is paid for needs an answer, and a name. */
function judgeCall(message: Message): string | undefined {
  if (message.kind === 'response' || message.method !== CALL) return undefined
  if (message.kind === 'notification') return 'A call of a tool has no "id", so that nobody would hear of its result.'
  const { name } = message.params
  return typeof name === 'string' && name !== '' ? undefined : 'The call names no tool.'
}

const MIRRORED_NAME = /* @__PURE__ */ new Set(['tools/call', 'prompts/get'])
const ENCODED = /^=\?base64\?(.*)\?=$/

/** Compares the fields that mirror the content (revision 2026-07-28): servers and balancers may go by either. */
function judgeMirrored(message: Message, { fields }: Exchange): string | undefined {
  const method = fields.get('mcp-method')
  const name = fields.get('mcp-name')
  if (method === null && name === null) return undefined
  if (message.kind === 'response') return 'A response has no "Mcp-Method" and no "Mcp-Name".'
  if (method !== null && method !== message.method) return 'The "Mcp-Method" is not the method of the content.'
  if (name === null) return undefined
  const meant = MIRRORED_NAME.has(message.method) ? message.params['name'] : message.params['uri']
  return decoded(name) === meant ? undefined : 'The "Mcp-Name" is not the name in the content.'
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(value: string): string | undefined {
  const encoded = ENCODED.exec(value)?.[1]
  if (encoded === undefined) return value
  try {
    return decoder.decode(Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0)))
  } catch {
    return undefined
  }
}

/** The names that a request is about, not checked. */
interface SentNames {
  readonly session: BoundName | undefined
  readonly event: BoundName | undefined
}

function readNames({ fields }: Exchange): Result<SentNames, Refusal> {
  const session = fields.get(SESSION_FIELD)
  const event = fields.get(EVENT_FIELD)
  const names = { session: readName(session ?? ''), event: readName(event ?? '') }
  if (session !== null && names.session === undefined) return err(NO_SESSION)
  return event !== null && names.event === undefined ? err(NO_EVENT) : ok(names)
}

const PAYMENT_FIELDS = ['payment-signature', 'x-payment', 'payment-authorization']
const PAYMENT_SCHEME = /^payment\s/i

/** Returns true if a request pays in its fields. */
function paysBy(fields: Exchange['fields']): boolean {
  return (
    PAYMENT_FIELDS.some((name) => fields.get(name) !== null) || PAYMENT_SCHEME.test(fields.get('authorization') ?? '')
  )
}

function withFields(exchange: Exchange, added: readonly Field[], message: Message): Exchange {
  const { fields: sent } = exchange
  const values = new Map(added.map(([name, value]) => [name.toLowerCase(), value]))
  const fields = added.length === 0 ? sent : { get: (name: string) => values.get(name.toLowerCase()) ?? sent.get(name) }
  return { ...exchange, fields, ...(message.kind === 'request' && { messageId: message.id }) }
}

/** What was read as JSON in UTF-8 is sent as that: a server that decodes by another charset might find another tool in it. */
function withContent(request: Request, content: Uint8Array<ArrayBuffer>): Request {
  const headers = new Headers(request.headers)
  headers.set('content-type', 'application/json')
  headers.set('content-length', String(content.byteLength))
  return new Request(request.url, { method: request.method, headers, body: content, signal: request.signal })
}

/** A request as it is sent on, but for its names. */
interface SentRequest {
  readonly request: Request
  readonly exchange: Exchange
  readonly message: Message | undefined
}

function refined(
  { request, exchange, message }: SentRequest,
  names: SentNames,
  route: RefinedRequest['route'],
  keys: McpReading['keys'],
): RefinedRequest {
  return {
    route,
    exchange,
    request: withNames(request, names),
    admit(presented) {
      const server = exchange.target.path.replace(/\/$/, '')
      const owners = [accountIn(presented, exchange.now), ANYONE].map((owner) => [server, ...owner])
      const bound = bindingOf(names, owners, keys)
      return bound.ok ? ok(answering(answered(message, bound.value, keys))) : bound
    },
    ...(message?.kind === 'request' && { judge: judgeResult }),
  }
}

/** The fields that a server takes a message or a session from. */
const JUDGED_FIELDS = [SESSION_FIELD, EVENT_FIELD, 'Mcp-Method', 'Mcp-Name', 'Content-Type', 'Content-Encoding']

/** Returns true for another spelling of such a field: nothing of it was judged, and some servers read it as the field. */
function isUnjudged(name: string): boolean {
  return JUDGED_FIELDS.some((judged) => isSameField(judged, name) && judged.toLowerCase() !== name.toLowerCase())
}

/** Gives the server back its own names, and no other spelling of them. */
function withNames(request: Request, { session, event }: SentNames): Request {
  const unjudged = [...request.headers.keys()].filter(isUnjudged)
  if (session === undefined && event === undefined && unjudged.length === 0) return request
  const headers = new Headers(request.headers)
  for (const name of unjudged) headers.delete(name)
  if (session !== undefined) headers.set(SESSION_FIELD, session.id)
  if (event !== undefined) headers.set(EVENT_FIELD, event.id)
  return new Request(request, { headers })
}

/** Returns what names the account of a request; nothing for an anonymous reader. */
function accountIn(presented: Presented | undefined, now: number): Binding {
  const found = usableEntitlement(entitlementIn(presented), now)
  return found === undefined ? ANYONE : [found.issuer, found.account]
}

const ANYONE: Binding = [null]

/** Whose session a request is in, at which server, and its id. */
interface BoundSession {
  readonly owner: Binding
  readonly session: string | null
}

/** A session that was begun by nobody known belongs to whoever knows its name. The id of one server is nothing at another. */
function bindingOf(
  { session, event }: SentNames,
  owners: readonly Binding[],
  { sessions, events }: McpReading['keys'],
): Result<BoundSession, Refusal> {
  const owner = session === undefined ? owners[0] : owners.find((one) => isBound(session, one, sessions))
  if (owner === undefined) return err(NO_SESSION)
  const bound = { owner, session: session?.id ?? null }
  return event === undefined || isBound(event, eventBinding(bound), events) ? ok(bound) : err(NO_EVENT)
}

function eventBinding({ owner, session }: BoundSession): Binding {
  return [...owner, session]
}

/** How the answer names what the server names in it. */
function answered(
  message: Message | undefined,
  bound: BoundSession,
  { sessions, events }: McpReading['keys'],
): AnsweredRequest {
  return {
    isCall: message?.kind === 'request',
    nameSession: (id) => bindName(id, bound.owner, sessions),
    nameEvent: (session, id) => bindName(id, eventBinding({ ...bound, session: session ?? bound.session }), events),
  }
}
