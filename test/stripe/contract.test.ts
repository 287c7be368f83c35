import * as v from 'valibot'
import { afterEach, vi } from 'vitest'
import { createStripeLogin } from '../../src/stripe/login.ts'
import { sellSchema } from '../../src/stripe/selloptions.ts'
import { holdLoginToContract } from '../login/contract.ts'
import { DOUBLE_KEY } from './double/index.ts'
import { createShop } from './shopworld.ts'

afterEach(() => void vi.restoreAllMocks())

holdLoginToContract('of Stripe', async () => {
  const { trips, double } = createShop()
  const sell = { monthly: 'price_month', topUp: { price: 'price_credit', credit: { amount: '10', currency: 'EUR' } } }
  const offers = v.parse(sellSchema, sell)
  const checkout = { automaticTax: false, promotionCodes: true }
  let state = 'up'
  const ask: typeof fetch = async (...asked) => {
    if (state === 'nonsense') return new Response('<html>')
    if (state === 'down') throw new TypeError('fetch failed')
    return double.fetch(...asked)
  }
  const api = { url: 'https://api.stripe.com', key: DOUBLE_KEY }
  const login = createStripeLogin({ offers, checkout, isLive: false }, api, { clock: () => trips.now, fetch: ask })
  const call = { now: trips.now, waitUntil: () => undefined }
  const queryOf = (url: string | null | undefined): URLSearchParams => new URL(url ?? '').searchParams
  return {
    login,
    context: { zone: trips.zone, verifiers: trips.services, call },
    agree: async (location) => queryOf(double.pay(double.sessionAt(location))),
    turnBack: async (location) => queryOf(double.state.sessions.get(double.sessionAt(location))?.cancel_url),
    become: (next) => void (state = next),
    secrets: () => [DOUBLE_KEY],
  }
})
