import { base64url } from 'jose'
import { array, assert, asyncProperty, boolean, constantFrom, integer, option, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openapi } from '../../src/discovery/openapi.ts'
import { x402Listing } from '../../src/discovery/x402listing.ts'
import { capture } from '../../src/http/capture.ts'
import { bearer } from '../../src/rails/bearer.ts'
import { mpp } from '../../src/rails/mpp/mpp.ts'
import { packs } from '../../src/rails/packs/packs.ts'
import { receipt } from '../../src/rails/receipt.ts'
import { x402 } from '../../src/rails/x402/rail.ts'
import { refuse } from '../../src/refusals/respond.ts'
import { refusal } from '../../src/core/problem.ts'
import type { Route } from '../../src/access/route.ts'
import type { Site } from '../../src/site.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'
import { TOKEN } from '../support/paid.ts'
import { documentAt } from './published.ts'

const env = { GATE: 'a secret of the gate for the tests, of 32 bytes', STRIPE: 'sk_test_0123456789abcdef' }
const stripe = { secretKey: 'STRIPE', networkId: 'profile_test', paymentMethodTypes: ['card'] }
const REQUIRED = refusal('payment-required', 'This needs a payment.', { check: 'presented' })

interface Priced {
  readonly cents: number
  readonly uses: number | undefined
  readonly pay: readonly string[] | undefined
  readonly isBefore: boolean
}

function siteOf(priced: readonly Priced[]): Site {
  const routes = priced.map(({ cents, uses, pay, isBefore }, at) => ({
    path: `/r${at}/*`,
    price: { amount: (cents / 100).toFixed(2), currency: 'USD' },
    ...(uses !== undefined && {
      // MPP asks for each by chain and by card, and in four ways at most.
      packs: (pay?.includes('mpp') === false ? [uses, uses + 1] : [uses]).map((of) => ({
        uses: of,
        amount: ((cents * of) / 100).toFixed(2),
      })),
    }),
    ...(pay && { pay }),
    ...(isBefore && { settle: 'before' }),
  }))
  const rails = [
    bearer(),
    receipt(),
    packs(),
    x402({ facilitator: { url: 'https://facilitator.test' }, accepts: [TOKEN] }),
    mpp({ evm: true, stripe }),
  ]
  const zone = { ...ZONE, rails, routes, discovery: [openapi(), x402Listing()] } as never
  return siteAt(compiled({ secrets: { gate: 'GATE' }, zones: [zone] }, env), 'a.test')
}

/** What the 402 of a route asks for, read from its fields as clients do. */
function askedBy(site: Site, route: Route): { readonly accepts: unknown; readonly offers: readonly string[] } {
  const request = new Request(`https://a.test${route.path.replace('*', 'page')}`)
  const reply = refuse(REQUIRED, capture(request, 0), { site, route })
  const all = [...reply.common, ...reply.fields]
  const valuesOf = (wanted: string) => all.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  const required = valuesOf('payment-required').map((value) => JSON.parse(atob(value)) as { accepts: unknown[] })
  const challenges = reply.fields.filter(([name, value]) => name === 'WWW-Authenticate' && value.startsWith('Payment '))
  const offers = challenges.map(([, value]) => {
    const encoded = /request="([^"]*)"/.exec(value)?.[1] ?? ''
    const { amount, currency } = JSON.parse(new TextDecoder().decode(base64url.decode(encoded))) as Record<
      string,
      string
    >
    return `${/method="([^"]*)"/.exec(value)?.[1]} ${amount} ${currency}`
  })
  return { accepts: required.flatMap(({ accepts }) => accepts), offers }
}

interface Openapi {
  readonly paths: Record<string, { get: { 'x-payment-info'?: { offers: Record<string, string>[] } } }>
}

const priced = record({
  cents: integer({ min: 1, max: 100_000 }),
  uses: option(integer({ min: 2, max: 500 }), { nil: undefined }),
  pay: constantFrom(undefined, ['x402'], ['mpp', 'x402']),
  isBefore: boolean(),
})

describe('every published price', () => {
  it('is the price that a refusal asks for', async () => {
    await assert(
      asyncProperty(array(priced, { minLength: 1, maxLength: 4 }), async (all) => {
        const site = siteOf(all)
        const api = await documentAt<Openapi>(site, '/openapi.json')
        const listing = await documentAt<{ resources: { resource: string; accepts: unknown }[] }>(
          site,
          '/.well-known/x402',
        )
        for (const { route } of site.zone.routes.entries) {
          if (route.terms.kind !== 'paid') continue
          const { accepts, offers } = askedBy(site, route)
          const told = api.paths[route.path.replace('*', '{path}')]?.get['x-payment-info']?.offers ?? []
          expect(told.length).toBeGreaterThan(0)
          const ofMpp = told.filter(({ method }) => method !== 'x402')
          expect(ofMpp.map(({ method, amount, currency }) => `${method} ${amount} ${currency}`)).toEqual(offers)
          expect(listing.resources.find(({ resource }) => resource === `https://a.test${route.path}`)?.accepts).toEqual(
            accepts,
          )
          expect(told.filter(({ method }) => method === 'x402').map(({ amount }) => amount)).toEqual(
            (accepts as { amount: string }[]).map(({ amount }) => amount),
          )
        }
      }),
      { numRuns: 40 },
    )
  })
})
