import { describe, expect, it } from 'vitest'
import { formatDecimal } from '../../../src/core/money.ts'
import { priceOf } from '../../../src/meters/llm/rules/price.ts'
import {
  boundLines,
  boundPrice,
  inputClassesOf,
  mostOutput,
  type UsageBound,
} from '../../../src/meters/llm/rules/pricebound.ts'
import { compileRateCard, type ModelRates } from '../../../src/meters/llm/rules/ratecard.ts'
import { SERVICE_TIERS, TOKEN_CLASSES, type TokenUsage } from '../../../src/meters/llm/rules/tokenusage.ts'

const GPT: ModelRates = { input: '2.50', output: '10', cacheRead: '1.25' }
const PRO: ModelRates = {
  input: '1.25',
  output: '10',
  cacheRead: '0.125',
  above: { tokens: 200_000, rates: { input: '2.50', output: '15', cacheRead: '0.25' } },
}
const LONG: ModelRates = { input: '4', output: '20', above: { tokens: 272_000, rates: { input: '8', output: '30' } } }
const OPUS: ModelRates = {
  input: '5',
  output: '25',
  cacheRead: '0.50',
  cacheWrite: '6.25',
  cacheWriteLong: '10',
  each: { webSearch: '0.01' },
}
const FLASH: ModelRates = { input: '0.30', output: '2.50' }
const TIERED: ModelRates = { input: '5', output: '30', tiers: { flex: '0.5', fast: '2' } }

const opusUsage: TokenUsage = {
  tokens: { input: 9n, cacheRead: 17_102n, cacheWriteLong: 3904n, output: 510n },
  fees: { webSearch: 2n },
}

const amount = (units: bigint): string => formatDecimal(units, 9)
const none = () => undefined

function charged(rates: ModelRates, usage: TokenUsage, markup?: string): string | readonly string[] {
  const priced = priceOf(usage, compileRateCard('model', rates, { markup }), none)
  return priced.ok ? amount(priced.value.units) : priced.error
}

