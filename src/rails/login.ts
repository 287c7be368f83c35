/**
 * The interface of a way to sign in or to buy: a browser is sent elsewhere, and comes back.
 *
 * Nothing that a browser brings back grants anything by itself: whoever can make a reader open a URL could sign the reader in
 * as somebody else, or replay a purchase. So a trip begins with a click on a page of the gate. The gate keeps what the trip
 * needs in a sealed cookie, compares the return with that, and then asks the other side directly. A login does the asking;
 * the cookies, the session and the pages are the same for every login.
 */
import type { Entitlement } from '../access/entitlement.ts'
import type { Receipt } from '../access/receipt.ts'
import type { Json } from '../core/json.ts'
import type { LocalText } from '../core/localtext.ts'
import type { Result } from '../core/result.ts'
import type { Call } from '../ports.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import type { Verifiers } from '../tokens/verify.ts'
import type { Zone } from '../zone.ts'
import type { EmailCodes } from './emailcodes.ts'

/**
 * A way to sign in or to buy, on one platform.
 *
 * @example
 * ```ts
 * // src/club/clublogin.ts
 * import { err, ok } from '../core/result.ts'
 * import type { Login, SessionClaims } from '../rails/login.ts'
 *
 * // The club's page signs its members in, and sends them back with a code. Its API says whose it is, and of which `state`.
 * export function clubLogin(url: string, secret: string, fetch: typeof globalThis.fetch): Login {
 *   const headers = { authorization: `Bearer ${secret}` }
 *   const ask = async (path: string, state?: string): Promise<SessionClaims | 'nobody' | undefined> => {
 *     const response = await fetch(`${url}/api/${path}`, { headers, redirect: 'manual' }).catch(() => undefined)
 *     if (response?.status === 404) return 'nobody'
 *     if (response?.status !== 200) return undefined
 *     const { name, groups, state: of } = (await response.json()) as { name: string; groups: string[]; state?: string }
 *     if (of !== state) return 'nobody'
 *     const claims = { issuer: url, account: name, entitlements: groups, plan: undefined, limits: [] }
 *     return { ...claims, standing: 'active', issuedAt: Date.now() / 1000 }
 *   }
 *   return {
 *     name: 'club',
 *     issuer: url,
 *     offers: [],
 *     signsIn: true,
 *     isSilent: false,
 *     begin: async ({ state, redirectUri }) => ok({ location: `${url}/enter?state=${state}&back=${redirectUri}`, kept: null }),
 *     async finish({ state, parameters }) {
 *       const claims = await ask(`visits/${encodeURIComponent(parameters.get('code') ?? '')}`, state)
 *       if (claims === undefined) return err({ kind: 'unavailable', detail: 'The club does not answer.' })
 *       return ok(claims === 'nobody' ? { kind: 'cancelled' } : { kind: 'signed-in', session: { claims } })
 *     },
 *     async renew({ account }) {
 *       const claims = await ask(`members/${encodeURIComponent(account)}`)
 *       if (claims === undefined) return { kind: 'unavailable' }
 *       return claims === 'nobody' ? { kind: 'ended' } : { kind: 'renewed', claims }
 *     },
 *   }
 * }
 * ```
 */
export interface Login {
  /** A word of lower-case letters, digits and `-`, which ends the path of its return: `/__faregate/return/<name>`. */
  readonly name: string
  /** The `iss` of its accounts. A return of another issuer is refused. */
  readonly issuer: string
  /** What it sells, for the page of choice. Empty if a page of its own shows that. */
  readonly offers: readonly LoginOffer[]
  /** Returns the offers with titles and prices as the other side has them now. Absent: `offers` says all. */
  describeOffers?(context: LoginContext): Promise<readonly LoginOffer[]>
  /** True if somebody may sign in without buying. */
  readonly signsIn: boolean
  /** True if it can say without a page whether the browser is signed in there (`prompt=none`). */
  readonly isSilent: boolean
  /** Begins a trip: returns where the browser goes, and what the trip's cookie keeps for `finish`. */
  begin(asked: TripRequest, context: LoginContext): Promise<Result<BegunTrip, LoginFault>>
  /** Ends a trip: asks the other side what became of it. May be called again while the outcome is `waiting`. */
  finish(back: TripReturn, context: TripContext): Promise<Result<TripOutcome, LoginFault>>
  /** Asks for the claims of a session anew. */
  renew(session: RenewedSession, context: LoginContext): Promise<Renewal>
  /** Makes what renews a session void, where the other side can (RFC 7009). Best effort. */
  revoke?(session: RenewedSession, context: LoginContext): Promise<void>
  /** Returns the page that signs the browser out on the other side; undefined if there is none. */
  endSession?(asked: EndSessionRequest, context: LoginContext): Promise<string | undefined>
  /** Returns a page on which the account manages what it bought. Fit for one visit; not kept. */
  portal?(asked: PortalRequest, context: LoginContext): Promise<Result<string, LoginFault>>
  /** The path of the gate's own page that signs somebody in without a trip, as by a code in an email. */
  readonly signInPath?: string
  /** Signs readers in by a code in an email: with `signInPath`, and the endpoint of that path. */
  readonly emailCodes?: EmailCodes
}

