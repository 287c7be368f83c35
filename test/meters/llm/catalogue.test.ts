import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { oddities } from '../../../cli/prices/review.ts'
import { catalogueIds, catalogueOf } from '../../../src/meters/llm/catalogue.ts'
import { PRICE_LIST } from '../../../src/meters/llm/pricelist.ts'
import type { ModelRates } from '../../../src/meters/llm/rules/ratecard.ts'
import { modelRatesSchema } from '../../../src/meters/llm/rules/rateschema.ts'

const models = [...PRICE_LIST].flatMap(([provider, { models }]) =>
  Object.entries(models).map(([id, model]) => ({ name: `${provider} ${id}`, provider, id, model })),
)
const allRates = models.flatMap(({ name, model }) => [
  { name, rates: model.rates },
  ...(model.next === undefined ? [] : [{ name: `${name} from ${model.next.from}`, rates: model.next.rates }]),
])

describe('the price list', () => {
  it('has models of each provider that charges in its currency', () => {
    expect([...PRICE_LIST.keys()]).toEqual(['openai', 'anthropic', 'gemini', 'mistral'])
    expect(models.length).toBeGreaterThan(50)
  })

  it.each(allRates)('has rates of $name as an operator would write them', ({ rates }) => {
    expect(v.safeParse(modelRatesSchema, rates).issues).toBeUndefined()
  })

  it.each(allRates)('has nothing odd in the rates of $name', ({ rates }) => {
    expect(oddities(rates)).toEqual([])
  })

  it.each(models)('says where the rates of $name are from, and of which day', ({ model }) => {
    expect(model.source).not.toBe('')
    expect(model.date).toMatch(/^2026-\d\d-\d\d$/)
    const { limit = { input: 0, output: 0 }, rates } = model
    expect(limit.input).toBeGreaterThan(2000)
    expect(limit.output === 0).toBe(rates.output === '0')
  })

  it('has each id once', () => {
    for (const [provider, { models }] of PRICE_LIST) {
      const ids = Object.entries(models).flatMap(([id, { ids = [] }]) => [id, ...ids])
      expect(new Set(ids).size, provider).toBe(ids.length)
    }
  })

  it('has no threshold that no prompt can reach', () => {
    for (const { name, model } of models)
      expect(model.rates.above?.tokens ?? 0, name).toBeLessThan(model.limit?.input ?? Infinity)
  })
})

describe('a model of the price list', () => {
  it('is found by its exact id, or by a dated one', () => {
    expect(catalogueOf('openai', 'gpt-5.4')).toMatchObject({ currency: 'USD', source: 'list of 2026-09-23' })
    expect(catalogueOf('openai', 'gpt-5.4-2026-03-05')).toEqual(catalogueOf('openai', 'gpt-5.4'))
  })

  it.each(['gpt-5.4-', 'gpt-5.4-turbo', 'GPT-5.4', ' gpt-5.4', 'claude-opus-5', '__proto__', 'constructor', ''])(
    'is not found by %j',
    (id) => {
      expect(catalogueOf('openai', id)).toBeUndefined()
    },
  )

  it.each(['qianfan', 'compatible', 'toString', '__proto__'])(
    'is not found with %s, whose prices it does not have',
    (name) => {
      expect(catalogueOf(name, 'gpt-5.4')).toBeUndefined()
      expect(catalogueIds(name)).toEqual([])
    },
  )

  it('is listed with its dated ids', () => {
    expect(catalogueIds('openai')).toEqual(expect.arrayContaining(['gpt-5.4', 'gpt-5.4-2026-03-05']))
    for (const id of catalogueIds('anthropic')) expect(catalogueOf('anthropic', id)).toBeDefined()
  })

  it('has the rates that are announced, from the day on which they are charged', () => {
    const day = Date.parse('2027-01-01T00:00:00Z')
    const before = catalogueOf('gemini', 'gemini-3.8-flash', day - 1)
    expect(before).toMatchObject({ rates: { input: '0.75' }, source: 'list of 2026-09-23' })
    expect(catalogueOf('gemini', 'gemini-3.8-flash', day)).toMatchObject({
      rates: { input: '1.5', output: '7.5' },
      source: 'list of 2027-01-01',
    })
  })
})

describe('an oddity', () => {
  it.each<[string, ModelRates, readonly string[]]>([
    ['a price a thousand times too high', { input: '2500', output: '10000' }, ['input', 'output']],
    ['a price a thousand times too low', { input: '0.0002', output: '0.002' }, ['input']],
    ['columns that are swapped', { input: '10', output: '2.5' }, ['output']],
    ['cached input dearer than input', { input: '1', output: '4', cacheRead: '1.25' }, ['cacheRead']],
    [
      'an hour cheaper than five minutes',
      { input: '1', output: '4', cacheWrite: '2', cacheWriteLong: '1' },
      ['cacheWriteLong'],
    ],
    ['$30 for a search', { input: '1', output: '4', each: { webSearch: '30' } }, ['each.webSearch']],
    [
      'a long prompt cheaper than a short one',
      { input: '2', output: '8', above: { tokens: 9, rates: { input: '1', output: '8' } } },
      ['above.input'],
    ],
    [
      'a tier of its own',
      { input: '2', output: '8', tiers: { fast: { input: '8', output: '2' } } },
      ['tiers.fast.output'],
    ],
    ['nothing generated', { input: '0.02', output: '0' }, []],
  ])('is told of %s', (_name, rates, expected) => {
    expect(oddities(rates).map((sentence) => sentence.split(' ')[0])).toEqual(expected)
  })
})
