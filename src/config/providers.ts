/**
 * Identity providers as issuers of entitlements: `issuers: [auth0({ domain, audience })]`.
 *
 * Each preset states as data, over the one mapping of `ClaimOptions`, what the provider documents of its tokens: the key
 * URL, the algorithms, the `typ`, the claim with roles or scopes. Options beside a preset replace its own: `keycloak({ …,
 * claims: { entitlements: 'groups' } })`. Conditions on claims are added, never removed, because they tell access tokens
 * from ID tokens.
 */
import type { IssuerOptions } from './signers.ts'

/** The options beside a preset: those of an issuer, except its identity. `claims` are merged over the preset's. */
export type ProviderOptions = Partial<Omit<IssuerOptions, 'issuer' | 'types' | 'idTokens'>>

/**
 * Auth0: access tokens of an API. `domain` is `tenant.eu.auth0.com` or a custom one; `audience` is the API's identifier.
 * Permissions (RBAC) are entitlements.
 *
 * @example
 * ```ts zone
 * issuers: [auth0({ domain: 'tenant.eu.auth0.com', audience: 'https://api.example.com' })]
 * ```
 */
export function auth0({ domain, ...more }: ProviderOptions & { domain: string; audience: string }): IssuerOptions {
  return preset(`https://${domain}/`, more, {
    jwks: { url: `https://${domain}/.well-known/jwks.json` },
    algorithms: ['RS256', 'PS256'],
    types: { entitlement: ['JWT', 'at+jwt'] },
    claims: { entitlements: 'permissions' },
  })
}

/**
 * Clerk: session tokens. `frontendApi` is `clerk.example.com`; `authorizedParty` is the origin of the app, their `azp`. The
 * user's plan and features are entitlements, without `u:`; those of an organisation alone are not.
 *
 * @example
 * ```ts zone
 * issuers: [clerk({ frontendApi: 'clerk.example.com', authorizedParty: 'https://www.example.com' })]
 * ```
 */
export function clerk({
  frontendApi,
  authorizedParty,
  ...more
}: ProviderOptions & { frontendApi: string; authorizedParty: string }): IssuerOptions {
  const issuer = `https://${frontendApi}`
  return preset(issuer, more, {
    audience: authorizedParty,
    jwks: { url: `${issuer}/.well-known/jwks.json` },
    algorithms: ['RS256'],
    types: { entitlement: 'JWT' },
    claims: {
      entitlements: ['fea', 'pla'],
      plan: 'pla',
      separator: ',',
      // What both the user and the organisation have is written `uo:`.
      prefixes: ['u:', 'uo:', 'ou:'],
      audience: { claim: 'azp' },
      refuses: { sts: 'pending' },
    },
  })
}

/**
 * Cloudflare Access: the token of an application. `team` is the name before `.cloudflareaccess.com`; `audience` is the
 * application's tag. Every admitted user has the `grants`. A service token, whose `sub` is empty, is the account `service:`
 * and its name.
 *
 * @example
 * ```ts zone
 * issuers: [cloudflareAccess({ team: 'example', audience: '4714c1358e65fe4b', grants: ['staff'] })]
 * ```
 */
export function cloudflareAccess({
  team,
  ...more
}: ProviderOptions & { team: string; audience: string; grants: string[] }): IssuerOptions {
  const issuer = `https://${team}.cloudflareaccess.com`
  return preset(issuer, more, {
    jwks: { url: `${issuer}/cdn-cgi/access/certs` },
    algorithms: ['RS256'],
    types: { entitlement: 'JWT', absent: true },
    claims: { requires: { type: 'app' }, emptySub: { claim: 'common_name', prefix: 'service:' } },
  })
}

/**
 * Amazon Cognito: access tokens of one app client. Groups are entitlements.
 *
 * @example
 * ```ts zone
 * issuers: [cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_example', clientId: '1example23456789' })]
 * ```
 */
export function cognito({
  region,
  userPoolId,
  clientId,
  ...more
}: ProviderOptions & { region: string; userPoolId: string; clientId: string }): IssuerOptions {
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`
  return preset(issuer, more, {
    audience: clientId,
    jwks: { url: `${issuer}/.well-known/jwks.json` },
    algorithms: ['RS256'],
    types: { entitlement: 'JWT', absent: true },
    claims: {
      entitlements: 'cognito:groups',
      audience: { claim: 'client_id' },
      requires: { token_use: 'access' },
    },
  })
}

/**
 * Microsoft Entra ID: access tokens (version 2.0) of these tenants, by id; never `common`. `audience` is the client id of
 * the API. App roles are entitlements, and an account is the user's object id in the tenant. Returns an issuer for each
 * tenant.
 *
 * @example
 * ```ts zone
 * issuers: [...entra({ tenants: ['11111111-2222-3333-4444-555555555555'], audience: '66666666-7777-8888-9999-000000000000' })]
 * ```
 */
export function entra({
  tenants,
  ...more
}: ProviderOptions & { tenants: string[]; audience: string }): IssuerOptions[] {
  return tenants.map((tenant) =>
    preset(`https://login.microsoftonline.com/${tenant}/v2.0`, more, {
      jwks: { url: `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys` },
      algorithms: ['RS256'],
      types: { entitlement: 'JWT' },
      claims: {
        entitlements: 'roles',
        account: '{tid}/{oid}',
        // Entra's ID tokens have no "azp".
        requires: { tid: tenant, ver: '2.0', azp: [] },
      },
    }),
  )
}

