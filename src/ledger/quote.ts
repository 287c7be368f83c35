/**
 * Tells what a metered request would reserve, and what its account has left for it. Charges nothing, and asks no server.
 */
import type { AccountCost } from '../access/cost.ts'
import type { Bound, BoundExplanation, Meter, MeteredAmount } from '../access/meter.ts'
import { readerOf } from '../access/proof.ts'
import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Ledger } from '../ports.ts'
import { commandOf } from './command.ts'
import { readLedger } from './ledgerview.ts'
import { availableTo, boundPayment, isShort, type Payable } from './metered.ts'
import { refusedBy } from './refused.ts'
import { holderOf } from './rules/name.ts'
import { openLedger } from './rules/place.ts'
import { UNAVAILABLE } from './unavailable.ts'

/** What a metered request would reserve now. */
export interface Quote {
  readonly bound: Bound
  /** What the account has left for it. Undefined if its ledger did not answer. */
  readonly available: MeteredAmount | undefined
  /** The refusal that its charge would get. Undefined if it would succeed. */
  readonly refused: Refusal | undefined
  /** What the meter says of its bound. */
  readonly explanation: BoundExplanation
}

/** Bounds a request whose content was read, and compares the bound with what is left. Errors: those of the meter's bound. */
export async function quoteCharge(meter: Meter, payment: Payable): Promise<Result<Quote, Refusal>> {
  const bounded = await boundPayment(meter, payment)
  if (!bounded.ok) return bounded
  const { cost, admitted } = bounded.value
  const { bound } = admitted
  if (bound === undefined) return err(UNAVAILABLE)
  if (cost?.from !== 'account') {
    return ok({ bound, available: undefined, refused: undefined, explanation: explain(bound, undefined) })
  }
  const [available, refused] = await Promise.all([
    readAvailable(cost, bound, bounded.value),
    dryRun(cost, bounded.value),
  ])
  const isTooMuch = available !== undefined && isShort(bound.amount, available)
  const explanation = explain(bound, isTooMuch ? available : undefined)
  return ok({
    bound,
    available,
    refused: explanation.fitting?.isApplied === true ? undefined : refused,
    explanation,
  })
}

function explain(bound: Bound, available: MeteredAmount | undefined): BoundExplanation {
  return bound.explain?.(available) ?? {}
}

async function readAvailable(
  cost: AccountCost,
  bound: Bound,
  { admitted, ledgers }: Payable,
): Promise<MeteredAmount | undefined> {
  const account = readerOf(admitted.proof)
  if (account === undefined) return undefined
  const snapshot = await readLedger(ledgers, admitted.zone, holderOf(account), { limits: cost.limits })
  if (snapshot === null || snapshot === 'unavailable') return undefined
  const currency = bound.amount.price?.currency ?? ''
  const credit = snapshot.credit.find((one) => one.currency === currency) ?? { units: 0n, currency }
  return availableTo(bound, account, admitted, { limits: snapshot.limits, credit })
}

async function dryRun(cost: AccountCost, { admitted, ledgers, clock }: Payable): Promise<Refusal | undefined> {
  if (ledgers === undefined) return UNAVAILABLE
  const command = commandOf(cost, admitted, clock())
  const answered = await withTimeout(
    openLedger(ledgers, admitted.zone, cost)
      .dryRun(command)
      .catch((): Awaited<ReturnType<Ledger['dryRun']>> => err('ledger-unavailable')),
    LEDGER_MS,
  )
  if (answered === undefined || !answered.ok) return UNAVAILABLE
  return answered.value === undefined ? undefined : refusedBy(answered.value, admitted.exchange.now, command)
}
