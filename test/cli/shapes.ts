import type { IssuerOptions } from '../../src/config/options.ts'
import {
  auth0,
  clerk,
  cloudflareAccess,
  cognito,
  firebase,
  keycloak,
  okta,
  supabase,
} from '../../src/config/providers.ts'

export const SITE = 'https://www.example.com'

export type Members = Record<string, unknown>

export interface Shape {
  readonly header: Members
  readonly claims: Members
  readonly alg?: 'ES256'
  /** What the preset for its provider makes of it. */
  readonly preset: IssuerOptions
  /** What a newcomer wrote. */
  readonly plain: IssuerOptions
}

/** The shapes of tokens with which newcomers came, each with the preset for it and with what they had written. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  'okta access': {
    header: { typ: undefined },
    claims: {
      iss: 'https://org.okta.example/oauth2/default',
      aud: 'api://default',
      cid: '0oa1',
      uid: '00u1',
      scp: ['premium'],
      sub: 'reader@example.com',
    },
    preset: okta({ issuer: 'https://org.okta.example/oauth2/default', audience: 'api://default' }),
    plain: mapped('https://org.okta.example/oauth2/default', 'scp', 'api://default'),
  },
  'cognito access': {
    header: { typ: undefined },
    claims: {
      iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc',
      client_id: '1example',
      token_use: 'access',
      'cognito:groups': ['premium'],
      sub: 'u',
    },
    preset: cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_Abc', clientId: '1example' }),
    plain: {
      ...mapped('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc', 'cognito:groups', '1example'),
      types: { absent: true },
    },
  },
  keycloak: {
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://id.example/realms/news',
      typ: 'Bearer',
      aud: 'account',
      azp: 'web',
      realm_access: { roles: ['premium'] },
      resource_access: { web: { roles: ['premium'] } },
      sub: 'u',
    },
    preset: keycloak({ issuer: 'https://id.example/realms/news', clientId: 'web' }),
    plain: mapped('https://id.example/realms/news', 'roles', 'account'),
  },
  'clerk session': {
    header: { typ: 'JWT', cat: 'cl_x' },
    claims: {
      iss: 'https://clerk.example.com',
      azp: 'https://app.example.com',
      v: 2,
      pla: 'u:premium',
      fea: 'u:premium,o:widgets',
      sub: 'user_1',
    },
    preset: clerk({ frontendApi: 'clerk.example.com', authorizedParty: 'https://app.example.com' }),
    plain: mapped('https://clerk.example.com', 'fea', 'https://app.example.com'),
  },
  supabase: {
    header: { typ: 'JWT' },
    alg: 'ES256',
    claims: {
      iss: 'https://ref.supabase.co/auth/v1',
      aud: 'authenticated',
      role: 'authenticated',
      sub: 'u',
      app_metadata: { plan: 'premium' },
    },
    preset: supabase({ project: 'ref' }),
    plain: mapped('https://ref.supabase.co/auth/v1', 'plan', 'authenticated'),
  },
  'cloudflare access': {
    header: { typ: undefined },
    claims: {
      iss: 'https://team.cloudflareaccess.com',
      aud: ['4714c1358e65fe4b'],
      type: 'app',
      sub: '',
      common_name: 'robot.access',
    },
    preset: cloudflareAccess({ team: 'team', audience: '4714c1358e65fe4b', grants: ['premium'] }),
    plain: { ...mapped('https://team.cloudflareaccess.com', 'groups', '4714c1358e65fe4b'), types: { absent: true } },
  },
  firebase: {
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://securetoken.google.com/news-1',
      aud: 'news-1',
      sub: 'u',
      roles: ['premium'],
      firebase: { sign_in_provider: 'password' },
    },
    preset: firebase({ projectId: 'news-1', claims: { entitlements: 'roles' } }),
    plain: mapped('https://securetoken.google.com/news-2', 'roles', 'news-2'),
  },
  auth0: {
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://t.eu.auth0.com/',
      aud: [SITE, 'https://t.eu.auth0.com/userinfo'],
      azp: 'c',
      permissions: ['premium'],
      sub: 'auth0|1',
    },
    preset: auth0({ domain: 't.eu.auth0.com', audience: SITE }),
    plain: mapped('https://t.eu.auth0.com', 'permissions', SITE),
  },
}

function mapped(issuer: string, entitlements: string, audience: string): IssuerOptions {
  return {
    issuer,
    audience,
    jwks: { url: 'https://keys.example/jwks' },
    types: { entitlement: 'JWT' },
    claims: { entitlements },
  }
}

export function shape(name: string): Shape {
  const found = SHAPES[name]
  if (found === undefined) throw new Error(name)
  return found
}
