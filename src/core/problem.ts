import type { Money } from './money.ts'
import type { OwnRemedy, RemedyName } from './remedy.ts'

interface ReasonFacts {
  readonly status: number
  readonly title: string
  /** The configured remedies that cure this reason, most useful first, each with the title of its link. */
  readonly remedies: readonly (readonly [RemedyName, string])[]
}

const BUY = ['checkout', 'Buy access'] as const
const SIGN_IN = ['signIn', 'Sign in'] as const
const DOCUMENTATION = ['documentation', 'What this means'] as const
const ACCOUNT = ['account', 'Your account'] as const
const SUPPORT = ['support', 'Contact support'] as const

/**
 * Every reason for a refusal, with its status and its remedies. The slug is the same in the problem document's `type`, in
 * the log and in the tests.
 */
export const REASONS = {
  'payment-required': { status: 402, title: 'Payment required', remedies: [BUY, SIGN_IN] },
  'credential-malformed': { status: 402, title: 'Credential malformed', remedies: [DOCUMENTATION, SIGN_IN, BUY] },
  'credential-ambiguous': { status: 402, title: 'Credential ambiguous', remedies: [DOCUMENTATION, SIGN_IN, BUY] },
  'credential-invalid': {
    status: 402,
    title: 'Credential invalid',
    remedies: [DOCUMENTATION, ['account', 'Get a new token'], SIGN_IN, BUY],
  },
  'credential-not-yet-valid': { status: 402, title: 'Credential not yet valid', remedies: [DOCUMENTATION, SUPPORT] },
  'credential-expired': {
    status: 402,
    title: 'Credential expired',
    remedies: [SIGN_IN, ['account', 'Get a new token'], ['checkout', 'Renew']],
  },
  'subscription-inactive': {
    status: 402,
    title: 'Subscription not active',
    remedies: [['checkout', 'Subscribe again'], SUPPORT],
  },
  'payment-declined': {
    status: 402,
    title: 'Payment declined',
    remedies: [['portal', 'Update your payment'], ACCOUNT, SUPPORT],
  },
  'credit-insufficient': {
    status: 402,
    title: 'Prepaid credit too low',
    remedies: [['checkout', 'Top up'], ['portal', 'Top up in your account'], ACCOUNT],
  },
  'entitlement-insufficient': {
    status: 402,
    title: 'Your plan does not include this',
    remedies: [['checkout', 'Upgrade'], ['portal', 'Change your plan'], ACCOUNT],
  },
  'usage-limit-reached': {
    status: 402,
    title: 'Usage limit reached',
    remedies: [['checkout', 'Upgrade'], ['portal', 'Change your plan'], ACCOUNT],
  },
  'too-many-requests': { status: 429, title: 'Too many requests', remedies: [DOCUMENTATION] },
  'payment-spent': { status: 402, title: 'Payment spent', remedies: [BUY, ACCOUNT] },
  'payment-insufficient': {
    status: 402,
    title: 'Payment does not cover this',
    remedies: [BUY, DOCUMENTATION, SUPPORT],
  },
  'security-hold': { status: 402, title: 'Account held for review', remedies: [SUPPORT] },
  'not-found': { status: 404, title: 'Not found', remedies: [] },
  'origin-not-allowed': { status: 403, title: 'Origin not allowed', remedies: [DOCUMENTATION] },
  'not-for-sale': { status: 403, title: 'Not for sale', remedies: [DOCUMENTATION] },
  'model-not-found': { status: 404, title: 'No such model on sale', remedies: [DOCUMENTATION] },
  'idempotency-conflict': { status: 409, title: 'Idempotency conflict', remedies: [DOCUMENTATION] },
  'method-not-allowed': { status: 405, title: 'Method not allowed', remedies: [] },
  'request-malformed': { status: 400, title: 'Request malformed', remedies: [DOCUMENTATION] },
  'request-timeout': { status: 408, title: 'Request timeout', remedies: [] },
  'content-too-large': { status: 413, title: 'Content too large', remedies: [DOCUMENTATION] },
  'content-encoding-unsupported': { status: 415, title: 'Content coding not supported', remedies: [DOCUMENTATION] },
  'target-ambiguous': { status: 400, title: 'Request target ambiguous', remedies: [DOCUMENTATION] },
  'host-unknown': { status: 421, title: 'No such site here', remedies: [] },
  'prefetch-declined': { status: 503, title: 'Not fetched ahead', remedies: [] },
  'temporarily-closed': { status: 503, title: 'Closed for a time', remedies: [] },
  overloaded: { status: 503, title: 'Gate overloaded', remedies: [] },
  'keys-unavailable': { status: 503, title: 'Verification keys unavailable', remedies: [] },
  'standing-unavailable': { status: 503, title: 'Standing unavailable', remedies: [] },
  'payments-unavailable': { status: 503, title: 'Payments unavailable', remedies: [] },
  'settlement-unknown': { status: 503, title: 'Settlement unknown', remedies: [DOCUMENTATION, SUPPORT] },
  'ledger-unavailable': { status: 503, title: 'Ledger unavailable', remedies: [] },
  misconfigured: { status: 503, title: 'Gate misconfigured', remedies: [] },
  'origin-unreachable': { status: 502, title: 'Origin unreachable', remedies: [] },
  'origin-timeout': { status: 504, title: 'Origin did not answer in time', remedies: [] },
  'internal-error': { status: 500, title: 'Internal error', remedies: [] },
} as const satisfies Record<string, ReasonFacts>

export type Reason = keyof typeof REASONS

