import { expect, it } from 'vitest'
import { readUsageBatch } from '../../src/billing/rules/usagerecord.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { eventOf } from '../../src/usage/cloudevents.ts'
import { createSinks } from '../../src/usage/sinks.ts'
import type { UsageSink } from '../../src/usage/sink.ts'

const NOTHING = { counts: [], price: undefined, uses: 0 }
const charge: LedgerRecord = {
  position: 1,
  id: 'c/charge',
  kind: 'charge',
  charge: 'c',
  repeats: undefined,
  at: 1000,
  delivery: undefined,
  kept: NOTHING,
  change: NOTHING,
  facts: { zone: 'news', account: 'ann' },
}
const anomaly: LedgerRecord = {
  ...charge,
  position: 2,
  id: 'r/anomaly',
  kind: 'anomaly',
  charge: 'r',
  anomaly: { step: 'hold', reference: 'r', until: '2026-11-29T18:26:02.000Z', evidence: [], for: [] },
}

it('a sink that counts is not shown what is not normal, and does not keep it waiting', async () => {
  const shown: Record<string, readonly string[]> = {}
  const sinkOf = (name: string, more: Partial<UsageSink>): UsageSink => ({
    name,
    to: 'x',
    faults: () => [],
    create: () => async (records) => {
      shown[name] = records.map(({ id }) => id)
      return records.map(({ position }) => position)
    },
    ...more,
  })
  const platform = { fetch, clock: () => 0, bindings: {} as never }
  const sinks = createSinks([sinkOf('counts', {}), sinkOf('hears', { hearsAnomalies: true })], platform)
  const taken = await Promise.all([...sinks.values()].map((send) => send([charge, anomaly], () => ({}))))
  expect(shown).toEqual({ counts: ['c/charge'], hears: ['c/charge', 'r/anomaly'] })
  expect(taken).toEqual([
    [1, 2],
    [1, 2],
  ])
})

it('billing reads what is not normal beside its charges', () => {
  const [read, ...others] = readUsageBatch(JSON.stringify([eventOf(anomaly)])) ?? []
  expect(others).toEqual([])
  expect(read).toMatchObject({
    id: 'r/anomaly',
    kind: 'anomaly',
    subject: 'ann',
    charge: 'r',
    paidBy: 'account',
    change: { counts: {} },
    anomaly: { step: 'hold', reference: 'r' },
  })
})
