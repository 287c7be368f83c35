/** Payments: intents, charges, refunds and disputes, with the events that Stripe makes of them. */
import { badParam, metadataParam, numberParam, type Params, textParam } from './form.ts'
import { noSuch, StripeProblem } from './problem.ts'
import type { ChargeObject, DisputeObject, PaymentIntentObject, RefundObject } from './shapes.ts'
import { change, type DoubleState, held } from './state.ts'

interface NewPayment {
  readonly amount: number
  readonly currency: string
  readonly customer: string | null
  readonly metadata: Record<string, string>
  readonly description: string | null
  readonly method: string
}

/** Makes a payment that is processing; `succeedPayment` or `failPayment` ends it. */
export function createPayment(state: DoubleState, made: NewPayment): PaymentIntentObject {
  const intent: PaymentIntentObject = {
    id: state.id('pi'),
    object: 'payment_intent',
    amount: made.amount,
    amount_received: 0,
    canceled_at: null,
    created: state.now(),
    currency: made.currency,
    customer: made.customer,
    description: made.description,
    latest_charge: null,
    livemode: false,
    metadata: made.metadata,
    payment_method_types: [made.method],
    receipt_email: null,
    status: 'processing',
  }
  state.intents.set(intent.id, intent)
  state.emit('payment_intent.created', { ...intent, status: 'requires_payment_method' })
  return intent
}

