import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import { open, shut } from '../../../tools/loopback.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { bundleOf } from '../bundles.ts'

const SECRET = 'the-secret_of.the~client'
/** As an access token of a large organisation. */
const MANY_GROUPS = Array.from({ length: 400 }, (_, at) => `group-of-readers-number-${at}`)

/** The gate in workerd, before two OpenID providers as they come from npm. */
export interface SignInWorld {
  /** The origins of its sites. */
  readonly jwt: string
  readonly opaque: string
  readonly lines: string[]
  /** Resolves when a refresh token is revoked. */
  readonly revocation: (kind: 'jwt' | 'opaque') => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startSignInWorld(): Promise<SignInWorld> {
  const servers = {
    origin: createServer((_request, response) => response.end('the article')),
    jwt: createServer(),
    opaque: createServer(),
  }
  const [origin, jwtIssuer, opaqueIssuer] = await Promise.all([
    open(servers.origin),
    open(servers.jwt),
    open(servers.opaque),
  ])
  const lines: string[] = []
  const workerd = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: {
      GATE_SECRET: 'the secret of the gate, of thirty-two bytes or more',
      CLIENT_SECRET: SECRET,
      ORIGIN_URL: origin,
      JWT_ISSUER: jwtIssuer,
      OPAQUE_ISSUER: opaqueIssuer,
    },
    onLine: (line) => lines.push(line),
  })
  const jwt = workerd.url
  const opaque = workerd.url.replace('127.0.0.1', 'localhost')
  const jwtProvider = await provide(servers.jwt, jwtIssuer, jwt, {
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access', 'premium'],
    features: {
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: 'premium',
          audience: 'https://jwt.test',
          accessTokenTTL: 60,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: () => ({ groups: MANY_GROUPS }),
  })
  const opaqueProvider = await provide(servers.opaque, opaqueIssuer, opaque, {
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access', 'reader'],
    claims: { openid: ['sub'], reader: ['scope'] },
    conformIdTokenClaims: false,
    features: { revocation: { enabled: true } },
    issueRefreshToken: () => true,
    ttl: { IdToken: 60 },
    findAccount: (_ctx: unknown, accountId: string) => ({
      accountId,
      claims: () => ({ sub: accountId, scope: 'premium' }),
    }),
  })
  const providers = { jwt: jwtProvider, opaque: opaqueProvider }
  return {
    jwt,
    opaque,
    lines,
    revocation: (kind) => new Promise((resolve) => providers[kind].once('refresh_token.destroyed', resolve)),
    stop: async () => {
      await workerd.stop()
      await Promise.all(Object.values(servers).map((server) => shut(server)))
    },
  }
}

async function provide(server: Server, issuer: string, gate: string, configuration: object): Promise<Provider> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'k1' }] },
    cookies: { keys: ['of the tests'] },
    clients: [
      {
        client_id: 'news',
        client_secret: SECRET,
        redirect_uris: [`${gate}/__faregate/return/oauth`],
        post_logout_redirect_uris: [`${gate}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    ...configuration,
  })
  server.on('request', provider.callback())
  return provider
}
