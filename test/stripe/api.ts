import { vi } from 'vitest'
import { AT, CUSTOMER, entitlement, type Subscription } from './objects.ts'

export const API_KEY = 'rk_test_of_the_api_key'

/** Stripe's API as far as it is asked: two lists with their pages, and a customer. Stands where `fetch` does. */
export interface StripeApiStub {
  subscriptions: Subscription[]
  entitlements: string[]
  metadata: Record<string, string>
  /** Answers instead, where it gives something. */
  instead: (request: Request) => Response | Promise<Response> | undefined
  /** What was asked: path and query. */
  readonly asked: string[]
  /** Ends the time that a call has. */
  readonly timeOut: () => void
  readonly timeouts: number[]
  readonly end: () => void
}

export function createStripeApi(): StripeApiStub {
  const controllers: AbortController[] = []
  const timing = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController()
    controllers.push(controller)
    stub.timeouts.push(ms)
    return controller.signal
  })
  const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    stub.asked.push(url.pathname + url.search)
    const late = new Promise<never>((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new DOMException('too late', 'TimeoutError')))
    })
    return Promise.race([stub.instead(request) ?? answer(request, url, stub), late])
  })
  const stub: StripeApiStub = {
    subscriptions: [],
    entitlements: [],
    metadata: {},
    instead: () => undefined,
    asked: [],
    timeouts: [],
    timeOut: () => {
      for (const controller of controllers) controller.abort()
    },
    end: () => {
      fetching.mockRestore()
      timing.mockRestore()
    },
  }
  return stub
}

function answer(request: Request, url: URL, stub: StripeApiStub): Response {
  if (request.headers.get('authorization') !== `Bearer ${API_KEY}`) return new Response('{}', { status: 401 })
  if (request.headers.get('stripe-version') !== '2026-10-28.endive') return new Response('{}', { status: 418 })
  if (url.host !== 'api.stripe.com' || request.method !== 'GET') return new Response('{}', { status: 418 })
  if (url.pathname === `/v1/customers/${CUSTOMER}`) {
    return Response.json(customerOf(stub))
  }
  if (url.searchParams.get('customer') !== CUSTOMER) return new Response('{}', { status: 400 })
  if (url.pathname === '/v1/subscriptions') {
    const isExpanded = url.searchParams.get('expand[]') === 'data.customer'
    const customer = isExpanded ? { customer: customerOf(stub) } : {}
    const listed = stub.subscriptions.filter(isNotCanceled).map((each) => ({ ...each, ...customer }))
    return page(listed, url)
  }
  if (url.pathname === '/v1/entitlements/active_entitlements') return page(stub.entitlements.map(entitlement), url)
  return new Response('{}', { status: 404 })
}

function customerOf({ metadata }: StripeApiStub): object {
  return { id: CUSTOMER, object: 'customer', created: AT, metadata }
}

/** Where no status is asked for, Stripe lists "all subscriptions that have not been canceled". */
const isNotCanceled = ({ status }: { readonly status: string }): boolean => status !== 'canceled'

function page(items: readonly { readonly id: string }[], { searchParams, pathname }: URL): Response {
  const after = searchParams.get('starting_after')
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1
  const to = from + Math.min(100, Number(searchParams.get('limit') ?? 10))
  return Response.json({ object: 'list', url: pathname, data: items.slice(from, to), has_more: to < items.length })
}
