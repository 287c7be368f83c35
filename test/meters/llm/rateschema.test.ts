import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { faultOf } from '../../../src/config/rules/fault.ts'
import { modelRatesSchema, rateFactor } from '../../../src/meters/llm/rules/rateschema.ts'

function faultsOf(given: unknown): string[] {
  const { issues } = v.safeParse(modelRatesSchema, given)
  return (issues ?? []).map((issue) => {
    const { path, message } = faultOf(issue)
    return `${path}: ${message}`
  })
}

const DECIMAL = 'expected a decimal string such as "2.50", with at most 9 decimals'

describe('rates', () => {
  it('may have classes, fees, thresholds, tiers and regions', () => {
    const classes = { input: '1.25', output: '10', cacheRead: '0.125' }
    const given = {
      ...classes,
      each: { webSearch: '0.01', request: '0' },
      above: { tokens: 200_000, rates: classes },
      tiers: { flex: '0.5', fast: { ...classes, above: { tokens: 1, rates: classes } } },
      regions: { us: '1.1' },
    }
    expect(v.parse(modelRatesSchema, given)).toEqual(given)
  })

  it.each<[string, unknown, readonly string[]]>([
    [
      'numbers, and decimals that are too long or malformed',
      {
        input: 2.5,
        output: '1.0000000001',
        cacheRead: '1e3',
        cacheWrite: '-1',
        inputAudio: '01',
        each: { image: '.5' },
      },
      [
        `input: ${DECIMAL}`,
        `output: ${DECIMAL}`,
        `cacheRead: ${DECIMAL}`,
        `cacheWrite: ${DECIMAL}`,
        `inputAudio: ${DECIMAL}`,
        `each.image: ${DECIMAL}`,
      ],
    ],
    ['nothing', {}, ['input: is missing', 'output: is missing']],
    [
      'names that are none',
      { input: '1', output: '1', cached: '1', each: { search: '1' }, tiers: { priority: '2' } },
      ['each.search: is not an option here', 'tiers.priority: is not an option here', 'cached: is not an option here'],
    ],
    [
      'factors of nothing',
      { input: '1', output: '1', tiers: { flex: '0', fast: 2 }, regions: { us: '0.0' } },
      ['tiers.flex: expected a factor above 0', `tiers.fast: ${DECIMAL}`, 'regions.us: expected a factor above 0'],
    ],
    [
      'thresholds of no tokens',
      { input: '1', output: '1', above: { tokens: 0.5, rates: { input: '1' } } },
      ['above.tokens: expected a whole number from 1 to 1000000000', 'above.rates.output: is missing'],
    ],
    [
      'a class in some rates and not in others',
      {
        input: '1',
        output: '1',
        cacheRead: '1',
        above: { tokens: 9, rates: { input: '1', output: '1' } },
        tiers: { fast: { input: '1', output: '1' } },
      },
      [
        'above.rates.cacheRead: is missing: the model has a rate for it',
        'tiers.fast.cacheRead: is missing: the model has a rate for it',
      ],
    ],
  ])('are refused with all faults: %s', (_name, given, expected) => {
    expect(faultsOf(given)).toEqual(expected)
  })

  it.each(['1.2', '0.000000001'])('may be multiplied by %s', (factor) => {
    expect(v.is(rateFactor, factor)).toBe(true)
  })
})
