import type { Settlement } from '../../../ledger/rules/payment.ts'
import { isMembers, textMember } from './decode.ts'
import { ACTION_REQUIRED } from './problemtype.ts'

/** Writes the parameters of a PaymentIntent that is charged at once, or not at all. */
export function intentForm(token: string, requirements: Readonly<Record<string, unknown>>): string {
  const parameters: [string, string][] = [
    ['amount', textMember(requirements, 'amount')],
    ['currency', textMember(requirements, 'currency')],
    ['confirm', 'true'],
    ['automatic_payment_methods[enabled]', 'true'],
    ['automatic_payment_methods[allow_redirects]', 'never'],
    ['shared_payment_granted_token', token],
    ['metadata[machine_payment]', 'true'],
    ['metadata[challenge]', textMember(requirements, 'challenge')],
    ['metadata[realm]', textMember(requirements, 'realm')],
  ]
  return parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

/** What Stripe answered about a PaymentIntent. */
export interface IntentAnswer {
  readonly status: number
  readonly body: unknown
  /** True if it is the first answer to the same call, said again. */
  readonly isReplayed: boolean
}

const UNKNOWN: Settlement = { kind: 'unknown' }
/** Nothing more happens to such a PaymentIntent: nobody has the secret by which its payer could go on. */
const ENDED: ReadonlySet<string> = new Set(['requires_payment_method', 'requires_confirmation', 'canceled'])
/** What Stripe says no to, without having done anything. Of its key or its load it says nothing about this payment. */
const REFUSED: ReadonlySet<number> = new Set([400, 402])
const ID = /^pi_\w{1,250}$/
const CODE = /^[\w.-]{1,100}$/

/** Reads what became of a payment. `tries` counts the calls. */
export function settlementFrom({ status, body }: IntentAnswer, tries: number): Settlement {
  if (!isMembers(body)) return UNKNOWN
  if (REFUSED.has(status)) return refusedAs(body['error'], tries)
  const { id, status: state } = body
  if (status !== 200 || typeof id !== 'string' || !ID.test(id) || typeof state !== 'string') return UNKNOWN
  if (state === 'succeeded') return { kind: 'settled', reference: id }
  if (state === 'requires_action') return { kind: 'failed', reason: ACTION_REQUIRED }
  return ENDED.has(state) ? { kind: 'failed', reason: state } : { kind: 'unknown', reference: id }
}

/**
 * Reads an error. Another call with the same key says nothing of the first one, unless this call is the first of its payment:
 * then the ledger knows that the earlier one has failed.
 */
function refusedAs(error: unknown, tries: number): Settlement {
  if (!isMembers(error)) return UNKNOWN
  const [type, code, decline] = ['type', 'code', 'decline_code'].map((name) => textMember(error, name))
  if (type === 'idempotency_error') return tries === 1 ? { kind: 'failed', reason: 'challenge-used' } : UNKNOWN
  if (code === 'authentication_required' || decline === 'authentication_required')
    return { kind: 'failed', reason: ACTION_REQUIRED }
  const known = [code, type].find((one) => one !== undefined && CODE.test(one))
  return known === undefined ? UNKNOWN : { kind: 'failed', reason: known }
}
