import type { ArticleFacts } from '../access/article.ts'
import type { CredentialFacts } from '../access/proof.ts'
import type { Decision } from '../access/decide.ts'
import type { Route } from '../access/route.ts'
import { after, type Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Ledgers } from '../ports.ts'
import type { Login } from '../rails/login.ts'
import type { Zone } from '../zone.ts'
import type { SealReference } from './describe.ts'
import { formatFor } from './respond.ts'
import type { RefusingSite } from './template.ts'

type Refused = Extract<Decision, { action: 'refuse' }>

/** Adds to a refusal the form or link that cures it, or returns a refusal in its place. Nothing is charged. */
export type CompleteRefusal = (refused: Refused, request: RefusedRequest) => Eventually<Refusal>

/** What endpoints add to refusals. */
export interface RefusalHooks {
  /** Complete refusals, one after another. */
  readonly completing: readonly CompleteRefusal[]
  /** Makes the references of refusals; undefined if nobody could open one. */
  readonly sealReference: SealReference | undefined
}

export interface RefusedRequest {
  readonly exchange: Exchange
  readonly zone: Zone
  readonly logins: readonly Login[]
  readonly ledgers: Ledgers | undefined
  /** What was presented; undefined if nothing was. */
  readonly credential: CredentialFacts | undefined
  /** Returns the address of the client, as the platform knows it. */
  readonly clientAddress: () => string | undefined
  /** The public facts of the refused page, if they are known. */
  readonly article?: ArticleFacts | undefined
  /** Returns true if the format that writes the refusal shows a form. */
  readonly showsForm: () => boolean
}

/** What endpoints complete a refusal by, beside the request. */
interface CompletedContext extends Pick<RefusedRequest, 'ledgers' | 'credential' | 'clientAddress'> {
  readonly site: RefusingSite & { readonly logins?: readonly Login[] }
  readonly route: Route
  readonly article?: ArticleFacts | undefined
}

/** Completes a refusal by each of `completing` in turn. */
export function completeInTurn(
  completing: RefusalHooks['completing'],
  decision: Refused,
  exchange: Exchange,
  context: CompletedContext,
): Eventually<Refusal> {
  const { site, article, ledgers, credential, clientAddress } = context
  const { zone, logins = [] } = site
  const showsForm = (): boolean => formatFor(exchange, context).showsForms === true
  const asked = { exchange, zone, logins, ledgers, credential, clientAddress, article, showsForm }
  let why: Eventually<Refusal> = decision.refusal
  for (const complete of completing) why = after(why, (known) => complete({ ...decision, refusal: known }, asked))
  return why
}
