/**
 * Shows the holder of a credential their account: identity, entitlements, standing, usage and charges.
 *
 * The answer is read by people and programs that cannot see the gate's log or billing's records. It begins with the
 * credential, and includes the ledger's facts if the ledger answers in time. Nothing is charged or changed. A cookie sent
 * from another site proves nothing here: the owner did not ask. The page for browsers is written from the answer for
 * programs, so that both say the same.
 */
import type { Entitlement } from '../access/entitlement.ts'
import { entitlementIn } from '../access/proof.ts'
import { REASONS, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { createChargeFinder } from '../endpoints/charges.ts'
import type { Endpoint, EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import { exposeOwn, LEDGER_SILENT, refusedFor, unauthenticated } from '../endpoints/owner.ts'
import { prefersHtml } from '../http/accept.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Call } from '../ports.ts'
import { requestRefOf } from '../refusals/describe.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { presentAsSigned } from '../standing/present.ts'
import type { AccountAnswer } from './accountanswer.ts'
import { type AccountView, describeOwned, type Owned } from './accountview.ts'
import { answerCharges } from './csv.ts'
import { linksOf } from './links.ts'
import { answerAccountPage, type PageContext } from './page.ts'
import { ownedBy } from './owned.ts'
import { FORGET_PASTED, withPasted } from './pasted.ts'
import { hidePast, isRead, readPast } from './past.ts'
import { type ReferenceServices, lookUpReference } from './referenced.ts'
import { signedOutPage } from './signedout.ts'
import { ACCOUNT_WORDS } from './speech.ts'
import { takeForm } from './takeform.ts'

/**
 * `GET /__faregate/account`: shows the credential's identity, entitlements, standing with remedies, limits, credit, the charges
 * of 30 days, API keys and feeds; to browsers as a page. `?reference=` looks a charge or a refused page up, and `?format=csv`
 * answers all charges. Nothing is charged or changed. See docs/account.md.
 *
 * @example
 * ```ts options
 * endpoints: [account()]
 * ```
 */
export function account(): EndpointFactory {
  return {
    path: 'account',
    words: ACCOUNT_WORDS.en,
    create: (services, peers): Endpoint => {
      const { openReference } = peers ?? {}
      const tools = {
        services,
        openReference,
        findCharge: createChargeFinder(services),
        hashAccount: services.hashAccount,
      }
      return {
        methods: ['GET', 'HEAD', 'POST'],
        expose,
        answer: (asked, call) =>
          asked.exchange.method === 'POST' ? takeForm(asked, call, services) : answer(asked, call, tools),
      }
    },
  }
}

interface AccountTools extends ReferenceServices {
  readonly services: Services
}

/** Adds what a page depends on to `Vary`. */
function expose(answer: Headers, exchange: Exchange): void {
  exposeOwn(answer, exchange)
  if (answer.get('content-type')?.startsWith('text/html') === true)
    answer.set('Vary', 'Accept, Accept-Language, Authorization, Cookie')
}

async function answer(
  asked: EndpointRequest,
  call: Call,
  tools: AccountTools,
): Promise<Result<Response, EndpointProblem>> {
  const { exchange, site } = asked
  const { services } = tools
  const pasted = await withPasted(exchange, site.zone)
  const isPage = prefersHtml(exchange.fields.get('accept'))
  const presented = await presentAsSigned(pasted ?? exchange, site, services, call)
  const owned = ownedBy(presented, exchange.now)
  if (!owned.ok) return refuse(owned.error)
  if (owned.value === undefined) {
    const problem = forgetting(unauthenticated(presented, NEEDED, exchange, site.zone))
    return err(isPage ? signedOutPage(problem, undefined, { asked, isElsewhere: presented !== undefined }) : problem)
  }
  const query = new URLSearchParams(exchange.target.query)
  const described = await describe(owned.value, query, asked, call, tools)
  if (!described.ok) return refuse(described.error)
  if (query.get('format') === 'csv') return chargesOf(described.value.account, owned.value.entitlement, asked, services)
  const isSignedIn = pasted === undefined && entitlementIn(presented)?.authority !== undefined
  const links = linksOf(owned.value.entitlement, site, requestRefOf(exchange), isSignedIn)
  const facts = { instance: `urn:uuid:${exchange.id}`, zone: site.zone.name, ...described.value, links }
  const context: PageContext = { exchange, zone: site.zone, isPasted: pasted !== undefined, now: call.now }
  return ok(isPage ? answerAccountPage(facts, context) : endpointAnswer(facts))

  /** Forgets a pasted key that opens nothing: it would hide the account that is signed in. */
  function forgetting(problem: EndpointProblem): EndpointProblem {
    return pasted === undefined ? problem : { ...problem, fields: { ...problem.fields, 'set-cookie': FORGET_PASTED } }
  }

  function refuse(why: Refusal): Result<never, EndpointProblem> {
    const problem = refusedFor(why, exchange, site.zone)
    const told = REASONS[why.reason].status === 402 ? forgetting(problem) : problem
    return err(isPage ? signedOutPage(told, why, { asked, isElsewhere: false }) : told)
  }
}

/** Gathers the facts of whoever asks. */
async function describe(
  owned: Owned,
  query: URLSearchParams,
  { exchange, site }: EndpointRequest,
  call: Call,
  tools: AccountTools,
): Promise<Result<Pick<AccountAnswer, 'account' | 'receipt' | 'reference'>, Refusal>> {
  const { entitlement } = owned
  const { services } = tools
  const reference = query.get('reference') ?? ''
  const asker = { zone: site.zone, ref: requestRefOf(exchange), call }
  const [described, past] = await Promise.all([
    describeOwned(owned, asker, services),
    entitlement && readPast(entitlement, site, services.ledgers, call.now),
  ])
  if (!described.ok) return described
  const { account: state, receipt } = described.value
  const rest = receipt === undefined ? {} : { receipt }
  if (entitlement === undefined || past === undefined || state === undefined) return ok(rest)
  // What is hidden of its state is hidden of its past.
  const shown = { ...state, ...(isRead(state.credit) ? past : hidePast(past, state.credit)) }
  if (reference === '' || !isRead(state.credit)) return ok({ account: shown, ...rest })
  return ok({ account: shown, ...rest, reference: await lookUpReference(reference, entitlement, site.zone, tools) })
}

/** Answers the charges of an account as CSV. */
async function chargesOf(
  view: AccountView | undefined,
  entitlement: Entitlement | undefined,
  { site, exchange }: EndpointRequest,
  { ledgers }: Services,
): Promise<Result<Response, EndpointProblem>> {
  if (entitlement === undefined) return err(unauthenticated(undefined, NEEDED, exchange, site.zone))
  if (view?.credit === null && ledgers !== undefined) return err(HIDDEN)
  if (ledgers === undefined || !isRead(view?.credit ?? null)) return err(LEDGER_SILENT)
  const { issuer, account: id } = entitlement
  const answered = await answerCharges(openLedger(ledgers, site.zone, { from: 'account', issuer, account: id }))
  return answered === undefined ? err(LEDGER_SILENT) : ok(answered)
}

const NEEDED = 'This needs the token of the account, or a receipt.'
/** The holder of a revoked token may not be its owner. */
const HIDDEN: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'The charges of this account are not shown.',
}
