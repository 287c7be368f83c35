/**
 * The options of `oauth()`, and how they are checked.
 */
import * as v from 'valibot'
import type { Bindings } from '../../config/rules/bindings.ts'
import { names, safeUrl, secretValue, text, TOKEN_BYTES } from '../../config/rules/values.ts'
import { isPrivateKey } from './clientkey.ts'

/**
 * How readers sign in, or buy, at an OpenID provider or at another authorization server: by the authorization code flow with PKCE
 * (RFC 9700).
 */
export interface OAuthOptions {
  /** The end of the return's path, `/__faregate/return/<name>`: letters in lower case, digits and `-`. Default: `oauth`. */
  name?: string
  /** The `iss` of the server, exactly as in its metadata. One of the zone's `issuers`, which says how its tokens are verified. */
  issuer: string
  /** The gate's name at the server. */
  clientId: string
  /** Names the environment's secret with the client's secret. Without `secret` and `key` the gate is a public client. */
  secret?: string
  /** Names the environment's secret with the client's private key, for `private_key_jwt`: PKCS #8 in PEM, or a JWK. */
  key?: string
  /** The scopes to ask for. `openid` for an ID token, `offline_access` for a refresh token, if the server knows them. Default: none. */
  scopes?: string[]
  /** The `resource` (RFC 8707) that access tokens are for: one or several URIs. */
  resource?: string | string[]
  /** The `audience` that access tokens are for, at servers that want it so, as Auth0's. */
  audience?: string
  /** Further parameters of the authorization request, as `{ prompt: 'select_account' }`. They replace none of the gate's. */
  parameters?: Record<string, string>
  /** What the server sells, by name: the scope that asks for it, or with a title and a price in words. */
  offers?: Record<string, string | OAuthOffer>
  /**
   * True if the server answers `authorization_pending` for a code whose payment is on its way, and takes the same code again.
   * Without it a code is used once (RFC 6749 §4.1.2).
   */
  waits?: true
  /**
   * True if the server takes `prompt=none`, by which it shows no page: the hosts of a zone then sign in readers who are signed in
   * at another. Default: true with the scope `openid`, else false.
   */
  silent?: boolean
  /**
   * What says who signed in. `access-token`, the default: a JWT that the zone's issuer signs for the zone. `id-token`: the ID
   * token, for servers whose access tokens are opaque; `scopes` must have `openid`.
   */
  claims?: 'access-token' | 'id-token'
  /** The server's endpoints, if it publishes no metadata. */
  endpoints?: OAuthEndpoints
}

/** Something that the server sells. */
export interface OAuthOffer {
  /**
   * The scope that asks for it; several are separated by spaces. `{path}` stands for the path of the page that it is bought at,
   * as in `offer:article:{path}`, so that the server can sell a receipt for that page alone.
   */
  scope: string
  /** Default: the offer's name. */
  title?: string
  /** The price in words, as `5 EUR a month`. */
  price?: string
}

/** Endpoints: https, or http on loopback. */
export interface OAuthEndpoints {
  authorization: string
  token: string
  /** RFC 7009. */
  revocation?: string
  /** OpenID Connect RP-Initiated Logout. */
  endSession?: string
}

/** The parameters that the gate sets, or that change how the answer comes back. */
const OWN_PARAMETERS = new Set(
  `response_type response_mode client_id client_secret redirect_uri scope state nonce
  code_challenge code_challenge_method resource audience ui_locales request request_uri max_age id_token_hint dpop_jkt`.split(
    /\s+/,
  ),
)

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/
const SCOPE = /^[!#-[\]-~]+$/
const SCOPES = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/

const scope = v.pipe(text, v.regex(SCOPE, 'expected a scope: printable ASCII without spaces and quotes'))
const offerScope = v.pipe(text, v.regex(SCOPES, 'expected scopes, separated by one space'))
const offer = v.lazy((given) =>
  typeof given === 'string'
    ? v.pipe(
        offerScope,
        v.transform((asked): OAuthOffer => ({ scope: asked })),
      )
    : v.strictObject({ scope: offerScope, title: v.optional(text), price: v.optional(text) }),
)
const offerName = v.pipe(text, v.regex(/^[\w-]{1,64}$/, 'expected a name of at most 64 letters, digits, "_" or "-"'))
const resource = v.pipe(
  names,
  v.check((uris) => uris.every((uri) => URL.canParse(uri) && !uri.includes('#')), 'expected absolute URIs without "#"'),
)
const parameters = v.pipe(
  v.record(v.string(), v.string('expected a string')),
  v.check(
    (given) => Object.keys(given).every((name) => !OWN_PARAMETERS.has(name)),
    (issue) => {
      const own = Object.keys(issue.input).filter((name) => OWN_PARAMETERS.has(name))
      return `expected none that the gate sets by itself: ${own.join(', ')}`
    },
  ),
)

export function oauthSchema({ secrets }: Pick<Bindings, 'secrets'>) {
  return v.pipe(
    v.strictObject({
      name: v.optional(v.pipe(text, v.regex(NAME, 'expected lower-case letters, digits and "-"')), 'oauth'),
      issuer: safeUrl,
      clientId: text,
      secret: v.optional(secretValue(secrets, TOKEN_BYTES)),
      key: v.optional(
        v.pipe(
          secretValue(secrets, TOKEN_BYTES),
          v.check(isPrivateKey, 'expected the secret to be a private key: PKCS #8 in PEM, or a JWK'),
        ),
      ),
      scopes: v.optional(v.array(scope), []),
      resource: v.optional(resource),
      audience: v.optional(text),
      parameters: v.optional(parameters, {}),
      offers: v.optional(v.record(offerName, offer), {}),
      waits: v.optional(v.literal(true, 'expected true, or nothing')),
      silent: v.optional(v.boolean('expected true or false')),
      claims: v.optional(
        v.picklist(['access-token', 'id-token'], 'expected "access-token" or "id-token"'),
        'access-token',
      ),
      endpoints: v.optional(
        v.strictObject({
          authorization: safeUrl,
          token: safeUrl,
          revocation: v.optional(safeUrl),
          endSession: v.optional(safeUrl),
        }),
      ),
    }),
    v.forward(
      v.check(({ secret, key }) => secret === undefined || key === undefined, 'expected no key beside a secret'),
      ['key'],
    ),
    v.forward(
      v.check(
        ({ claims, scopes }) => claims !== 'id-token' || scopes.includes('openid'),
        'expected "openid" among the scopes: the claims are those of the ID token',
      ),
      ['scopes'],
    ),
  )
}

/** The options, checked, with secrets in place of their names. */
export type CheckedOAuth = v.InferOutput<ReturnType<typeof oauthSchema>>
