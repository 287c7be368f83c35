import { describe, expect, it } from 'vitest'
import { ok } from '../../src/core/result.ts'
import type { StripeClient } from '../../src/stripe/api.ts'
import { endCheckout, readTripPayment } from '../../src/stripe/trippayment.ts'

const TRIP = 'a'.repeat(32)
const METADATA = { faregate_zone: 'news', faregate_trip: TRIP }

function read(type: string, object: object) {
  const event = {
    id: 'evt_1',
    object: 'event',
    type,
    livemode: false,
    data: { object: { metadata: METADATA, ...object } },
  }
  return readTripPayment(event, 'news', false)
}

/** Stripe, which answers with this Checkout Session whatever it is asked for. */
function stripeWith(session: object) {
  const calls: string[] = []
  const api = {
    get: async (path: string, parameters: object) => {
      calls.push(`GET ${path} ${JSON.stringify(parameters)}`)
      return ok(
        new Map<string, unknown>([
          ['object', 'list'],
          ['has_more', false],
          ['data', [session]],
        ]),
      )
    },
    post: async (path: string) => {
      calls.push(`POST ${path}`)
      return ok(new Map())
    },
  } as unknown as StripeClient
  return { api, calls }
}

const session = (more: object): object => ({
  id: 'cs_1',
  object: 'checkout.session',
  status: 'open',
  created: 1,
  mode: 'payment',
  metadata: METADATA,
  ...more,
})

async function ended(type: string, object: object, found: object): Promise<[boolean, string[]]> {
  const paid = read(type, object)
  if (paid === undefined) throw new Error('the event is of no trip')
  const { api, calls } = stripeWith(found)
  return [await endCheckout(paid, api), calls]
}

const ASKED = 'GET /v1/checkout/sessions {"payment_intent":"pi_1","limit":"1"}'

describe('the Checkout Session of a declined payment', () => {
  it('is ended while it is open', async () => {
    expect(await ended('payment_intent.payment_failed', { id: 'pi_1' }, session({}))).toEqual([
      true,
      [ASKED, 'POST /v1/checkout/sessions/cs_1/expire'],
    ])
  })

  it('is left as it is once it is paid, or has ended', async () => {
    for (const status of ['complete', 'expired'])
      expect(await ended('payment_intent.payment_failed', { id: 'pi_1' }, session({ status }))).toEqual([true, [ASKED]])
  })

  it('is not ended if it is of another trip', async () => {
    const other = session({ metadata: { ...METADATA, faregate_trip: 'b'.repeat(32) } })
    expect(await ended('payment_intent.payment_failed', { id: 'pi_1' }, other)).toEqual([false, [ASKED]])
  })

  it('is not asked for by nothing: an invoice that names no subscription would find that of anybody', async () => {
    const invoice = { billing_reason: 'subscription_create', subscription: null }
    expect(await ended('invoice.payment_failed', invoice, session({}))).toEqual([false, []])
  })
})

describe('a Checkout Session that is complete', () => {
  it.each([
    ['paid', 'payment-succeeded'],
    ['unpaid', undefined],
    ['no_payment_required', undefined],
  ])('and %s is %s: what costs nothing does not make up for cards that were declined', (payment_status, kind) => {
    expect(read('checkout.session.completed', { id: 'cs_1', payment_status })?.payment.kind).toBe(kind)
  })
})
