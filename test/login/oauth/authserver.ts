import { createHash, randomUUID } from 'node:crypto'
import { makeKey, sign, type TestKey } from '../../support/issuer.ts'

export const ISSUER = 'https://login.example/realm'
export const SECRET = 'the secret of the client'
/** What access tokens are for. */
export const AUDIENCE = 'https://www.news.example'

type Claims = Record<string, unknown>
type Form = URLSearchParams

/** A request to the token endpoint, or to the one that revokes. */
interface Asked {
  readonly form: Form
  readonly authorization: string | null
}

/** The keys of the server, and one that is not its own. */
export interface ServerKeys {
  readonly own: TestKey
  readonly other: TestKey
}

export async function makeServerKeys(): Promise<ServerKeys> {
  return { own: await makeKey('ES256', 'own'), other: await makeKey('ES256', 'own') }
}

/** What a test changes of an answer of the token endpoint. Undefined removes a member. */
export interface Twist {
  readonly access?: Claims
  readonly accessHeader?: Claims
  readonly id?: Claims
  readonly idHeader?: Claims
  readonly key?: TestKey
  readonly members?: Claims
}

/** An authorization server in memory, which does what a test says. */
export class AuthServer {
  readonly keys: ServerKeys
  readonly now: () => number
  readonly asked: Asked[] = []
  readonly given: string[] = []
  readonly fetched: string[] = []
  /** In place of members of the metadata. */
  metadata: Claims = {}
  metadataStatus: Readonly<Record<string, number>> = {}
  /** By URL: where a request is sent on to. */
  redirects: Readonly<Record<string, string>> = {}
  twist: Twist = {}
  /** In place of the answer of the token endpoint. */
  answer: ((form: Form) => Response | Promise<Response> | undefined) | undefined
  readonly #codes = new Map<string, URLSearchParams>()
  readonly #refreshTokens = new Map<string, URLSearchParams>()

  constructor(keys: ServerKeys, now: () => number) {
    this.keys = keys
    this.now = now
  }

  /** Follows redirects and ends with its signal, as every `fetch` does. */
  readonly fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const response = await Promise.race([this.#serve(input, init), abortOf(init.signal)])
    const location = response.headers.get('location')
    return location === null || init.redirect === 'manual' ? response : this.fetch(location, init)
  }

  async #serve(input: unknown, init: RequestInit): Promise<Response> {
    const { pathname, href } = new URL(String(input))
    this.fetched.push(href)
    const location = this.redirects[href]
    if (location !== undefined) return new Response(null, { status: 307, headers: { location } })
    if (pathname.includes('/.well-known/')) return this.#describe(pathname)
    if (pathname === '/realm/jwks') return Response.json({ keys: [this.keys.own.jwk] })
    const form = new URLSearchParams(init.body instanceof URLSearchParams ? init.body : '')
    this.asked.push({ form, authorization: new Headers(init.headers).get('authorization') })
    if (pathname === '/realm/revoke') return new Response(null, { status: 200 })
    if (pathname !== '/realm/token') throw new TypeError('connection refused')
    return (await this.answer?.(form)) ?? this.#token(form)
  }

  /** Returns the query with which a reader comes back who has signed in. */
  agree(location: string): URLSearchParams {
    const asked = new URL(location).searchParams
    const code = this.#note(randomUUID())
    this.#codes.set(code, asked)
    return new URLSearchParams({ code, state: asked.get('state') ?? '', iss: ISSUER })
  }

  turnBack(location: string, error = 'access_denied'): URLSearchParams {
    return new URLSearchParams({ error, state: new URL(location).searchParams.get('state') ?? '', iss: ISSUER })
  }

  #note(secret: string): string {
    this.given.push(secret)
    return secret
  }

  #describe(path: string): Response {
    const status = this.metadataStatus[path] ?? (path === '/realm/.well-known/openid-configuration' ? 200 : 404)
    if (status !== 200) return new Response('<h1>no</h1>', { status, headers: { 'content-type': 'text/html' } })
    return Response.json({
      issuer: ISSUER,
      authorization_endpoint: `${ISSUER}/authorize?tenant=1`,
      token_endpoint: `${ISSUER}/token`,
      revocation_endpoint: `${ISSUER}/revoke`,
      end_session_endpoint: `${ISSUER}/end`,
      jwks_uri: `${ISSUER}/jwks`,
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    })
  }

  async #token(form: Form): Promise<Response> {
    const isCode = form.get('grant_type') === 'authorization_code'
    const [store, key] = isCode
      ? [this.#codes, form.get('code') ?? '']
      : [this.#refreshTokens, form.get('refresh_token') ?? '']
    const grant = store.get(key)
    store.delete(key)
    if (grant === undefined || (isCode && !isProven(grant, form)))
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    const refresh = this.#note(randomUUID())
    this.#refreshTokens.set(refresh, grant)
    return Response.json({ ...(await this.#tokens(grant)), refresh_token: refresh, ...this.twist.members })
  }

  async #tokens(grant: URLSearchParams): Promise<Claims> {
    const { access, accessHeader, id, idHeader, key = this.keys.own } = this.twist
    const now = Math.floor(this.now() / 1000)
    const times = { iat: now, exp: now + 60 }
    const scopes = (grant.get('scope') ?? '').split(' ')
    const isOpenId = scopes.includes('openid')
    const claims = { iss: ISSUER, sub: 'ann', aud: AUDIENCE, ...times, scope: 'premium', ...access }
    const nonce = grant.get('nonce') ?? undefined
    const named = { iss: ISSUER, sub: 'ann', aud: grant.get('client_id'), ...times, nonce, sid: 'sid-1', ...id }
    return {
      access_token: this.#note(await sign(key, claims, { typ: 'at+jwt', ...accessHeader })),
      token_type: 'Bearer',
      expires_in: 60,
      ...(isOpenId && { id_token: this.#note(await sign(key, named, { typ: 'JWT', ...idHeader })) }),
    }
  }
}

/** Rejects once the signal has ended the request. */
function abortOf(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal?.addEventListener('abort', () => reject(new DOMException('', 'TimeoutError'))),
  )
}

function isProven(grant: URLSearchParams, form: Form): boolean {
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url')
  return grant.get('code_challenge') === challenge && grant.get('redirect_uri') === form.get('redirect_uri')
}
