/**
 * Speaks with an authorization server behind the browser's back: redeems codes and refresh tokens, and revokes them.
 *
 * `oauth4webapi` writes and reads the messages. It reads the claims of ID tokens too; their signatures and times are judged
 * where all tokens are. Answers are read within bounds, and no redirect is followed: a code, a verifier and the client's secret are sent
 * to the token endpoint alone.
 */
import * as oauth from 'oauth4webapi'
import { failureName, loggableAddress } from '../../core/error.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { readBounded } from '../../http/download.ts'
import { logWarning } from '../../log.ts'
import { ASYMMETRIC_ALGORITHMS } from '../../access/issuer.ts'
import type { Platform } from '../../ports.ts'
import { type ClientKey, importClientKey } from './clientkey.ts'
import type { ServerMetadata } from './metadata.ts'
import type { CheckedOAuth } from './options.ts'

/** What a token endpoint hands out. */
export interface TokenSet {
  readonly access: string
  readonly id: string | undefined
  readonly refresh: string | undefined
  /** The server's own name of the sign-in, if it gives one beside the tokens. */
  readonly sid?: string
}

/**
 * The reason that there are no tokens. `pending`: not yet. `denied`: the reader did not go through with it. `spent`: the code or refresh
 * token is good no more. `refused`: the server gives none. `invalid`: what came back is not what was asked for. `unavailable`: no usable answer. `code`: for the log, without
 * secrets.
 */
export interface TokenFault {
  readonly kind: 'pending' | 'denied' | 'spent' | 'refused' | 'invalid' | 'unavailable'
  readonly code: string
}

/** The return of a browser, and what its trip has kept. */
export interface RedeemedReturn {
  readonly parameters: URLSearchParams
  readonly state: string
  readonly redirectUri: string
  readonly verifier: string
  readonly nonce: string
}

/** An authorization server, as far as its client asks it. */
export interface OAuthServer {
  redeem(metadata: ServerMetadata, back: RedeemedReturn): Promise<Result<TokenSet, TokenFault>>
  refresh(metadata: ServerMetadata, refreshToken: string): Promise<Result<TokenSet, TokenFault>>
  /** Best effort: a failure is logged. */
  revoke(metadata: ServerMetadata, refreshToken: string): Promise<void>
}

const EXCHANGE_MS = 5000
const RENEW_MS = 3000
/** Room for three tokens of 64 kB. */
const MAX_BYTES = 200 * 1024

/** The faults that somebody may have to cure. */
const NOTED: ReadonlySet<TokenFault['kind']> = new Set(['refused', 'invalid', 'unavailable'])

/** Creates the client of one server. */
export function createServer(options: CheckedOAuth, { fetch }: Pick<Platform, 'fetch'>): OAuthServer {
  const { clientId, name } = options
  // The times of tokens are judged by the gate's own clock, elsewhere.
  const client: oauth.Client = { client_id: clientId, [oauth.clockTolerance]: Number.MAX_SAFE_INTEGER }
  const authentication = authenticationOf(options)
  const within = (ms: number) => ({
    [oauth.customFetch]: boundedFetch(fetch, ms),
    [oauth.allowInsecureRequests]: true, // all URLs were checked: http is on loopback only
    additionalParameters: (options.resource ?? []).map((uri): [string, string] => ['resource', uri]),
  })
  const asked = async <T>(
    { token_endpoint: endpoint }: ServerMetadata,
    ask: () => Promise<T>,
  ): Promise<Result<T, TokenFault>> => {
    try {
      return ok(await ask())
    } catch (error) {
      const fault = faultOf(error)
      if (NOTED.has(fault.kind)) logWarning({ login: name, oauth: fault.code, url: loggableAddress(endpoint) })
      return err(fault)
    }
  }
  return {
    redeem: (metadata, back) =>
      asked(metadata, async () => {
        const server = describe(metadata)
        const parameters = oauth.validateAuthResponse(server, client, back.parameters, back.state)
        const { redirectUri, verifier, nonce } = back
        const clientAuth = await authentication(metadata)
        const response = await oauth.authorizationCodeGrantRequest(
          ...([server, client, clientAuth, parameters, redirectUri, verifier, within(EXCHANGE_MS)] as const),
        )
        const expected = options.scopes.includes('openid') ? { expectedNonce: nonce, requireIdToken: true } : {}
        return tokensIn(await oauth.processAuthorizationCodeResponse(server, client, response, expected))
      }),
    refresh: (metadata, refreshToken) =>
      asked(metadata, async () => {
        const server = describe(metadata)
        const clientAuth = await authentication(metadata)
        const response = await oauth.refreshTokenGrantRequest(
          server,
          client,
          clientAuth,
          refreshToken,
          within(RENEW_MS),
        )
        return tokensIn(await oauth.processRefreshTokenResponse(server, client, response))
      }),
    revoke: async (metadata, refreshToken) => {
      const { revocation_endpoint: url } = metadata
      if (url === undefined) return
      await asked({ ...metadata, token_endpoint: url }, async () => {
        const clientAuth = await authentication(metadata)
        const hinted = { ...within(RENEW_MS), additionalParameters: { token_type_hint: 'refresh_token' } }
        const response = await oauth.revocationRequest(describe(metadata), client, clientAuth, refreshToken, hinted)
        await oauth.processRevocationResponse(response)
      })
    },
  }
}

