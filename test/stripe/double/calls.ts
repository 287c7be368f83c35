/** The calls of the API, each by its method and path. */
import { cancelAtPeriodEnd, cancelSubscription, entitlementsOf, subscriptionIn } from './billing.ts'
import { createSession, expireSession } from './checkout.ts'
import { createCustomer, createPortal, deleteCustomer, updateCustomer } from './customers.ts'
import { badParam, belowParam, listParam, metadataParam, type Params, requiredParam, textParam } from './form.ts'
import { createRefund } from './payments.ts'
import { noSuch } from './problem.ts'
import { change, type DoubleState, held } from './state.ts'

/** Answers a call. `id` is the part of the path that names an object. */
export type StripeCall = (state: DoubleState, params: Params, id: string) => object

const CALLS: Readonly<Record<string, StripeCall>> = {
  'GET /v1/account': () => ({ id: 'acct_1QdoubleOfStripe', object: 'account' }),
  'GET /v1/prices': (state, params) => page(state.prices, params, ['product', 'type'], '/v1/prices'),
  'GET /v1/prices/:id': (state, _, id) => found('price', state.prices, id),
  'GET /v1/products/:id': (state, _, id) => found('product', state.products, id),
  'GET /v1/customers': (state, params) => page(state.customers, params, ['email'], '/v1/customers'),
  'POST /v1/customers': (state, params) => {
    const { email, name } = { email: textParam(params, 'email'), name: textParam(params, 'name') }
    return createCustomer(state, { metadata: metadataParam(params), ...(email && { email }), ...(name && { name }) })
  },
  'GET /v1/customers/:id': (state, _, id) =>
    state.deleted.has(id) ? { id, object: 'customer', deleted: true } : found('customer', state.customers, id),
  'POST /v1/customers/:id': (state, params, id) => {
    found('customer', state.customers, id)
    return updateCustomer(state, id, params)
  },
  'DELETE /v1/customers/:id': (state, _, id) => {
    found('customer', state.customers, id)
    return deleteCustomer(state, id)
  },
  'POST /v1/checkout/sessions': createSession,
  'GET /v1/checkout/sessions': (state, params) =>
    page(state.sessions, params, ['customer', 'payment_intent', 'subscription', 'status'], '/v1/checkout/sessions'),
  'GET /v1/checkout/sessions/:id': (state, _, id) => found('checkout.session', state.sessions, id),
  'GET /v1/checkout/sessions/:id/line_items': (state, params, id) => {
    found('checkout.session', state.sessions, id)
    const lines = new Map(state.plans.get(id)?.lines.map((line) => [line.id, line]))
    return page(lines, params, [], `/v1/checkout/sessions/${id}/line_items`)
  },
  'POST /v1/checkout/sessions/:id': (state, params, id) => {
    const session = found('checkout.session', state.sessions, id)
    change(session, { metadata: { ...session.metadata, ...metadataParam(params) } })
    return session
  },
  'POST /v1/checkout/sessions/:id/expire': (state, _, id) => {
    found('checkout.session', state.sessions, id)
    return expireSession(state, id)
  },
  'GET /v1/subscriptions': listSubscriptions,
  'GET /v1/subscriptions/:id': (state, _, id) => found('subscription', state.subscriptions, id),
  'POST /v1/subscriptions/:id': updateSubscription,
  'DELETE /v1/subscriptions/:id': (state, _, id) => {
    if (found('subscription', state.subscriptions, id).status === 'canceled') throw noSuch('subscription', id)
    return cancelSubscription(state, id)
  },
  'GET /v1/invoices': (state, params) => {
    const subscription = textParam(params, 'subscription')
    const all = [...state.invoices].filter(
      ([, invoice]) => subscription === undefined || subscriptionIn(invoice) === subscription,
    )
    return page(new Map(all), params, ['customer', 'status'], '/v1/invoices')
  },
  'GET /v1/invoices/:id': (state, _, id) => found('invoice', state.invoices, id),
  'GET /v1/invoice_payments': (state, params) => {
    const intent = textParam(belowParam(params, 'payment'), 'payment_intent')
    if (params['payment'] !== undefined && textParam(belowParam(params, 'payment'), 'type') === undefined) {
      throw badParam('payment[type]', 'Missing required param: payment[type].', 'parameter_missing')
    }
    const all = [...state.invoicePayments].filter(([, each]) =>
      [undefined, each.payment.payment_intent].includes(intent),
    )
    return page(new Map(all), params, ['invoice', 'status'], '/v1/invoice_payments')
  },
  'GET /v1/payment_intents': (state, params) => page(state.intents, params, ['customer'], '/v1/payment_intents'),
  'GET /v1/payment_intents/:id': (state, _, id) => found('payment_intent', state.intents, id),
  'GET /v1/charges': (state, params) => page(state.charges, params, ['customer', 'payment_intent'], '/v1/charges'),
  'GET /v1/charges/:id': (state, _, id) => found('charge', state.charges, id),
  'POST /v1/refunds': createRefund,
  'GET /v1/refunds': (state, params) => page(state.refunds, params, ['charge', 'payment_intent'], '/v1/refunds'),
  'GET /v1/refunds/:id': (state, _, id) => found('refund', state.refunds, id),
  'GET /v1/disputes': (state, params) => page(state.disputes, params, ['charge', 'payment_intent'], '/v1/disputes'),
  'GET /v1/disputes/:id': (state, _, id) => found('dispute', state.disputes, id),
  'POST /v1/billing_portal/sessions': createPortal,
  'GET /v1/entitlements/active_entitlements': (state, params) => {
    const all = entitlementsOf(state, requiredParam(params, 'customer'))
    return page(new Map(all.map((each) => [each.id, each])), params, [], '/v1/entitlements/active_entitlements', false)
  },
  'GET /v1/events': (state, params) => {
    const types = listParam(params, 'types')
    const all = state.events.filter(({ type }) => types.length === 0 || types.includes(type))
    return page(new Map(all.map((event) => [event.id, event])), params, ['type'], '/v1/events')
  },
  'GET /v1/events/:id': (state, _, id) => found('event', new Map(state.events.map((event) => [event.id, event])), id),
}

