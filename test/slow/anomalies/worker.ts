import { anomalies, bearer, dashboard, events, lookup, receipt } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

function watching(how: unknown) {
  if (how === 'no') return []
  return [anomalies({ secret: 'ANOMALY_SALT', mode: how === 'acts' ? 'act' : 'observe' })]
}

/** A site that is watched, one that acts by itself, and the same without. */
const { Gate, Origin, Ledger } = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  endpoints: [...watching(env['WATCHES']), events(), lookup(), dashboard()],
  log: { accountKey: 'ACCOUNT_KEY' },
  zones: [
    {
      name: 'news',
      hosts: ['127.0.0.1'],
      audience: 'https://news.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
      rails: [bearer(), receipt()],
      routes: [
        { path: '/articles/*', requires: 'premium' },
        { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' },
      ],
      unmatched: 'free',
    },
  ],
}))
export { Gate as default, Ledger, Origin }
