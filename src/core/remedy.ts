/**
 * The links that would cure a refusal.
 */
import { type Reason, type Refusal, REASONS } from './problem.ts'

/** The remedies an operator can configure; each is a URL. */
export type RemedyName = 'checkout' | 'signIn' | 'account' | 'portal' | 'support' | 'documentation'

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
export type RemedyLinks = Partial<Record<RemedyName, string>> & {
  /** The page that sells one offer: `{offer}` is replaced by its name. */
  readonly offer?: string
}

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
  return { rel: RELATIONS[name], href: filled(link, values), title }
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
  const { checkout: _checkout, offer: _offer, portal: _portal, ...others } = links
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

/** Returns the page that sells an offer; undefined if none is configured. */
export function offerLink(name: string, links: RemedyLinks, values: LinkValues): string | undefined {
  const link = links.offer ?? links.checkout
  return link === undefined ? undefined : filled(link, values, name)
}

/** Fills a link. `offer`: what it is to sell; without one the shop asks. */
function filled(link: string, values: LinkValues, offer = ''): string {
  return link
    .replace('{origin}', () => values.origin)
    .replace('{offer}', () => encodeURIComponent(offer))
    .replace('{return}', () => values.returnTo)
}

/** Returns the problem type of a reason: a fragment of the documentation page (RFC 9457 §3.1.1), or a URN without one. */
export function problemType(reason: Reason, links: RemedyLinks, values: Pick<LinkValues, 'origin'>): string {
  const { documentation } = links
  if (documentation === undefined) return `urn:faregate:problem:${reason}`
  return `${documentation.replace('{origin}', () => values.origin)}#${reason}`
}