describe('a price', () => {
  it.each<[string, ModelRates, TokenUsage, string]>([
    ['cached input', GPT, { tokens: { input: 86n, cacheRead: 1920n, output: 300n } }, '0.005615'],
    ['predicted output, which is in the output', GPT, { tokens: { input: 50n, output: 100n } }, '0.001125'],
    ['a long prompt', PRO, { tokens: { input: 5005n, cacheRead: 257_955n, output: 1744n } }, '0.10316125'],
    ['a prompt below the threshold', LONG, { tokens: { input: 271_000n, output: 10n } }, '1.0842'],
    ['a prompt at the threshold', LONG, { tokens: { input: 272_000n, output: 10n } }, '1.0882'],
    ['a prompt above the threshold', LONG, { tokens: { input: 273_000n, output: 10n } }, '2.1843'],
    ['an entry in the cache for an hour', OPUS, opusUsage, '0.080386'],
    [
      'the same for five minutes',
      OPUS,
      { ...opusUsage, tokens: { input: 9n, cacheRead: 17_102n, cacheWrite: 3904n, output: 510n } },
      '0.065746',
    ],
    ['thoughts, which are output', FLASH, { tokens: { input: 15n, output: 359n + 661n } }, '0.0025545'],
    ['the prompt of a tool', FLASH, { tokens: { input: 115n, output: 10n } }, '0.0000595'],
    ['speech', { input: '2', output: '8', outputAudio: '12' }, { tokens: { input: 38n, outputAudio: 47n } }, '0.00064'],
    [
      'a picture',
      { input: '5', output: '8', outputImage: '30' },
      { tokens: { input: 150n, outputImage: 8000n } },
      '0.24075',
    ],
    ['the flex tier', TIERED, { tokens: { input: 1000n, output: 100n }, tier: 'flex' }, '0.004'],
    ['the default tier', TIERED, { tokens: { input: 1000n, output: 100n }, tier: 'default' }, '0.008'],
    ['no tier', TIERED, { tokens: { input: 1000n, output: 100n } }, '0.008'],
    ['the fast tier', TIERED, { tokens: { input: 1000n, output: 100n }, tier: 'fast' }, '0.016'],
    [
      'a region',
      { input: '5', output: '25', regions: { us: '1.1' } },
      { tokens: { input: 1000n, output: 100n }, region: 'us' },
      '0.00825',
    ],
    [
      'fractions of a unit, with one rounding',
      { input: '0.0375', cacheRead: '0.0375', output: '0.0375' },
      { tokens: { input: 1n, cacheRead: 1n, output: 1n } },
      '0.000000113',
    ],
    ['a call of two choices', GPT, { tokens: { input: 100n, output: 50n } }, '0.00075'],
    ['an answer cut off', { input: '3', output: '15' }, { tokens: { input: 25n, output: 40n } }, '0.000675'],
    ['a call without an answer', GPT, { tokens: { input: 320n } }, '0.0008'],
    ['nothing', GPT, { tokens: {} }, '0'],
    ['the least rate', { input: '0.000000001', output: '0' }, { tokens: { input: 1n } }, '0.000000001'],
    ['classes that did not occur and have no rate', GPT, { tokens: { input: 2n, inputAudio: 0n } }, '0.000005'],
  ])('of %s is exact', (_name, rates, usage, expected) => {
    expect(charged(rates, usage)).toBe(expected)
  })

  it('of two hops is the sum of two charges', () => {
    const rates = { input: '2', output: '12' }
    expect([
      charged(rates, { tokens: { input: 1000n, output: 200n } }),
      charged(rates, { tokens: { input: 1200n, output: 300n } }),
    ]).toEqual(['0.0044', '0.006'])
  })

  it('has its markup in the same rounding, fees included', () => {
    const rates = { input: '0.0375', output: '0.0375', each: { webSearch: '0.01' } }
    expect(charged(rates, { tokens: { input: 1n, output: 1n } }, '1.2')).toBe('0.00000009')
    expect(charged(rates, { tokens: { input: 1n }, fees: { webSearch: 3n } }, '1.2')).toBe('0.036000045')
  })

  it('has the fee of the call, though no provider reports it', () => {
    expect(charged({ ...GPT, each: { request: '0.005' } }, { tokens: { input: 2n } })).toBe('0.005005')
  })

  it('of a tier leaves fees as they are, unless the tier has its own', () => {
    const usage: TokenUsage = { tokens: { input: 1000n }, fees: { webSearch: 1n }, tier: 'batch' }
    const each = { webSearch: '0.01' }
    const own = { input: '2.5', output: '15', each: { webSearch: '0.004' } }
    expect(charged({ ...TIERED, each, tiers: { batch: '0.5' } }, usage)).toBe('0.0125')
    expect(charged({ ...TIERED, each, tiers: { batch: own } }, usage)).toBe('0.0065')
    expect(charged({ ...TIERED, each, tiers: { batch: { input: '2.5', output: '15' } } }, usage)).toBe('0.0125')
  })

  it('of a region leaves fees as they are', () => {
    const rates = { ...OPUS, regions: { us: '1.1' } }
    expect(charged(rates, { tokens: { input: 1000n }, fees: { webSearch: 1n }, region: 'us' })).toBe('0.0155')
  })

  it('crosses the threshold by all tokens of the prompt, and by none of the answer', () => {
    const prompt = { input: 100_000n, cacheRead: 100_000n }
    expect(charged(PRO, { tokens: { ...prompt, output: 1_000_000n } })).toBe('10.1375')
    expect(charged(PRO, { tokens: { ...prompt, input: 100_001n } })).toBe('0.2750025')
  })

  it('crosses the threshold of the tier that served', () => {
    const usage: TokenUsage = { tokens: { input: 200_001n, output: 10n }, tier: 'batch' }
    expect(charged({ ...PRO, tiers: { batch: '0.5' } }, usage)).toBe('0.25007625')
    expect(charged({ ...PRO, tiers: { batch: { input: '1', output: '5' } } }, usage)).toBe('0.200051')
  })

  it('adds what other models used on the way, by their own rates and factors, in one rounding', () => {
    const image = compileRateCard('image', { input: '0.0005', output: '1', outputImage: '30' }, { markup: '2' })
    const usage: TokenUsage = {
      tokens: { input: 1n },
      also: [{ model: 'image', tokens: { input: 1n, outputImage: 100n } }],
    }
    const priced = priceOf(usage, compileRateCard('text', { input: '0.0005', output: '1' }), () => image)
    expect(priced).toEqual({
      ok: true,
      value: {
        units: 6_000_002n,
        lines: [
          { name: 'input', units: 1n, rate: '0.0005' },
          { name: 'image input', units: 1n, rate: '0.001' },
          { name: 'image outputImage', units: 100n, rate: '60' },
        ],
      },
    })
  })

  it.each(TOKEN_CLASSES)('depends on %s alone, if nothing else was used', (name) => {
    const rates = Object.fromEntries(TOKEN_CLASSES.map((each, index) => [each, `${index + 1}`]))
    const expected = amount(BigInt(TOKEN_CLASSES.indexOf(name) + 1) * 7000n)
    expect(charged(rates as unknown as ModelRates, { tokens: { [name]: 7n } })).toBe(expected)
  })
})

describe('a price is refused', () => {
  it.each<[string, ModelRates, TokenUsage, readonly string[]]>([
    [
      'a class without a rate',
      GPT,
      { tokens: { input: 1n, inputAudio: 3n, outputImage: 1n } },
      ['inputAudio', 'outputImage'],
    ],
    ['a fee without a rate', GPT, { tokens: { input: 1n }, fees: { webSearch: 1n } }, ['webSearch']],
    ['a tier without a rate', TIERED, { tokens: { input: 1n }, tier: 'batch' }, ['tier batch']],
    ['a region without a factor', GPT, { tokens: { input: 1n }, region: 'us' }, ['region us']],
    ['a model without rates', GPT, { tokens: {}, also: [{ model: 'image', tokens: {} }] }, ['model image']],
    ['a negative count', GPT, { tokens: { input: -1n, output: 5n } }, ['input']],
    [
      'a class that the rates of long prompts leave out',
      { ...PRO, above: { tokens: 10, rates: { input: '1', output: '1' } } },
      { tokens: { cacheRead: 11n } },
      ['cacheRead'],
    ],
  ])('for %s', (_name, rates, usage, expected) => {
    expect(charged(rates, usage)).toEqual(expected)
  })
})

