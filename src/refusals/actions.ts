import type { Reason } from '../core/problem.ts'
import type { Remedy } from '../core/remedy.ts'
import type { RefusedView } from './describe.ts'
import type { Speech } from './speech.ts'

/** A link that a page offers. */
export interface PageAction {
  readonly href: string
  readonly rel?: string
  readonly text: string
}

/** Where a page of a refusal leads. */
export interface RefusalActions {
  /** The link to follow; undefined if the main offer is the one. Leads to another page than the refused one. */
  readonly main: PageAction | undefined
  /** The way to sign in, for whoever has bought before; undefined if it is the main one, or if nobody signs in. */
  readonly signIn: PageAction | undefined
  readonly others: readonly PageAction[]
}

/** What cures a reason best, in order; of those that a zone has. Buying comes first for all others that are cured by paying. */
const BEST: Readonly<Partial<Record<string, readonly string[]>>> = {
  'credential-malformed': ['sign-in', 'payment', 'account'],
  'credential-ambiguous': ['sign-in', 'payment', 'account'],
  'credential-invalid': ['sign-in', 'payment', 'account'],
  'credential-not-yet-valid': ['support'],
  'credential-expired': ['sign-in', 'payment', 'account'],
  'payment-declined': ['portal', 'account', 'payment'],
}
const BUYING = ['payment', 'sign-in', 'portal', 'account', 'support']
/** The reasons that pass by themselves: their pages open the refused page again after a while. */
export const PASSING_REASONS: ReadonlySet<string> = /* @__PURE__ */ new Set<Reason>([
  'credential-not-yet-valid',
  'too-many-requests',
  'temporarily-closed',
  'overloaded',
  'keys-unavailable',
  'standing-unavailable',
  'ledger-unavailable',
  'payments-unavailable',
  'origin-unreachable',
  'origin-timeout',
])

/** Chooses the main action among the remedies of a refusal, or else the home page. `offers`: true if the page shows some. */
export function actionsOf(refused: RefusedView, speech: Speech, hasOffers: boolean): RefusalActions {
  const { reason } = refused
  const remedies = refused.remedies.filter(({ rel }) => rel !== 'help')
  const own = remedies.find(({ rel }) => rel === 'status')
  const order = BEST[reason] ?? BUYING
  const best = own ?? firstOf(order, remedies)
  const isOffered = hasOffers && order.includes('payment') && (best === undefined || best.rel === 'payment')
  const main = isOffered ? undefined : best
  const signIn = remedies.find(({ rel }) => rel === 'sign-in')
  const left = remedies.filter((one) => one !== main && one !== signIn && !(hasOffers && one.rel === 'payment'))
  const said = (remedy: Remedy): PageAction => ({ ...remedy, text: remedyLabel(remedy, reason, speech) })
  const again = { href: '', text: speech.words.actions.again }
  return {
    main: isOffered ? undefined : main === undefined ? homeOf(speech) : said(main),
    signIn: signIn === undefined || signIn === main ? undefined : said(signIn),
    others: [...(PASSING_REASONS.has(reason) ? [again] : []), ...left.map(said)],
  }
}

function firstOf(order: readonly string[], remedies: readonly Remedy[]): Remedy | undefined {
  for (const wanted of order) {
    const found = remedies.find(({ rel }) => rel === wanted)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns the words of a link: those for the reason, else those for every reason. A reader's own has its own. */
export function remedyLabel({ rel, title }: Remedy, reason: string, { words }: Speech): string {
  const groups: Readonly<Record<string, Readonly<Record<string, string>>>> = words
  return groups[reason]?.[rel] ?? groups['actions']?.[rel] ?? title
}

function homeOf({ pages, words }: Speech): PageAction {
  return { href: pages.site.home, text: words.actions.home }
}
