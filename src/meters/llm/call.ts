/**
 * One call of a model, bounded.
 *
 * The bound is that of the dearest model that may serve, in the dearest tier: whichever of them answers, what it used costs no
 * more. Nothing is known yet of what the call will use, except what the request says and what the model can do at most.
 */
import type { Breakdown, MeteredAmount } from '../../access/meter.ts'
import type { Model } from './models.ts'
import type { ModelApi } from './provider.ts'
import { boundLines, boundPrice, inputClassesOf, mostOutput, type UsageBound } from './rules/pricebound.ts'
import type { ImageRule } from './rules/imagetokens.ts'
import { inputBound } from './rules/inputbound.ts'
import type { ModelRequest } from './rules/request.ts'
import type { ServiceTier } from './rules/tokenusage.ts'

/** A request to a model that is on sale, and who may serve it. */
export interface ModelCall {
  readonly api: ModelApi
  readonly request: ModelRequest
  /** The model asked for, and its fallbacks: in the order of asking. */
  readonly candidates: readonly Model[]
  readonly tiers: readonly ServiceTier[]
  readonly currency: string
  /** Returns how a model counts pictures. */
  readonly imageRuleOf: (model: string) => ImageRule | undefined
  /** The tokens of the input, if somebody has counted them. */
  readonly counted?: bigint
  /** The cap on output that the gate has set for one choice, if it has. */
  readonly cap?: bigint
}

/** The most that one candidate may use. */
export interface CallBound {
  readonly model: Model
  readonly usage: UsageBound
}

/** Returns the bounds of a call, one for each candidate. */
export function boundsOf(call: ModelCall): readonly CallBound[] {
  return call.candidates.map((model) => ({ model, usage: usageBound(call, model) }))
}

function usageBound({ request, tiers, imageRuleOf, counted, cap: lowered }: ModelCall, model: Model): UsageBound {
  const { output } = request
  const input = counted ?? inputBound(request.input, model.limit.input, imageRuleOf(model.id)).tokens
  return {
    input,
    output: capOf(request, model, lowered) * output.choices,
    inputs: inputClassesOf(request),
    tiers,
    fees: output.fees,
  }
}

/** Returns true if the provider's counter can say less of the input than the bound. */
export function isCountable({ request, candidates: [model], imageRuleOf }: ModelCall): boolean {
  return model !== undefined && inputBound(request.input, model.limit.input, imageRuleOf(model.id)).isCountable
}

/** Returns the cap on the output of one choice: the gate's own, the client's, the model's default, or all that it can. */
export function capOf({ output }: ModelRequest, { defaultOutput, limit }: Model, lowered?: bigint): bigint {
  if (output.choices === 0n) return 0n
  const can = output.most === undefined ? limit.output : least(output.most, limit.output)
  return least(lowered ?? output.cap ?? defaultOutput ?? can, can)
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)
const most = (all: readonly bigint[]): bigint => all.reduce((one, other) => (one > other ? one : other), 0n)

/** Returns the amount to reserve for a call. */
export function amountToReserve(call: ModelCall, bounds = boundsOf(call)): MeteredAmount {
  return {
    counts: [
      { name: 'tokens', units: most(bounds.map(({ usage }) => usage.input + usage.output)) },
      { name: 'input-tokens', units: most(bounds.map(({ usage }) => usage.input)) },
      { name: 'output-tokens', units: most(bounds.map(({ usage }) => usage.output)) },
    ],
    price: { units: most(bounds.map(({ model, usage }) => boundPrice(model.card, usage))), currency: call.currency },
  }
}

/** Returns what the reservation of a call is made of: its dearest candidate, at its dearest rates. */
export function dearestOf(call: ModelCall): Breakdown {
  const { model, usage } = boundsOf(call).reduce((one, other) =>
    boundPrice(other.model.card, other.usage) > boundPrice(one.model.card, one.usage) ? other : one,
  )
  return { of: model.id, basis: 'reserved', lines: boundLines(model.card, usage), rates: model.card.source }
}

/** Returns true if a call fits in what is left. */
export function fits(amount: MeteredAmount, left: MeteredAmount): boolean {
  const isDear = amount.price !== undefined && left.price !== undefined && amount.price.units > left.price.units
  return !isDear && left.counts.every(({ name, units }) => unitsIn(amount, name) <= units)
}

function unitsIn({ counts }: MeteredAmount, name: string): bigint {
  return counts.find((count) => count.name === name)?.units ?? 0n
}

/**
 * Returns the greatest cap on the output of one choice with which the call fits in what is left; undefined if it does not even
 * with the least cap that works.
 */
export function greatestCap(call: ModelCall, left: MeteredAmount): bigint | undefined {
  const { choices, leastCap } = call.request.output
  if (choices === 0n) return undefined
  const caps = boundsOf(call).map(({ model, usage }) => {
    const byPrice = left.price === undefined ? usage.output : (mostOutput(model.card, usage, left.price.units) ?? -1n)
    return left.counts.reduce((fit, { name, units }) => least(fit, byQuota(name, units, usage)), byPrice) / choices
  })
  const cap = caps.reduce(least)
  return cap < leastCap ? undefined : cap
}

function byQuota(name: string, units: bigint, { input, output }: UsageBound): bigint {
  if (name === 'output-tokens') return units
  if (name === 'tokens') return units - input
  return name === 'input-tokens' && units < input ? -1n : output
}
