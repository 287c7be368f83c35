/** Customers, and the portal in which they manage what they bought. */
import { cancelSubscription } from './billing.ts'
import { metadataParam, type Params, requiredParam, textParam } from './form.ts'
import { noSuch } from './problem.ts'
import type { CustomerObject, PortalObject } from './shapes.ts'
import { change, type DoubleState, held } from './state.ts'

interface NewCustomer {
  readonly id?: string
  readonly email?: string
  readonly name?: string
  readonly metadata?: Record<string, string>
}

export function createCustomer(state: DoubleState, made: NewCustomer): CustomerObject {
  const customer: CustomerObject = {
    id: made.id ?? state.id('cus', 14),
    object: 'customer',
    balance: 0,
    created: state.now(),
    delinquent: false,
    description: null,
    email: made.email ?? null,
    livemode: false,
    metadata: made.metadata ?? {},
    name: made.name ?? null,
  }
  state.customers.set(customer.id, customer)
  state.emit('customer.created', customer)
  return customer
}

export function updateCustomer(state: DoubleState, id: string, params: Params): CustomerObject {
  const customer = held(state.customers, id)
  const before = change(customer, {
    ...(params['email'] === undefined ? {} : { email: textParam(params, 'email') ?? null }),
    ...(params['name'] === undefined ? {} : { name: textParam(params, 'name') ?? null }),
    metadata: { ...customer.metadata, ...metadataParam(params) },
  })
  state.emit('customer.updated', customer, before)
  return customer
}

/** Deletes a customer: the subscriptions end at once. Stripe still finds it, as deleted. */
export function deleteCustomer(state: DoubleState, id: string): object {
  const customer = held(state.customers, id)
  for (const { id: subscription, customer: owner, status } of state.subscriptions.values()) {
    if (owner === id && status !== 'canceled') cancelSubscription(state, subscription)
  }
  state.customers.delete(id)
  state.deleted.add(id)
  state.emit('customer.deleted', customer)
  return { id, object: 'customer', deleted: true }
}

export function createPortal(state: DoubleState, params: Params): PortalObject {
  const customer = requiredParam(params, 'customer')
  if (!state.customers.has(customer)) throw noSuch('customer', customer, 'customer')
  const id = state.id('bps')
  const portal: PortalObject = {
    id,
    object: 'billing_portal.session',
    created: state.now(),
    customer,
    flow: null,
    livemode: false,
    locale: null,
    return_url: textParam(params, 'return_url') ?? null,
    url: `${state.pages}/p/session/${id}`,
  }
  state.portals.set(id, portal)
  return portal
}
