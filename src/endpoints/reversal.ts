import { err, ok, type Result } from '../core/result.ts'
import { describeAmount, describeCharge } from '../ledger/ledgerview.ts'
import type { Holder } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { ReverseOutcome } from '../ledger/rules/reverse.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { noteReversal } from '../standing/noting.ts'
import type { Zone } from '../zone.ts'
import type { AuditEntry } from './audit.ts'
import { badRequest, isText, readAccount, readIssuer, readMembers, RETRY } from './operator.ts'

/** Returns true for an order to give a charge back, rather than to grant credit. */
export function isReversal(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'charge' in body
}

/**
 * Gives a charge of an account or receipt back as a whole, once. A charge of somebody else is answered as one that nobody
 * made.
 */
export async function reverseCharge(
  body: unknown,
  zone: Zone,
  audit: AuditEntry,
  { ledgers, bulletins }: Pick<Services, 'ledgers' | 'bulletins'>,
): Promise<Result<unknown, EndpointProblem>> {
  audit.action = 'reverse'
  const order = readReversal(body, zone)
  if (!order.ok) return err(badRequest(order.error))
  const { holder, charge } = order.value
  audit.subject = holder
  audit.details = { charge }
  const act = audit.toAct({ charge })
  if (!(await noteReversal({ ...holder, charge }, zone, act, bulletins))) return err(NOT_KNOWN)
  const asked = ledgers && openLedger(ledgers, zone, holder).order('reverseCharge', { charge, act })
  const reversed = await asked?.catch(() => undefined)
  if (reversed?.ok !== true) return err(NOT_KNOWN)
  const outcome = reversed.value
  if (outcome.kind === 'refused') return err(REFUSED[outcome.reason])
  const { isRepeat, given } = outcome
  audit.isIdle = isRepeat
  const { from: _from, ...subject } = holder
  const reversedView = { ...subject, charge: describeCharge(outcome.charge), isRepeat }
  return ok(given === undefined ? reversedView : { ...reversedView, given: describeAmount(given) })
}

interface Reversal {
  readonly holder: Extract<Holder, { from: 'account' | 'receipt' }>
  readonly charge: string
}

const MEMBERS = ['account', 'charge', 'issuer', 'jti']

function readReversal(body: unknown, zone: Zone): Result<Reversal, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  const [account, jti, charge] = [given.get('account'), given.get('jti'), given.get('charge')]
  if (!isText(charge)) return err('charge: expected the "id" of a charge, as the account page and billing have it.')
  if ((account === undefined) === (jti === undefined)) return err('account: expected either this or "jti".')
  if (jti === undefined) {
    const holder = readAccount(given, zone)
    return holder.ok ? ok({ holder: { from: 'account', ...holder.value }, charge }) : holder
  }
  const issuer = readIssuer(given.get('issuer'), zone)
  if (!issuer.ok) return issuer
  if (!isText(jti)) return err('jti: expected that of a receipt.')
  return ok({ holder: { from: 'receipt', issuer: issuer.value, jti }, charge })
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the charge was given back. Ask again: it is given back once.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const CONFLICT = { status: 409, title: 'Conflict' }
const REFUSED: Record<Extract<ReverseOutcome, { kind: 'refused' }>['reason'], EndpointProblem> = {
  'charge-unknown': {
    status: 404,
    title: 'Not Found',
    detail: 'There is no charge of this id here, or it is older than what a ledger keeps.',
  },
  'charge-open': {
    ...CONFLICT,
    detail: 'The charge is still open. Ask again once its request has ended.',
    fields: RETRY,
  },
  'charge-free': { ...CONFLICT, detail: 'Nothing is kept of this charge, so there is nothing to give back.' },
  'charge-paid-outside': {
    ...CONFLICT,
    detail: 'A payment outside of the gate paid for this. Only its rail can refund it.',
  },
}