/** Finds the call of a method and path, with the id in the path. */
export function findCall(method: string, path: string): { name: string; call: StripeCall; id: string } | undefined {
  const parts = path.split('/')
  for (const name of [path, withId(parts, 3), withId(parts, 4)]) {
    const call = CALLS[`${method} ${name}`]
    const at = name.split('/').indexOf(':id')
    if (call !== undefined) return { name: `${method} ${name}`, call, id: decodeURIComponent(parts[at] ?? '') }
  }
  return undefined
}

const withId = (parts: readonly string[], at: number): string =>
  parts.map((part, index) => (index === at ? ':id' : part)).join('/')

function found<T>(kind: string, objects: ReadonlyMap<string, T>, id: string): T {
  const object = objects.get(id)
  if (object === undefined) throw noSuch(kind, id)
  return object
}

function listSubscriptions(state: DoubleState, params: Params): object {
  const { status, ...others } = params
  const customer = textParam(params, 'customer')
  if (customer !== undefined && !state.customers.has(customer)) throw noSuch('customer', customer, 'customer')
  const price = textParam(params, 'price')
  const ended = ['canceled', 'incomplete_expired']
  const all = [...state.subscriptions].filter(([, each]) => {
    if (price !== undefined && each.items.data.every((item) => item.price.id !== price)) return false
    if (status === 'all') return true
    if (status === 'ended') return ended.includes(each.status)
    // Where no status is asked for, Stripe lists "all subscriptions that have not been canceled".
    return typeof status === 'string' ? each.status === status : each.status !== 'canceled'
  })
  return page(new Map(all), others, ['customer'], '/v1/subscriptions')
}

function updateSubscription(state: DoubleState, params: Params, id: string): object {
  const subscription = found('subscription', state.subscriptions, id)
  const value = textParam(params, 'cancel_at_period_end')
  if (subscription.status === 'canceled' && value !== undefined) {
    throw badParam(
      'cancel_at_period_end',
      'A canceled subscription can only update its cancellation_details and metadata.',
    )
  }
  if (params['metadata'] !== undefined) {
    const before = change(subscription, { metadata: { ...subscription.metadata, ...metadataParam(params) } })
    state.emit('customer.subscription.updated', subscription, before)
  }
  return value === undefined
    ? subscription
    : cancelAtPeriodEnd(state, held(state.subscriptions, id).id, value === 'true')
}

/** One page of a list, the newest first, of the objects whose members are as the parameters say. */
function page(
  objects: ReadonlyMap<string, object>,
  params: Params,
  filters: readonly string[],
  url: string,
  isNewestFirst = true,
): object {
  const wanted = filters.flatMap((name) => {
    const value = textParam(params, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const fits = (object: object): boolean => {
    const members = new Map(Object.entries(object))
    return wanted.every(([name, value]) => members.get(name) === value)
  }
  const times = belowParam(params, 'created')
  const isThen = (object: object): boolean => {
    const created = Number(new Map(Object.entries(object)).get('created'))
    const [gt, gte, lt, lte] = ['gt', 'gte', 'lt', 'lte'].map((name) => Number(textParam(times, name) ?? Number.NaN))
    return !(
      created <= (gt ?? Number.NaN) ||
      created < (gte ?? Number.NaN) ||
      created >= (lt ?? Number.NaN) ||
      created > (lte ?? Number.NaN)
    )
  }
  const entries = [...objects].filter(([, object]) => fits(object) && isThen(object))
  const all = isNewestFirst ? entries.toReversed() : entries
  const after = textParam(params, 'starting_after')
  const before = textParam(params, 'ending_before')
  const limit = Number(textParam(params, 'limit') ?? 10)
  if (limit < 1 || limit > 100)
    throw badParam('limit', 'This value must be greater than or equal to 1 and at most 100.')
  const indexOf = (id: string, param: string): number => {
    const at = all.findIndex(([each]) => each === id)
    if (at < 0) throw noSuch('object', id, param)
    return at
  }
  const from = after === undefined ? 0 : indexOf(after, 'starting_after') + 1
  const to = before === undefined ? all.length : indexOf(before, 'ending_before')
  const part = before === undefined ? all.slice(from, from + limit) : all.slice(Math.max(0, to - limit), to)
  const hasMore = before === undefined ? from + limit < all.length : to - limit > 0
  return { object: 'list', data: part.map(([, object]) => object), has_more: hasMore, url }
}
