import { PER_UNIT, PIECE_WEIGHT, type PriceLine, rateText, roundUp } from './price.ts'
import { type RateCard, type RateTable, UNIT_FACTOR } from './ratecard.ts'
import type { ModelRequest } from './request.ts'
import { type FeeName, OUTPUT_CLASSES, type ServiceTier, type TokenClass } from './tokenusage.ts'

/** What a call may use at most. */
export interface UsageBound {
  /** The most tokens read, all classes together. */
  readonly input: bigint
  /** The most tokens generated, all classes and choices together. */
  readonly output: bigint
  /** The classes in which input may be read. */
  readonly inputs: readonly TokenClass[]
  /** The classes in which output may be generated. Default: each that has a rate. */
  readonly outputs?: readonly TokenClass[]
  /** The tiers that may serve the call. Those without rates are left out: a call that one of them serves costs its reservation. */
  readonly tiers: readonly ServiceTier[]
  /** The most of what is priced by the piece; undefined counts as none. The call itself is added by its card. */
  readonly fees?: Readonly<Partial<Record<FeeName, bigint | undefined>>>
}

/** Returns the classes in which the input of a request may be read. What it only points at may be any media. */
export function inputClassesOf({
  input,
  writesLongCache,
}: Pick<ModelRequest, 'input' | 'writesLongCache'>): readonly TokenClass[] {
  const kinds = new Set(input.media.map(({ kind }) => kind))
  const isUnknown = input.indirect !== undefined
  const classes: TokenClass[] = ['input', 'cacheRead', 'cacheWrite']
  if (writesLongCache) classes.push('cacheWriteLong')
  if (isUnknown || kinds.has('audio') || kinds.has('video')) classes.push('inputAudio')
  if (isUnknown || kinds.has('image') || kinds.has('video') || kinds.has('document')) classes.push('inputImage')
  return classes
}

/**
 * Returns the most that a call within the bound can cost, in 10⁻⁹ of the currency: each token at the dearest rate of its
 * possible classes, in the dearest tier and region, on either side of the threshold. A class without a rate does not count: if
 * it occurs, the call has no price and costs its reservation.
 *
 * If several models may take part in one call, their bounds add up.
 */
export function boundPrice(card: RateCard, bound: UsageBound): bigint {
  const prices = costLines(card, bound).map(({ fixed, perOutput }) => fixed + perOutput * bound.output)
  return roundUp(prices.reduce(dearer))
}

/**
 * Returns the greatest number of output tokens, up to `bound.output`, with which `boundPrice` is at most `left`; undefined if
 * not even none fits. `left`: in 10⁻⁹ of the currency.
 */
export function mostOutput(card: RateCard, bound: UsageBound, left: bigint): bigint | undefined {
  let most = bound.output
  for (const { fixed, perOutput } of costLines(card, bound)) {
    const rest = left * PER_UNIT - fixed
    if (rest < 0n) return undefined
    const fits = perOutput === 0n ? most : rest / perOutput
    if (fits < most) most = fits
  }
  return most
}

/** Returns the tokens of the dearest outcome, each at the dearest rate that it may have. Pieces are not among them. */
export function boundLines(card: RateCard, bound: UsageBound): readonly PriceLine[] {
  const cost = ({ fixed, perOutput }: CostLine): bigint => fixed + perOutput * bound.output
  const dearest = costLines(card, bound).reduce((one, other) => (cost(other) > cost(one) ? other : one))
  const lines = [
    { name: 'input', units: dearest.input, rate: rateText(dearest.perInput, 1n) },
    { name: 'output', units: bound.output, rate: rateText(dearest.perOutput, 1n) },
  ]
  return lines.filter(({ units }) => units > 0n)
}

/** What a call costs in one tier, on one side of its threshold, as a linear function of its output. */
interface CostLine {
  /** The input, which costs `perInput` each, and what is priced by the piece. */
  readonly fixed: bigint
  readonly input: bigint
  readonly perInput: bigint
  readonly perOutput: bigint
}

function costLines(card: RateCard, bound: UsageBound): readonly CostLine[] {
  const region = [...card.regions.values()].reduce(dearer, UNIT_FACTOR)
  const tiers = bound.tiers.flatMap((tier) => card.tiers.get(tier) ?? [])
  return (tiers.length === 0 ? [card.standard] : tiers).flatMap(({ rates, above }) => {
    if (above === undefined || bound.input <= above.tokens) return [costLine(rates, bound, bound.input, region)]
    return [costLine(rates, bound, above.tokens, region), costLine(above.rates, bound, bound.input, region)]
  })
}

function costLine(rates: RateTable, bound: UsageBound, input: bigint, region: bigint): CostLine {
  const { inputs, outputs = OUTPUT_CLASSES } = bound
  const perInput = dearestRate(rates, inputs) * region
  return {
    fixed: input * perInput + feesOf(rates, bound),
    input,
    perInput,
    perOutput: dearestRate(rates, outputs) * region,
  }
}

function feesOf({ each }: RateTable, { fees }: UsageBound): bigint {
  let sum = 0n
  for (const [name, rate] of each) sum += rate * (fees?.[name] ?? (name === 'request' ? 1n : 0n))
  return sum * PIECE_WEIGHT
}

function dearestRate({ tokens }: RateTable, classes: readonly TokenClass[]): bigint {
  return classes.map((name) => tokens.get(name) ?? 0n).reduce(dearer, 0n)
}

const dearer = (one: bigint, other: bigint): bigint => (one > other ? one : other)
