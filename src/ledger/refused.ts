import { confirmationCookie, confirmationsIn, withoutConfirmation } from '../access/confirmation.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Money } from '../core/money.ts'
import { type AmountLeft, refusal, type Refusal, type RefusedAmounts } from '../core/problem.ts'
import { SIGN_IN_AGAIN } from '../standing/rules/signedout.ts'
import { unitsOf } from './rules/amount.ts'
import type { ChargeCommand, ChargeRefused, Conflict } from './rules/commands.ts'
import { debtOf, spendable } from './rules/credit.ts'
import { limitFields } from './limitfields.ts'
import { TOO_MANY } from './rates.ts'

const REFUSALS: Record<ChargeRefused['reason'], { reason: Refusal['reason']; detail: string }> = {
  'usage-limit-reached': { reason: 'usage-limit-reached', detail: 'A limit of the plan is used up.' },
  'payment-declined': { reason: 'payment-declined', detail: 'The last payment of this account was declined.' },
  'credit-insufficient': {
    reason: 'credit-insufficient',
    detail: 'The prepaid credit of this account is too low for this.',
  },
  'payment-spent': { reason: 'payment-spent', detail: 'What was paid has been used as often as it was paid for.' },
  'settlement-unknown': {
    reason: 'settlement-unknown',
    detail: 'It is not known whether this payment has moved money. Send the same payment again. Do not pay again.',
  },
  'credential-expired': { reason: 'credential-expired', detail: 'The receipt or payment has expired.' },
  'too-many-requests': { reason: 'too-many-requests', detail: TOO_MANY },
  'idempotency-conflict': { reason: 'ledger-unavailable', detail: 'Another request has the same id.' },
  'subscription-inactive': { reason: 'subscription-inactive', detail: 'The subscription or the token has ended.' },
  'security-hold': { reason: 'security-hold', detail: 'This account is held for review. Support can lift the hold.' },
  'entitlement-insufficient': {
    reason: 'entitlement-insufficient',
    detail: 'The plan does not include this any more.',
  },
}

/** An internal outcome that no client sees: the caller goes on as if there were no receipt. */
export const UNKNOWN_KEY = refusal('idempotency-conflict', 'Nothing was charged under this "Idempotency-Key".')

const CONFLICTS: Record<Exclude<Conflict, 'unknown' | 'asked-once'>, string> = {
  'in-flight': 'A request with this "Idempotency-Key" is still being answered.',
  'sent-again': 'The same request is still being answered: its client sent it again before that ended.',
  'other-request': 'This "Idempotency-Key" was used for another request: another method, target or content.',
  delivered: 'What this "Idempotency-Key" stands for was delivered, and is not kept.',
  'too-many-tries': 'The request with this "Idempotency-Key" was tried three times.',
}

const IN_FLIGHT = 'A request with this payment is still being answered.'
const ASKED_ONCE =
  'This payment has settled, and its answer was lost on the way. Such a request is not made twice: do not pay again, and ask the seller.'

const RESERVED = {
  reason: 'too-many-requests',
  detail: 'Other requests of this account have reserved what this one needs. Nothing was charged.',
} as const

function wordsOf(reason: ChargeRefused['reason'], check: Refusal['check']): Pick<Refusal, 'reason' | 'detail'> {
  if (check === 'reserved') return RESERVED
  return reason === 'credential-expired' && check === 'standing' ? SIGN_IN_AGAIN : REFUSALS[reason]
}

/** The part of a refused charge that says what it needed. */
export type Needed = Pick<ChargeCommand, 'counts' | 'price'>

/**
 * Makes the refusal of a ledger's answer. `now`: the time of the answer, in milliseconds. `needed` is what the charge would have
 * reserved; undefined if that was not known yet.
 */
export function refusedBy(refused: ChargeRefused, now: number, needed?: Needed): Refusal {
  const { reason, check: failed, conflict, retryAfterSeconds, limits, rates, payment } = refused
  const check = failed ?? 'charge'
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  const fields = limitFields({ limits, rates })
  if (conflict === 'unknown') return UNKNOWN_KEY
  if (conflict !== undefined)
    return refusal('idempotency-conflict', conflictText(conflict, payment !== undefined), {
      check: 'charge',
      ...retry,
      fields,
    })
  const { reason: told, detail } = wordsOf(reason, check)
  const amounts = amountsOf(refused, needed)
  const limit = told === 'usage-limit-reached' ? limitReached(refused, now, needed) : undefined
  return refusal(told, detail, {
    check,
    ...retry,
    fields,
    ...(amounts && { amounts }),
    ...(limit && { facts: { limit } }),
  })
}

function conflictText(conflict: Exclude<Conflict, 'unknown'>, isPayment: boolean): string {
  if (conflict === 'asked-once') return ASKED_ONCE
  return isPayment ? IN_FLIGHT : CONFLICTS[conflict]
}

/** Returns the limit that lacks room for what was asked, and when there is room again: of several the one with the longest wait. */
function limitReached(
  { limits, retryAfterSeconds }: ChargeRefused,
  now: number,
  needed: Needed | undefined,
): NonNullable<Refusal['facts']>['limit'] {
  const full = limits.filter(({ limit, remaining }) => {
    const asked = needed === undefined ? 1n : unitsOf(needed.counts, limit.name)
    return asked > remaining
  })
  const [longest] = full.toSorted((one, other) => other.resetSeconds - one.resetSeconds)
  if (longest === undefined) return undefined
  const { name: own, of: name = own, unit, quota } = longest.limit
  const resetsAt = retryAfterSeconds === undefined ? undefined : Math.ceil(now / 1000) + retryAfterSeconds
  return { name, unit, quota, used: longest.used, ...(resetsAt !== undefined && { resetsAt }) }
}

/** Returns what was left and needed, if credit or a limit was too low. */
function amountsOf(refused: ChargeRefused, needed: Needed | undefined): RefusedAmounts | undefined {
  const { reason, check, limits, credit } = refused
  const isPoor = credit !== undefined && needed?.price !== undefined && needed.price.units > credit.units
  if (reason === 'credit-insufficient' || (check === 'reserved' && isPoor))
    return credit && { left: leftOf(credit), needed: needed?.price && { credit: needed.price } }
  if (reason !== 'usage-limit-reached' && reason !== 'too-many-requests') return undefined
  const left: Record<string, bigint> = {}
  const units: Record<string, bigint> = {}
  for (const { limit, remaining } of limits) {
    const { name: own, of: name = own } = limit
    const asked = needed === undefined ? 1n : unitsOf(needed.counts, own)
    // The tightest of a key's limit and its account's, or of several windows.
    if (asked <= remaining || (left[name] ?? remaining) < remaining) continue
    left[name] = remaining
    units[name] = asked
  }
  // A rate of the route says nothing of the account's units.
  if (Object.keys(left).length === 0) return undefined
  return { left: { units: left }, needed: needed && { units } }
}

function leftOf(balance: Money): AmountLeft {
  const debt = debtOf(balance)
  return { credit: spendable(balance), ...(debt && { debt }) }
}

const OPENED_OFTEN = refusal('payment-required', 'What was confirmed has been opened as often as it may.', {
  check: 'charge',
})

/**
 * Refuses a request whose confirmation is used up, and removes that confirmation alone from the cookie. The page then asks
 * again.
 */
export function openedOften({ fields }: Exchange, name: string): Refusal {
  const cookie = confirmationCookie(withoutConfirmation(confirmationsIn(fields), name))
  return { ...OPENED_OFTEN, fields: [['Set-Cookie', cookie]], isToReopen: true }
}
