import { describe, expect, it } from 'vitest'
import { nearest } from '../../../src/meters/llm/rules/nearest.ts'

const IDS = ['gpt-5.6', 'gpt-5.6-mini', 'gpt-4o', 'claude-sonnet-5', 'claude-opus-4-8', 'text-embedding-3-small']

describe('the nearest ids', () => {
  it.each([
    ['gtp-5.6', ['gpt-5.6']],
    ['GPT-5.6', ['gpt-5.6', 'gpt-5.6-mini', 'gpt-4o']],
    ['openai/gpt-5.6-mini', ['gpt-5.6-mini', 'gpt-5.6']],
    ['claude-sonnet', ['claude-sonnet-5', 'claude-opus-4-8']],
    ['sonnet-5', ['claude-sonnet-5']],
    ['embedding-3-small', ['text-embedding-3-small']],
    ['llama', []],
    ['', []],
  ])('of %s are %j', (id, expected) => {
    expect(nearest(id, IDS)).toEqual(expected)
  })

  it('are as many as are asked for', () => {
    const ids = Array.from({ length: 9 }, (_, index) => `model-${index}`)
    expect(nearest('model-', ids)).toHaveLength(3)
    expect(nearest('model-', ids, 1)).toEqual(['model-0'])
  })

  it('of a very long id are those of its first 200 characters', () => {
    const start = 'gpt-5.6'.padEnd(200, ' ')
    expect(nearest(start + 'claude-sonnet-5'.repeat(100_000), IDS)).toEqual(nearest(start, IDS))
  })
})