/** The checks of a credential by itself, in order, before anything that changes with time. */
export const CREDENTIAL_CHECKS = [
  'presented',
  'transport',
  'spelling',
  'issuer',
  'audience',
  'algorithm',
  'type',
  'header',
  'key',
  'signature',
  'lifetime',
  'claims',
] as const
/** The checks of a request with a credential, in order; the first to fail decides. */
export const CHECKS = [...CREDENTIAL_CHECKS, 'time', 'standing', 'cover', 'charge'] as const
/** `reserved` is the check `charge` where all would do, were it not for what other requests of the account have reserved. */
export type Check = (typeof CHECKS)[number] | 'reserved'

/** The reason a request was refused. `detail` is for people and never quotes a credential. */
export interface Refusal {
  readonly reason: Reason
  readonly detail: string
  /** The failed check; undefined if no credential was at fault. */
  readonly check: Check | undefined
  /** The status that the client's protocol prescribes, in place of that of the reason. */
  readonly status?: number
  /** Whole seconds to wait before trying again (`Retry-After`); undefined if unknown, or if trying again is no use. */
  readonly retryAfterSeconds: number | undefined
  /** The account of the refused credential, for the log: a keyed hash. */
  readonly account?: string
  /** Response fields of this refusal alone, by name and value. */
  readonly fields?: readonly (readonly [string, string])[]
  /** What was left and needed, if prepaid credit or a quota was too low. It is the account's own affair. */
  readonly amounts?: RefusedAmounts
  /** The numbers behind the reason, for sentences in any language. */
  readonly facts?: RefusalFacts
  /** A form that cures the refusal on its own page. It is the reader's alone: no other reader or site may see it. */
  readonly form?: ActionForm
  /** True if the same request may be granted when a page of ours repeats it. */
  readonly isToReopen?: true
  /** A sentence about this request alone, such as the models nearest to the one named. Follows `detail`; never part of a template. */
  readonly hint?: string
  /** A remedy for this reader alone, before those of the reason; never part of a template. */
  readonly ownRemedy?: OwnRemedy
}

/** The numbers behind a reason. Times are in seconds since 1970. All but `views` are of one request alone. */
export interface RefusalFacts {
  /** The limit that is used up. */
  readonly limit?: {
    readonly name: string
    readonly unit?: string
    readonly quota: bigint
    readonly used?: bigint
    readonly resetsAt?: number
  }
  /** The free views of a period that are used up: the same for everyone who used them up. */
  readonly views?: { readonly quota: number; readonly resetsAt: number }
  /** The end of what was presented. */
  readonly until?: number
  /** The beginning of what was presented. */
  readonly from?: number
  readonly plan?: string
  /** What a payment was for. */
  readonly resource?: string
  /** Why a payment was not settled, in a word of its rail's. */
  readonly declined?: string
}

/** The statuses of `credential-*`: paying with the right credential cures it (402), or it is said as other APIs say it (401). */
export type CredentialStatus = 401 | 402

/** The statuses that a route says for itself. */
export interface TermsStatuses {
  /** Of `credential-*`. */
  readonly ofCredentials?: CredentialStatus | undefined
  /** Of a request without any credential. */
  readonly ofNone?: CredentialStatus | undefined
}

/** Returns the status of a reason on a route. */
export function httpStatusOf(reason: Reason, { ofCredentials, ofNone }: TermsStatuses = {}): number {
  const own = reason === 'payment-required' ? ofNone : reason.startsWith('credential-') ? ofCredentials : undefined
  return own ?? REASONS[reason].status
}

/** The amounts for which a charge was refused. */
export interface RefusedAmounts {
  /** What open requests have reserved is not left. */
  readonly left: AmountLeft
  /** What the request would have reserved; undefined if the request was refused before that was known. */
  readonly needed: AmountLeft | undefined
}

/** Prepaid credit, or units by the names of limits. */
export interface AmountLeft {
  readonly credit?: Money
  /** What the account owes, so that no credit is left. */
  readonly debt?: Money
  readonly units?: Readonly<Record<string, bigint>>
}

/** A form with one button, for a page to show. */
export interface ActionForm {
  /** The path of this site that it is posted to. */
  readonly action: string
  /** The fields to post, by name. */
  readonly hidden: Readonly<Record<string, string>>
  /** The title of the page that it opens, if that is public. */
  readonly subject?: string
  /** What the page asks. */
  readonly heading: string
  /** What the button does: plain text, in parts of which every second one is emphasised. */
  readonly text: readonly string[]
  readonly button: string
  readonly note: string
}

/** The `Retry-After` of a 503 if nothing better is known. */
const RETRY_UNAVAILABLE_SECONDS = 5

/**
 * Makes a refusal. A 503 without `retryAfterSeconds` gets a default, except `prefetch-declined`: nobody should retry a
 * prefetch.
 */
export function refusal(
  reason: Reason,
  detail: string,
  more: Partial<Pick<Refusal, 'check' | 'retryAfterSeconds' | 'fields' | 'amounts' | 'facts'>> = {},
): Refusal {
  const isUnavailable = REASONS[reason].status === 503 && reason !== 'prefetch-declined'
  const fallback = isUnavailable ? RETRY_UNAVAILABLE_SECONDS : undefined
  const known = { reason, detail, check: more.check, retryAfterSeconds: more.retryAfterSeconds ?? fallback }
  const { fields, amounts, facts } = more
  return { ...known, ...(fields && { fields }), ...(amounts && { amounts }), ...(facts && { facts }) }
}
