/**
 * The interface of a way to pay or to prove payment. Each rail is a factory in one file, and a zone names its rails.
 *
 * A rail has three tasks: to verify its credential, to say in a refusal how to pay, and to keep the credential from the
 * origin. Deciding is no task of a rail: `access/decide` compares what rails present with what the route asks for. A rail
 * that moves money adds a settler, because the ledger settles payments that the gate did not finish.
 */
import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { Issuer, TokenKind } from '../access/issuer.ts'
import type { Json, JsonMembers } from '../core/json.ts'
import type { Offer } from '../access/offer.ts'
import type { Pack, PackView } from '../access/pack.ts'
import type { Receipt } from '../access/receipt.ts'
import type { Route } from '../access/route.ts'
import type { UrlParameter } from '../http/rules/parameter.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Authority, Carrier } from '../access/authority.ts'
import type { Presentation } from '../access/proof.ts'
import type { GateKeys } from '../secrets/gatekeys.ts'
import type { Zone } from '../zone.ts'
import type { Payment } from '../access/payment.ts'
import type { Settle, Settlement } from '../ledger/rules/payment.ts'
import type { Call, Clock, KnownBulletins, Ledgers, Platform } from '../ports.ts'
import type { HashAccount, Verifiers } from '../tokens/verify.ts'
import type { Login } from './login.ts'
import type { PlaceReader } from './places.ts'

/**
 * A way to pay or to prove payment.
 *
 * @example
 * ```ts
 * // src/rails/voucher.ts
 * import { refusal } from '../core/problem.ts'
 * import { err } from '../core/result.ts'
 * import type { Rail } from './rail.ts'
 *
 * export function voucher(): Rail {
 *   return {
 *     name: 'voucher',
 *     role: 'entitlement',
 *     kinds: [],
 *     present({ exchange }) {
 *       if (exchange.fields.get('x-voucher') === null) return undefined
 *       const proof = err(refusal('credential-invalid', 'No voucher is good today.', { check: 'signature' }))
 *       return { role: 'entitlement', rail: 'voucher', proof }
 *     },
 *     challenge: () => ({ fields: [['WWW-Authenticate', 'Voucher']], isStatic: true }),
 *     peek: () => undefined,
 *     strip: (fields) => fields.delete('x-voucher'),
 *   }
 * }
 * ```
 */
