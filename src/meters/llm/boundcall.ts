import type { Bound, BoundExplanation, MeteredAmount } from '../../access/meter.ts'
import type { Entitlement } from '../../access/entitlement.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { attemptsAt } from './attempts.ts'
import { dearestOf, fits, greatestCap, isCountable, amountToReserve } from './call.ts'
import { type CountTokens, isWorthCounting } from './counter.ts'
import type { CallTarget, Gateway, ReadCall } from './gateway.ts'
import { FEES, type FeeName } from './rules/tokenusage.ts'

/** What a call is bounded with. */
export interface CallTerms {
  readonly gateway: Gateway
  readonly target: CallTarget
  readonly account: Entitlement | undefined
  /** Asks the provider's free counter. */
  readonly count: CountTokens
}

const UNBOUNDED = refusal('not-for-sale', 'What this would use at most is not known, so it is not sold here.', {
  check: 'cover',
})

/** Bounds a call. Errors: `not-for-sale`, for what nothing bounds. */
export function boundCall(call: ReadCall, terms: CallTerms): Result<Bound, Refusal> {
  return isBounded(call) ? ok(boundOf(call, terms)) : err(UNBOUNDED)
}

/** Returns true if every piece that has its price is bounded. What is free needs no bound. */
function isBounded({ request, candidates }: ReadCall): boolean {
  const isFree = (name: FeeName) => candidates.every(({ card }) => card.standard.rates.each.get(name) === 0n)
  return FEES.every((name) => !(name in request.output.fees) || request.output.fees[name] !== undefined || isFree(name))
}

function boundOf(call: ReadCall, terms: CallTerms): Bound {
  const { gateway, target, account } = terms
  const { requires } = call.model
  return {
    amount: amountToReserve(call),
    ...(requires && { requires }),
    attempts: attemptsAt(gateway, call, target, account, call.cap),
    tighten: tighteningOf(call, terms),
    explain: (left) => explained(call, terms, left),
  }
}

/** Explains a bound by its dearest candidate. The provider's counter is not asked. */
function explained(call: ReadCall, { gateway }: CallTerms, left: MeteredAmount | undefined): BoundExplanation {
  const breakdown = dearestOf(call)
  const cap = left === undefined ? undefined : greatestCap(call, left)
  if (cap === undefined) return { breakdown }
  const counts = [{ name: 'output-tokens', units: cap }]
  return { breakdown, fitting: { counts, isApplied: gateway.options.onShort === 'shrink' } }
}

/** Asks the provider for the tokens of the input; undefined if it cannot say, or need not be asked. */
export async function countInput(
  call: ReadCall,
  gateway: Gateway,
  account: Entitlement | undefined,
  count: CountTokens,
): Promise<bigint | undefined> {
  const [url] = gateway.urls
  if (gateway.options.count === 'bytes' || account === undefined || url === undefined) return undefined
  if (!isCountable(call) || call.source.content.length === 0) return undefined
  const { provider, secret } = gateway
  const { api, source, model } = call
  const holder = JSON.stringify([account.issuer, account.account])
  return count({ account: holder, provider, api, url, secret, body: source.body, model: model.id })
}

function isWorthAsking(call: ReadCall, left: MeteredAmount): boolean {
  const { counts, price } = amountToReserve(call)
  if (price !== undefined && left.price !== undefined && !isWorthCounting(price.units, left.price.units)) return false
  return left.counts.every(({ name, units }) =>
    isWorthCounting(counts.find((count) => count.name === name)?.units ?? 0n, units),
  )
}

/** Returns the way to lower a bound, which may be asked for twice: the provider counts once for each request. */
function tighteningOf(call: ReadCall, terms: CallTerms): NonNullable<Bound['tighten']> {
  let counting: Promise<bigint | undefined> | undefined
  // What is counted is sent to the model that was asked for, and an operator may have closed it.
  const isCounted = terms.gateway.options.count !== 'bytes' && call.candidates.includes(call.model)
  return async (left, { mayShrink }) => {
    if (isCounted && isWorthAsking(call, left)) counting ??= countInput(call, terms.gateway, terms.account, terms.count)
    return tightened(call, terms, left, { counted: await counting, mayShrink })
  }
}

/**
 * Returns a lower bound that fits what is left: by the provider's own count of the input, if that is enough; else by a lower
 * cap on the output, if the operator allows that and nothing more may come back.
 */
function tightened(
  call: ReadCall,
  terms: CallTerms,
  left: MeteredAmount,
  { counted, mayShrink }: { readonly counted: bigint | undefined; readonly mayShrink: boolean },
): Bound | undefined {
  const { options } = terms.gateway
  // Another model counts otherwise: what is counted is sent to the model that was asked for, and to no other.
  const known = counted === undefined ? call : { ...call, counted, candidates: [call.model] }
  if (counted !== undefined && fits(amountToReserve(known), left)) return boundOf(known, terms)
  if (options.onShort !== 'shrink' || !mayShrink) return undefined
  const cap = greatestCap(known, left)
  return cap === undefined ? undefined : boundOf({ ...known, cap }, terms)
}
