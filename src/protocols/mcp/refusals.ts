/**
 * Writes refusals as errors of JSON-RPC: to a request of a client with that request's id, in an answer with the status 200.
 *
 * Clients of the protocol read errors of JSON-RPC in answers of 200 alone; of any other they keep a text. So what a payment would
 * cure, and what is not on sale, is told in such an answer, whose `data` has the status. What concerns the message as a whole, the
 * sign-in or the server keeps its status, and its body is an error without an id. A client that pays over HTTP says so by
 * `Accept-Payment`, and gets the status, too.
 */
import type { JsonMembers } from '../../core/json.ts'
import type { Reason, Refusal } from '../../core/problem.ts'
import { slot } from '../../core/template.ts'
import { errorKindOf, withProblem } from '../../meters/errors/kind.ts'
import type { Protocol } from '../../access/protocol.ts'
import type { Exchange, Field } from '../../http/rules/exchange.ts'
import type { Members } from '../../rails/rail.ts'
import type { RefusedView } from '../../refusals/describe.ts'
import type { RefusalFormat, WrittenChallenge } from '../../refusals/format.ts'
import { challengesIn } from './rules/challenges.ts'

/** The formats of one route. `metadata`: the path of the metadata for signing in; undefined if nobody can. */
export function mcpRefusals(
  isOurs: (protocol: Protocol | undefined) => boolean,
  metadata: string | undefined,
): RefusalFormat[] {
  const format: RefusalFormat = {
    name: 'mcp',
    accepts: (_exchange, route) => isOurs(route?.protocol),
    partsOf: ({ messageId }) => [messageId === undefined ? '' : `"id":${messageId},`],
    write(refused, refusal, members, how) {
      const error = errorOf(refused, refusal, members, how)
      const fields: Field[] = [['Content-Type', 'application/json']]
      if (refused.status === 401 && metadata !== undefined) fields.push(signInField(how.origin, metadata, refused))
      return { fields, body: `{"jsonrpc":"2.0",${slot(4)}"error":${JSON.stringify(error)}}` }
    },
    terminal(refused, refusal, { exchange }) {
      const error = errorOf(refused, refusal, {}, { challenges: [], origin: exchange.origin })
      const { messageId } = exchange
      if (messageId === undefined) return new Uint8Array()
      return encoder.encode(
        `event: message\ndata: {"jsonrpc":"2.0","id":${messageId},"error":${JSON.stringify(error)}}\n\n`,
      )
    },
    hasNoReturn: true,
    exposes: ['Mcp-Session-Id'],
  }
  const enveloped: RefusalFormat = {
    ...format,
    accepts: (exchange, route) => isOurs(route?.protocol) && isEnveloped(exchange),
    statusFor: (status) => (status === 402 || status === 403 ? 200 : status),
    isEnvelope: true,
  }
  return [enveloped, format]
}

function isEnveloped({ messageId, fields }: Exchange): boolean {
  return messageId !== undefined && fields.get('accept-payment') === null
}

const encoder = new TextEncoder()

/** RFC 9728 §5.1. The rail's own challenge stands before it, and says what was wrong. */
function signInField(origin: string, metadata: string, { offer }: RefusedView): Field {
  const scope = (offer?.entitlements ?? []).filter((name) => SCOPE.test(name)).join(' ')
  const scopes = scope === '' || scope.length > MAX_SCOPE ? '' : `, scope="${scope}"`
  return ['WWW-Authenticate', `Bearer resource_metadata="${origin}${metadata}"${scopes}`]
}

const SCOPE = /^[!#-[\]-~]+$/
const MAX_SCOPE = 512

function errorOf(refused: RefusedView, refusal: Refusal, members: Members, how: WrittenChallenge): JsonMembers {
  const { challenges, x402 } = challengesIn(how.challenges)
  const facts = { refused, refusal, members, message: messageOf(refused, refusal) }
  const data = {
    httpStatus: refused.status,
    ...(challenges.length > 0 && { challenges }),
    ...(x402 && { x402 }),
    problem: withProblem({}, { ...facts, members: {} }),
  }
  return { code: codeOf(facts), message: facts.message, data }
}

function messageOf({ title, remedies: [remedy] }: RefusedView, { detail, hint }: Refusal): string {
  const cure = remedy === undefined ? undefined : `${remedy.title}: ${remedy.href}`
  return [`${title}.`, detail, hint, cure].filter((part) => part !== undefined).join(' ')
}

/** MPP's codes, those of JSON-RPC, and those that the SDKs' own servers use. */
const CODES: Partial<Record<Reason, number>> = {
  'payment-declined': -32043,
  'payment-insufficient': -32043,
  'payment-spent': -32043,
  'credential-malformed': -32602,
  'not-for-sale': -32602,
  'not-found': -32001,
  'security-hold': -32000,
}

function codeOf(facts: Parameters<typeof errorKindOf>[0]): number {
  const { refusal, refused } = facts
  const own = CODES[refusal.reason]
  if (own !== undefined) return own
  if (refused.status === 402) return -32042
  const kind = errorKindOf(facts)
  if (kind === 'invalid' || kind === 'too-large') return -32600
  return kind === 'unavailable' || kind === 'internal' ? -32603 : -32000
}
