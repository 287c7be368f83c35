import * as v from 'valibot'
import type { Bindings } from '../../../config/rules/bindings.ts'
import { baseUrl, secretName, TOKEN_BYTES, text, whole } from '../../../config/rules/values.ts'

export const DEFAULT_EXPIRES_SECONDS = 300

const types = v.pipe(v.array(text), v.minLength(1, 'expected at least one'), v.maxLength(8, 'expected at most 8'))
const networkId = v.pipe(text, v.regex(/^[\w-]{1,100}$/, 'expected an id such as "profile_…"'))

const ONE = 'expected "evm" or "stripe", or both'

/** Returns the schema of the rail's options. */
export function mppSchema(bindings: Bindings, chain: v.GenericSchema) {
  const { secrets } = bindings
  const evm = v.lazy((given): v.GenericSchema => (given === true ? v.literal(true) : chain))
  const stripe = v.strictObject({
    secretKey: secretName(secrets, TOKEN_BYTES),
    networkId,
    paymentMethodTypes: types,
    apiUrl: v.optional(baseUrl),
  })
  return v.pipe(
    v.strictObject({ expiresSeconds: v.optional(whole(30, 3600)), evm: v.optional(evm), stripe: v.optional(stripe) }),
    v.check((given) => given.evm !== undefined || given.stripe !== undefined, ONE),
  )
}
