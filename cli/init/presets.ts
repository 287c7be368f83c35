/** Identity providers, as `init` asks for them: the factory of the configuration, and which options it takes. */

export interface PresetOption {
  /** The option of the factory. */
  readonly name: string
  /** The flag that gives it, without `--`. */
  readonly flag: keyof PresetFlags
  readonly question: string
  readonly example: string
  /** Takes a list: the flag may come more than once. */
  readonly isList?: true
}

/** The flags of all presets. */
export interface PresetFlags {
  readonly domain?: string
  readonly audience?: string
  readonly frontendApi?: string
  readonly authorizedParty?: string
  readonly team?: string
  readonly region?: string
  readonly userPoolId?: string
  readonly clientId?: string
  readonly tenant?: readonly string[]
  readonly project?: string
  readonly issuerUrl?: string
  readonly jwksUri?: string
}

export interface Preset {
  readonly title: string
  /** The export of the package. */
  readonly factory: string
  readonly options: readonly PresetOption[]
  /** Further options of the factory. `entitlement`: what the paid pages require. */
  readonly more?: (entitlement: string) => Readonly<Record<string, unknown>>
  /** Returns the `iss` of the provider's tokens, for `speaksFor`. */
  readonly issuer: (given: Readonly<Record<string, unknown>>) => readonly string[]
  /** True if scopes are entitlements, so that the gate has to ask for them. */
  readonly hasScopes?: true
  /** True if the factory returns a list. */
  readonly isList?: true
}

const audience: PresetOption = {
  name: 'audience',
  flag: 'audience',
  question: 'The audience ("aud") of its tokens',
  example: 'https://www.example.com',
}
const clientId: PresetOption = {
  name: 'clientId',
  flag: 'clientId',
  question: 'The client id of your app',
  example: 'www',
}
const issuer: PresetOption = {
  name: 'issuer',
  flag: 'issuerUrl',
  question: 'The issuer ("iss") of its tokens',
  example: 'https://login.example.com',
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** By the name that `init --issuer` takes. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  auth0: {
    title: 'Auth0',
    factory: 'auth0',
    options: [
      { name: 'domain', flag: 'domain', question: 'The domain of your tenant', example: 'tenant.eu.auth0.com' },
      { ...audience, question: 'The identifier of your API at Auth0' },
    ],
    issuer: ({ domain }) => [`https://${text(domain)}/`],
  },
  clerk: {
    title: 'Clerk',
    factory: 'clerk',
    options: [
      { name: 'frontendApi', flag: 'frontendApi', question: 'The Frontend API', example: 'clerk.example.com' },
      {
        name: 'authorizedParty',
        flag: 'authorizedParty',
        question: 'The origin of your app ("azp")',
        example: 'https://www.example.com',
      },
    ],
    issuer: ({ frontendApi }) => [`https://${text(frontendApi)}`],
  },
  'cloudflare-access': {
    title: 'Cloudflare Access',
    factory: 'cloudflareAccess',
    options: [
      { name: 'team', flag: 'team', question: 'The name of your team', example: 'example' },
      { ...audience, question: 'The application’s audience tag', example: '4714c1358e65fe4b' },
    ],
    more: (entitlement) => ({ grants: [entitlement] }),
    issuer: ({ team }) => [`https://${text(team)}.cloudflareaccess.com`],
  },
  cognito: {
    title: 'Amazon Cognito',
    factory: 'cognito',
    options: [
      { name: 'region', flag: 'region', question: 'The region', example: 'eu-west-1' },
      { name: 'userPoolId', flag: 'userPoolId', question: 'The id of the user pool', example: 'eu-west-1_example' },
      clientId,
    ],
    issuer: ({ region, userPoolId }) => [`https://cognito-idp.${text(region)}.amazonaws.com/${text(userPoolId)}`],
  },
  entra: {
    title: 'Microsoft Entra ID',
    factory: 'entra',
    options: [
      {
        name: 'tenants',
        flag: 'tenant',
        question: 'The ids of the tenants, separated by commas',
        example: '11111111-2222-3333-4444-555555555555',
        isList: true,
      },
      { ...audience, question: 'The client id of the API', example: '66666666-7777-8888-9999-000000000000' },
    ],
    issuer: ({ tenants }) =>
      Array.isArray(tenants) ? tenants.map((tenant) => `https://login.microsoftonline.com/${String(tenant)}/v2.0`) : [],
    isList: true,
  },
  firebase: {
    title: 'Firebase',
    factory: 'firebase',
    options: [{ name: 'projectId', flag: 'project', question: 'The id of the project', example: 'example' }],
    more: () => ({ claims: { entitlements: 'entitlements' } }),
    issuer: ({ projectId }) => [`https://securetoken.google.com/${text(projectId)}`],
  },
  keycloak: {
    title: 'Keycloak',
    factory: 'keycloak',
    options: [{ ...issuer, example: 'https://login.example.com/realms/readers' }, clientId],
    issuer: ({ issuer: of }) => [text(of)],
  },
  okta: {
    title: 'Okta',
    factory: 'okta',
    options: [{ ...issuer, example: 'https://org.okta.com/oauth2/default' }, audience],
    issuer: ({ issuer: of }) => [text(of)],
  },
  supabase: {
    title: 'Supabase',
    factory: 'supabase',
    options: [
      { name: 'project', flag: 'project', question: 'The project’s reference', example: 'abcdefghijklmnopqrst' },
    ],
    issuer: ({ project }) => [`https://${text(project)}.supabase.co/auth/v1`],
  },
  oidc: {
    title: 'another OpenID provider',
    factory: 'oidc',
    hasScopes: true,
    options: [
      issuer,
      {
        name: 'jwksUri',
        flag: 'jwksUri',
        question: 'The URL of its keys ("jwks_uri")',
        example: 'https://login.example.com/jwks.json',
      },
      audience,
    ],
    issuer: ({ issuer: of }) => [text(of)],
  },
}
