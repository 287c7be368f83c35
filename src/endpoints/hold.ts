import { noteDisposition } from '../anomalies/disposition.ts'
import { holdReference } from '../anomalies/rules/holdname.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Entry, isHeld, lastHeldAt } from '../standing/rules/standing.ts'
import type { Zone } from '../zone.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import { applyEvent } from '../standing/apply.ts'
import {
  type AdminAction,
  badRequest,
  isText,
  operatorEndpoint,
  readAccount,
  readIssuer,
  readMembers,
  RETRY,
} from './operator.ts'
import type { EndpointFactory } from './endpoint.ts'
import type { Ledgers } from '../ports.ts'
import { tokenName } from '../ledger/rules/name.ts'
import type { Facts } from '../ledger/rules/record.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Services } from '../services.ts'

/**
 * `POST /__faregate/hold` with an operator token: `{"account": "account-7"}` holds an account for review, and with `"lift":
 * true` lifts the hold. With `jti` only one token or receipt is held. `issuer` names the account's issuer if the site trusts
 * several. Repeating an order changes nothing.
 *
 * @example
 * ```ts options
 * endpoints: [hold()]
 * ```
 */
export function hold(): EndpointFactory {
  return operatorEndpoint('hold', createAction)
}

function createAction(services: Services): AdminAction {
  return {
    onUnknown: NOT_KNOWN,
    async run(body, zone, audit) {
      const read = readHold(body, zone)
      if (!read.ok) return err(badRequest(read.error))
      const order = read.value
      audit.action = order.isLifted ? 'lift' : 'hold'
      audit.subject = order.subject
      const before = await readStatements(order, zone, services.ledgers)
      if (!before.ok) return before
      const at = timeAfter(before.value, order.isLifted, services.clock() / 1000)
      const applied = await applyEvent(eventOf(order, at), zone, services, audit.toAct(factsOf(order)))
      if (!applied.ok) return err(NOT_KNOWN)
      if (order.isLifted) await noteLifted(before.value, zone, services)
      const now = await readStatements(order, zone, services.ledgers)
      return now.ok ? ok({ ...order.subject, isHeld: isHeld(now.value, services.clock() / 1000) }) : now
    },
  }
}

/** Whoever placed one of the holds by itself is told: it listens for a week to nothing that led to it. */
async function noteLifted({ holds = [] }: Entry, zone: Zone, services: Services): Promise<void> {
  if (services.settleFound === undefined) return
  for (const { name, liftedAt } of holds) {
    const reference = holdReference(name)
    if (reference !== undefined && liftedAt === undefined) await noteDisposition(reference, true, zone, services)
  }
}

interface Hold {
  readonly subject: { readonly issuer: string; readonly account?: string; readonly jti?: string }
  readonly isLifted: boolean
}

const MEMBERS = ['account', 'issuer', 'jti', 'lift']

function readHold(body: unknown, zone: Zone): Result<Hold, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  const [jti, lift] = [given.get('jti'), given.get('lift') ?? false]
  if (!given.has('account') && jti === undefined) return err('account: expected the "sub" of its tokens, or a "jti".')
  const holder = given.has('account') ? readAccount(given, zone) : readTokenIssuer(given, zone)
  if (!holder.ok) return holder
  if (jti !== undefined && !isText(jti)) return err('jti: expected that of a token or receipt.')
  if (typeof lift !== 'boolean') return err('lift: expected true or false.')
  return ok({ subject: { ...holder.value, ...(jti && { jti }) }, isLifted: lift })
}

function readTokenIssuer(given: ReadonlyMap<string, unknown>, zone: Zone): Result<{ readonly issuer: string }, string> {
  const issuer = readIssuer(given.get('issuer'), zone)
  return issuer.ok ? ok({ issuer: issuer.value }) : issuer
}

/**
 * Returns a time later than every earlier statement about holds, by any clock: at equal times a hold would win over its
 * lift.
 */
function timeAfter(entry: Entry, isLifted: boolean, now: number): number {
  const none = Number.NEGATIVE_INFINITY
  return isLifted ? Math.max(now, (lastHeldAt(entry) ?? none) + 0.001) : Math.max(now, entry.liftedAt ?? none)
}

function eventOf({ subject: { issuer, account, jti }, isLifted }: Hold, at: number): BillingEvent {
  const statement = { kind: 'hold', at, isLifted } as const
  const change =
    jti === undefined ? ({ kind: 'statement', statement } as const) : { ...statement, kind: 'token-hold' as const, jti }
  // No id is needed: only credit could be granted twice.
  return { id: '', issuer, account, changes: [change] }
}

/** Returns the facts of a hold for the audit: the token, if it is about one. */
function factsOf({ subject: { jti } }: Hold): Facts {
  return jti === undefined ? {} : { token: jti }
}

/** Reads the recorded statements from the ledger, which receives them first. */
async function readStatements(
  { subject: { issuer, account, jti } }: Hold,
  zone: Zone,
  ledgers: Ledgers | undefined,
): Promise<Result<Entry, EndpointProblem>> {
  const holder =
    jti === undefined
      ? ({ from: 'account', issuer, account: account ?? '' } as const)
      : ({ from: 'receipt', issuer, jti } as const)
  const asked =
    ledgers && openLedger(ledgers, zone, holder).statements(jti === undefined ? undefined : tokenName(zone, jti))
  const answer = asked && (await withTimeout(asked, LEDGER_MS))
  if (answer?.ok !== true) return err(NOT_KNOWN)
  return ok((jti === undefined ? answer.value.ofAccount : answer.value.ofToken) ?? {})
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the hold was placed or lifted. Ask again.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
