/** Checkout sessions: made with every parameter checked, paid or not by the buyer. */
import { payInvoice, subscribe } from './billing.ts'
import { createCustomer } from './customers.ts'
import {
  badParam,
  belowParam,
  listParam,
  metadataParam,
  missing,
  numberParam,
  type Params,
  requiredParam,
  textParam,
} from './form.ts'
import { createPayment, failPayment, succeedPayment } from './payments.ts'
import { noSuch } from './problem.ts'
import type { LineItemObject, SessionObject } from './shapes.ts'
import { change, type DoubleState, held } from './state.ts'

const MINUTE = 60
const DAY = 86_400

export function createSession(state: DoubleState, params: Params): SessionObject {
  const mode = modeOf(params)
  const lines = listParam(params, 'line_items').map((line, index) => lineItem(state, line, index, mode))
  const [first] = lines
  if (first === undefined) throw missing('line_items')
  if (mode === 'subscription' && lines.every(({ price }) => price.recurring === null)) {
    throw badParam(
      'line_items',
      'You must provide at least one recurring price in `subscription` mode when using prices.',
    )
  }
  checkTexts(params, mode)
  const customer = customerIn(state, params)
  const total = lines.reduce((sum, { amount_total: amount }) => sum + amount, 0)
  const id = state.id('cs_test', 58)
  const session: SessionObject = {
    id,
    object: 'checkout.session',
    allow_promotion_codes: textParam(params, 'allow_promotion_codes') === 'true' ? true : null,
    amount_subtotal: total,
    amount_total: total,
    cancel_url: textParam(params, 'cancel_url') ?? null,
    client_reference_id: textParam(params, 'client_reference_id') ?? null,
    created: state.now(),
    currency: first.currency,
    customer,
    customer_creation:
      mode === 'payment'
        ? textParam(params, 'customer_creation') === 'always'
          ? 'always'
          : 'if_required'
        : mode === 'subscription' && customer === null
          ? 'always'
          : null,
    customer_details: detailsOf(
      textParam(params, 'customer_email') ?? state.customers.get(customer ?? '')?.email ?? null,
    ),
    customer_email: textParam(params, 'customer_email') ?? null,
    expires_at: expiryOf(state, params),
    invoice: null,
    livemode: false,
    locale: localeOf(params),
    metadata: metadataParam(params),
    mode,
    payment_intent: null,
    payment_method_types: ['card', 'sepa_debit'],
    payment_status: total === 0 ? 'no_payment_required' : 'unpaid',
    status: 'open',
    subscription: null,
    success_url: textParam(params, 'success_url') ?? null,
    ui_mode: 'hosted_page',
    url: `${state.pages}/c/pay/${id}`,
  }
  const below = belowParam(params, mode === 'payment' ? 'payment_intent_data' : 'subscription_data')
  state.sessions.set(id, session)
  state.plans.set(id, {
    lines,
    metadata: metadataParam(below),
    description: textParam(below, 'description') ?? null,
    trialDays: numberParam(below, 'trial_period_days') ?? 0,
  })
  return session
}

function modeOf(params: Params): 'payment' | 'subscription' {
  const mode = requiredParam(params, 'mode')
  if (mode === 'payment' || mode === 'subscription') return mode
  throw badParam('mode', 'Invalid mode: must be one of payment, setup, or subscription')
}

function lineItem(state: DoubleState, line: string | Params, index: number, mode: string): LineItemObject {
  const within = `line_items[${index}]`
  if (typeof line === 'string') throw badParam(within, `Invalid object: ${within}`)
  const named = textParam(line, 'price')
  if (named === undefined) throw missing(`${within}[price]`)
  const price = state.prices.get(named)
  if (price === undefined) throw noSuch('price', named, `${within}[price]`)
  if (!price.active)
    throw badParam(`${within}[price]`, `The price specified is inactive. This field only accepts active prices.`)
  if (mode === 'payment' && price.type === 'recurring') {
    throw badParam(
      `${within}[price]`,
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
    )
  }
  const quantity = numberParam(line, 'quantity')
  if (quantity === undefined) throw missing(`${within}[quantity]`)
  const amount = (price.unit_amount ?? 0) * quantity
  return {
    id: state.id('li'),
    object: 'item',
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: state.products.get(price.product)?.name ?? null,
    price,
    quantity,
  }
}

function checkTexts(params: Params, mode: string): void {
  if (textParam(params, 'success_url') === undefined) throw missing('success_url')
  for (const name of ['success_url', 'cancel_url']) {
    const url = textParam(params, name)
    if (url !== undefined && !/^https?:\/\/[^/]/.test(url)) throw badParam(name, 'Not a valid URL', 'url_invalid')
    if (url !== undefined && url.length > 5000) throw badParam(name, 'Invalid string: must be at most 5000 characters')
  }
  const reference = textParam(params, 'client_reference_id')
  if (reference !== undefined && (reference.length > 200 || !/^[\w-]+$/.test(reference))) {
    throw badParam(
      'client_reference_id',
      'Invalid client_reference_id: may contain alphanumeric characters, dashes, or underscores',
    )
  }
  const other = mode === 'payment' ? 'subscription_data' : 'payment_intent_data'
  if (params[other] !== undefined) throw badParam(other, `You can not pass \`${other}\` in \`${mode}\` mode.`)
  if (mode !== 'payment' && params['customer_creation'] !== undefined) {
    throw badParam('customer_creation', '`customer_creation` can only be used in `payment` mode.')
  }
  if (mode !== 'payment' && params['submit_type'] !== undefined) {
    throw badParam('submit_type', 'You can not pass `submit_type` in `subscription` mode.')
  }
}