function createCharge(state: DoubleState, intent: PaymentIntentObject, over: Partial<ChargeObject>): ChargeObject {
  const charge: ChargeObject = {
    id: state.id('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    captured: false,
    created: state.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: { ...intent.metadata },
    paid: false,
    payment_intent: intent.id,
    refunded: false,
    status: 'pending',
    ...over,
  }
  state.charges.set(charge.id, charge)
  intent.latest_charge = charge.id
  return charge
}

export function succeedPayment(state: DoubleState, intent: PaymentIntentObject): void {
  const paid = { amount_captured: intent.amount, captured: true, paid: true, status: 'succeeded' } as const
  const charge = createCharge(state, intent, paid)
  Object.assign(intent, { status: 'succeeded', amount_received: intent.amount })
  state.emit('charge.succeeded', charge)
  state.emit('payment_intent.succeeded', intent)
}

export function failPayment(state: DoubleState, intent: PaymentIntentObject): void {
  const charge = createCharge(state, intent, {
    status: 'failed',
    failure_code: 'card_declined',
    failure_message: 'Your card was declined.',
  })
  intent.status = 'requires_payment_method'
  state.emit('charge.failed', charge)
  state.emit('payment_intent.payment_failed', intent)
}

/** Finds a charge by the id of its own or of its payment. */
export function chargeOf(state: DoubleState, id: string, param?: string): ChargeObject {
  const intent = id.startsWith('pi_') ? state.intents.get(id) : undefined
  const charge = state.charges.get(intent?.latest_charge ?? id)
  if (charge === undefined && intent !== undefined) {
    throw badParam('payment_intent', `This PaymentIntent (${id}) does not have a successful charge to refund.`)
  }
  if (charge === undefined) throw noSuch(id.startsWith('pi_') ? 'payment_intent' : 'charge', id, param)
  return charge
}

export function createRefund(state: DoubleState, params: Params): RefundObject {
  const named = (['payment_intent', 'charge'] as const).find((name) => textParam(params, name) !== undefined)
  if (named === undefined)
    throw badParam(
      'payment_intent',
      'One of the following params should be provided for this request: payment_intent or charge.',
    )
  const charge = chargeOf(state, textParam(params, named) ?? '', named)
  if (charge.status !== 'succeeded')
    throw badParam(named, `This PaymentIntent (${charge.payment_intent}) does not have a successful charge to refund.`)
  const left = charge.amount - charge.amount_refunded
  if (left === 0) {
    throw new StripeProblem(400, {
      code: 'charge_already_refunded',
      message: `Charge ${charge.id} has already been refunded.`,
    })
  }
  if (charge.disputed && !isInquiry(state, charge)) {
    throw new StripeProblem(400, {
      code: 'charge_disputed',
      message: `Charge ${charge.id} has been charged back; cannot issue a refund.`,
    })
  }
  const amount = numberParam(params, 'amount') ?? left
  if (amount < 1) throw badParam('amount', 'Invalid positive integer', 'parameter_invalid_integer')
  if (amount > left) {
    throw badParam('amount', `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`)
  }
  const reason = textParam(params, 'reason')
  if (reason !== undefined && !['duplicate', 'fraudulent', 'requested_by_customer'].includes(reason)) {
    throw badParam('reason', 'Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer')
  }
  const intent = state.intents.get(charge.payment_intent ?? '')
  const isSlow = intent?.payment_method_types[0] !== 'card'
  const refund: RefundObject = {
    id: state.id('re'),
    object: 'refund',
    amount,
    charge: charge.id,
    created: state.now(),
    currency: charge.currency,
    metadata: metadataParam(params),
    payment_intent: charge.payment_intent,
    reason: reason === 'duplicate' || reason === 'fraudulent' || reason === 'requested_by_customer' ? reason : null,
    status: isSlow ? 'pending' : 'succeeded',
    ...(isSlow ? { pending_reason: 'processing' as const } : {}),
  }
  state.refunds.set(refund.id, refund)
  addRefunded(state, charge, amount)
  state.emit('refund.created', refund)
  return refund
}

/** A charge counts what is refunded from the moment of the refund on, and takes back what failed. */
function addRefunded(state: DoubleState, charge: ChargeObject, amount: number): void {
  const total = charge.amount_refunded + amount
  const before = change(charge, { amount_refunded: total, refunded: total === charge.amount })
  if (amount > 0) state.emit('charge.refunded', charge, before)
  else state.emit('charge.updated', charge, before)
}

/** Ends a refund that was pending, or takes back one that had succeeded: a bank may return it later. */
export function endRefund(state: DoubleState, id: string, status: 'succeeded' | 'failed' | 'canceled'): void {
  const refund = held(state.refunds, id)
  const before = change(refund, {
    status,
    ...(status === 'failed' ? { failure_reason: 'expired_or_canceled_card' } : {}),
  })
  delete refund.pending_reason
  if (status !== 'succeeded') addRefunded(state, held(state.charges, refund.charge), -refund.amount)
  state.emit('refund.updated', refund, before)
  if (status === 'failed') state.emit('refund.failed', refund)
}

function isInquiry(state: DoubleState, { id }: ChargeObject): boolean {
  return [...state.disputes.values()].some(({ charge, status }) => charge === id && status.startsWith('warning_'))
}

/** The buyer's bank disputes a charge. A status that begins with `warning_` is an inquiry: no money moves. */
export function createDispute(
  state: DoubleState,
  payment: string,
  status: DisputeObject['status'] = 'needs_response',
): DisputeObject {
  const charge = chargeOf(state, payment)
  const isReal = !status.startsWith('warning_') && status !== 'prevented'
  const dispute: DisputeObject = {
    id: state.id('du'),
    object: 'dispute',
    amount: charge.amount,
    charge: charge.id,
    created: state.now(),
    currency: charge.currency,
    is_charge_refundable: !isReal,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: 'fraudulent',
    status,
  }
  state.disputes.set(dispute.id, dispute)
  charge.disputed = true
  state.emit('charge.dispute.created', dispute)
  if (isReal) state.emit('charge.dispute.funds_withdrawn', dispute)
  return dispute
}

/** An inquiry becomes a dispute, with the same id. */
export function escalateDispute(state: DoubleState, id: string): void {
  const dispute = held(state.disputes, id)
  const before = change(dispute, { status: 'needs_response', is_charge_refundable: false })
  state.emit('charge.dispute.updated', dispute, before)
  state.emit('charge.dispute.funds_withdrawn', dispute)
}

export function closeDispute(state: DoubleState, id: string, status: 'won' | 'lost' | 'warning_closed'): void {
  const dispute = held(state.disputes, id)
  const before = change(dispute, { status })
  if (status === 'won') state.emit('charge.dispute.funds_reinstated', dispute, before)
  state.emit('charge.dispute.closed', dispute, before)
}