const TEXT = ['input', 'cacheRead', 'cacheWrite'] as const
const bound = (over: Partial<UsageBound>): UsageBound => ({
  input: 0n,
  output: 0n,
  inputs: TEXT,
  tiers: ['default'],
  ...over,
})

describe('a bound', () => {
  it.each<[string, ModelRates, Partial<UsageBound>, string]>([
    ['of two choices', GPT, { input: 1264n, output: 2n * 4096n }, '0.08508'],
    [
      'with an entry in the cache for an hour',
      OPUS,
      { input: 1264n, output: 4096n, inputs: [...TEXT, 'cacheWriteLong'] },
      '0.11504',
    ],
    ['without one', OPUS, { input: 1264n, output: 4096n }, '0.1103'],
    ['below the threshold', LONG, { input: 272_000n, output: 10n }, '1.0882'],
    ['above the threshold', LONG, { input: 272_001n, output: 10n }, '2.176308'],
    [
      'above a threshold after which it is cheaper',
      { input: '4', output: '20', above: { tokens: 1000, rates: { input: '1', output: '1' } } },
      { input: 2000n, output: 10n },
      '0.0042',
    ],
    ['in the dearest tier', TIERED, { input: 1000n, output: 100n, tiers: SERVICE_TIERS }, '0.016'],
    ['in a tier without rates', TIERED, { input: 1000n, output: 100n, tiers: ['batch'] }, '0.008'],
    ['in the dearest region', { ...GPT, regions: { us: '1.1', eu: '0.9' } }, { input: 1000n }, '0.00275'],
    ['with fees', OPUS, { input: 1n, fees: { webSearch: 3n, image: 9n } }, '0.03000625'],
    ['with the fee of the call', { ...GPT, each: { request: '0.005' } }, { input: 2n }, '0.005005'],
    ['in classes without a rate', GPT, { input: 2n, inputs: ['inputAudio', 'input'] }, '0.000005'],
    ['of pictures', { ...GPT, outputImage: '30' }, { output: 100n }, '0.003'],
    [
      'of text, where pictures have a rate',
      { ...GPT, outputImage: '30' },
      { output: 100n, outputs: ['output'] },
      '0.001',
    ],
  ])('%s is exact', (_name, rates, over, expected) => {
    expect(amount(boundPrice(compileRateCard('model', rates), bound(over)))).toBe(expected)
  })

  it('of what is left is the most output that fits', () => {
    const card = compileRateCard('model', GPT)
    const wanted = bound({ input: 1264n, output: 4096n })
    expect(mostOutput(card, wanted, 20_000_000n)).toBe(1684n)
    expect(mostOutput(card, wanted, 3_160_000n)).toBe(0n)
    expect(mostOutput(card, wanted, 3_159_999n)).toBeUndefined()
    expect(mostOutput(card, wanted, 10n ** 12n)).toBe(4096n)
    expect(mostOutput(compileRateCard('free', { input: '1', output: '0' }), wanted, 1_264_000n)).toBe(4096n)
  })
})

describe('the classes of an input', () => {
  const input = { bytes: 10, media: [], indirect: undefined, hasTools: false }

  it.each([
    ['text', { input, writesLongCache: false }, []],
    ['a cache for an hour', { input, writesLongCache: true }, ['cacheWriteLong']],
    [
      'a picture',
      { input: { ...input, media: [{ kind: 'image', size: undefined } as const] }, writesLongCache: false },
      ['inputImage'],
    ],
    ['sound', { input: { ...input, media: [{ kind: 'audio' } as const] }, writesLongCache: false }, ['inputAudio']],
    [
      'what it points at',
      { input: { ...input, indirect: 'file_id' }, writesLongCache: false },
      ['inputAudio', 'inputImage'],
    ],
  ])('with %s may be', (_name, request, more) => {
    expect(inputClassesOf(request)).toEqual([...TEXT, ...more])
  })

  it('is made of tokens at the dearest rates that they may have', () => {
    const card = compileRateCard('model', OPUS, { markup: '1.2' })
    const wanted = bound({ input: 1264n, output: 4096n, inputs: ['input', 'cacheRead', 'cacheWriteLong'] })
    expect(boundLines(card, wanted)).toEqual([
      { name: 'input', units: 1264n, rate: '12' },
      { name: 'output', units: 4096n, rate: '30' },
    ])
    expect(boundLines(card, { ...wanted, output: 0n }).map(({ name }) => name)).toEqual(['input'])
  })
})
