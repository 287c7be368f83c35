import { describe, expect, it } from 'vitest'
import { REASONS } from '../../../src/core/problem.ts'
import { BENIGN_SEED, benignEntries, digestOf, SCENARIOS } from './corpus.ts'
import { STATUSES } from './line.ts'

const named = (name: string): typeof SCENARIOS => SCENARIOS.filter((scenario) => scenario.name === name)

describe('the corpus of honest life', () => {
  it('says of each scenario why it is honest', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length)
    expect(SCENARIOS.filter(({ why }) => !/^\S.{40,}\.$/.test(why))).toEqual([])
  })

  it('refuses with the statuses of the gate', () => {
    const statuses = Object.fromEntries(
      Object.keys(REASONS).map((reason) => [reason, REASONS[reason as keyof typeof REASONS].status]),
    )
    expect(statuses).toMatchObject(STATUSES)
  })

  it('is the same each time, and another with another seed', () => {
    const digest = (seed: number): string => digestOf(benignEntries(seed, named('commuters')))
    expect(digest(BENIGN_SEED)).toBe(digest(BENIGN_SEED))
    expect(digest(BENIGN_SEED + 1)).not.toBe(digest(BENIGN_SEED))
  })

  it('has in each scenario what that has alone', () => {
    const both = [...named('travellers'), ...named('key-rotation')]
    const alone = Array.from(benignEntries(BENIGN_SEED, named('key-rotation')), ({ line }) => line)
    const beside = Array.from(benignEntries(BENIGN_SEED, both)).filter(({ scenario }) => scenario === 'key-rotation')
    expect(alone.length).toBeGreaterThan(1000)
    expect(beside.map(({ line }) => line)).toEqual(alone)
  })

  it('shows the same network under one hash for a day of UTC, and under another the next', () => {
    const daysOf = new Map<string, Set<string>>()
    for (const { line } of benignEntries(BENIGN_SEED, named('pollers'))) {
      const { network = '', time } = line
      daysOf.set(network, (daysOf.get(network) ?? new Set()).add(time.slice(0, 10)))
    }
    expect(daysOf.size).toBeGreaterThan(50)
    expect([...daysOf.values()].filter(({ size }) => size !== 1)).toEqual([])
  })
})
