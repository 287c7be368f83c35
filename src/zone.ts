import type { GivenFields } from './http/rules/fields.ts'
import type { Issuer } from './access/issuer.ts'
import type { Pool } from './origin/rules/pool.ts'
import type { RemedyLinks } from './core/problem.ts'
import type { RouteTable } from './access/route.ts'
import type { Signing } from './origin/rules/signing.ts'

/** A site behind the gate, compiled from its configuration. */
export interface Zone {
  readonly name: string
  /** Lower case, without port; the first is its public address. */
  readonly hosts: readonly string[]
  /** True if it is asked by any other host as well. */
  readonly answersAnyHost: boolean
  /** Whose pages may read with the reader's cookie. */
  readonly origins: ReadonlySet<string>
  readonly issuers: readonly Issuer[]
  /** Who signs for those that run the site. */
  readonly operators: readonly Issuer[]
  readonly routes: RouteTable
  /** The value of `Access-Control-Expose-Headers`: what a program in a browser may read of any answer of ours. */
  readonly exposedFields: string
  /** Request fields that hold a credential in any zone of the configuration: they do not reach this one's origin. */
  readonly credentialFields: readonly string[]
  /** Request fields, in lower case, that reach the origin whatever they are called and say. */
  readonly allowedFields: ReadonlySet<string>
  readonly remedies: RemedyLinks
  readonly standing: StandingPolicy
  /** Absent where the app behind the gate is its own origin. */
  readonly pool: Pool | undefined
  /** What each request to the pool carries beside, by name in lower case: no one else is told, and no client can say it. */
  readonly originFields: GivenFields
  /** How requests to the pool are signed; undefined where they are not. */
  readonly signing: Signing | undefined
}

/** How soon what is said of an account holds. */
export interface StandingPolicy {
  /** At most that old is what an isolate knows. */
  readonly boundMs: number
  /** And that old, while nothing newer can be had; 0 where everything is refused then. */
  readonly serveMs: number
  /** How long a token may be good after it was signed, tolerance included. */
  readonly longestTokenSeconds: number
}