/** One thing to buy. */
export interface LoginOffer {
  readonly name: string
  readonly title: string
  /** The price in words, as `5 EUR a month`; undefined if the login does not know it. */
  readonly price?: string
  /** The entitlements that it gives; absent if it gives something else, or if the login does not know. */
  readonly grants?: readonly string[]
}

export interface LoginContext {
  readonly zone: Zone
  readonly verifiers: Verifiers
  readonly call: Call
}

/** What the end of a trip may use. */
export interface TripContext extends LoginContext {
  /**
   * Applies what was bought, as an event of billing: credit, and how the account stands. Events with the same id are one event,
   * so the other side may have told of it already. `refused`: for good.
   */
  readonly applyEvent: (
    event: BillingEvent,
  ) => Promise<Result<undefined, 'ledger-unavailable' | { readonly refused: string }>>
}

/** `unavailable`: the other side gave no usable answer, and the same may be tried again. `refused`: for good. `detail` quotes no secret. */
export interface LoginFault {
  readonly kind: 'refused' | 'unavailable'
  /** For people: one text, or one for each language. */
  readonly detail: LocalText
  /** For the log, as `error` of RFC 6749 §5.2. */
  readonly code?: string
}

export interface TripRequest {
  /** The name of one of the offers; undefined to sign in. */
  readonly offer: string | undefined
  /** True if no page may be shown on the other side. */
  readonly isSilent: boolean
  /** Names the trip; unguessable. Comes back in the query of the return. */
  readonly state: string
  /** The absolute URL of the return. */
  readonly redirectUri: string
  /** The absolute URL of the page that the trip is for. */
  readonly to: string
  /** The reader's languages, as in `Accept-Language`. */
  readonly languages: string | undefined
  /** Who is signed in now and buys, if it is an account of this login. */
  readonly account: string | undefined
  /**
   * By which billing names this trip when it says that a payment on it was declined or succeeded. Nobody can return from the
   * trip by it. Present if purchases are watched for what is not normal.
   */
  readonly reference?: string
  /**
   * Present if the same offer was begun before for the same page, and has not ended: what `begin` kept then. The login goes on
   * with that purchase, so that nobody pays twice; `state` is the same. It may also go straight to the return.
   */
  readonly earlier?: Json
}

export interface BegunTrip {
  /** The absolute URL to go to. */
  readonly location: string
  /** At most 1 kB as JSON. Sealed with the trip, and given to `finish`. */
  readonly kept: Json
}

export interface TripReturn {
  readonly state: string
  readonly redirectUri: string
  readonly to: string
  readonly offer: string | undefined
  readonly isSilent: boolean
  readonly kept: Json
  /**
   * Who is signed in at the return of a purchase, if it is an account of this login. A login that sold to the account of
   * `TripRequest.account` without asking who it is signs in that account alone.
   */
  readonly account: string | undefined
  /** The query of the return. Its `state` is that of the trip; nothing else of it is trusted. */
  readonly parameters: URLSearchParams
}

export type TripOutcome =
  | {
      readonly kind: 'signed-in'
      readonly session: NewSession
      /** Receipts that were bought. */
      readonly receipts?: readonly Receipt[]
      /** A sentence that the buyer must read before going on, as that the same was bought twice. */
      readonly notice?: LocalText
    }
  /** Bought without an account, or for one that is not to be signed in: the session of the browser goes on. */
  | { readonly kind: 'bought'; readonly receipts: readonly Receipt[]; readonly notice?: LocalText }
  /** Not paid yet, or not valid yet: asked again by itself. */
  | { readonly kind: 'waiting' }
  /** The reader turned back, or is not signed in there. */
  | { readonly kind: 'cancelled' }

/** The claims of a session: those of an entitlement, as its issuer stated them at `issuedAt`. */
export type SessionClaims = Omit<
  Entitlement,
  | 'kind'
  | 'jti'
  | 'accountHash'
  | 'key'
  | 'signedInAt'
  | 'secretSignedBy'
  | 'alsoSignedBy'
  | 'toleranceSeconds'
  | 'expires'
  | 'notBefore'
>

/** What a session is made from. */
export interface NewSession {
  readonly claims: SessionClaims
  /** Renews the claims: a refresh token. Kept sealed in the account's ledger, never in the browser. At most 16 kB. */
  readonly refresh?: string
  /** The other side's own name of the sign-in, such as `sid`: sessions that share it end together. */
  readonly group?: string
  /** Kept with the session for `endSession`, such as the ID token. At most 16 kB. */
  readonly hint?: string
}

/** A session as far as its login needs it. */
export interface RenewedSession {
  readonly account: string
  readonly refresh: string | undefined
  readonly hint: string | undefined
}

export type Renewal =
  /** `refresh`: the next one, if it was replaced. */
  | { readonly kind: 'renewed'; readonly claims: SessionClaims; readonly refresh?: string; readonly hint?: string }
  /** The other side gives no more. */
  | { readonly kind: 'ended' }
  /** No usable answer: the claims that are known serve until their end. */
  | { readonly kind: 'unavailable' }

export interface EndSessionRequest extends RenewedSession {
  /** The absolute URL of the zone's home page. */
  readonly home: string
}

export interface PortalRequest {
  readonly account: string
  /** The absolute URL to come back to. */
  readonly to: string
}
