import { describeMoney, formatAmount, type Money } from '../core/money.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { EraseOutcome } from '../ledger/rules/erase.ts'
import { type Holder, ledgerName, ownerName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Ledgers } from '../ports.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { EndpointFactory, EndpointPeers } from './endpoint.ts'
import { type AdminAction, badRequest, isText, operatorEndpoint, readIssuer, readMembers, RETRY } from './operator.ts'

/**
 * `POST /__faregate/erase` with an operator token: `{"account": "account-7"}` erases what the gate has stored of an account,
 * but for what keeps others honest, as hashes. Tokens signed before it are void. An account with prepaid credit is erased
 * only with `"forfeit": true`. `issuer` names the account's issuer if the site trusts several. Repeating an order is
 * harmless.
 *
 * @example
 * ```ts options
 * endpoints: [erase()]
 * ```
 */
export function erase(): EndpointFactory {
  return operatorEndpoint('erase', createAction)
}

function createAction(services: Services, peers: EndpointPeers = {}): AdminAction {
  const { ledgers, bulletins, clock, tallies } = services
  return {
    onUnknown: NOT_KNOWN,
    async run(body, zone, audit) {
      const order = readErase(body, zone)
      if (!order.ok) return err(badRequest(order.error))
      const { holder, mayForfeit } = order.value
      audit.subject = holder
      if (ledgers === undefined || bulletins === undefined) return err(NOT_KNOWN)
      const act = audit.toAct(mayForfeit ? { mayForfeit } : {})
      const erasure = { ...order.value, zone, now: clock(), act }
      const erased = await eraseAccount(erasure, ledgers)
      if (!erased.ok) return erased
      // Routes that count nothing ask no ledger.
      const posted = { issuer: holder.issuer, account: holder.account, entry: { revokedAt: revokedAt(erasure) } }
      if (!(await bulletins.post(zone, [posted]))) return err(NOT_KNOWN)
      if (!(await unlistKeys(holder, zone, ledgers))) return err(NOT_KNOWN)
      // Only now: until it was erased, its ledger told of it.
      if (peers.tallies !== undefined && !(await peers.tallies.forgetNear(tallies, zone, holder))) return err(NOT_KNOWN)
      if (!(await isForgotten(holder, zone, services))) return err(NOT_KNOWN)
      const { charges, forfeited, owed } = erased.value
      if (mayForfeit && forfeited.length > 0) audit.details = { forfeited: forfeited.map(moneyText).join(', ') }
      const { issuer, account } = holder
      const debt = owed.length === 0 ? {} : { debt: owed.map(describeMoney) }
      return ok({ issuer, account, isErased: true, charges, forfeited: forfeited.map(describeMoney), ...debt })
    },
  }
}

/** Has whoever watches for what is not normal forget the account. Returns false if that failed. */
async function isForgotten(
  { issuer, account }: Account,
  zone: Zone,
  { hashAccount, forgetWatched }: Services,
): Promise<boolean> {
  if (forgetWatched === undefined || hashAccount === undefined) return true
  return forgetWatched(zone, await hashAccount(zone.id, issuer, account))
}

/** The orders to send: each may find that another one ended midway. */
const MOST_ORDERS = 5

type Account = Extract<Holder, { from: 'account' }>

interface Erasure {
  readonly holder: Account
  readonly mayForfeit: boolean
  readonly zone: Zone
  readonly now: number
  readonly act: Act
}

interface Erased {
  /** The number of charges that the account had. */
  readonly charges: number
  readonly forfeited: readonly Money[]
  readonly owed: readonly Money[]
}

/**
 * Erases an account, and passes its sums on to the zone's ledger. An order that ended midway is brought to its end first;
 * what has come since is erased afterwards.
 */
async function eraseAccount(erasure: Erasure, ledgers: Ledgers): Promise<Result<Erased, EndpointProblem>> {
  const { zone, holder, mayForfeit, act } = erasure
  const ledger = openLedger(ledgers, zone, holder)
  const sums = openLedger(ledgers, zone, { from: 'zone' })
  const { longestTokenSeconds } = zone.standing
  const terms = {
    ledger: ledgerName(zone, holder),
    revokedAt: revokedAt(erasure),
    longestTokenSeconds,
    mayForfeit,
    act,
  }
  let charges = 0
  for (let orders = 0; orders < MOST_ORDERS; orders++) {
    const id = crypto.randomUUID()
    const answer = await ledger.erase({ ...terms, id })
    if (!answer.ok) return err(NOT_KNOWN)
    const outcome = answer.value
    if (outcome.kind === 'refused') return err(refusedErasure(outcome))
    if (!(await sums.addErased({ id: outcome.id, sums: outcome.sums })).ok) return err(NOT_KNOWN)
    if (!(await ledger.endErase(outcome.id)).ok) return err(NOT_KNOWN)
    charges += outcome.sums.totals.charges
    if (outcome.id === id) return ok({ charges, forfeited: outcome.forfeited, owed: outcome.owed ?? [] })
  }
  return err(NOT_KNOWN)
}

/** Removes the account from the zone's list of API keys: its ledger has none any more. Returns false if that failed. */
async function unlistKeys(holder: Account, zone: Zone, ledgers: Ledgers): Promise<boolean> {
  const list = openLedger(ledgers, zone, { from: 'zone' })
  const listed = await list.order('listCredentials', 'key')
  if (!listed.ok) return false
  const own = listed.value.filter(({ name }) => name === ownerName(holder))
  for (const { id } of own) {
    if (!(await list.order('changeCredential', { kind: 'key', id, isRemoved: true })).ok) return false
  }
  return true
}

/** Returns the time until which tokens are void, by the clock of the issuer that runs ahead the most. */
function revokedAt({ zone, now }: Pick<Erasure, 'zone' | 'now'>): number {
  return Math.floor(now / 1000) + Math.max(0, ...zone.issuers.map(({ clockToleranceSeconds }) => clockToleranceSeconds))
}

function refusedErasure(refused: Extract<EraseOutcome, { kind: 'refused' }>): EndpointProblem {
  if (refused.reason === 'no-account') return NOT_KNOWN
  if (refused.reason === 'records-waiting') return WAITING
  const credit = refused.credit.map(moneyText).join(' and ')
  const detail = `The account has prepaid credit: ${credit}. Nothing was erased. With "forfeit": true the credit is lost.`
  return { status: 409, title: 'Conflict', detail }
}

function moneyText(money: Money): string {
  return `${formatAmount(money)} ${money.currency}`
}

const MEMBERS = ['account', 'forfeit', 'issuer']

function readErase(body: unknown, zone: Zone): Result<Pick<Erasure, 'holder' | 'mayForfeit'>, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const issuer = readIssuer(members.value.get('issuer'), zone)
  if (!issuer.ok) return issuer
  const [account, mayForfeit] = [members.value.get('account'), members.value.get('forfeit') ?? false]
  if (!isText(account)) return err('account: expected the "sub" of its tokens.')
  if (typeof mayForfeit !== 'boolean') return err('forfeit: expected true or false.')
  return ok({ holder: { from: 'account', issuer: issuer.value, account }, mayForfeit })
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the account was erased. Ask again.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const WAITING: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail:
    'Billing has not yet taken every charge of this account, or it is in use. Its tokens are void, and nothing was erased. Ask again.',
  fields: RETRY,
}
