import type { Distrust } from './access/distrust.ts'
import type { ZonePlaces } from './ledger/rules/place.ts'
import type { GivenFields } from './http/rules/fields.ts'
import type { Issuer } from './access/issuer.ts'
import type { Pool } from './origin/rules/pool.ts'
import type { PricedOffer } from './access/pricedoffer.ts'
import type { Pages } from './pages/pages.ts'
import type { RemedyLinks } from './core/remedy.ts'
import type { RouteTable } from './access/route.ts'
import type { GateKeys } from './secrets/gatekeys.ts'
import type { Signing } from './origin/rules/signing.ts'

/** A site behind the gate, compiled from its configuration. */
export interface Zone {
  /** Shown to people: in the log, in `realm` and to billing. */
  readonly name: string
  /**
   * Names everything that is stored or shared between isolates: ledgers, the bulletin, copies and their purges, payments,
   * and hashes in the log. It stays if the zone is renamed.
   */
  readonly id: string
  /** Lower case, without port; the first is its public address. */
  readonly hosts: readonly string[]
  /** True if requests for any other host belong to the zone as well. */
  readonly answersAnyHost: boolean
  /** Origins whose pages may read answers with the reader's cookie. */
  readonly origins: ReadonlySet<string>
  readonly issuers: readonly Issuer[]
  /** Issuers of operator tokens. */
  readonly operators: readonly Issuer[]
  readonly routes: RouteTable
  /**
   * The value of `Access-Control-Expose-Headers`: the fields that a program in a browser may read of any answer of ours.
   */
  readonly exposedFields: string
  /** Request fields that hold a credential in any zone of the configuration. They do not reach this zone's origin. */
  readonly credentialFields: readonly string[]
  /** Request fields, in lower case, that reach the origin whatever their name and value suggest. */
  readonly allowedFields: ReadonlySet<string>
  readonly remedies: RemedyLinks
  /** What is on sale, by name. */
  readonly offers: ReadonlyMap<string, PricedOffer>
  /** The countries in which one of them has a price of its own: no other is asked for, or told apart. */
  readonly pricedCountries: ReadonlySet<string>
  /** How often in a second an unpaid request may lead to the origin, for what is public of its page. */
  readonly previewsPerSecond: number
  /** The clock of the operator's days, by its IANA name. */
  readonly timeZone: string
  /** How pages look, and their languages. */
  readonly pages: Pages
  /** The issuers whose accounts events may speak of. What others have signed holds until its own end, and no longer. */
  readonly toldOf: ReadonlySet<string>
  readonly standing: StandingPolicy
  /** Where the ledgers and the bulletin are kept. */
  readonly places: ZonePlaces
  /** Absent if the app behind the gate is its own origin. */
  readonly pool: Pool | undefined
  /**
   * Fields added to each request to the pool, by name in lower case. Nobody else sees them, and no client can send them.
   */
  readonly originFields: GivenFields
  /** The gate's own keys; undefined if the configuration names no secret for them. */
  readonly gateKeys: GateKeys | undefined
  /** The key for signing requests to the pool; undefined if they are not signed. */
  readonly signing: Signing | undefined
}

/** How soon a statement about an account takes effect. */
export interface StandingPolicy {
  /** The revocation bound: the greatest age of standing that a decision may rest on. */
  readonly boundMs: number
  /** The greatest age while nothing newer can be had; 0 if everything is refused then. */
  readonly serveMs: number
  /** The longest time that a token may be valid after it was signed, tolerance included. */
  readonly longestTokenSeconds: number
  /**
   * The `iss` of issuers for whose accounts another one speaks, or a source of events. Their tokens prove who somebody is:
   * how the account stands is said by billing, whenever the token was issued. Absent if there are none.
   */
  readonly spokenFor?: ReadonlySet<string>
  /** What the configuration makes void; absent if that is nothing. */
  readonly distrust?: Distrust
}
