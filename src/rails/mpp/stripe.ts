/**
 * The method `stripe` of MPP (draft-stripe-charge-00): the client grants this business a shared payment token, and one
 * PaymentIntent is made and confirmed with it.
 *
 * Its idempotency key is the challenge alone. If an answer is lost the same call is made again, and Stripe sends the first
 * answer; a second token for the same challenge cannot make a second PaymentIntent.
 */
import type { JsonMembers } from '../../core/json.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { readBounded } from '../../http/download.ts'
import type { Settlement, StoredPayment } from '../../ledger/rules/payment.ts'
import type { SettlerPlatform } from '../rail.ts'
import type { ChargeMethod, MethodPayment } from './method.ts'
import type { PaymentCredential } from './rules/credential.ts'
import { isMembers, textMember } from './rules/decode.ts'
import { chargeable } from './rules/minorunits.ts'
import { type IntentAnswer, intentForm, settlementFrom } from './rules/paymentintent.ts'

/** How the method `stripe` is offered. */
export interface StripeChargeOptions {
  /** The name of the secret that holds Stripe's secret key. */
  secretKey: string
  /** The profile of your business in Stripe's network, as `profile_…`: clients grant their tokens to it. */
  networkId: string
  /** The kinds of payment method that you take, as `['card', 'link']`. */
  paymentMethodTypes: string[]
  /** Default `https://api.stripe.com`. */
  apiUrl?: string
}

const API = 'https://api.stripe.com'
/** Shared payment tokens are in preview. */
const VERSION = '2026-07-29.preview'
const MAX_ANSWER_BYTES = 256 * 1024
/** Shorter than the time that the ledger gives a settler. */
const TIMEOUT_MS = 15_000

const MALFORMED = /* @__PURE__ */ refusal('credential-malformed', 'The payment has no shared payment token.', {
  check: 'spelling',
})
const TOKEN = /^[\w-]{1,255}$/

export function stripeMethod(options: StripeChargeOptions): ChargeMethod {
  const { networkId, paymentMethodTypes } = options
  return {
    name: 'stripe',
    requestsFor(amount) {
      const units = chargeable(amount)
      const methodDetails = { networkId, paymentMethodTypes }
      const currency = amount.currency.toLowerCase()
      return units === undefined ? [] : [{ amount: String(units), currency, methodDetails }]
    },
    read,
    createSettler: (platform) => ({
      settle: (stored, tries) => settle(stored, tries, { options, platform }),
    }),
  }
}

function read({ challenge, payload }: PaymentCredential, request: JsonMembers): Result<MethodPayment, Refusal> {
  const { spt } = payload
  if (typeof spt !== 'string' || !TOKEN.test(spt)) return err(MALFORMED)
  const { id, realm } = challenge
  const { amount = '', currency = '' } = request
  return ok({
    name: JSON.stringify(['stripe', id]),
    payer: undefined,
    payload: { spt },
    requirements: { amount, currency, challenge: id, realm },
  })
}

interface StripeCall {
  readonly options: StripeChargeOptions
  readonly platform: SettlerPlatform
}

/** Makes the PaymentIntent, or hears again what became of it. Whatever is no clear answer of Stripe's leaves it unknown. */
async function settle({ payload, requirements }: StoredPayment, tries: number, call: StripeCall): Promise<Settlement> {
  if (!isMembers(payload) || !isMembers(requirements)) return { kind: 'unknown' }
  const form = intentForm(textMember(payload, 'spt'), requirements)
  const key = `mpp_${textMember(requirements, 'challenge')}`
  const made = await ask('/v1/payment_intents', call, { body: form, key })
  if (made === undefined) return { kind: 'unknown' }
  const settlement = settlementFrom(made, tries)
  // Said again, a first answer is as old as it was.
  if (settlement.kind !== 'unknown' || settlement.reference === undefined || !made.isReplayed) return settlement
  const later = await ask(`/v1/payment_intents/${settlement.reference}`, call)
  return later === undefined ? settlement : settlementFrom(later, tries)
}

interface Form {
  readonly body: string
  readonly key: string
}

async function ask(path: string, { options, platform }: StripeCall, form?: Form): Promise<IntentAnswer | undefined> {
  const key = platform.bindings[options.secretKey]
  if (typeof key !== 'string') return undefined
  const headers = new Headers({ authorization: `Bearer ${key}`, 'stripe-version': VERSION, accept: 'application/json' })
  if (form !== undefined) {
    headers.set('content-type', 'application/x-www-form-urlencoded')
    headers.set('idempotency-key', form.key)
  }
  const asked = new Request(new URL(path, options.apiUrl ?? API), {
    method: form === undefined ? 'GET' : 'POST',
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(form && { body: form.body }),
  })
  try {
    const response = await platform.fetch(asked)
    const isReplayed = response.headers.get('idempotent-replayed') === 'true'
    return { status: response.status, isReplayed, body: JSON.parse(await readBounded(response, MAX_ANSWER_BYTES)) }
  } catch {
    return undefined
  }
}