/**
 * Firebase Authentication: ID tokens, because its clients send those. `claims` names the custom claims; anonymous users are
 * refused.
 *
 * @example
 * ```ts zone
 * issuers: [firebase({ projectId: 'example', claims: { entitlements: 'roles' } })]
 * ```
 */
export function firebase({ projectId, ...more }: ProviderOptions & { projectId: string }): IssuerOptions {
  return preset(`https://securetoken.google.com/${projectId}`, more, {
    audience: projectId,
    jwks: { url: FIREBASE_KEYS },
    algorithms: ['RS256'],
    types: { entitlement: 'JWT' },
    idTokens: true,
    claims: { refuses: { 'firebase.sign_in_provider': 'anonymous' } },
  })
}

const FIREBASE_KEYS = 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com'

/**
 * Keycloak: access tokens of one client. `issuer` is `https://host/realms/name`. Roles of the realm and of the client are
 * entitlements.
 *
 * @example
 * ```ts zone
 * issuers: [keycloak({ issuer: 'https://login.example.com/realms/readers', clientId: 'www' })]
 * ```
 */
export function keycloak({
  issuer,
  clientId,
  ...more
}: ProviderOptions & { issuer: string; clientId: string }): IssuerOptions {
  const ofClient = `/resource_access/${clientId.replaceAll('~', '~0').replaceAll('/', '~1')}/roles`
  return preset(issuer, more, {
    audience: clientId,
    jwks: { url: `${issuer}/protocol/openid-connect/certs` },
    algorithms: ['RS256', 'PS256', 'ES256'],
    types: { entitlement: ['JWT', 'at+jwt'] },
    claims: {
      entitlements: ['realm_access.roles', ofClient],
      audience: { claim: 'azp', besides: ['account'] },
      // Keycloak's ID tokens have the same "azp" and the same header.
      requires: { typ: 'Bearer' },
    },
  })
}

/**
 * Okta: access tokens of a custom authorisation server. `issuer` is `https://org.okta.com/oauth2/default`. Scopes are
 * entitlements.
 *
 * @example
 * ```ts zone
 * issuers: [okta({ issuer: 'https://org.okta.com/oauth2/default', audience: 'api://default' })]
 * ```
 */
export function okta({ issuer, ...more }: ProviderOptions & { issuer: string; audience: string }): IssuerOptions {
  return preset(issuer, more, {
    jwks: { url: `${issuer}/v1/keys` },
    algorithms: ['RS256'],
    types: { entitlement: ['JWT', 'at+jwt'], absent: true },
    claims: { entitlements: 'scp' },
  })
}

/**
 * Supabase: access tokens of signed-in users. `project` is the project's reference. The plan is `app_metadata.plan`, and is
 * an entitlement; anonymous users are refused.
 *
 * @example
 * ```ts zone
 * issuers: [supabase({ project: 'abcdefghijklmnopqrst' })]
 * ```
 */
export function supabase({ project, ...more }: ProviderOptions & { project: string }): IssuerOptions {
  const issuer = `https://${project}.supabase.co/auth/v1`
  return preset(issuer, more, {
    audience: 'authenticated',
    jwks: { url: `${issuer}/.well-known/jwks.json` },
    algorithms: ['ES256', 'RS256'],
    types: { entitlement: 'JWT' },
    claims: {
      entitlements: ['app_metadata.entitlements', 'app_metadata.plan'],
      plan: 'app_metadata.plan',
      requires: { role: 'authenticated' },
      refuses: { is_anonymous: true },
    },
  })
}

/**
 * Any other provider of JWT access tokens. `jwksUri` is in the provider's metadata. Scopes are entitlements.
 *
 * @example
 * ```ts zone
 * issuers: [
 *   oidc({
 *     issuer: 'https://login.example.com',
 *     jwksUri: 'https://login.example.com/jwks.json',
 *     audience: 'https://www.example.com',
 *   }),
 * ]
 * ```
 */
export function oidc({
  issuer,
  jwksUri,
  ...more
}: ProviderOptions & { issuer: string; jwksUri: string; audience: string }): IssuerOptions {
  return preset(issuer, more, {
    jwks: { url: jwksUri },
    types: { entitlement: ['at+jwt', 'JWT'] },
    claims: { entitlements: 'scope' },
  })
}

/**
 * Merges the options over the preset. Conditions are added to the preset's own, which win; `keys` or `secret` replace its
 * `jwks`, and a secret its algorithms too.
 */
function preset(issuer: string, more: ProviderOptions, of: Omit<IssuerOptions, 'issuer'>): IssuerOptions {
  const { jwks, algorithms, ...rest } = of
  const isKeyed = more.keys !== undefined || more.secret !== undefined
  return {
    issuer,
    ...rest,
    ...(more.secret === undefined && algorithms !== undefined && { algorithms }),
    ...(isKeyed || jwks === undefined ? {} : { jwks }),
    ...more,
    claims: {
      ...of.claims,
      ...more.claims,
      requires: { ...more.claims?.requires, ...of.claims?.requires },
      refuses: { ...more.claims?.refuses, ...of.claims?.refuses },
    },
  }
}