function customerIn(state: DoubleState, params: Params): string | null {
  const customer = textParam(params, 'customer')
  if (customer === undefined) return null
  for (const other of ['customer_email', 'customer_creation']) {
    if (params[other] !== undefined) {
      throw badParam(other, `You may only specify one of these parameters: customer, ${other}.`)
    }
  }
  if (!state.customers.has(customer)) throw noSuch('customer', customer, 'customer')
  return customer
}

function expiryOf(state: DoubleState, params: Params): number {
  const now = state.now()
  const given = numberParam(params, 'expires_at')
  if (given === undefined) return now + DAY
  if (given < now + 30 * MINUTE)
    throw badParam(
      'expires_at',
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
    )
  if (given > now + DAY)
    throw badParam(
      'expires_at',
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
    )
  return given
}

const LOCALES =
  'auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW'.split(
    ' ',
  )

function localeOf(params: Params): SessionObject['locale'] {
  const locale = textParam(params, 'locale')
  if (locale === undefined) return null
  if (!LOCALES.includes(locale)) throw badParam('locale', `Invalid locale: must be one of ${LOCALES.join(', ')}`)
  return locale
}

function detailsOf(email: string | null): SessionObject['customer_details'] {
  if (email === null) return null
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: 'none',
    tax_ids: null,
  }
}

/** How a buyer pays. A bank debit (`sepa_debit`) is `processing` until `settleSession` ends it. */
export interface Paying {
  readonly email?: string
  readonly method?: 'card' | 'sepa_debit'
}

/** The buyer pays. Returns where the browser goes then. */
export function paySession(state: DoubleState, id: string, { email, method = 'card' }: Paying = {}): string {
  const session = held(state.sessions, id)
  if (session.status !== 'open') throw new RangeError(`the session is ${session.status}`)
  const known = email ?? session.customer_details?.email ?? 'buyer@example.com'
  const plan = held(state.plans, id)
  if (session.customer === null && session.customer_creation === 'always') {
    session.customer = createCustomer(state, { email: known }).id
  }
  const [line] = plan.lines
  if (session.mode === 'subscription' && line !== undefined) {
    const { price, quantity } = line
    const { metadata, trialDays } = plan
    const made = { price, quantity: quantity ?? 1, metadata, trialDays, method, customer: session.customer ?? '' }
    const subscription = subscribe(state, made)
    Object.assign(session, { subscription: subscription.id, invoice: subscription.latest_invoice })
  } else {
    const { metadata, description } = plan
    const amount = session.amount_total ?? 0
    const made = {
      amount,
      currency: session.currency ?? 'eur',
      customer: session.customer,
      metadata,
      description,
      method,
    }
    const intent = state.intents.get(session.payment_intent ?? '') ?? createPayment(state, made)
    session.payment_intent = intent.id
    if (method === 'card') succeedPayment(state, intent)
  }
  const paid = method === 'card' ? 'paid' : 'unpaid'
  const payment_status = plan.trialDays > 0 ? 'no_payment_required' : paid
  Object.assign(session, { status: 'complete', payment_status, url: null, customer_details: detailsOf(known) })
  state.emit('checkout.session.completed', session)
  return (session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', session.id)
}

/** The buyer's card is declined: the session stays open, and its payment is the same for the next card. */
export function declineCard(state: DoubleState, id: string): void {
  const session = held(state.sessions, id)
  if (session.status !== 'open') throw new RangeError(`the session is ${session.status}`)
  const { metadata, description } = held(state.plans, id)
  const made = {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'eur',
    customer: session.customer,
    metadata,
    description,
    method: 'card',
  }
  const intent = state.intents.get(session.payment_intent ?? '') ?? createPayment(state, made)
  session.payment_intent = intent.id
  failPayment(state, intent)
}

/** The bank debit of a session ends. */
export function settleSession(state: DoubleState, id: string, isPaid: boolean): void {
  const session = held(state.sessions, id)
  if (session.mode === 'subscription') payInvoice(state, session.invoice ?? '', isPaid)
  else if (isPaid) succeedPayment(state, held(state.intents, session.payment_intent))
  else failPayment(state, held(state.intents, session.payment_intent))
  if (isPaid) session.payment_status = 'paid'
  state.emit(`checkout.session.async_payment_${isPaid ? 'succeeded' : 'failed'}`, session)
}

export function expireSession(state: DoubleState, id: string): SessionObject {
  const session = held(state.sessions, id)
  if (session.status !== 'open') {
    throw badParam(
      'session',
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    )
  }
  change(session, { status: 'expired', url: null })
  state.emit('checkout.session.expired', session)
  return session
}
