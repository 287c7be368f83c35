/**
 * How the pipeline refuses: completed by the endpoints that can cure a refusal, with the public facts of the page, and with a
 * reference for whoever has to explain it later.
 */
import type { ArticleFacts } from './access/article.ts'
import type { CredentialFacts } from './access/proof.ts'
import { countryThatCounts } from './access/pricedoffer.ts'
import type { RefusedDecision } from './exemptions/exemption.ts'
import type { Route } from './access/route.ts'
import { after, type Eventually } from './core/eventually.ts'
import { type Refusal, refusal } from './core/problem.ts'
import type { Captured } from './http/capture.ts'
import type { Exchange } from './http/rules/exchange.ts'
import type { Call, Origin } from './ports.ts'
import type { Outcome } from './record.ts'
import { logBug } from './refusals/bug.ts'
import { completeInTurn, type RefusalHooks } from './refusals/complete.ts'
import { refuse } from './refusals/respond.ts'
import type { RefusalContext } from './refusals/template.ts'
import type { Services } from './services.ts'
import type { Site } from './site.ts'

/** One request on its way through the pipeline. */
export interface Passing {
  readonly request: Request
  readonly exchange: Captured
  readonly site: Site
  readonly services: Services
  readonly origin: Origin
  readonly call: Call
  readonly hooks: RefusalHooks
}

/**
 * Refuses. The endpoints complete the refusal first: the page that a browser is shown may have a form that cures it, as the one
 * that confirms a price.
 */
export function refuseCompleted(
  decision: RefusedDecision,
  credential: CredentialFacts | undefined,
  route: Route,
  passing: Passing,
): Eventually<Outcome> {
  const { exchange, site, services, origin, call } = passing
  const account = decision.proof?.accountHash
  const asked = { exchange, zone: site.zone, route }
  const facts =
    decision.action === 'preview' ? services.previews?.find(asked, { rails: site.rails, origin, call }) : undefined
  return after(facts, (page) => {
    if (page?.kind === 'gone') return refusedOutcome(exchange, { site, route, credential }, NOT_FOUND, account)
    return after(completed(decision, credential, route, passing, page?.article), (known) => {
      const reference = credential !== undefined ? referenceOf(known, route, passing, account) : undefined
      const context = { ...contextOf(route, passing, reference, page?.article), credential }
      return refusedOutcome(exchange, context, known, account)
    })
  })
}

/** Lets the endpoints complete a refusal. */
function completed(
  { refusal: why, proof, ...decision }: RefusedDecision,
  credential: CredentialFacts | undefined,
  route: Route,
  { request, exchange, site, services, hooks }: Passing,
  article: ArticleFacts | undefined,
): Eventually<Refusal> {
  const said = site.rails.reduce((known, rail) => rail.refusedAs?.(known, exchange) ?? known, why)
  const refusing = { ...decision, action: 'refuse', refusal: said, proof } as const
  const { ledgers } = services
  const clientAddress = (): string | undefined => services.clientAddress(request)
  return completeInTurn(hooks.completing, refusing, exchange, {
    site,
    route,
    article,
    ledgers,
    credential,
    clientAddress,
  })
}

function contextOf(
  route: Route,
  { request, site, services }: Passing,
  reference: string | undefined,
  article?: ArticleFacts,
): PassingContext {
  const country = countryThatCounts(site.zone.pricedCountries, () => services.countryOf(request))
  return { site, route, reference, article, country }
}

/** Seals the facts of a refusal that had a credential, for whoever has to explain it later. */
function referenceOf(
  why: Refusal,
  route: Route,
  { exchange: { id, now }, site: { zone }, hooks }: Passing,
  account = why.account,
): string | undefined {
  return hooks.sealReference?.({ zone, id, now, route, refusal: why, account })
}

export const HOST_UNKNOWN = refusal('host-unknown', 'No site is served here under this host name.')
const NOT_FOUND = refusal('not-found', 'There is no such page. Nothing was charged.')
const INTERNAL_ERROR = refusal('internal-error', 'Something here is broken. Nothing was charged.')

/** Answers a bug: without content, and with nothing of the client's in the log. */
export function broken(error: unknown, exchange: Captured, site: Site): Outcome {
  logBug(error, exchange.id)
  return refusedOutcome(exchange, { site, route: undefined }, INTERNAL_ERROR)
}

export function refusedOutcome(
  exchange: Exchange,
  context: PassingContext,
  why: Refusal,
  account = why.account,
  reply = refuse(why, exchange, context),
): Outcome {
  const { site, route, reference, credential } = context
  const decision = why.reason === 'prefetch-declined' ? 'prefetch' : 'refuse'
  const { reason, check } = why
  return { decision, reply, reason, check, reference, credential, zone: site?.zone, route, account }
}

/** The context of a refusal in the pipeline. */
interface PassingContext extends RefusalContext {
  readonly site: Site | undefined
  readonly credential?: CredentialFacts | undefined
}

export const NOWHERE: PassingContext = { site: undefined, route: undefined }
