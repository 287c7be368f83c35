import { bearer, html, oauth, type OAuthOptions, oidc, purchases, receipt, session } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

/** What the clock is ahead, in milliseconds. A test moves the clock of the gate with its own. */
let ahead = 0
const realNow = Date.now
Date.now = () => realNow() + ahead

const ROUTES = [{ path: '/articles/*', requires: 'premium', cache: 'off' as const }]

/** Two sites: one takes JWT access tokens, the other ID tokens beside opaque access tokens. */
const { Gate, Origin, Ledger } = faregate((env) => {
  const site = (name: string, host: string, issuer: string, options: Partial<OAuthOptions>) => ({
    name,
    hosts: [host],
    audience: `https://${name}.test`,
    issuers: [oidc({ issuer, jwksUri: `${issuer}/jwks`, audience: `https://${name}.test` })],
    logins: [oauth({ issuer, clientId: 'news', secret: 'CLIENT_SECRET', ...options })],
    rails: [bearer(), session({ seconds: 7200, renewSeconds: 60 }), receipt(), purchases()],
    origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
    routes: ROUTES,
    refusals: [html()],
    unmatched: 'free' as const,
    remedies: { documentation: 'https://news.test/problems' },
  })
  return {
    secrets: { gate: 'GATE_SECRET' },
    zones: [
      site('jwt', '127.0.0.1', env['JWT_ISSUER'] ?? '', {
        scopes: ['openid', 'offline_access', 'premium'],
        resource: 'https://jwt.test',
        parameters: { prompt: 'consent' },
      }),
      site('opaque', 'localhost', env['OPAQUE_ISSUER'] ?? '', {
        scopes: ['openid', 'reader'],
        claims: 'id-token',
      }),
    ],
  }
})
export { Ledger, Origin }

export default {
  fetch(request: Request, env: unknown, ctx: ExecutionContext): Response | Promise<Response> {
    ahead = Number(request.headers.get('test-clock') ?? 0)
    return Gate.fetch(request, env, ctx)
  },
}
