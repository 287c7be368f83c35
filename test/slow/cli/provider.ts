/** An OpenID provider, unmodified from npm: whoever types a name is signed in by it, and has a subscription. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { Provider } from 'oidc-provider'
import { open, shut } from '../../../tools/loopback.ts'

export interface IdentityProvider {
  readonly issuer: string
  readonly stop: () => Promise<void>
}

/** `audience`: of the API, whose scope is `premium`. */
export interface ProviderTerms {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUri: string
  readonly audience: string
}

export async function startProvider(terms: ProviderTerms): Promise<IdentityProvider> {
  const app: { current?: RequestListener } = {}
  const server: Server = createServer((request, response) => app.current?.(request, response))
  const issuer = await open(server)
  app.current = new Provider(issuer, configurationOf(terms)).callback()
  return { issuer, stop: () => shut(server) }
}

const LIFETIMES = ['Interaction', 'Session', 'Grant', 'AccessToken', 'RefreshToken', 'IdToken']

function configurationOf({ clientId, clientSecret, redirectUri, audience }: ProviderTerms): object {
  const grants = ['authorization_code', 'refresh_token']
  const client = { client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], grant_types: grants }
  const api = { scope: 'premium', audience, accessTokenFormat: 'jwt', accessTokenTTL: 60 }
  return {
    clients: [client],
    scopes: ['openid', 'offline_access', 'premium'],
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: () => api, useGrantedResource: () => true },
    },
    issueRefreshToken: () => true,
    // Its own defaults complain of themselves.
    ttl: Object.fromEntries(LIFETIMES.map((name) => [name, 3600])),
    findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  }
}
