import type { Eventually } from '../core/eventually.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { TokenKind } from '../access/issuer.ts'
import type { Json } from '../core/json.ts'
import type { Offer } from '../access/offer.ts'
import type { UrlParameter } from '../http/rules/parameter.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Presentation } from '../access/proof.ts'
import type { Zone } from '../zone.ts'
import type { Payment } from '../access/payment.ts'
import type { Settle, Settlement } from '../ledger/rules/payment.ts'
import type { Call, Clock } from '../ports.ts'
import type { Verifiers } from '../tokens/verify.ts'

/** A way to pay, or to prove payment. One file each; a zone lists those it takes. */
export interface Rail {
  readonly name: string
  /** What it proves: that an account may do something, or that money moves. */
  readonly role: Presentation['role']
  /** The kinds of token that it takes: an issuer of the zone may sign those, and no others. */
  readonly kinds: readonly TokenKind[]
  /** Reads and verifies this rail's credential. Returns undefined if the request carries none. */
  present(carried: Carried): Eventually<Presentation | undefined>
  /**
   * Says how to use this rail to whoever is refused. Waits for nothing and never throws. Not called for a `security-hold` and
   * a `settlement-unknown`, which no payment cures; nor, of a rail with a settler, for a refusal that is no 402.
   */
  challenge(challenge: Challenge): Contribution
  /** Reads this rail's credential without verifying it, so that `explain` can show its owner what was looked at. */
  peek(carried: Omit<Carried, 'verifiers' | 'call'>): Unverified | undefined
  /** Removes this rail's credentials from fields bound for the origin. A bearer token of ours is removed for all rails. */
  strip(fields: Headers): void
  /**
   * The subprotocol by which a WebSocket brought this rail's credential. The answer to the handshake has it, where the origin
   * chose none: a browser gives up a connection for which none of those it offered was chosen.
   */
  protocolOf?(exchange: Exchange): string | undefined
  /** Makes what checks and settles payments, of a rail that moves money itself. */
  readonly settler?: { create(platform: SettlerPlatform): PaymentSettler }
  /** Request fields that hold nothing but its credential: they reach the origin of no zone, whatever rails that has. */
  readonly credentialFields?: readonly string[]
  /** Response fields of this rail that a program in a browser may read, of refusals and of what is served. */
  readonly exposes?: readonly string[]
  /** Where a token may come in the URL: taken out of the target before the rail is asked. */
  readonly parameters?: readonly UrlParameter[]
  /** What is wrong with its options; paths begin at the rail. */
  readonly faults?: readonly { readonly path: string; readonly message: string }[]
}

/** Checks and settles the payments of one rail, for gate and ledgers. */
export interface PaymentSettler {
  /** Gate and ledger ask the same function: it is told no more than what is kept with a claim. */
  readonly settle: Settle
  /** Checks a payment before an origin is asked. Not called for what is stored, which nothing can fail after. */
  verify?(paid: Payment, call: Call): Eventually<Result<undefined, Refusal>>
  /** Returns the response fields that tell a payer what became of a payment: of what is served, and of refusals. */
  receiptFields?(settlement: Settlement, paid: Payment): readonly Field[]
}

/** What a settler is given of the platform. */
export interface SettlerPlatform {
  readonly clock: Clock
  /** Through no cache. */
  readonly fetch: (request: Request) => Promise<Response>
  /** The variables, secrets and bindings of the environment. */
  readonly bindings: Readonly<Record<string, unknown>>
}

/** A request and what it carries in `Authorization`, read once and offered to each rail of the zone. */
export interface Carried {
  readonly exchange: Exchange
  readonly zone: Zone
  readonly bearer: BearerCredential | undefined
  readonly verifiers: Verifiers
  readonly call: Call
}

/** A bearer token (RFC 6750). */
export interface BearerCredential {
  readonly token: Result<string, Refusal>
  /** The kind that its `typ` names, or that it had when it was verified. A zone without receipts takes all for entitlements. */
  readonly kind: TokenKind
}

/** A credential as its owner sent it. Nothing in it is trusted. */
export interface Unverified {
  readonly kind: TokenKind
  /** The field it came in. */
  readonly field: string
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** What a challenge is about. */
export interface Challenge {
  readonly zone: Zone
  readonly refusal: Refusal
  /** What was asked for; undefined where that is not known, as for an ambiguous target. */
  readonly offer: Offer | undefined
  readonly exchange: Exchange
}

/** What a rail adds to a refusal. */
export interface Contribution {
  /** Each is appended. All are left out if the refusal would have more than 6 KB of fields with them. */
  readonly fields: readonly Field[]
  /** For the body. The facts of the refusal itself keep their names, and of two rails the first has a name. */
  readonly members?: Members
  /**
   * True if it is the same for every exchange that is refused for this reason, with this detail, for this offer or zone: the
   * rail is then asked once, and what it says is remembered.
   */
  readonly isStatic?: boolean
}

/** Members of a JSON object. */
export type Members = Readonly<Record<string, Json>>
