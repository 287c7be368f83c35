/**
 * Identity providers as issuers of entitlements: `issuers: [auth0({ domain, audience })]`. Each is what the provider's own
 * documentation says of its tokens, as data over the one mapping of `ClaimOptions`. What a preset says can be said otherwise
 * beside it: `keycloak({ …, claims: { entitlements: 'groups' } })`.
 */
import type { IssuerOptions } from './signers.ts'

/** What may be said beside a preset: everything of an issuer but who it is. `claims` are laid over the preset's. */
export type ProviderOptions = Partial<Omit<IssuerOptions, 'issuer' | 'types' | 'idTokens'>>

/** Auth0: access tokens of an API. `domain`: `tenant.eu.auth0.com` or a custom one; `audience`: the API's identifier. Permissions (RBAC) are entitlements. */
export function auth0({ domain, ...more }: ProviderOptions & { domain: string; audience: string }): IssuerOptions {
  return preset(`https://${domain}/`, more, {
    jwks: { url: `https://${domain}/.well-known/jwks.json` },
    algorithms: ['RS256', 'PS256'],
    types: { entitlement: ['JWT', 'at+jwt'] },
    claims: { entitlements: 'permissions' },
  })
}

/** Clerk: session tokens. `frontendApi`: `clerk.example.com`; `authorizedParty`: the origin of the app, which is their `azp`. Plan and features of the user are entitlements, without `u:`. */
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
      prefixes: ['u:'],
      audience: { claim: 'azp' },
      refuses: { sts: 'pending' },
    },
  })
}

/**
 * Cloudflare Access: the token of an application. `team`: the name before `.cloudflareaccess.com`; `audience`: the
 * application's tag. Whoever its policies admit has the `grants`. Service tokens, whose `sub` is empty, are `service:` and their name.
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

/** Amazon Cognito: access tokens of one app client. Groups are entitlements. */
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
 * Microsoft Entra ID: access tokens (version 2.0) of these tenants, by id; never `common`. `audience`: the client id of the
 * API. App roles are entitlements, and an account is the user's object id in the tenant. Gives an issuer for each tenant:
 * `issuers: [...entra({ … })]`.
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
        // Its ID tokens have no "azp".
        requires: { tid: tenant, ver: '2.0', azp: [] },
      },
    }),
  )
}

/** Firebase Authentication: ID tokens, which are what its clients send. Custom claims are where `claims` says; anonymous users are refused. */
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

/** Keycloak: access tokens of one client. `issuer`: `https://host/realms/name`. Roles of the realm and of the client are entitlements. */
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
      // Its ID tokens have the same "azp" and the same header.
      requires: { typ: 'Bearer' },
    },
  })
}

/** Okta: access tokens of a custom authorisation server. `issuer`: `https://org.okta.com/oauth2/default`. Scopes are entitlements. */
export function okta({ issuer, ...more }: ProviderOptions & { issuer: string; audience: string }): IssuerOptions {
  return preset(issuer, more, {
    jwks: { url: `${issuer}/v1/keys` },
    algorithms: ['RS256'],
    types: { entitlement: ['JWT', 'at+jwt'], absent: true },
    claims: { entitlements: 'scp' },
  })
}

/** Supabase: access tokens of signed-in users. `project`: the reference of the project. The plan is `app_metadata.plan`, and is an entitlement; anonymous users are refused. */
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

/** Any other provider of JWT access tokens. `jwksUri`: as its metadata says. Scopes are entitlements. */
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

/** What is said beside a preset is laid over it; conditions are added to its own, and keys replace where it finds them. */
function preset(issuer: string, more: ProviderOptions, of: Omit<IssuerOptions, 'issuer'>): IssuerOptions {
  const { jwks, ...rest } = of
  const isKeyed = more.keys !== undefined || more.secret !== undefined
  return {
    issuer,
    ...rest,
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
