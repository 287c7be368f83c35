/**
 * Shapes the answer of an MCP server: its sessions and events get names that belong to their account, and the result of a call says
 * how it was paid. Only a JSON answer that was paid by a payment is read, and no more of it than a mebibyte; a stream of events passes
 * as it comes, and its payment is told by the fields alone.
 */
import type { Answering } from '../../access/protocol.ts'
import type { Json, JsonMembers } from '../../core/json.ts'
import { readUpTo } from '../../http/readupto.ts'
import { isEventStream } from '../../http/rules/fields.ts'
import { applyEdits } from '../../meters/llm/rules/edit.ts'
import { objectIn } from './rules/challenges.ts'
import { EventIds } from './rules/eventids.ts'
import { isMembers } from './rules/message.ts'

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

/** Adds receipts to the result. An answer that is long, coded or no result passes as it is. */
async function withReceipts(response: Response, receipts: readonly Receipt[]): Promise<Response> {
  const { headers, body, status } = response
  const isRead = JSON_TYPE.test(headers.get('content-type') ?? '') && !headers.has('content-encoding')
  if (!isRead || body === null || Number(headers.get('content-length') ?? 0) > MAX_JSON_BYTES) return response
  const read = await readUpTo(body, MAX_JSON_BYTES)
  const told = read.bytes && withMeta(read.bytes, receipts)
  const changed = new Headers(headers)
  if (told !== undefined) changed.delete('content-length')
  return new Response(told ?? read.body, { status, headers: changed })
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

function withMeta(bytes: Uint8Array<ArrayBuffer>, receipts: readonly Receipt[]): Uint8Array<ArrayBuffer> | undefined {
  try {
    const message: Json = JSON.parse(decoder.decode(bytes))
    if (!isMembers(message) || !isMembers(message['result'])) return undefined
    const edits = receipts.map(([name, value]) => ({ path: ['result', '_meta', name], text: JSON.stringify(value) }))
    return applyEdits(bytes, edits)
  } catch {
    return undefined
  }
}
