import { OWN_FIELD, type PaymentChallenge } from './challenge.ts'
import { decodeMembers, isMembers } from './decode.ts'
import { hasPayment } from '../../../http/rules/authorization.ts'
import type { Fields } from '../../../http/rules/exchange.ts'
import { type Refusal, refusal } from '../../../core/problem.ts'
import { err, ok, type Result } from '../../../core/result.ts'

/** What a client sends to pay: the challenge that it answers, and a proof by the challenge's method. Nothing of it is verified. */
export interface PaymentCredential {
  readonly challenge: PaymentChallenge
  readonly payload: Readonly<Record<string, unknown>>
}

/** A credential as it was found. */
export interface FoundCredential {
  readonly field: 'Authorization' | typeof OWN_FIELD
  readonly credential: Result<PaymentCredential, Refusal>
}

const SPELLING = { check: 'spelling' } as const
const MALFORMED = /* @__PURE__ */ refusal(
  'credential-malformed',
  'The payment is not "Payment" and one credential in base64url, without padding.',
  SPELLING,
)
const TWO_FIELDS = /* @__PURE__ */ refusal(
  'credential-malformed',
  'The request has payments in "Authorization" and in "Payment-Authorization".',
  SPELLING,
)
const OTHER_FIELD = /* @__PURE__ */ refusal(
  'credential-malformed',
  'The payment came in another field than its challenge names.',
  SPELLING,
)
const SEVERAL = /* @__PURE__ */ refusal('credential-ambiguous', 'The request has more than one payment.', SPELLING)

/** The largest credential to be read, in bytes. */
const MAX_BYTES = 8192
const CREDENTIAL = /^payment +([\w-]+)$/i

/** Finds the credential of a request; undefined if it has none. */
export function findPaymentCredential(fields: Fields): FoundCredential | undefined {
  const shared = fields.get('authorization')
  const own = fields.get(OWN_FIELD)
  const isShared = hasPayment(shared)
  if (own === null && !isShared) return undefined
  const field = own === null ? 'Authorization' : OWN_FIELD
  if (own !== null && isShared) return { field, credential: err(TWO_FIELDS) }
  const read = readPaymentCredential(own ?? shared ?? '')
  const isElsewhere = read.ok && (read.value.challenge.header ?? 'Authorization') !== field
  return { field, credential: isElsewhere ? err(OTHER_FIELD) : read }
}

/** Reads the value of a field. Errors: `credential-ambiguous`, `credential-malformed`. */
export function readPaymentCredential(value: string): Result<PaymentCredential, Refusal> {
  if (value.length > MAX_BYTES) return err(MALFORMED)
  if (value.includes(',')) return err(SEVERAL)
  const members = decodeMembers(CREDENTIAL.exec(value)?.[1] ?? '')
  const challenge = readChallenge(members?.['challenge'])
  const payload = members?.['payload']
  return challenge === undefined || !isMembers(payload) ? err(MALFORMED) : ok({ challenge, payload })
}

const REQUIRED = ['id', 'realm', 'method', 'intent', 'request'] as const
const OPTIONAL = ['expires', 'digest', 'description', 'opaque', 'header'] as const

function readChallenge(given: unknown): PaymentChallenge | undefined {
  if (!isMembers(given)) return undefined
  const [id, realm, method, intent, request] = REQUIRED.map((name) => given[name])
  if (!isText(id) || !isText(realm) || !isText(method) || !isText(intent) || !isText(request)) return undefined
  const optional: [string, string][] = []
  for (const name of OPTIONAL) {
    const value = given[name]
    if (value === undefined) continue
    if (!isText(value)) return undefined
    optional.push([name, value])
  }
  return { id, realm, method, intent, request, ...Object.fromEntries(optional) }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
