/** The routes that one MCP route becomes by what a request asks for: the same, with other terms. */
import type { Terms } from '../../access/offer.ts'
import { CLOSED, type Route } from '../../access/route.ts'
import type { CredentialStatus } from '../../core/problem.ts'
import type { CheckedMcpOptions } from './options.ts'
import type { Message } from './rules/message.ts'

/** Finds the route of what a request asks for. `pays`: it has a payment credential, so that nothing is cured by signing in. */
export type FindRoute = (message: Message | undefined, pays: boolean) => Route

/** The methods that list, read, ping and subscribe. All revisions of the protocol together. */
const INCLUDED = new Set(
  `initialize ping server/discover tools/list resources/list resources/templates/list resources/read resources/subscribe
  resources/unsubscribe prompts/list prompts/get completion/complete logging/setLevel subscriptions/listen`.split(
    /\s+/,
  ),
)
export const CALL = 'tools/call'

interface TariffFacts {
  readonly route: Route
  readonly terms: ReadonlyMap<string, Terms>
  readonly isPayable: boolean
}

/** The route while nobody is asked to sign in, and the one for those who are. */
interface Variants {
  readonly plain: Route
  readonly paying: Route
}

/** Makes the routes of all tools and methods. Each has an offer of its own for each status that it may be refused with. */
export function createTariff(options: CheckedMcpOptions, { route, terms, isPayable }: TariffFacts): FindRoute {
  const signsIn = options.authorizationServers.length > 0
  const variantsOf = (own: Terms): Variants => {
    const isForAccounts = own.kind === 'paid' && (own.offer.price === undefined || !isPayable)
    return {
      plain: { ...route, terms: withStatuses(own, 401, signsIn && isForAccounts ? 401 : 402) },
      paying: { ...route, terms: withStatuses(own, 402, 402) },
    }
  }
  const included = variantsOf(route.terms)
  const free = variantsOf({ kind: 'free' })
  const closed = variantsOf(CLOSED)
  const tableOf = (given: CheckedMcpOptions['tools'], prefix: string): ReadonlyMap<string, Variants> =>
    new Map(
      Object.entries(given).map(([name, access]) => {
        if (access === 'included') return [name, included]
        if (access === 'free') return [name, free]
        const own = access === 'closed' ? undefined : terms.get(`${prefix} ${name}`)
        return [name, own === undefined ? closed : variantsOf(own)]
      }),
    )
  const tools = tableOf(options.tools, 'tool')
  const methods = tableOf(options.methods, 'method')
  const named = new Set(Array.from(tools.keys(), lenientName))
  const unknownTool = (name: unknown): Variants =>
    options.unknown === 'included' && typeof name === 'string' && !named.has(lenientName(name)) ? included : closed
  const find = (message: Message | undefined): Variants => {
    if (message === undefined || message.kind === 'response') return included
    const { kind, method, params } = message
    const { name } = params
    if (method === CALL) return (typeof name === 'string' ? tools.get(name) : undefined) ?? unknownTool(name)
    const isKnown = INCLUDED.has(method) || (kind === 'notification' && method.startsWith('notifications/'))
    return methods.get(method) ?? (isKnown ? included : closed)
  }
  return (message, pays) => find(message)[pays ? 'paying' : 'plain']
}

function withStatuses(terms: Terms, credentialStatus: CredentialStatus, anonymousStatus: CredentialStatus): Terms {
  if (terms.kind !== 'paid') return terms
  // Refusals are remembered by their offer.
  const offer = { ...terms.offer }
  return { ...terms, offer, credentialStatus: terms.credentialStatus ?? credentialStatus, anonymousStatus }
}

/**
 * Returns a tool's name as the most lenient server reads it: letters and digits, in one case and form. A name that only such a server
 * takes for that of a tool with terms of its own is not included: it would be the tool without its terms.
 */
function lenientName(name: string): string {
  return name
    .toWellFormed()
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
}
