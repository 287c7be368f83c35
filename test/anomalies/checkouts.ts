import { SignJWT } from 'jose'
import { anomalies, bearer, events, hold, purchases, receipt, session } from '../../src/index.ts'
import type { Sink } from '../../src/ledger/host/outside.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import type { AnomaliesOptions } from '../../src/operator/anomalies.ts'
import { FakeLogin } from '../login/fakelogin.ts'
import { Reader } from '../login/reader.ts'
import { OURS, tripOptions, TripWorld } from '../login/world.ts'
import type { Found } from './gate.ts'

const ISSUER = 'https://shop.example'
const SECRETS = {
  SHOP_SECRET: 'the secret of a shop, of thirty-two bytes or more',
  ACCOUNT_KEY: 'a key for accounts, of thirty-two bytes or more',
  SALT: 'a salt for networks, of thirty-two bytes or more',
}

/** Something to buy on this site: its page is where the reader was. */
export const CHECKOUT = '/__faregate/checkout?offer=monthly&to=%2Farticles%2F1'

/** A site whose shop tells of cards that were declined, and of payments; it acts on what is not normal. */
export function createCheckouts(options: Partial<AnomaliesOptions> = {}) {
  let address = '203.0.113.9'
  const heard: LedgerRecord[] = []
  const sink: Sink = async (records) => {
    heard.push(...records)
    return records.map(({ position }) => position)
  }
  const login = new FakeLogin({ name: 'ident', issuer: ISSUER, offers: [{ name: 'monthly', title: 'Monthly' }] })
  const given = tripOptions([login], {
    issuers: [{ issuer: ISSUER, secret: 'SHOP_SECRET' }],
    operators: [{ issuer: ISSUER, secret: 'SHOP_SECRET' }],
    rails: [bearer(), session(), receipt(), purchases()],
    remedies: { support: 'https://news.example/support' },
  })
  const world = new TripWorld(
    [login],
    {
      ...given,
      log: { accountKey: 'ACCOUNT_KEY' },
      endpoints: [anomalies({ secret: 'SALT', mode: 'act', ...options }), events(), hold()],
    },
    { secrets: SECRETS, clientAddress: () => address, sink, leavesWork: true },
  )
  const signed = (claims: object, typ: string): Promise<string> =>
    new SignJWT({ iss: ISSUER, aud: OURS, iat: Math.floor(world.now / 1000), ...claims })
      .setProtectedHeader({ alg: 'HS256', typ })
      .sign(new TextEncoder().encode(SECRETS.SHOP_SECRET))
  const operator = (scope: string): Promise<string> =>
    signed({ sub: 'ops', scope, exp: Math.floor(world.now / 1000) + 300 }, 'operator+jwt')
  let ids = 0
  return {
    world,
    login,
    /** What billing was told. */
    heard,
    reader: () => new Reader(world),
    from(network: string): void {
      address = network
    },
    /** Begins to buy. Returns the status, and the reference that the shop was given with it. */
    async begin(by = new Reader(world)) {
      const before = login.begun.length
      const response = await by.open(CHECKOUT)
      const { reference = '' } = login.begun.length > before ? (login.begun.at(-1) ?? {}) : {}
      return { response, status: response.status, reference, by }
    },
    async says(type: 'payment-declined' | 'payment-succeeded', trip: string, id = `evt-${ids++}`): Promise<number> {
      const claims = { jti: id, toe: world.now / 1000, events: { [`urn:faregate:event:${type}`]: { trip } } }
      const headers = { 'content-type': 'application/secevent+jwt' }
      const body = await signed(claims, 'secevent+jwt')
      return (await world.ask(`${OURS}/__faregate/events`, { method: 'POST', headers, body })).status
    },
    async found(): Promise<Found> {
      const headers = { authorization: `Bearer ${await operator('view')}` }
      return (await world.ask(`${OURS}/__faregate/anomalies`, { headers })).json()
    },
    async lift(reference: string): Promise<number> {
      const headers = { authorization: `Bearer ${await operator('hold')}`, 'content-type': 'application/json' }
      const body = JSON.stringify({ lift: reference })
      return (await world.ask(`${OURS}/__faregate/anomalies`, { method: 'POST', headers, body })).status
    },
  }
}
