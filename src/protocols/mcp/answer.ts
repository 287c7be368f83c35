/**
 * Shapes the answer of an MCP server: its sessions and events get names that belong to their account, and the result of a call says
 * how it was paid. Only the JSON answer to a call that costs something is read, and no more of it than a mebibyte; a stream of events
 * passes as it comes: it costs its price however it ends, and its payment is told by the fields alone.
 */
import type { Answering, JudgedAnswer } from '../../access/protocol.ts'
import type { Json, JsonMembers } from '../../core/json.ts'
import { readUpTo } from '../../http/readupto.ts'
import { isEventStream } from '../../http/rules/fields.ts'
import { applyEdits } from '../../meters/llm/rules/edit.ts'
import { objectIn } from './rules/challenges.ts'
import { EventIds } from './rules/eventids.ts'
import { isJsonObject } from './rules/message.ts'

/** How one answer names what is in it. */
export interface AnsweredRequest {
  /** True if the request asks for a result. */
  readonly isCall: boolean
  nameSession(id: string): string
  /** `session`: the id of a session that this answer begins. */
  nameEvent(session: string | undefined, id: string): string
}

const SESSION = 'mcp-session-id'
const MAX_JSON_BYTES = 1024 * 1024
const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i

export function answering(request: AnsweredRequest): Answering {
  return {
    shape(response) {
      const session = response.headers.get(SESSION) ?? undefined
      if (session !== undefined) response.headers.set(SESSION, request.nameSession(session))
      if (isEventStream(response.headers) && response.body !== null)
        return withEventIds(response, response.body, (id) => request.nameEvent(session, id))
      const receipts = request.isCall ? receiptsIn(response.headers) : []
      return receipts.length === 0 ? response : withReceipts(response, receipts)
    },
  }
}

function withEventIds(response: Response, body: ReadableStream<Uint8Array>, name: (id: string) => string): Response {
  const ids = new EventIds(name)
  const changed = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        const out = ids.take(piece)
        if (out.byteLength > 0) controller.enqueue(out)
      },
      flush(controller) {
        const last = ids.end()
        if (last.byteLength > 0) controller.enqueue(last)
      },
    }),
  )
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(changed, { status: response.status, headers })
}

type Receipt = readonly [name: string, value: JsonMembers]

/** The members of a result's `_meta` by the fields that say the same. */
const RECEIPTS = [
  ['payment-receipt', 'org.paymentauth/receipt'],
  ['payment-response', 'x402/payment-response'],
  ['x-payment-response', 'x402/payment-response'],
] as const

function receiptsIn(headers: Headers): readonly Receipt[] {
  return RECEIPTS.flatMap(([field, name]) => {
    const value = headers.get(field)
    const receipt = value === null ? undefined : objectIn(value)
    return receipt === undefined ? [] : [[name, receipt] as const]
  })
}

/** What was read of a JSON answer: all of it, if it is short and in no coding. */
interface ReadAnswer {
  readonly bytes: Uint8Array<ArrayBuffer> | undefined
  /** The same answer, to be sent. */
  readonly response: Response
}

async function readAnswer(response: Response): Promise<ReadAnswer> {
  const { headers, body, status } = response
  const isRead = JSON_TYPE.test(headers.get('content-type') ?? '') && !headers.has('content-encoding')
  if (!isRead || body === null || Number(headers.get('content-length') ?? 0) > MAX_JSON_BYTES)
    return { bytes: undefined, response }
  const read = await readUpTo(body, MAX_JSON_BYTES)
  return { bytes: read.bytes, response: new Response(read.body, { status, headers }) }
}

/** Adds receipts to the result. An answer that is long, coded or no result passes as it is. */
async function withReceipts(given: Response, receipts: readonly Receipt[]): Promise<Response> {
  const { bytes, response } = await readAnswer(given)
  if (bytes === undefined || !isJsonObject(messageIn(bytes)?.['result'])) return response
  const edits = receipts.map(([name, value]) => ({ path: ['result', '_meta', name], text: JSON.stringify(value) }))
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(applyEdits(bytes, edits), { status: response.status, headers })
}

/** Tells a result from an error, and from the result of a tool that says of itself that it failed. */
export async function judgeResult(given: Response): Promise<JudgedAnswer> {
  const { bytes, response } = await readAnswer(given)
  const message = bytes && messageIn(bytes)
  const result = message?.['result']
  return {
    response,
    isFailed: isJsonObject(message?.['error']) || (isJsonObject(result) && result['isError'] === true),
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

function messageIn(bytes: Uint8Array): JsonMembers | undefined {
  try {
    const message: Json = JSON.parse(decoder.decode(bytes))
    return isJsonObject(message) ? message : undefined
  } catch {
    return undefined
  }
}
