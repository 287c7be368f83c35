import { bearer, credit, mcp, mpp } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

const price = { amount: '0.75', currency: 'USD' }

/** A gate before two MCP servers: one that answers in JSON, and one that answers in events. */
const { Gate, Origin, Ledger } = faregate((env) => {
  const protocol = () =>
    mcp({
      tools: { search: { price }, fails: { price }, report: { requires: 'pro' }, now: 'free' },
      authorizationServers: [String(env['LOGIN_URL'])],
      scopes: ['tools'],
    })
  const zone = {
    audience: 'https://tools.test',
    issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
    operators: [{ issuer: 'https://staff.test', secret: 'TOKEN_SECRET' }],
    unmatched: 'closed' as const,
    rails: [
      bearer(),
      mpp({
        stripe: {
          secretKey: 'STRIPE_KEY',
          networkId: 'profile_1',
          paymentMethodTypes: ['card'],
          apiUrl: String(env['STRIPE_URL']),
        },
      }),
    ],
    routes: [
      { path: '/mcp', free: true as const, protocol: protocol() },
      { path: '/members', requires: 'pro', protocol: protocol() },
    ],
  }
  return {
    endpoints: [credit()],
    secrets: { gate: 'GATE_SECRET' },
    zones: [
      { ...zone, name: 'json', hosts: ['127.0.0.1'], origin: { servers: [{ url: String(env['JSON_URL']) }] } },
      { ...zone, name: 'events', hosts: ['localhost'], origin: { servers: [{ url: String(env['EVENTS_URL']) }] } },
    ],
  }
})
export { Gate as default, Ledger, Origin }