export interface Rail {
  readonly name: string
  /** `entitlement` if the rail proves that an account may do something, `payment` if it proves that money moves. */
  readonly role: Presentation['role']
  /** The kinds of token that the rail takes. Issuers of the zone may sign these kinds and no others. */
  readonly kinds: readonly TokenKind[]
  /** Reads and verifies this rail's credential. Returns undefined if the request carries none. */
  present(carried: Carried): Eventually<Presentation | undefined>
  /**
   * Returns the fields and members that tell a refused client how to use this rail. Waits for nothing and never throws. Not
   * called for `security-hold` and `settlement-unknown`, which no payment cures. A rail with a settler is asked for a 402
   * only.
   */
  challenge(challenge: Challenge): Contribution
  /** Reads this rail's credential without verifying it, so that `explain` can show it to its owner. */
  peek(carried: Omit<Carried, 'verifiers' | 'stores' | 'logins' | 'call'>): Unverified | undefined
  /** Removes this rail's credentials from fields bound for the origin. The gate removes its own bearer tokens for all rails. */
  strip(fields: Headers): void
  /**
   * Returns the subprotocol by which a WebSocket brought this rail's credential. The answer to the handshake names it if the
   * origin chose none: a browser closes a connection that accepts none of its offers.
   */
  protocolOf?(exchange: Exchange): string | undefined
  /** Puts a refusal of a request into the words of this rail's protocol, if its credential came with the request. */
  refusedAs?(why: Refusal, exchange: Exchange): Refusal
  /** The issuer of accounts that this rail alone recognises. No token names one of them. */
  readonly bringsIssuer?: string
  /** Returns the issuers of what the rail itself signs with the gate's keys. */
  signedIssuers?(facts: OwnIssuerFacts): readonly Issuer[]
  /** Returns the response fields that give a payer what a settled pack has bought. */
  sellPack?(sale: PackSale): Promise<readonly Field[]>
  /** Returns the response fields that keep a receipt in the browser that asked. */
  keepReceipt?(receipt: Receipt, exchange: Exchange, zone: Zone): Promise<readonly Field[]>
  /** Returns what the rail asks for an offer, as its challenges say it: for documents that publish prices. */
  prices?(offer: Offer, zone: Zone): readonly RailPrice[]
  /** Creates the settler of a rail that moves money itself. */
  readonly settler?: { create(platform: SettlerPlatform): PaymentSettler }
  /**
   * The request fields that hold nothing but this rail's credential. They reach no origin, not even in a zone without this
   * rail.
   */
  readonly credentialFields?: readonly string[]
  /** The response fields of this rail that a program in a browser may read, on refusals and on served responses. */
  readonly exposes?: readonly string[]
  /**
   * The places, besides `Authorization: Bearer`, where this rail's credentials may be. The places of all rails are read once
   * for each request, and the credential found is offered to every rail.
   */
  readonly places?: readonly PlaceReader[]
  /** Returns the kind of a credential that the gate itself issues, by its looks; undefined for any other token. */
  readonly recognise?: (token: string) => IssuedKind | undefined
  /**
   * The longest time for which a credential of this rail is used after its record was read, in seconds. The bulletin of a zone
   * keeps what is said of accounts for that long.
   */
  readonly longestUseSeconds?: number
  /** The URL parameters that may hold a token. They are removed from the target before the rail is asked. */
  readonly parameters?: readonly UrlParameter[]
  /** Matches this rail's credentials within a text. Every URL loses what it matches. It has the flag `g`. */
  readonly shape?: RegExp
  /** True if the rail works with keys of the gate: a configuration without `secrets.gate` is at fault then. */
  readonly needsGateKey?: true
  /** Returns the rail as it works beside the other rails of its zone, if it takes something from one of them. */
  beside?(rails: readonly Rail[]): Rail
  /** Returns the faults of the rail's options in this environment; paths begin at the rail. */
  faults?(bindings: Bindings): readonly Fault[]
  /**
   * Returns the faults that show in a compiled zone with these rails, as a price that the rail cannot charge; paths begin at
   * the zone.
   */
  zoneFaults?(zone: Zone, rails: readonly Rail[]): readonly Fault[]
}

/** A price as a rail asks for it. */
export interface RailPrice {
  /** The way to pay: `x402`, or a method of MPP. */
  readonly method: string
  /** In units of the currency: of a token, or of the least coin. */
  readonly amount: string
  /** A currency in lower case, or the address of a token. */
  readonly currency: string
  /** What a payment by x402 has to agree to. */
  readonly accepts?: JsonMembers
  /** What is bought in place of one request. */
  readonly pack?: PackView
}

