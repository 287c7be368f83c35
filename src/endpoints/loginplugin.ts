import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { MeterPlatform } from '../meters/plugin.ts'
import type { Login } from '../rails/login.ts'
import type { EndpointFactory } from './endpoint.ts'

/**
 * A way to sign in or to buy, as a zone lists it under `logins`. A source of events may bring one, as a payment provider that
 * also sells. See docs/extending/login.md.
 *
 * @example
 * ```ts
 * // src/club/club.ts
 * import type { LoginPlugin } from '../endpoints/loginplugin.ts'
 * import { loginEndpoints } from '../login/endpoints.ts'
 * import { clubLogin } from './clublogin.ts'
 *
 * // Signs in the members of our club.
 * export function club(url: string, secretName: string): LoginPlugin {
 *   return {
 *     name: 'club',
 *     issuer: url,
 *     bringsIssuer: true,
 *     endpoints: loginEndpoints(),
 *     rails: ['session'],
 *     faults: ({ secrets }) => (secrets.has(secretName) ? [] : [{ path: 'secretName', message: 'expected a secret' }]),
 *     create: ({ secrets }, { fetch }) => clubLogin(url, secrets.get(secretName) ?? '', fetch),
 *   }
 * }
 * ```
 */
export interface LoginPlugin {
  /** As `Login.name`. Unique in its zone. */
  readonly name: string
  /** The `iss` of its accounts. */
  readonly issuer: string
  /** True if no token of that issuer exists: the zone then has the issuer without listing it. */
  readonly bringsIssuer?: true
  /** The longest time for which a receipt that it gives is good; absent if it gives none. */
  readonly longestReceiptSeconds?: number
  /** The gate's endpoints that it needs. Those of two logins may be the same. */
  readonly endpoints: readonly EndpointFactory[]
  /** The names of rails without which it does nothing. */
  readonly rails: readonly string[]
  /** Returns the faults of the options in this environment and zone; paths begin at the login. */
  faults(bindings: Bindings, zone: LoginZone): readonly Fault[]
  /** Creates the login for one zone. Called only if there are no faults. */
  create(bindings: Bindings, platform: LoginPlatform): Login
}

/** The part of the platform that a login may use. */
export type LoginPlatform = Pick<MeterPlatform, 'clock' | 'fetch'>

/** The zone that lists a login. */
export interface LoginZone {
  /** The `iss` of each issuer that it lists. */
  readonly issuers: readonly string[]
}
