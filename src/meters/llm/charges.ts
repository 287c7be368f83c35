import type { Breakdown, MeteredAmount } from '../../access/meter.ts'
import { logWarning } from '../../log.ts'
import { boundsOf, amountToReserve } from './call.ts'
import type { CallAttempt } from './attempts.ts'
import type { Gateway } from './gateway.ts'
import { priceOf } from './rules/price.ts'
import type { RateCard } from './rules/ratecard.ts'
import { INPUT_CLASSES, OUTPUT_CLASSES, type TokenClass, type TokenUsage } from './rules/tokenusage.ts'

/**
 * Returns what a usage costs at the rates of the model that served it; undefined if a part of it has no rate: then the
 * reservation is kept, and the operator is told.
 */
export function chargeOf(
  gateway: Gateway,
  attempt: CallAttempt,
  usage: TokenUsage,
  basis: Breakdown['basis'],
): MeteredAmount | undefined {
  if (usage.isInputUnknown === true) return boundedByOutput(attempt, usage)
  const card = cardOf(gateway, attempt, usage.model)
  const priced = priceOf(usage, card, (id) => gateway.table.cardOf(id))
  if (!priced.ok) {
    logWarning({ meter: gateway.provider.name, error: 'unpriced', model: attempt.model.id, names: priced.error })
    return undefined
  }
  const { units, lines } = priced.value
  return {
    counts: countsOf(sumOf(usage, INPUT_CLASSES), sumOf(usage, OUTPUT_CLASSES)),
    price: { units, currency: attempt.call.currency },
    breakdown: {
      of: card.model,
      basis,
      lines,
      rates: card.source,
      ...(usage.tier !== undefined && { tier: usage.tier }),
    },
  }
}

/** Returns what a call costs of which only the output is known: all the input that was reserved, and that output. */
function boundedByOutput(attempt: CallAttempt, usage: TokenUsage): MeteredAmount | undefined {
  const { model, call } = attempt
  const [bound] = boundsOf({ ...call, candidates: [model] })
  if (bound === undefined) return undefined
  const output = sumOf(usage, OUTPUT_CLASSES)
  if (output >= bound.usage.output) return undefined
  const amount = amountToReserve(call, [{ model, usage: { ...bound.usage, output } }])
  const lines = [
    { name: 'input', units: bound.usage.input },
    { name: 'output', units: output },
  ]
  return { ...amount, breakdown: { of: model.id, basis: 'bounded', lines, rates: model.card.source } }
}

function countsOf(input: bigint, output: bigint): MeteredAmount['counts'] {
  return [
    { name: 'tokens', units: input + output },
    { name: 'input-tokens', units: input },
    { name: 'output-tokens', units: output },
  ]
}

function sumOf(usage: TokenUsage, classes: readonly TokenClass[]): bigint {
  const own = classes.reduce((sum, name) => sum + (usage.tokens[name] ?? 0n), 0n)
  return (usage.also ?? []).reduce((sum, other) => sum + sumOf(other, classes), own)
}

/** The pairs of models that this isolate has told of. */
const told = new Set<string>()
const MOST_TOLD = 1000

/**
 * Returns the rates of the model that served. A snapshot that is not on sale under its own id is priced as the model that was
 * asked for.
 */
function cardOf({ provider, table }: Gateway, { model }: CallAttempt, served: string | undefined): RateCard {
  if (served === undefined || served === model.id) return model.card
  const own = table.models.get(served)
  if (own !== undefined) return own.card
  const pair = `${provider.name} ${model.id} ${served}`
  if (!told.has(pair) && told.size < MOST_TOLD) {
    told.add(pair)
    logWarning({ meter: provider.name, note: 'served-by-another-id', model: model.id, served: served.slice(0, 100) })
  }
  return model.card
}
