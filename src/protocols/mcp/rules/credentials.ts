/**
 * Finds the payment credentials in a message: MPP's in `org.paymentauth/credential` and x402's in `x402/payment`, both members of
 * `_meta`, which is in `params` or, as MPP allows, beside it.
 *
 * Rails read fields. So a credential is lifted from the message to the field that it would have come in over HTTP, and cut out of
 * the content: the origin never sees it, and a payment is bound to the content without it.
 */
import { toBase64url } from '../../../core/bytes.ts'
import type { Json, JsonMembers } from '../../../core/json.ts'
import { canonicalJson } from '../../../core/canonicaljson.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Field } from '../../../http/rules/exchange.ts'
import { isJsonObject } from './message.ts'

export const MPP_CREDENTIAL = 'org.paymentauth/credential'
const X402_PAYMENT = 'x402/payment'

/** What to cut out of the content, and the fields to put in its place. */
export interface LiftedCredentials {
  readonly paths: readonly (readonly string[])[]
  readonly fields: readonly Field[]
}

/** No rail reads a longer one. */
const MAX_CREDENTIAL = 16 * 1024
const NOTHING: LiftedCredentials = { paths: [], fields: [] }

/** Why credentials are refused. */
export type CredentialFault = 'several' | 'malformed'

/**
 * Lifts the credentials of a message. `hasAuthorization`: the request has that field for something else. Errors: `several`, if
 * there is more than one; `malformed`, if one is not what it should be.
 */
export function liftCredentials(
  message: JsonMembers,
  hasAuthorization: boolean,
): Result<LiftedCredentials, CredentialFault> {
  const { params, _meta } = message
  const places = [
    { path: ['_meta'], meta: _meta },
    { path: ['params', '_meta'], meta: isJsonObject(params) ? params['_meta'] : undefined },
  ]
  const found = places.flatMap(({ path, meta }) =>
    isJsonObject(meta)
      ? [MPP_CREDENTIAL, X402_PAYMENT].flatMap((name) =>
          Object.hasOwn(meta, name) ? [{ path: [...path, name], name, value: meta[name] }] : [],
        )
      : [],
  )
  const [one, other] = found
  if (one === undefined) return ok(NOTHING)
  if (other !== undefined) return err('several')
  if (JSON.stringify(one.value).length > MAX_CREDENTIAL) return err('malformed')
  const field = one.name === MPP_CREDENTIAL ? mppField(one.value, hasAuthorization) : x402Field(one.value)
  return field === undefined ? err('malformed') : ok({ paths: [one.path], fields: [field] })
}

/** Writes a credential as HTTP has it: the request of its challenge is base64url of canonical JSON there. */
function mppField(value: Json | undefined, hasAuthorization: boolean): Field | undefined {
  if (!isJsonObject(value) || !isJsonObject(value['challenge'])) return undefined
  const { request, meta, opaque = meta, header, ...challenge } = value['challenge']
  if (!isJsonObject(request)) return undefined
  const written = {
    ...value,
    challenge: {
      ...challenge,
      request: base64urlOf(canonicalJson(request)),
      ...(opaque === undefined
        ? {}
        : { opaque: typeof opaque === 'string' ? opaque : base64urlOf(canonicalJson(opaque)) }),
      ...(header === undefined ? {} : { header }),
    },
  }
  // A challenge names the field in which it wants to be answered.
  const isBeside = header !== undefined || hasAuthorization
  return [isBeside ? 'Payment-Authorization' : 'Authorization', `Payment ${base64urlOf(JSON.stringify(written))}`]
}

function x402Field(value: Json | undefined): Field | undefined {
  if (!isJsonObject(value)) return undefined
  const name = value['x402Version'] === 1 ? 'X-PAYMENT' : 'PAYMENT-SIGNATURE'
  return [name, base64Of(JSON.stringify(value))]
}

const encoder = new TextEncoder()

function base64urlOf(text: string): string {
  return toBase64url(encoder.encode(text))
}

function base64Of(text: string): string {
  const padded = base64urlOf(text).replaceAll('-', '+').replaceAll('_', '/')
  return padded.padEnd(Math.ceil(padded.length / 4) * 4, '=')
}
