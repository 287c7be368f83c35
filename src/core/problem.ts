import type { Money } from './money.ts'

/** The remedies an operator can configure; each is a URL. */
export type RemedyName = 'checkout' | 'signIn' | 'account' | 'portal' | 'support' | 'documentation'

interface ReasonFacts {
  readonly status: number
  readonly title: string
  /** The configured remedies that cure this reason, most useful first, each with the title of its link. */
  readonly remedies: readonly (readonly [RemedyName, string])[]
}

const BUY = ['checkout', 'Buy access'] as const
const SIGN_IN = ['signIn', 'Sign in'] as const
const DOCUMENTATION = ['documentation', 'What this means'] as const
const SUPPORT = ['support', 'Contact support'] as const

/**
 * Every reason for a refusal, with its status and its remedies. The slug is the same in the problem document's `type`, in
 * the log and in the tests.
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
  /** Whole seconds to wait before trying again (`Retry-After`); undefined if unknown, or if trying again is no use. */
  readonly retryAfterSeconds: number | undefined
  /** The account of the refused credential, for the log: a keyed hash. */
  readonly account?: string
  /** Response fields of this refusal alone, by name and value. */
  readonly fields?: readonly (readonly [string, string])[]
  /** What was left and needed, if prepaid credit or a quota was too low. It is the account's own affair. */
  readonly amounts?: RefusedAmounts
  /** A form that cures the refusal on its own page. It is the reader's alone: no other reader or site may see it. */
  readonly form?: ActionForm
  /** True if the same request may be granted when a page of ours repeats it. */
  readonly isToReopen?: true
  /** A sentence about this request alone, such as the models nearest to the one named. Follows `detail`; never part of a template. */
  readonly hint?: string
  /** A remedy for this reader alone, before those of the reason; never part of a template. */
  readonly ownRemedy?: OwnRemedy
}

/** The statuses of `credential-*`: paying with the right credential cures it (402), or it is said as other APIs say it (401). */
export type CredentialStatus = 401 | 402

/** Returns the status of a reason. `ofCredentials`: that of `credential-*` on the route. */
export function httpStatusOf(reason: Reason, ofCredentials: CredentialStatus | undefined): number {
  const { status } = REASONS[reason]
  return ofCredentials !== undefined && reason.startsWith('credential-') ? ofCredentials : status
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
  more: Partial<Pick<Refusal, 'check' | 'retryAfterSeconds' | 'fields' | 'amounts'>> = {},
): Refusal {
  const isUnavailable = REASONS[reason].status === 503 && reason !== 'prefetch-declined'
  const fallback = isUnavailable ? RETRY_UNAVAILABLE_SECONDS : undefined
  const known = { reason, detail, check: more.check, retryAfterSeconds: more.retryAfterSeconds ?? fallback }
  const { fields, amounts } = more
  return { ...known, ...(fields && { fields }), ...(amounts && { amounts }) }
}

/** A step that would cure a refusal. `rel` is a registered link relation (RFC 8288), if one is registered. */
export interface Remedy {
  readonly rel: string
  readonly href: string
  readonly title: string
}

/** A remedy for one reader. */
export interface OwnRemedy extends Remedy {
  /** True if nobody may be asked to buy beside it. */
  readonly replacesBuying: boolean
}

const RELATIONS: Record<RemedyName, string> = {
  checkout: 'payment',
  signIn: 'sign-in',
  account: 'account',
  portal: 'portal',
  support: 'support',
  documentation: 'help',
}

/**
 * The URLs that an operator configured, and those of the gate's own pages. `{return}` is replaced by the URL of the refused
 * page, and `{origin}` by its origin: a zone may have several hosts.
 */
export type RemedyLinks = Partial<Record<RemedyName, string>>

/** What the links of one request hold. */
export interface LinkValues {
  /** The URL of the refused page, percent-encoded for the query of another URL. */
  readonly returnTo: string
  /** The origin of the refused page. */
  readonly origin: string
}

/** Returns one remedy, or undefined if nothing is configured for it. */
function remedyTo(name: RemedyName, title: string, links: RemedyLinks, values: LinkValues): Remedy | undefined {
  const link = links[name]
  if (link === undefined) return undefined
  const href = link.replace('{origin}', () => values.origin).replace('{return}', () => values.returnTo)
  return { rel: RELATIONS[name], href, title }
}

/** Returns the configured remedies of a reason, main one first. */
export function remediesFor(reason: Reason, links: RemedyLinks, values: LinkValues): Remedy[] {
  const remedies: Remedy[] = []
  for (const [name, title] of REASONS[reason].remedies) {
    const remedy = remedyTo(name, title, links, values)
    if (remedy !== undefined) remedies.push(remedy)
  }
  return remedies
}

/** Returns the remedies of a refusal: its own first, then those of its reason that may stand beside it. */
export function remediesOf(
  { reason, ownRemedy }: Pick<Refusal, 'reason' | 'ownRemedy'>,
  links: RemedyLinks,
  values: LinkValues,
): Remedy[] {
  if (ownRemedy === undefined) return remediesFor(reason, links, values)
  const { rel, href, title } = ownRemedy
  return [{ rel, href, title }, ...remediesFor(reason, linksBeside(ownRemedy, links), values)]
}

/** Returns the links that may stand beside a reader's own remedy. */
export function linksBeside(own: OwnRemedy | undefined, links: RemedyLinks): RemedyLinks {
  if (own?.replacesBuying !== true) return links
  const { checkout: _checkout, portal: _portal, ...others } = links
  return others
}

/** Returns the checkout for every 402 but a hold: paying does not lift a hold. Undefined if none is configured. */
export function paymentFor(reason: Reason, links: RemedyLinks, values: LinkValues): Remedy | undefined {
  if (REASONS[reason].status !== 402 || reason === 'security-hold') return undefined
  return remedyTo('checkout', 'Buy access', links, values)
}

/** Returns the configured ways to sign in or to get a token, for an anonymous reader. */
export function signInFor(links: RemedyLinks, values: LinkValues): Remedy[] {
  const [signIn, account] = [
    remedyTo('signIn', 'Sign in', links, values),
    remedyTo('account', 'Get a token', links, values),
  ]
  return [signIn, account].filter((remedy) => remedy !== undefined)
}

/** Returns the problem type of a reason: a fragment of the documentation page (RFC 9457 §3.1.1), or a URN without one. */
export function problemType(reason: Reason, links: RemedyLinks): string {
  return links.documentation === undefined ? `urn:faregate:problem:${reason}` : `${links.documentation}#${reason}`
}
