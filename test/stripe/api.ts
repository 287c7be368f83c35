import { vi } from 'vitest'
import { createStripeDouble } from './double/index.ts'
import { AT, CUSTOMER, type Subscription } from './objects.ts'

export const API_KEY = 'rk_test_of_the_api_key'

/** Stripe's API with one customer, in place of `fetch`. */
export interface StripeApiStub {
  subscriptions: readonly Subscription[]
  entitlements: readonly string[]
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
  const { state, fetch: answer } = createStripeDouble({ clock: () => AT * 1000, keys: [API_KEY] })
  const controllers: AbortController[] = []
  const timing = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const controller = new AbortController()
    controllers.push(controller)
    stub.timeouts.push(ms)
    return controller.signal
  })
  const tell = (): void => {
    const customer = {
      id: CUSTOMER,
      object: 'customer',
      balance: 0,
      created: AT,
      description: null,
      email: null,
    } as const
    state.customers.set(CUSTOMER, { ...customer, livemode: false, metadata: stub.metadata })
    state.granted.set(CUSTOMER, stub.entitlements)
    state.subscriptions.clear()
    // Stripe lists the newest first.
    for (const each of stub.subscriptions.toReversed()) state.subscriptions.set(each.id, each)
  }
  const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    stub.asked.push(url.pathname + url.search)
    const late = new Promise<never>((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new DOMException('too late', 'TimeoutError')))
    })
    tell()
    return Promise.race([stub.instead(request) ?? answer(request), late])
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