/** A pack whose payment has settled. */
export interface PackSale {
  readonly zone: Zone
  readonly route: Route
  /** The name of the payment. */
  readonly payment: string
  readonly pack: Pack
  /** The request that pays. */
  readonly exchange: Exchange
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What an issuer of the gate's own is made from. */
export interface OwnIssuerFacts {
  /** The zone's id. */
  readonly id: string
  readonly audience: string
  readonly gateKeys: GateKeys | undefined
}

/** Checks and settles the payments of one rail, for gate and ledgers. */
export interface PaymentSettler {
  /** Settles a payment. Gate and ledger call the same function, so it receives only the data stored with a claim. */
  readonly settle: Settle
  /** Checks a payment before the origin is asked. Not called for a stored response, which cannot fail afterwards. */
  verify?(paid: Payment, call: Call): Eventually<Result<undefined, Refusal>>
  /** How many payments of one client may be declined in a time before no more are taken from it. Absent: any number. */
  readonly failures?: FailureBound
  /** Returns the response fields that report a settlement to the payer, on served responses and on refusals. */
  receiptFields?(settlement: Settlement, paid: Payment): readonly Field[]
}

/** So many declined payments in so many seconds. */
export interface FailureBound {
  readonly requests: number
  readonly seconds: number
}

/** The part of the platform that a settler may use. */
export interface SettlerPlatform {
  readonly clock: Clock
  /** Fetches without a cache. */
  readonly fetch: (request: Request) => Promise<Response>
  /** The variables, secrets and bindings of the environment. */
  readonly bindings: Readonly<Record<string, unknown>>
}

/** A request and the credentials in it, read once and offered to each rail of the zone. */
export interface Carried {
  readonly exchange: Exchange
  readonly zone: Zone
  /** The receipt in `Authorization: Bearer`. */
  readonly receipt: SentCredential | undefined
  /** The credential of an account that counts: the first found in any place of any rail. Never a receipt. */
  readonly sent: SentCredential | undefined
  readonly verifiers: Verifiers
  readonly stores: CredentialStores
  /** The logins of the zone, which renew its sessions. */
  readonly logins: readonly Login[]
  readonly call: Call
  /** The offer of the request's route; undefined if it has none, or if the route does not matter. */
  readonly offer?: Offer | undefined
}

/** Where the records of credentials are that the gate itself has issued, and how to ask for what others publish. */
export interface CredentialStores extends Pick<Platform, 'clock' | 'fetch'>, Partial<Pick<Platform, 'copies'>> {
  readonly ledgers: Ledgers | undefined
  readonly bulletins: KnownBulletins | undefined
  readonly hashAccount: HashAccount | undefined
}

/** The kinds of credential that a place may hold: tokens, and what the gate itself issues. */
export type SentKind = TokenKind | IssuedKind

/** What the gate itself issues. */
export type IssuedKind = 'key' | 'feed' | 'session'

/** A credential as it was found. Nothing of it is verified. */
export interface SentCredential {
  readonly token: Result<string, Refusal>
  /**
   * The kind that a rail recognises, that `typ` names, or that was found when the token was verified. A zone without receipts
   * takes every other token for an entitlement.
   */
  readonly kind: SentKind
  readonly field: string
  /** The bound of a credential that a browser or proxy added; undefined if the client sent it on purpose. */
  readonly authority: Authority | undefined
  /** Present for a credential that a browser or proxy added. */
  readonly carrier?: Carrier
}

/** A credential as the owner sent it. No part is trusted. */
export interface Unverified {
  readonly kind: SentKind
  /** The field that carried the credential. */
  readonly field: string
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** The refusal to be challenged, with its context. */
export interface Challenge {
  readonly zone: Zone
  readonly refusal: Refusal
  /** The offer of the route; undefined if no route is known, as for an ambiguous target. */
  readonly offer: Offer | undefined
  readonly exchange: Exchange
}

/** A rail's part of a refusal. */
export interface Contribution {
  /** Each field is appended. All of them are left out if they would raise the fields of the refusal above 6 KB. */
  readonly fields: readonly Field[]
  /** Members for the body. The refusal's own members keep their names, and of two rails the first keeps a name. */
  readonly members?: Members
  /**
   * True if the contribution is the same for every exchange with this reason, detail, and offer or zone. The rail is then
   * asked once, and its contribution is remembered.
   */
  readonly isStatic?: boolean
  /**
   * True if the members alone are the same for every such exchange. They are remembered, and only the fields are asked for
   * again: a body that changes with each exchange is written anew each time. In them `slot(RESOURCE_SLOT)` stands for the URL
   * of the page.
   */
  readonly hasStaticMembers?: boolean
}

/** Members of a JSON object. */
export type Members = Readonly<Record<string, Json>>
