import { type Context, Hono } from 'hono'
import { basicAuth } from 'hono/basic-auth'
import { base64url } from 'jose'

/** An OAuth 2.0 authorization server for one client, the gate (RFC 6749, 7636, 9207, 9700). `Grant` says who bought what. */
export interface AuthorizationServer<Grant> {
  readonly issuer: string
  /** A browser is sent back to these redirect URIs, and to no other. */
  readonly client: { readonly id: string; readonly secret: string; readonly redirectUris: readonly string[] }
  /** Signs the buyer in, and sells what the scopes name. Returns a page to show first, what was granted, or an `error` of RFC 6749 §4.1.2.1. */
  readonly decide: (c: Context, scopes: readonly string[]) => Promise<Response | { grant: Grant } | { error: string }>
  /** Returns tokens, or undefined while the payment is on its way. */
  readonly issue: (grant: Grant) => Promise<Issued | undefined>
  /** In milliseconds since 1970. */
  readonly clock: () => number
}

/** Tokens (RFC 6749 §5.1). The gate signs out together, on all its hosts, what has the same `sid`. */
export interface Issued {
  readonly access_token: string
  readonly expires_in: number
  readonly sid?: string
}

/** As long as the gate waits for a late payment. */
const CODE_MS = 600_000
type Codes<Grant> = Map<string, { grant: Grant; redirectUri: string; challenge: string; until: number }>

export function authorizationServer<Grant>(server: AuthorizationServer<Grant>): Hono {
  const { issuer, client } = server
  const codes: Codes<Grant> = new Map()
  const refreshTokens = new Map<string, Grant>()
  const app = new Hono()
  app.get('/.well-known/oauth-authorization-server', (c) => c.json(metadata(issuer)))
  app.on(['GET', 'POST'], '/authorize', (c) => authorize(c, server, codes))
  app.use('/token', basicAuth({ username: client.id, password: client.secret }))
  app.post('/token', (c) => token(c, server, codes, refreshTokens))
  app.use('/revoke', basicAuth({ username: client.id, password: client.secret }))
  app.post('/revoke', async (c) => {
    refreshTokens.delete((await fieldsOf(c))('token'))
    return c.body(null, 200)
  })
  return app
}

async function authorize<Grant>(c: Context, server: AuthorizationServer<Grant>, codes: Codes<Grant>) {
  const asked = (name: string) => c.req.query(name) ?? ''
  const [redirectUri, challenge] = [asked('redirect_uri'), asked('code_challenge')]
  // Nobody is sent to an address that is not the client's own, whatever else is wrong.
  const isClient = asked('client_id') === server.client.id && server.client.redirectUris.includes(redirectUri)
  if (!isClient) return c.text('This is not a client of ours.', 400)
  const goBack = (answer: Record<string, string>) =>
    c.redirect(
      `${redirectUri}?${String(new URLSearchParams({ ...answer, state: asked('state'), iss: server.issuer }))}`,
      303,
    )
  const isProven = asked('code_challenge_method') === 'S256' && challenge !== ''
  if (asked('response_type') !== 'code' || !isProven) return goBack({ error: 'invalid_request' })
  const decided = await server.decide(c, asked('scope').split(' '))
  if (decided instanceof Response) return decided
  if ('error' in decided) return goBack(decided)
  const code = crypto.randomUUID()
  codes.set(code, { grant: decided.grant, redirectUri, challenge, until: server.clock() + CODE_MS })
  return goBack({ code })
}

async function token<Grant>(
  c: Context,
  server: AuthorizationServer<Grant>,
  codes: Codes<Grant>,
  refreshTokens: Map<string, Grant>,
) {
  c.header('cache-control', 'no-store')
  const field = await fieldsOf(c)
  const isCode = field('grant_type') === 'authorization_code'
  const found = isCode ? taken(codes, field('code')) : undefined
  const isBuyer =
    found !== undefined &&
    found.until > server.clock() &&
    found.redirectUri === field('redirect_uri') &&
    found.challenge === (await hash(field('code_verifier')))
  const grant = isCode ? (isBuyer ? found.grant : undefined) : taken(refreshTokens, field('refresh_token'))
  if (grant === undefined) return c.json({ error: 'invalid_grant' }, 400)
  const issued = await server.issue(grant)
  if (issued === undefined) {
    // Nothing has come of the code yet, so it is good again.
    if (found !== undefined) codes.set(field('code'), found)
    return c.json({ error: 'authorization_pending' }, 400)
  }
  const refresh = crypto.randomUUID()
  refreshTokens.set(refresh, grant)
  return c.json({ ...issued, token_type: 'Bearer', refresh_token: refresh })
}

function metadata(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    end_session_endpoint: `${issuer}/sign-out`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    revocation_endpoint_auth_methods_supported: ['client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
  }
}

async function fieldsOf(c: Context): Promise<(name: string) => string> {
  const fields = new URLSearchParams(await c.req.text())
  return (name) => fields.get(name) ?? ''
}

/** Returns the value of a key, which is good once. */
function taken<T>(values: Map<string, T>, key: string): T | undefined {
  const value = values.get(key)
  values.delete(key)
  return value
}

async function hash(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return base64url.encode(new Uint8Array(digest))
}
