import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDecimal, parseDecimal } from '../../../src/core/money.ts'
import { priceOf } from '../../../src/meters/llm/rules/price.ts'
import { boundPrice, mostOutput, type UsageBound } from '../../../src/meters/llm/rules/pricebound.ts'
import { type ClassRates, compileRateCard, type PromptRates } from '../../../src/meters/llm/rules/ratecard.ts'
import {
  FEES,
  INPUT_CLASSES,
  OUTPUT_CLASSES,
  SERVICE_TIERS,
  TOKEN_CLASSES,
  type TokenClass,
  type TokenUsage,
} from '../../../src/meters/llm/rules/tokenusage.ts'

const decimal = fc
  .oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 10n ** 9n), fc.bigInt(0n, 10n ** 15n))
  .map((units) => formatDecimal(units, 9))
const factor = fc.bigInt(1n, 3n * 10n ** 9n).map((units) => formatDecimal(units, 9))
const count = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 400_000n), fc.bigInt(0n, 10n ** 12n))

/** A value for each of the names, or for some of them. */
function all<Name extends string, Value>(names: readonly Name[], value: fc.Arbitrary<Value>) {
  return fc.record(modelOf(names, value)) as fc.Arbitrary<Record<Name, Value>>
}
function some<Name extends string, Value>(names: readonly Name[], value: fc.Arbitrary<Value>) {
  return fc.record(modelOf(names, value), { requiredKeys: [] }) as fc.Arbitrary<Partial<Record<Name, Value>>>
}

function modelOf<Value>(names: readonly string[], value: fc.Arbitrary<Value>): Record<string, fc.Arbitrary<Value>> {
  return Object.fromEntries(names.map((name) => [name, value]))
}

const TIERS = ['flex', 'fast', 'batch'] as const
const REGIONS = ['us', 'eu'] as const

/** Cards of a real kind: some classes, tiers and regions have rates. */
const classRates = fc
  .record({
    others: some(TOKEN_CLASSES, decimal),
    needed: all(['input', 'output'], decimal),
    each: some(FEES, decimal),
  })
  .map(({ others, needed, each }): ClassRates => ({ ...others, ...needed, each }))
/** Cards with a rate for whatever may occur. */
const fullRates = fc
  .record({ classes: all(TOKEN_CLASSES, decimal), each: all(FEES, decimal) })
  .map(({ classes, each }): ClassRates => ({ ...classes, each }))

const threshold = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(200_000))
const prompted = (rates: fc.Arbitrary<ClassRates>): fc.Arbitrary<PromptRates> =>
  fc
    .record({ rates, tokens: threshold, over: fc.option(rates, { nil: undefined }) })
    .map(({ rates, tokens, over }) => ({ ...rates, above: over && { tokens, rates: over } }))

const card = fc
  .record({
    rates: prompted(classRates),
    tiers: some(TIERS, fc.oneof(factor, prompted(classRates))),
    regions: some(REGIONS, factor),
    markup: factor,
  })
  .map(({ rates, tiers, regions, markup }) => compileRateCard('model', { ...rates, tiers, regions }, { markup }))
const fullCard = fc
  .record({
    rates: prompted(fullRates),
    tiers: all(TIERS, fc.oneof(factor, prompted(fullRates))),
    regions: all(REGIONS, factor),
    markup: factor,
  })
  .map(({ rates, tiers, regions, markup }) => compileRateCard('model', { ...rates, tiers, regions }, { markup }))

/** A usage, and a bound that it is within. */
const used = fc
  .record({
    tokens: some(TOKEN_CLASSES, count),
    fees: some(FEES, count),
    tier: fc.constantFrom(...SERVICE_TIERS, undefined),
    region: fc.constantFrom('us', 'eu', undefined),
    more: fc.record({ input: count, output: count, fee: fc.bigInt(0n, 2n) }),
  })
  .map(({ tokens, fees: given, tier, region, more }) => {
    // A call is one call.
    const fees = given.request === undefined ? given : { ...given, request: 1n }
    const sumOf = (names: readonly TokenClass[]) => names.reduce((sum, name) => sum + (tokens[name] ?? 0n), 0n)
    const bound: UsageBound = {
      input: sumOf(INPUT_CLASSES) + more.input,
      output: sumOf(OUTPUT_CLASSES) + more.output,
      inputs: INPUT_CLASSES.filter((name) => (tokens[name] ?? 0n) > 0n || more.input > 10n),
      tiers: [tier ?? 'default', ...(more.fee === 0n ? SERVICE_TIERS : [])],
      fees: Object.fromEntries(Object.entries(fees).map(([name, units]) => [name, units + more.fee])),
    }
    const usage: TokenUsage = {
      tokens,
      fees,
      ...(tier === undefined ? {} : { tier }),
      ...(region === undefined ? {} : { region }),
    }
    return { usage, bound }
  })

const none = () => undefined

describe('a price', () => {
  it('is at most the bound of any bound that its usage is within', () => {
    let priced = 0
    fc.assert(
      fc.property(fc.oneof(card, fullCard), used, (card, { usage, bound }) => {
        const price = priceOf(usage, card, none)
        if (!price.ok) return
        priced++
        expect(price.value.units <= boundPrice(card, bound)).toBe(true)
      }),
      { numRuns: 2000 },
    )
    expect(priced).toBeGreaterThan(800)
  })

  it('is the sum of its lines, rounded up', () => {
    fc.assert(
      fc.property(fullCard, used, (card, { usage }) => {
        const price = priceOf(usage, card, none)
        if (!price.ok) throw new Error(price.error.join())
        const PICO = 10n ** 36n
        const sum = price.value.lines.reduce((sum, { name, units, rate }) => {
          const [whole = '', fraction = ''] = rate.split('.')
          const exact = BigInt(whole + fraction.padEnd(36, '0'))
          return sum + units * exact * ((FEES as readonly string[]).includes(name) ? 1_000_000n : 1n)
        }, 0n)
        const per = (PICO * 1_000_000n) / 10n ** 9n
        expect(price.value.units).toBe((sum + per - 1n) / per)
      }),
    )
  })

  it('never falls if more is used of what prompts of any length pay alike', () => {
    fc.assert(
      fc.property(fullCard, used, fc.constantFrom(...OUTPUT_CLASSES), count, (card, { usage }, name, more) => {
        const one = priceOf(usage, card, none)
        const tokens = { ...usage.tokens, [name]: (usage.tokens[name] ?? 0n) + more }
        const other = priceOf({ ...usage, tokens }, card, none)
        expect(one.ok && other.ok && one.value.units <= other.value.units).toBe(true)
      }),
    )
  })
})

describe('the most output that fits', () => {
  it('fits, and one token more does not', () => {
    fc.assert(
      fc.property(card, used, fc.bigInt(0n, 10n ** 18n), (card, { bound }, left) => {
        const most = mostOutput(card, bound, left)
        const priceAt = (output: bigint) => boundPrice(card, { ...bound, output })
        if (most === undefined) expect(priceAt(0n) > left).toBe(true)
        else {
          expect(priceAt(most) <= left).toBe(true)
          expect(most === bound.output || priceAt(most + 1n) > left).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a decimal', () => {
  it('is read and written without loss', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 20n), (units) => {
        expect(parseDecimal(formatDecimal(units, 9))).toBe(units)
      }),
    )
  })
})
