/**
 * Reads one message of JSON-RPC 2.0 as the Model Context Protocol sends it, so that the server behind reads the same in it.
 *
 * The gate decides by the method and the tool's name; the server acts by what it reads itself. So a message that two servers
 * could read in two ways is refused: a batch, a member that is there twice or in another case, bytes that are not UTF-8.
 */
import type { Json, JsonMembers } from '../../../core/json.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { checkMembers, parseStrictJson } from '../../../meters/llm/rules/json.ts'

/** One message. `id` is the JSON text of a request's id. */
export type Message =
  | { readonly kind: 'request'; readonly id: string; readonly method: string; readonly params: JsonMembers }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonMembers }
  | { readonly kind: 'response' }

/** A message, and the object that it is. */
export interface ReadMessage {
  readonly message: Message
  readonly members: JsonMembers
}

const OPEN_ARRAY = 0x5b
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])
const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error', '_meta']
/** The members of `params` that say what is asked for. */
const STRUCTURE = ['name', 'uri', 'arguments', '_meta', 'ref']
/** What the client's own program defines: only exact repeats are faults there. */
const FREE = new Set(['arguments', 'result', 'error', '_meta'])
const MAX_ID = 256
const MAX_METHOD = 256

const BATCH = 'The content is a batch. Send one message in each request.'

/** Reads a message. The error is a sentence for `request-malformed`. */
export function readMessage(bytes: Uint8Array): Result<ReadMessage, string> {
  if (bytes[bytes.findIndex((byte) => !WHITE_SPACE.has(byte))] === OPEN_ARRAY) return err(BATCH)
  const parsed = parseStrictJson(bytes, FREE)
  if (!parsed.ok) return err(parsed.error.detail)
  const members = parsed.value
  const unknown = checkMembers(members, MEMBERS, [])
  if (unknown !== undefined) return err(unknown.detail)
  if (members['jsonrpc'] !== '2.0') return err('The member "jsonrpc" of the message is not "2.0".')
  const message = 'method' in members ? readCall(members) : readResponse(members)
  return message.ok ? ok({ message: message.value, members }) : message
}

function readCall({ id, method, params = {}, ...others }: JsonMembers): Result<Message, string> {
  if ('result' in others || 'error' in others) return err('The message is a request and a response at once.')
  if (typeof method !== 'string' || method === '' || method.length > MAX_METHOD)
    return err('The member "method" of the message is not a name.')
  if (!isJsonObject(params)) return err('The member "params" of the message is not an object.')
  for (const name of Object.keys(params)) {
    const meant = STRUCTURE.find((known) => known !== name && fold(known) === fold(name))
    if (meant !== undefined) return err(`A member of "params" is to be spelled "${meant}".`)
  }
  if (id === undefined) return ok({ kind: 'notification', method, params })
  const text = idText(id)
  return text === undefined ? err(BAD_ID) : ok({ kind: 'request', id: text, method, params })
}

const BAD_ID = 'The member "id" of the message is neither a whole number nor a short string.'

function readResponse(members: JsonMembers): Result<Message, string> {
  if ('params' in members || 'result' in members === 'error' in members)
    return err('The message is neither a request nor a response.')
  return 'id' in members && idText(members['id']) !== undefined ? ok({ kind: 'response' }) : err(BAD_ID)
}

function idText(id: Json | undefined): string | undefined {
  if (typeof id === 'string') return id.length <= MAX_ID ? JSON.stringify(id) : undefined
  return typeof id === 'number' && Number.isSafeInteger(id) ? JSON.stringify(id) : undefined
}

/** Folds a name as lenient servers do. */
function fold(name: string): string {
  return name.toWellFormed().toUpperCase().toLowerCase().replaceAll('_', '')
}

export function isJsonObject(value: Json | undefined): value is JsonMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
