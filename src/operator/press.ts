import { err, ok, type Result } from '../core/result.ts'
import type { AuditEntry, AuditSubject } from '../endpoints/audit.ts'
import type { EndpointCall, EndpointRequest } from '../endpoints/endpoint.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Operator } from '../tokens/operator.ts'
import type { Zone } from '../zone.ts'
import { type DashboardHouse, operatorOf, type PresentOperator } from './house.ts'
import { mayPress } from './holds.ts'
import { LEVERS, leverOrderOf } from './levers.ts'
import { openOrder, sealOrder, SIGN_OUT } from './orders.ts'
import { answerLookup, answerSignIn } from './page.ts'
import type { ShownButton } from './panels/button.ts'
import { NO_SESSION } from './session.ts'
import { goOn } from './signin.ts'
import { dashboardAddress } from './rules/session.ts'

/**
 * Carries out the order of a button, by the code of the endpoint that is named after it. On a host of its own the session has
 * the scopes of its token; on a zone's host the form brings a token with the scope.
 */
export async function press(
  form: URLSearchParams,
  asked: EndpointRequest,
  call: EndpointCall,
  house: DashboardHouse,
): Promise<Result<Response, EndpointProblem>> {
  const { zone } = asked.site
  const present = await operatorOf(asked, call, house)
  if (!present.ok) return present
  if (present.value === undefined)
    return ok(answerSignIn(zone, house.place, 'You are not signed in any more. Nothing was done.'))
  const order = await openOrder(form, present.value.session, zone, call.now)
  if (order === undefined) return err(STALE)
  if (order.order === SIGN_OUT) return ok(goOn(dashboardAddress(zone, house.place), NO_SESSION))
  const found = house.orders.get(order.order)
  if (found === undefined) return err(STALE)
  const author = await authorOf(form, asked, present.value, call, house)
  if (!author.ok) return author
  if (!author.value.scopes.includes(found.scope)) return err(lacking(found.scope))
  name(author.value, order.order, asked.audit)
  const body = order.order === LEVERS ? leverOrderOf(order.body, call.now) : order.body
  if (body === undefined) return err(INCOMPLETE)
  const done = await found.action.run(body, zone, asked.audit, call, asked)
  if (!done.ok) return done
  if (order.order === LOOKUP) {
    const buttons = await accountButtons(asked.audit.subject, present.value, zone, house)
    return ok(answerLookup({ zone, place: house.place, found: done.value, buttons }))
  }
  return ok(
    goOn(`${dashboardAddress(zone, house.place)}${house.place === undefined ? '?' : '&'}did=${asked.audit.action}`),
  )
}

const LOOKUP = 'lookup'

/** The buttons for the account that a look-up was about. */
async function accountButtons(
  subject: AuditSubject | undefined,
  present: PresentOperator,
  zone: Zone,
  house: DashboardHouse,
): Promise<readonly ShownButton[]> {
  const { issuer, account } = subject ?? {}
  if (issuer === undefined || account === undefined || !mayPress('hold', present, house)) return []
  const seal = (isLifted: boolean) =>
    sealOrder({ order: 'hold', body: { account, issuer, ...(isLifted && { lift: true }) } }, present.session, zone)
  const [hold, lift] = await Promise.all([seal(false), seal(true)])
  return [
    { order: hold, text: 'Hold', name: 'Hold this account', scope: 'hold' },
    { order: lift, text: 'Lift', name: 'Lift the hold of this account', scope: 'hold' },
  ]
}

type Author = Pick<Operator, 'issuer' | 'subject' | 'signedBy' | 'scopes'>

async function authorOf(
  form: URLSearchParams,
  { site: { zone } }: EndpointRequest,
  { session, scopes }: PresentOperator,
  call: EndpointCall,
  { place, verifyOperator }: DashboardHouse,
): Promise<Result<Author, EndpointProblem>> {
  if (place === undefined) {
    const operator = await verifyOperator((form.get('token') ?? '').trim(), zone, call)
    return operator.ok ? operator : err(NO_TOKEN)
  }
  const { issuer, subject, signedBy } = session
  return ok({ issuer, subject, signedBy, scopes })
}

function name({ issuer, subject, signedBy }: Author, action: string, audit: AuditEntry): void {
  audit.action = action
  audit.by = subject ?? issuer
  audit.issuer = issuer
  audit.signedBy = signedBy
}

function lacking(scope: string): EndpointProblem {
  return { status: 403, title: 'Forbidden', detail: `This needs the scope "${scope}". Nothing was done.` }
}

const STALE: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'This is the form of an earlier page, or of another session. Nothing was done. Open the page again.',
}
const INCOMPLETE: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'Say what this is about, and for how long. Nothing was done.',
}
const NO_TOKEN: EndpointProblem = {
  status: 401,
  title: 'Unauthorized',
  detail: 'Each button here needs a token of an operator of this site. Nothing was done.',
  fields: { 'www-authenticate': 'Bearer' },
}
