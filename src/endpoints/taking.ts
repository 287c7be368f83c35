import { describeMoney, formatAmount, type Money } from '../core/money.ts'
import { err, ok, type Result } from '../core/result.ts'
import { describeBalance } from '../ledger/ledgerview.ts'
import { ledgerName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { TakeCreditOutcome } from '../ledger/rules/takecredit.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { grantId, noteTaking } from '../standing/noting.ts'
import type { Zone } from '../zone.ts'
import type { AuditEntry } from './audit.ts'
import { badRequest, isText, readAccount, readMembers, readMoney, RETRY } from './operator.ts'

/** Returns true for an order to take credit back, rather than to grant it. */
export function isTaking(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'take' in body
}

/** Takes credit back, once for each id: what is not left of it is a debt of the account. */
export async function takeBack(
  body: unknown,
  zone: Zone,
  audit: AuditEntry,
  { ledgers, bulletins }: Pick<Services, 'ledgers' | 'bulletins'>,
): Promise<Result<unknown, EndpointProblem>> {
  audit.action = 'take-credit'
  const order = readTaking(body, zone)
  if (!order.ok) return err(badRequest(order.error))
  const { issuer, account, id, grant, money } = order.value
  audit.subject = { issuer, account }
  const asked = { taken: `${formatAmount(money)} ${money.currency}` }
  audit.details = asked
  const act = audit.toAct(asked)
  if (!(await noteTaking({ id, issuer, account, ...money }, zone, act, bulletins))) return err(NOT_KNOWN)
  const holder = { from: 'account', issuer, account } as const
  // An event may have granted it, under the same id.
  const of = grant === undefined ? {} : { of: [grant, grantId(grant, 0)] as const }
  const command = { id, ...money, ...of, ledger: ledgerName(zone, holder), act }
  const answer = await (ledgers && openLedger(ledgers, zone, holder).order('takeCredit', command))?.catch(
    () => undefined,
  )
  if (answer?.ok !== true) return err(NOT_KNOWN)
  const outcome = answer.value
  if (outcome.kind === 'refused') return err({ status: 409, title: 'Conflict', detail: REFUSED[outcome.reason] })
  const { kind, isRepeat } = outcome
  audit.isIdle = isRepeat
  const taken = kind === 'taken' ? outcome.taken : { ...money, units: 0n }
  const balance = kind === 'taken' ? describeBalance(outcome.credit) : {}
  return ok({ account, taken: describeMoney(taken), isAwaiting: kind === 'awaiting', ...balance, isRepeat })
}

interface Taking {
  readonly issuer: string
  readonly account: string
  readonly id: string
  /** The id of the order or event that granted it. */
  readonly grant: string | undefined
  readonly money: Money
}

const MEMBERS = ['account', 'amount', 'currency', 'grant', 'id', 'issuer', 'take']

function readTaking(body: unknown, zone: Zone): Result<Taking, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  if (given.get('take') !== true) return err('take: expected true.')
  const holder = readAccount(given, zone)
  if (!holder.ok) return holder
  const [id, grant] = [given.get('id'), given.get('grant')]
  if (!isText(id)) return err('id: expected a string by which the taking is known: sent twice, it is taken once.')
  if (grant !== undefined && !isText(grant)) return err('grant: expected the id of the order or event that granted it.')
  const money = readMoney(given)
  return money.ok ? ok({ ...holder.value, id, grant, money: money.value }) : money
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the credit was taken. Ask again with the same id: it is taken once.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const REFUSED: Record<Extract<TakeCreditOutcome, { kind: 'refused' }>['reason'], string> = {
  'taking-not-positive': 'Nothing was to be taken.',
  'taking-differs': 'Another taking has this id. Nothing was taken.',
  'currency-differs': 'The grant is of another currency. Nothing was taken.',
  'too-many-takings': 'Too much is to be taken of a grant that is not known. Nothing was taken.',
}
