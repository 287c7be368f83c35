import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import {
  type AdminAction,
  badRequest,
  isText,
  operatorEndpoint,
  readAccount,
  readMembers,
  readMoney,
  RETRY,
} from './operator.ts'
import type { EndpointFactory } from './endpoint.ts'
import { formatAmount } from '../core/money.ts'
import { describeBalance } from '../ledger/ledgerview.ts'
import { ledgerName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import { isReversal, reverseCharge } from './reversal.ts'
import { isTaking, takeBack } from './taking.ts'
import type { Services } from '../services.ts'
import { noteGrant } from '../standing/noting.ts'

/**
 * `POST /__faregate/credit` with an operator token: `{"account": "account-7", "amount": "5", "currency": "USD", "id": "…"}`
 * adds prepaid credit. A repeated `id` is the same grant. With `"take": true` it takes that much back, as after a refund: at
 * most what the grant gave that `grant` names. `{"account": "account-7", "charge": "…"}` gives a charge back
 * instead: units, money and all, once, within the time for which ledgers keep charges. `issuer` names the account's issuer
 * if the site trusts several; `jti` in place of `account` names a receipt.
 *
 * @example
 * ```ts options
 * endpoints: [credit()]
 * ```
 */
export function credit(): EndpointFactory {
  return operatorEndpoint('credit', createAction)
}

function createAction({ ledgers, bulletins }: Services): AdminAction {
  return {
    onUnknown: NOT_GRANTED,
    async run(body, zone, audit) {
      if (isTaking(body)) return takeBack(body, zone, audit, { ledgers, bulletins })
      if (isReversal(body)) return reverseCharge(body, zone, audit, { ledgers, bulletins })
      const grant = readGrant(body, zone)
      if (!grant.ok) return err(badRequest(grant.error))
      const { issuer, account, id, units, currency } = grant.value
      audit.subject = { issuer, account }
      const granting = { granted: `${formatAmount({ units, currency })} ${currency}` }
      audit.details = granting
      const act = audit.toAct(granting)
      if (!(await noteGrant(grant.value, zone, act, bulletins))) return err(NOT_GRANTED)
      const ledger = ledgers && openLedger(ledgers, zone, { from: 'account', issuer, account })
      const name = ledgerName(zone, { from: 'account', issuer, account })
      const granted = await ledger?.grant({ id, units, currency, ledger: name, act })
      if (granted?.ok !== true) return err(NOT_GRANTED)
      const outcome = granted.value
      if (outcome.kind === 'refused') return err(OTHER_GRANT)
      return ok({ account, ...describeBalance(outcome.credit), isRepeat: outcome.isRepeat })
    },
  }
}

interface GrantRequest {
  readonly issuer: string
  readonly account: string
  readonly id: string
  readonly units: bigint
  readonly currency: string
}

const MEMBERS = ['account', 'amount', 'currency', 'id', 'issuer']

function readGrant(body: unknown, zone: Zone): Result<GrantRequest, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  const holder = readAccount(given, zone)
  if (!holder.ok) return holder
  const id = given.get('id')
  if (!isText(id)) return err('id: expected a string by which the grant is known: sent twice, it is granted once.')
  const money = readMoney(given)
  return money.ok ? ok({ ...holder.value, id, ...money.value }) : money
}

const NOT_GRANTED: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the credit was granted. Ask again with the same id.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const OTHER_GRANT: EndpointProblem = {
  status: 409,
  title: 'Conflict',
  detail: 'Another grant has this id. Nothing was granted.',
}
