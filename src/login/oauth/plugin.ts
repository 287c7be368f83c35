import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import type { LoginPlugin } from '../../endpoints/loginplugin.ts'
import { loginEndpoints } from '../endpoints.ts'
import { createLogin } from './login.ts'
import { type OAuthOptions, oauthSchema } from './options.ts'

/**
 * Signs readers in at an OpenID provider, or at a billing backend that is an OAuth 2.0 authorization server: see
 * docs/login/oidc.md and docs/login/own-backend.md. The server must know the redirect URI
 * `https://<host>/__faregate/return/<name>` of each host. Needs `session()` among the rails.
 *
 * @example
 * ```ts zone
 * issuers: [{ issuer: 'https://login.example.com', jwks: { url: 'https://login.example.com/jwks.json' } }],
 * logins: [
 *   oauth({
 *     issuer: 'https://login.example.com',
 *     clientId: 'news',
 *     secret: 'CLIENT_SECRET',
 *     scopes: ['openid', 'offline_access'],
 *     resource: 'https://www.example.com',
 *   }),
 * ],
 * rails: [bearer(), session()]
 * ```
 */
export function oauth(options: OAuthOptions): LoginPlugin {
  const { faults, read } = pluginOptions(oauthSchema, options)
  return {
    name: options?.name ?? 'oauth',
    issuer: options?.issuer,
    endpoints: loginEndpoints(),
    rails: ['session'],
    faults: (bindings, { issuers }) => [
      ...faults(bindings),
      ...(issuers.includes(options?.issuer)
        ? []
        : [{ path: 'issuer', message: 'expected one of the issuers of the zone, exactly as written there' }]),
    ],
    create: (bindings, platform) => createLogin(read(bindings), platform),
  }
}
