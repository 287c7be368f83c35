import { keycloak, oidc, okta, supabase } from '../../../src/config/providers.ts'
import { ACCOUNT, type Provider } from './provider.ts'

/** The rest of them: those that one may run oneself, and their like. */
export const OTHERS: Readonly<Record<string, Provider>> = {
  // keycloak.org/securing-apps/oidc-layers: an access token of a public client, as the server signs it
  keycloak: {
    issuers: (keys) => [keycloak({ issuer: 'https://id.example.com/realms/news', clientId: 'web.app', keys })],
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    claims: {
      jti: 'onrtro:0c4a',
      iss: 'https://id.example.com/realms/news',
      aud: 'account',
      sub: ACCOUNT,
      typ: 'Bearer',
      azp: 'web.app',
      acr: '1',
      realm_access: { roles: ['offline_access', 'uma_authorization'] },
      resource_access: { 'web.app': { roles: ['premium'] }, account: { roles: ['manage-account'] } },
      scope: 'openid profile email',
    },
    account: ACCOUNT,
    others: {
      'an ID token, of the same client': { typ: 'ID', aud: 'web.app' },
      'an ID token with the audience of all': { typ: 'ID' },
      'a refresh token': { typ: 'Refresh', aud: 'https://id.example.com/realms/news' },
      'an offline token': { typ: 'Offline' },
      'a logout token': { typ: 'Logout' },
      'one of another client': { azp: 'other' },
      'one that is for another resource': { aud: 'billing' },
      'one that is for another resource too': { aud: ['account', 'billing'] },
      'one of another realm': { iss: 'https://id.example.com/realms/other' },
      'one whose roles are another client’s': { resource_access: { other: { roles: ['premium'] } } },
    },
  },
  // developer.okta.com/docs/api/openapi/okta-oauth: access token of a custom authorisation server
  okta: {
    issuers: (keys) => [okta({ issuer: 'https://org.okta.example/oauth2/default', audience: 'api://default', keys })],
    algorithm: 'RS256',
    header: { typ: undefined },
    claims: {
      ver: 1,
      jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
      iss: 'https://org.okta.example/oauth2/default',
      aud: 'api://default',
      sub: 'reader@example.com',
      cid: '0oa1',
      uid: '00u1',
      scp: ['premium'],
    },
    account: 'reader@example.com',
    others: {
      'one of the organisation’s own server': { iss: 'https://org.okta.example', aud: 'https://org.okta.example' },
      'one of another server': { iss: 'https://org.okta.example/oauth2/other' },
      'an ID token': { aud: '0oa1', scp: undefined },
    },
  },
  // supabase.com/docs/guides/auth/jwt-fields
  supabase: {
    issuers: (keys) => [supabase({ project: 'project-ref', keys })],
    algorithm: 'ES256',
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://project-ref.supabase.co/auth/v1',
      aud: 'authenticated',
      sub: ACCOUNT,
      role: 'authenticated',
      aal: 'aal1',
      session_id: ACCOUNT,
      email: 'user@example.com',
      is_anonymous: false,
      app_metadata: { provider: 'email', plan: 'premium' },
      user_metadata: { name: 'Eve' },
    },
    account: ACCOUNT,
    plan: 'premium',
    others: {
      'one of someone anonymous': { is_anonymous: true },
      'the key that everyone has': { aud: 'anon', role: 'anon' },
      'one whose role is everyone’s': { role: 'anon' },
      'the key of the service': { role: 'service_role' },
      'what its user wrote': {
        app_metadata: {},
        user_metadata: { plan: 'premium', app_metadata: { plan: 'premium' } },
      },
      'one of another project': { iss: 'https://other.supabase.co/auth/v1' },
    },
  },
  // RFC 9068 §2.2
  oidc: {
    issuers: (keys) => [
      oidc({
        issuer: 'https://id.example',
        jwksUri: 'https://id.example/jwks',
        audience: 'https://news.example',
        keys,
      }),
    ],
    algorithm: 'ES256',
    header: { typ: 'at+jwt' },
    claims: {
      iss: 'https://id.example',
      sub: '5ba552d67',
      aud: 'https://news.example',
      client_id: 's6BhdRkqt3',
      jti: 'dbe39bf3a3ba4238a513f51d6e1691c4',
      scope: 'openid premium',
    },
    account: '5ba552d67',
    others: {
      'an ID token': { aud: 's6BhdRkqt3', nonce: 'n', scope: undefined },
      'one of another scope': { scope: 'openid' },
    },
  },
}
