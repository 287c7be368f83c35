import { describe, expect, it } from 'vitest'
import { stripe } from '../../src/stripe/index.ts'
import { AUTH0, createSpeakersWorld, DAY_MS, ENTRA, READER, type SpeakersWorld } from '../standing/speakers/gate.ts'
import { zoneOf } from '../support/compiled.ts'
import { subscriptionEvent } from './objects.ts'
import { requestOf, SECRET } from './world.ts'

const ENV = { STRIPE_SECRET: SECRET }

/** Stripe, for accounts of this issuer: its objects say whose they are in their metadata. */
function stripeOf(issuer: string): ReturnType<typeof stripe> {
  return stripe({ secret: 'STRIPE_SECRET', issuer, subject: { metadata: 'login' } })
}

const worldWith = (issuer: string): Promise<SpeakersWorld> =>
  createSpeakersWorld({ zone: { events: [stripeOf(issuer)] }, env: ENV })

describe('Stripe', () => {
  it('speaks for the accounts of an identity provider, and no new login undoes it', async () => {
    const world = await worldWith(AUTH0)
    const created = Math.floor(world.now / 1000)
    const event = subscriptionEvent('customer.subscription.deleted', { metadata: { login: READER } }, { created })
    const posted = await requestOf(JSON.stringify(event), world.now)
    expect((await world.isolate()('/__faregate/events/stripe', posted)).status).toBe(200)
    for (const ms of [1000, 2 * DAY_MS]) {
      await world.pass(ms)
      for (const path of ['/paid/1', '/counted/1'])
        expect((await world.isolate()(path, await world.signIn())).reason).toBe('subscription-inactive')
    }
  })

  it('is refused what it says of an account that nobody can have, so that its dashboard shows it', async () => {
    const world = await worldWith(ENTRA)
    const event = subscriptionEvent('customer.subscription.deleted', { metadata: { login: READER } })
    world.now = event.created * 1000
    const posted = await requestOf(JSON.stringify(event), world.now)
    expect(await world.isolate()('/__faregate/events/stripe', posted)).toMatchObject({
      status: 400,
      detail: expect.stringContaining('{tid}/{oid}') as unknown,
    })
  })

  it('speaks for the accounts of an issuer that signs no events, and beside one that signs some', () => {
    const jwks = (issuer: string) => ({ issuer, jwks: { url: `${issuer}/jwks` } })
    const billing = jwks('https://billing.test')
    const login = { ...jwks('https://login.test'), types: { entitlement: 'JWT' } }
    const spokenFor = (issuer: string) =>
      zoneOf({ issuers: [billing, login], events: [stripeOf(issuer)] }, ENV).standing.spokenFor
    expect([spokenFor(login.issuer), spokenFor(billing.issuer)]).toEqual([new Set([login.issuer]), undefined])
  })
})