/** Which algorithms an issuer may use is judged with the signature. */
function describe(metadata: ServerMetadata): oauth.AuthorizationServer {
  return { ...metadata, id_token_signing_alg_values_supported: [...ASYMMETRIC_ALGORITHMS] }
}

function tokensIn({ access_token, id_token, refresh_token, sid }: oauth.TokenEndpointResponse): TokenSet {
  const tokens = { access: access_token, id: id_token, refresh: refresh_token }
  return typeof sid === 'string' && sid !== '' && sid.length <= MAX_SID ? { ...tokens, sid } : tokens
}

/** Longer names of a sign-in are passed over. */
const MAX_SID = 255

/** Returns how the client shows who it is: by what it has, and by what the server takes. */
function authenticationOf({
  secret,
  key,
}: Pick<CheckedOAuth, 'secret' | 'key'>): (metadata: ServerMetadata) => Promise<oauth.ClientAuth> {
  if (key !== undefined) {
    let imported: ClientKey | undefined
    return async () => {
      imported ??= await importClientKey(key)
      return oauth.PrivateKeyJwt(imported) // its `aud` is the issuer
    }
  }
  if (secret === undefined) return async () => oauth.None()
  return async ({ token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] }) =>
    !methods.includes('client_secret_basic') && methods.includes('client_secret_post')
      ? oauth.ClientSecretPost(secret)
      : basic(secret)
}

/**
 * Basic authentication by RFC 6749 §2.3.1. What the form encoding need not escape stays as it is, because servers often leave
 * out the decoding.
 */
function basic(secret: string): oauth.ClientAuth {
  return (_server, { client_id: id }, _body, headers) =>
    headers.set('authorization', `Basic ${btoa([id, secret].map(formEncoded).join(':'))}`)
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}

/** Returns a `fetch` that reads answers whole, within bounds of bytes and time. */
function boundedFetch(fetch: Platform['fetch'], ms: number) {
  return async (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>): Promise<Response> => {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(ms) })
    const { status, headers } = response
    const text = await readBounded(response, MAX_BYTES)
    return new Response(text === '' ? null : text, { status, headers })
  }
}

/** The errors of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6 that mean: not signed in, or turned back. */
const DENIED = new Set(
  'access_denied login_required interaction_required consent_required account_selection_required'.split(' '),
)
const PENDING = new Set(['authorization_pending', 'slow_down'])
/** Errors that neither the reader nor the code has caused: the same may work later. */
const OUT_OF_ORDER = new Set(['server_error', 'temporarily_unavailable', 'invalid_client', 'unauthorized_client'])
const CODE = /^[\w.:-]{1,64}$/

function faultOf(error: unknown): TokenFault {
  if (error instanceof oauth.AuthorizationResponseError || error instanceof oauth.ResponseBodyError) {
    const isBusy = error instanceof oauth.ResponseBodyError && error.status === 429
    return { kind: isBusy ? 'unavailable' : kindOf(error.error), code: codeOf(error.error) }
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) return { kind: 'unavailable', code: 'invalid_client' }
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError) {
    const isAnswer = error.code === oauth.RESPONSE_IS_NOT_CONFORM || error.code === oauth.RESPONSE_IS_NOT_JSON
    return { kind: isAnswer || error.code === oauth.PARSE_ERROR ? 'unavailable' : 'invalid', code: codeOf(error.code) }
  }
  return { kind: 'unavailable', code: codeOf(failureName(error)) }
}

function kindOf(code: string): TokenFault['kind'] {
  if (DENIED.has(code)) return 'denied'
  if (PENDING.has(code)) return 'pending'
  if (code === 'invalid_grant') return 'spent'
  return OUT_OF_ORDER.has(code) ? 'unavailable' : 'refused'
}

/** What the other side or a browser wrote goes into the log only if it is a word. */
function codeOf(code: string | undefined): string {
  return code !== undefined && CODE.test(code) ? code : 'unknown_error'
}
