import { OFFERS, scopeOf } from '../../demo/offers.ts'
import { drivenBy } from '../../tools/workerclock.ts'
import {
  bearer,
  confirm,
  defineConfig,
  html,
  oauth,
  purchases,
  receipt,
  session,
  type Options,
} from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

const sold = { premium: OFFERS.premium, annual: OFFERS.annual, reports: OFFERS.reports }

/** A zone of two hosts, whose tokens are good for a minute, and whose clock a test moves on. */
const config = defineConfig((env): Options => {
  const billing = env['BILLING_URL'] ?? ''
  return {
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [confirm()],
    zones: [
      {
        name: 'news',
        hosts: ['www.news.localhost', 'shop.news.localhost'],
        audience: 'https://www.example.com',
        issuers: [{ issuer: billing, jwks: { url: `${billing}/.well-known/jwks.json` } }],
        logins: [
          oauth({
            name: 'billing',
            issuer: billing,
            clientId: 'demo',
            secret: 'CLIENT_SECRET',
            resource: 'https://www.example.com',
            offers: Object.fromEntries(Object.keys(sold).map((name) => [name, { scope: scopeOf(name) }])),
            waits: true,
            silent: true,
          }),
        ],
        rails: [bearer(), session({ seconds: 30 * 86_400, renewSeconds: 60 }), receipt(), purchases()],
        offers: sold,
        refusals: [html()],
        origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
        routes: [
          { path: '/articles/*', requires: 'premium', offers: ['premium', 'annual'] },
          {
            path: '/reports/*',
            price: { amount: '0.25', currency: 'USD' },
            offers: ['reports'],
          },
        ],
        unmatched: 'free',
      },
    ],
  }
})

const { Gate, Origin, Ledger } = faregate(config)
export { Ledger, Origin }
export default drivenBy(Gate)
