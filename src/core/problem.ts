import type { Money } from './money.ts'

/** The remedies an operator can configure; each is a URL. */
export type RemedyName = 'checkout' | 'signIn' | 'account' | 'portal' | 'support' | 'documentation'

interface ReasonFacts {
  readonly status: number
  readonly title: string
  /** Which configured remedies cure it, most useful first, each with what it does here. */
  readonly remedies: readonly (readonly [RemedyName, string])[]
}

const BUY = ['checkout', 'Buy access'] as const
const SIGN_IN = ['signIn', 'Sign in'] as const
const DOCUMENTATION = ['documentation', 'What this means'] as const
const SUPPORT = ['support', 'Contact support'] as const

/**
 * Every reason for which Faregate refuses, with its status and its remedies. The slug is the same in the problem
 * document's `type`, the log and the tests.
 */
export const REASONS = {
  'payment-required': { status: 402, title: 'Payment required', remedies: [BUY, SIGN_IN] },
  'credential-malformed': { status: 402, title: 'Credential malformed', remedies: [DOCUMENTATION, SIGN_IN] },
  'credential-ambiguous': { status: 402, title: 'Credential ambiguous', remedies: [DOCUMENTATION] },
  'credential-invalid': {
    status: 402,
    title: 'Credential invalid',
    remedies: [DOCUMENTATION, ['account', 'Get a new token']],
  },
  'credential-not-yet-valid': { status: 402, title: 'Credential not yet valid', remedies: [DOCUMENTATION] },
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
    remedies: [['portal', 'Update your payment'], ['account', 'Your account'], SUPPORT],
  },
  'credit-insufficient': {
    status: 402,
    title: 'Prepaid credit too low',
    remedies: [
      ['checkout', 'Top up'],
      ['portal', 'Top up in your account'],
      ['account', 'Your account'],
    ],
  },
  'entitlement-insufficient': {
    status: 402,
    title: 'Your plan does not include this',
    remedies: [
      ['checkout', 'Upgrade'],
      ['portal', 'Change your plan'],
    ],
  },
  'usage-limit-reached': {
    status: 402,
    title: 'Usage limit reached',
    remedies: [
      ['checkout', 'Upgrade'],
      ['portal', 'Change your plan'],
    ],
  },
  'too-many-requests': { status: 429, title: 'Too many requests', remedies: [DOCUMENTATION] },
  'payment-spent': { status: 402, title: 'Payment spent', remedies: [BUY] },
  'payment-insufficient': {
    status: 402,
    title: 'Payment does not cover this',
    remedies: [['checkout', 'Buy access'], DOCUMENTATION],
  },
  'security-hold': { status: 402, title: 'Account held for review', remedies: [SUPPORT] },
  'not-for-sale': { status: 403, title: 'Not for sale', remedies: [DOCUMENTATION] },
  'idempotency-conflict': { status: 409, title: 'Idempotency conflict', remedies: [DOCUMENTATION] },
  'method-not-allowed': { status: 405, title: 'Method not allowed', remedies: [] },
  'request-malformed': { status: 400, title: 'Request malformed', remedies: [DOCUMENTATION] },
  'request-timeout': { status: 408, title: 'Request timeout', remedies: [] },
  'content-too-large': { status: 413, title: 'Content too large', remedies: [DOCUMENTATION] },
  'target-ambiguous': { status: 400, title: 'Request target ambiguous', remedies: [DOCUMENTATION] },
  'host-unknown': { status: 421, title: 'No such site here', remedies: [] },
  'prefetch-declined': { status: 503, title: 'Not fetched ahead', remedies: [] },
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

/** What is looked at, in this order; the first that fails decides. */
export const CHECKS = [
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
  'time',
  'standing',
  'cover',
  'charge',
] as const
export type Check = (typeof CHECKS)[number]

