import { describe, expect, it } from 'vitest'
import { createModels, MODEL_KEYS } from '../../demo/models/models.ts'
import type { Family } from '../../demo/models/turn.ts'
import {
  callFields,
  curlOf,
  difference,
  errorIn,
  measureIn,
  messageIn,
  modelIds,
  piecesOf,
  PLAYGROUND,
  quoteIn,
  receiptIn,
} from '../../demo/playground/calls.ts'

const asked = { model: 'demo~tokens-12', prompt: "It's a word.", most: 100 }

describe.each(Object.entries(PLAYGROUND))('the playground, with %s', (name, provider) => {
  const family = (name === 'llama' ? 'compatible' : name) as Family

  it('asks as this API is asked, and reads the text of the answer', async () => {
    const models = createModels()
    const { path, body } = provider.request(asked)
    const request = new Request(`http://models.example${path.replace('/llama/', '/compatible/')}`, {
      method: 'POST',
      headers: callFields(provider, MODEL_KEYS[family]),
      body: JSON.stringify(body),
    })
    const stream = (await models.fetch(request)).body
    let text = ''
    if (stream !== null)
      for await (const piece of piecesOf(stream)) if ('data' in piece) text += provider.text(piece.data)
    expect(text).toMatch(/^You asked: “It's a word\.”/)
    expect(models.log[0]?.usage?.output).toBe(12)
  })

  it('shows the same call for a shell', () => {
    const shown = curlOf(provider, asked, 'http://localhost:8787')
    expect(shown).toContain('$TOKEN"')
    expect(shown).toContain(String.raw`It'\''s a word.`)
  })
})

describe('the playground', () => {
  it.each([
    ['0.01', '0.0087655', '0.0012345'],
    ['1', '0.25', '0.75'],
    ['0.25', '1', '-0.75'],
    ['0.01', '0.01', '0'],
    ['12', '2', '10'],
  ])('takes %s less %s for %s', (one, other, expected) => {
    expect(difference(one, other)).toBe(expected)
  })

  it('says what a call would reserve, and what would fit', () => {
    const price = { amount: '0.0006', currency: 'USD' }
    const lines = [
      { name: 'input', units: '100', rate: '0.1' },
      { name: 'output', units: '1000', rate: '0.5' },
    ]
    const served = { decision: { action: 'serve' }, bound: { price, breakdown: { lines } } }
    expect(quoteIn(served)).toBe('Reserves 0.0006 USD: 100 tokens in at 0.1, 1000 out at 0.5 for a million.')
    const refused = {
      decision: { action: 'refuse', detail: 'No.' },
      bound: { price, wouldFit: { 'output-tokens': '31' } },
    }
    expect(quoteIn(refused)).toBe('Reserves 0.0006 USD: too much. 31 tokens of answer would fit.')
    expect(quoteIn({ decision: { action: 'refuse' }, bound: { price } })).toBe('Reserves 0.0006 USD: too much.')
    expect([quoteIn({ decision: { detail: 'No.' } }), quoteIn(undefined)]).toEqual(['No.', ''])
  })

  it('says what a charge was made of', () => {
    const lines = [
      { name: 'input', units: '10', rate: '0.1' },
      { name: 'cacheRead', units: '90', rate: '0.01' },
    ]
    const view = { charge: { breakdown: { lines, basis: 'measured' } } }
    expect(measureIn(view)).toBe('10 tokens in at 0.1, 90 cacheRead at 0.01 for a million; measured')
    expect([measureIn({ charge: {} }), measureIn(undefined)]).toEqual(['', ''])
  })

  it('knows a receipt, an error and the list of models in any shape', () => {
    const receipt = { charge: 'c-1', amount: '0.005615', currency: 'USD' }
    expect(receiptIn(`faregate ${JSON.stringify(receipt)}`)).toEqual(receipt)
    expect([receiptIn('ping'), receiptIn('faregate {"charge":1}'), receiptIn('faregate {')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(errorIn({ type: 'error', error: { message: 'Overloaded' } })).toBe('Overloaded')
    expect(errorIn({ type: 'error', code: 'x', message: 'Failed' })).toBe('Failed')
    expect(errorIn({ choices: [], error: null })).toBeUndefined()
    expect(messageIn({ title: 'x', detail: 'Nothing left.' })).toBe('Nothing left.')
    expect(modelIds({ data: [{ id: 'a' }] })).toEqual(['a'])
    expect(modelIds({ models: [{ name: 'models/b' }] })).toEqual(['b'])
  })
})
