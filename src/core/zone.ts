import type { Issuer } from './issuer.ts'
import type { RemedyLinks } from './problem.ts'
import type { RouteTable } from './route.ts'

/** A site behind the gate, compiled from its configuration. */
export interface Zone {
  readonly name: string
  /** Lower case, without port. */
  readonly hosts: readonly string[]
  readonly issuers: readonly Issuer[]
  readonly routes: RouteTable
  readonly remedies: RemedyLinks
  /** Absent where the app behind the gate is its own origin. */
  readonly server: Server | undefined
}

/** One origin server. */
export type Server =
  | { readonly kind: 'url'; readonly url: string; readonly host: string }
  | { readonly kind: 'binding'; readonly binding: string }
