/**
 * Says in a message what rails say in fields: MPP's challenges as objects, and x402's requirements as the object that the field
 * holds. Clients of the Model Context Protocol read the message alone.
 */
import type { Json, JsonMembers } from '../../../core/json.ts'
import type { Field } from '../../../http/rules/exchange.ts'
import { isJsonObject } from './message.ts'

/** What a refusal says of payments, for the `data` of an error. */
export interface ErrorChallenges {
  readonly challenges: readonly JsonMembers[]
  readonly x402: JsonMembers | undefined
}

const PAYMENT = /^payment\s+/i
/** A parameter with a quoted value, as `Payment` challenges have them. */
const PARAMETER = /(?<![a-z])([a-z]+)="((?:[^"\\]|\\.)*)"/g

/** Reads the fields of a refusal. */
export function challengesIn(fields: readonly Field[]): ErrorChallenges {
  const challenges = fields.flatMap(([name, value]) =>
    name.toLowerCase() === 'www-authenticate' && PAYMENT.test(value) ? challengeOf(value) : [],
  )
  const required = fields.find(([name]) => name.toLowerCase() === 'payment-required')
  return { challenges, x402: required && objectIn(required[1]) }
}

/** Returns a challenge as MPP has it in JSON-RPC: its request is an object. Empty if it has none. */
function challengeOf(field: string): readonly JsonMembers[] {
  const parameters: Record<string, Json> = {}
  for (const [, name = '', value = ''] of field.matchAll(PARAMETER))
    parameters[name] ??= value.replaceAll(/\\(.)/g, '$1')
  const { request } = parameters
  const decoded = typeof request === 'string' ? objectIn(request) : undefined
  return decoded === undefined ? [] : [{ ...parameters, request: decoded }]
}

const decoder = new TextDecoder()

/** Returns the object that a text is in base64 or base64url; undefined if it is none. */
export function objectIn(text: string): JsonMembers | undefined {
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    const value: Json = JSON.parse(decoder.decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
