/**
 * The interface of what opens a page although nobody has paid for it: free reading, a search crawler.
 *
 * An exemption is asked only when a paid route has refused, so it can take nothing away from those who pay. What it opens is
 * served as to an anonymous reader, from the copy that all share.
 */
import type { Cost } from '../access/cost.ts'
import type { Decision } from '../access/decide.ts'
import type { Proof } from '../access/proof.ts'
import type { Route } from '../access/route.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { MeterPlatform } from '../meters/plugin.ts'
import type { Call, Ledgers } from '../ports.ts'
import type { HashAccount } from '../tokens/verify.ts'
import type { Zone } from '../zone.ts'

/** An exemption, as a zone lists it under `exemptions`. */
export interface ExemptionPlugin {
  /** A word of lower-case letters, digits and `-`, for the log. Unique in its zone. */
  readonly name: string
  /** True if it works with keys of the gate: a configuration without `secrets.gate` is at fault then. */
  readonly needsGateKey?: true
  /** Returns the faults of the options in this environment; paths begin at the exemption. */
  faults(bindings: Bindings): readonly Fault[]
  /** Creates the exemption for one zone. Called only if there are no faults. */
  create(bindings: Bindings, platform: MeterPlatform): Exemption
}

export interface Exemption {
  /** As `ExemptionPlugin.name`. */
  readonly name: string
  /** True if it shows search engines whole pages: what readers get must then say that a page is not free. */
  readonly showsWholePages?: true
  /** Judges a refused request. Undefined: it stays refused as it is, unless another exemption opens it. */
  judge(refused: RefusedDecision, asked: ExemptionRequest): Eventually<Exempted | undefined>
}

/** A refusal that paying would lift: its status is 402, and it is no hold. */
export type RefusedDecision = Extract<Decision, { action: 'refuse' | 'preview' }>

export interface ExemptionRequest {
  readonly request: Request
  readonly exchange: Exchange
  readonly zone: Zone
  readonly route: Route
  readonly ledgers: Ledgers | undefined
  /** Returns the hash of an account for the log; undefined if the log has none. */
  readonly hashAccount: HashAccount | undefined
  /** Returns the address of the client, as the platform knows it. */
  readonly clientAddress: () => string | undefined
  readonly call: Call
}

export type Exempted =
  /** Refused with another refusal, as one that says when the next free views come. */
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | {
      readonly kind: 'serve'
      /** Who is charged, or whom the log names though nothing is counted. The origin learns of nobody. */
      readonly proof: Proof | undefined
      readonly cost: Cost | undefined
      /** Returns what is said if the ledger refuses the cost. */
      readonly refusedAs?: (why: Refusal) => Refusal
      /** Called if nothing was served after all: what was taken for it may be given back. */
      readonly release?: () => void
      /** Returns the fields that are added to an answer of the origin, or of a copy. */
      readonly fieldsFor?: (answer: Response) => Eventually<readonly Field[]>
    }