/** Why a request was refused. `detail` is for people and never quotes a credential. */
export interface Refusal {
  readonly reason: Reason
  readonly detail: string
  /** The check that failed, where it was one of a credential. */
  readonly check: Check | undefined
  /** When it is worth trying again, in whole seconds. */
  readonly retryAfterSeconds: number | undefined
  /** Whose credential it was that is refused, for the log: a keyed hash. */
  readonly account?: string
  /** Fields of its own, as name and value. */
  readonly fields?: readonly (readonly [string, string])[]
  /** What a reader may do about it on the page itself. */
  readonly confirm?: ToConfirm
  /** True where the same, asked for from a page of ours, may be granted. */
  readonly isToReopen?: true
}

/** What is to be confirmed, and by whom. */
export interface ToConfirm {
  /** The request's. */
  readonly id: string
  readonly price: Money
  /** What the account has of that currency. */
  readonly credit: Money
  readonly target: string
  readonly binding: string
}

/** Seconds after which to retry a 503 when nothing better is known. */
const RETRY_UNAVAILABLE_SECONDS = 5

/** A refusal for this reason. A 503 says when it is worth trying again; what is fetched ahead never is. */
export function refusal(
  reason: Reason,
  detail: string,
  more: { check?: Check; retryAfterSeconds?: number; fields?: readonly (readonly [string, string])[] } = {},
): Refusal {
  const isUnavailable = REASONS[reason].status === 503 && reason !== 'prefetch-declined'
  const fallback = isUnavailable ? RETRY_UNAVAILABLE_SECONDS : undefined
  const known = { reason, detail, check: more.check, retryAfterSeconds: more.retryAfterSeconds ?? fallback }
  return more.fields === undefined ? known : { ...known, fields: more.fields }
}

/** A step that would cure a refusal. `rel` is a registered link relation (RFC 8288) where there is one. */
export interface Remedy {
  readonly rel: string
  readonly href: string
  readonly title: string
}

const RELATIONS: Record<RemedyName, string> = {
  checkout: 'payment',
  signIn: 'sign-in',
  account: 'account',
  portal: 'portal',
  support: 'support',
  documentation: 'help',
}

/** The URLs an operator configured; `{return}` in one becomes the URL of the refused page. */
export type RemedyLinks = Partial<Record<RemedyName, string>>

/** One remedy, where the operator has configured it. `returnTo` is percent-encoded. */
function remedyTo(name: RemedyName, title: string, links: RemedyLinks, returnTo: string): Remedy | undefined {
  const link = links[name]
  return link === undefined ? undefined : { rel: RELATIONS[name], href: link.replace('{return}', returnTo), title }
}

/** The remedies of a reason that the operator has configured, main one first. `returnTo` is percent-encoded. */
export function remediesFor(reason: Reason, links: RemedyLinks, returnTo: string): Remedy[] {
  const remedies: Remedy[] = []
  for (const [name, title] of REASONS[reason].remedies) {
    const remedy = remedyTo(name, title, links, returnTo)
    if (remedy !== undefined) remedies.push(remedy)
  }
  return remedies
}

/** Where to pay, on every 402 but a hold, which paying does not lift. */
export function paymentFor(reason: Reason, links: RemedyLinks, returnTo: string): Remedy | undefined {
  if (REASONS[reason].status !== 402 || reason === 'security-hold') return undefined
  return remedyTo('checkout', 'Buy access', links, returnTo)
}

/** Where to sign in, for whoever has not said who they are. */
export function signInFor(links: RemedyLinks, returnTo: string): Remedy[] {
  const [signIn, account] = [
    remedyTo('signIn', 'Sign in', links, returnTo),
    remedyTo('account', 'Get a token', links, returnTo),
  ]
  return [signIn, account].filter((remedy) => remedy !== undefined)
}

/** The problem type of a reason: a fragment of the documentation page (RFC 9457 §3.1.1). */
export function problemType(reason: Reason, links: RemedyLinks): string {
  return links.documentation === undefined ? `urn:faregate:problem:${reason}` : `${links.documentation}#${reason}`
}
