import { auth0, clerk, cloudflareAccess, cognito, entra, firebase } from '../../../src/config/providers.ts'
import { ACCOUNT, NOW, TENANT, type Provider } from './provider.ts'
import { OTHERS } from './others.ts'

export const PROVIDERS: Readonly<Record<string, Provider>> = {
  // auth0.com/docs/secure/tokens/access-tokens/access-token-profiles, with permissions of RBAC
  auth0: {
    issuers: (keys) => [auth0({ domain: 'tenant.eu.auth0.com', audience: 'https://news.example/api', keys })],
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://tenant.eu.auth0.com/',
      sub: 'auth0|6526a1e5c2b7',
      aud: ['https://news.example/api', 'https://tenant.eu.auth0.com/userinfo'],
      azp: 'my_client_id',
      scope: 'openid profile',
      permissions: ['premium'],
    },
    account: 'auth0|6526a1e5c2b7',
    others: {
      'an ID token, which is for the client': { aud: 'my_client_id', nonce: 'n', permissions: undefined },
      'one of another tenant': { iss: 'https://other.eu.auth0.com/' },
      'one without the slash in "iss"': { iss: 'https://tenant.eu.auth0.com' },
    },
  },
  // clerk.com/docs/guides/sessions/session-tokens, version 2
  clerk: {
    issuers: (keys) => [clerk({ frontendApi: 'clerk.example.com', authorizedParty: 'https://app.example.com', keys })],
    algorithm: 'RS256',
    header: { typ: 'JWT', cat: 'cl_B7d4PD111AAA' },
    claims: {
      azp: 'https://app.example.com',
      iss: 'https://clerk.example.com',
      fva: [7, -1],
      v: 2,
      sid: 'sess_2GbDB4enHdCa5vS1zpC3Xzg9tK9',
      sts: 'active',
      sub: 'user_2GIpXOEpVyJw51rkZn9Kmnc6Sxr',
      pla: 'u:premium',
      fea: 'o:dashboard,u:impersonation',
    },
    account: 'user_2GIpXOEpVyJw51rkZn9Kmnc6Sxr',
    plan: 'premium',
    others: {
      'one of another app': { azp: 'https://evil.example.com' },
      'one of no app': { azp: undefined },
      'one whose app is a longer origin': { azp: 'https://app.example.com.evil.example' },
      'one of an organisation’s plan': { pla: 'o:premium', fea: 'o:premium' },
      'a session that is pending': { sts: 'pending' },
      'one made for another service from a template': { aud: 'https://other.example' },
    },
  },
  // developers.cloudflare.com/cloudflare-one/…/application-token: a person
  cloudflareAccess: {
    issuers: (keys) => [
      cloudflareAccess({ team: 'yourteam', audience: '32eafc7626e974616deaf0dc3ce63d7b', grants: ['premium'], keys }),
    ],
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    claims: {
      aud: ['32eafc7626e974616deaf0dc3ce63d7b'],
      email: 'user@example.com',
      iss: 'https://yourteam.cloudflareaccess.com',
      type: 'app',
      identity_nonce: '6ei69kawdKzMIAPF',
      sub: ACCOUNT,
      country: 'US',
    },
    account: ACCOUNT,
    others: {
      'the session of the whole team': { type: 'org' },
      'one of another application': { aud: ['97e2aae120121f902df8bc99fc345913'] },
      'one of another team': { iss: 'https://otherteam.cloudflareaccess.com' },
      'a person named like a service': { sub: 'service:e367826f93b8d71185e03fe518aff3b4.access' },
      'one of nobody': { sub: '' },
    },
  },
  // The same page: a service token
  'cloudflareAccess, a service': {
    issuers: (keys) => [
      cloudflareAccess({ team: 'yourteam', audience: '32eafc7626e974616deaf0dc3ce63d7b', grants: ['premium'], keys }),
    ],
    algorithm: 'RS256',
    header: { typ: undefined },
    claims: {
      type: 'app',
      aud: '32eafc7626e974616deaf0dc3ce63d7b',
      iss: 'https://yourteam.cloudflareaccess.com',
      common_name: 'e367826f93b8d71185e03fe518aff3b4.access',
      sub: '',
    },
    account: 'service:e367826f93b8d71185e03fe518aff3b4.access',
    others: {
      'one without a name': { common_name: undefined },
      'one whose name is a list': { common_name: ['a'] },
      'one of another application': { aud: '97e2aae120121f902df8bc99fc345913' },
    },
  },
  // docs.aws.amazon.com/cognito: amazon-cognito-user-pools-using-the-access-token
  cognito: {
    issuers: (keys) => [
      cognito({ region: 'eu-west-1', userPoolId: 'eu-west-1_Abc', clientId: '1example23456789', keys }),
    ],
    algorithm: 'RS256',
    header: { typ: undefined },
    claims: {
      sub: ACCOUNT,
      'cognito:groups': ['premium'],
      iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc',
      version: 2,
      client_id: '1example23456789',
      token_use: 'access',
      scope: 'phone openid',
      auth_time: NOW - 60,
      jti: 'b2c3d4',
      username: 'my-test-user',
    },
    account: ACCOUNT,
    others: {
      'an ID token': { token_use: 'id', aud: '1example23456789', client_id: undefined },
      'an ID token that names the client twice': { token_use: 'id', aud: '1example23456789' },
      'one of another client': { client_id: '2example23456789' },
      'one of no client': { client_id: undefined },
      'one that another audience claims': { aud: 'https://other.example' },
      'one of another pool': { iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Xyz' },
    },
  },
  // learn.microsoft.com/entra/identity-platform/access-token-claims-reference, version 2.0
  entra: {
    issuers: (keys) => [...entra({ tenants: [TENANT], audience: '6e74172b-be56-4843-9ff4-e66a39bb12e3', keys })],
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    claims: {
      aud: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
      azp: '1b2c3d4e-0000-4843-9ff4-e66a39bb12e3',
      azpacr: '0',
      name: 'Abe Lincoln',
      oid: ACCOUNT,
      preferred_username: 'abe@example.com',
      roles: ['premium'],
      scp: 'access_as_user',
      sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
      tid: TENANT,
      ver: '2.0',
    },
    account: `${TENANT}/${ACCOUNT}`,
    others: {
      'one of another tenant': {
        iss: 'https://login.microsoftonline.com/00000000-7e10-44d1-8fc6-9cf2ba1f2d5c/v2.0',
        tid: '00000000-7e10-44d1-8fc6-9cf2ba1f2d5c',
      },
      'one whose "tid" is another’s': { tid: '00000000-7e10-44d1-8fc6-9cf2ba1f2d5c' },
      'one of the endpoint for all tenants': { iss: 'https://login.microsoftonline.com/common/v2.0' },
      'one of version 1.0': { ver: '1.0' },
      'an ID token of the same client': { azp: undefined, scp: undefined },
      'one without an object id': { oid: undefined },
      'one whose object id runs into another': { oid: `${ACCOUNT}/x` },
    },
  },
  // firebase.google.com/docs/auth/admin/verify-id-tokens, with a custom claim
  firebase: {
    issuers: (keys) => [firebase({ projectId: 'news-1', claims: { entitlements: 'roles' }, keys })],
    algorithm: 'RS256',
    header: { typ: 'JWT' },
    claims: {
      iss: 'https://securetoken.google.com/news-1',
      aud: 'news-1',
      auth_time: NOW - 60,
      user_id: 'GFxYk1nMTWQc',
      sub: 'GFxYk1nMTWQc',
      roles: ['premium'],
      firebase: { identities: {}, sign_in_provider: 'password' },
    },
    account: 'GFxYk1nMTWQc',
    others: {
      'one of someone anonymous': { firebase: { identities: {}, sign_in_provider: 'anonymous' } },
      'one of another project': { iss: 'https://securetoken.google.com/news-2', aud: 'news-2' },
      'a session cookie': { iss: 'https://session.firebase.google.com/news-1' },
    },
  },
  ...OTHERS,
}
