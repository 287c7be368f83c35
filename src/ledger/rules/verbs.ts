/**
 * The ledger of one account, receipt or payment, as a state machine: who has what left, and what became of every charge.
 *
 * Each verb takes the book as it is, a command and the time; it returns the answer, and the rows to write before the answer
 * is given. Nothing here waits, and nothing is remembered between two calls.
 */
import { amend, describe } from './amend.ts'
import { recorded } from './audit.ts'
import { charge } from './charge.ts'
import type { ChargeCommand } from './commands.ts'
import { grant } from './credit.ts'
import { addErased, endErase } from './erase.ts'
import { history } from './history.ts'
import { dryRun } from './look.ts'
import { recordStatement, statements } from './note.ts'
import { paidOut } from './owed.ts'
import { outbox, read } from './read.ts'
import { beginSettlement, endSettlement } from './settlement.ts'
import { flushed, isBare, nextTick, tick } from './tick.ts'

export const verbs = {
  charge,
  look: dryRun,
  amend,
  describe,
  grant: recorded(grant),
  note: recorded(recordStatement),
  said: statements,
  read,
  history,
  addErased,
  endErase,
  beginSettlement,
  endSettlement,
  paidOut,
  outbox,
  flushed,
  tick,
}
export { isBare, nextTick }

/**
 * The most characters of a command's texts. Its row holds them twice, in the charge and in the record for billing, at three
 * bytes each: less than any store takes, and room for what others write into it.
 */
const MAX_COMMAND_CHARS = 131_072

/** Throws if a command is too large to be stored: it would fail all that share its commit. */
export function checkSize(...texts: readonly (string | undefined)[]): void {
  const chars = texts.reduce((sum, text = '') => sum + text.length, 0)
  if (chars > MAX_COMMAND_CHARS) throw new RangeError(`a command of ${chars} characters`)
}

function textsOf(command: ChargeCommand): (string | undefined)[] {
  const {
    id,
    idempotency,
    clientRetry,
    continuation,
    confirmation,
    representation,
    counts,
    limits,
    rates = [],
    payment,
  } = command
  return [
    id,
    idempotency?.key,
    idempotency?.digest,
    clientRetry?.digest,
    continuation,
    confirmation,
    representation,
    ...[...counts, ...limits, ...rates].map(({ name }) => name),
    ...Object.values(command.facts).map(String),
    payment && JSON.stringify(payment),
  ]
}

/**
 * Throws if a charge makes no sense: a negative amount would be a gift. Only a bug of ours can send one, so it is caught
 * before it joins the batch of other commands.
 */
export function checkCharge(command: ChargeCommand): void {
  const { counts, price, limits, rates = [], receipt, settleByMs, payment, idempotency, claimByMs } = command
  checkSize(...textsOf(command))
  if (payment !== undefined && idempotency === undefined) throw new RangeError('a payment that is bound to no request')
  const all = [...limits, ...rates]
  const amounts = [...counts.map(({ units }) => units), ...all.map(({ quota }) => quota), price?.units ?? 0n]
  if (amounts.some((units) => units < 0n)) throw new RangeError('a charge of less than nothing')
  const seconds = all.map(({ window }) => (typeof window === 'number' ? window : 1))
  const bought = receipt === undefined ? 1 : 'uses' in receipt ? receipt.uses : receipt.passSeconds
  const isWhole = [...seconds, bought].every((number) => Number.isSafeInteger(number) && number > 0)
  if (!isWhole || !Number.isFinite(settleByMs) || !Number.isFinite(claimByMs ?? 0))
    throw new RangeError('a charge without proper times')
}
