import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import type { DeliveryVerdict } from '../../src/usage/deliver.ts'
import { holdSinkToContract, type Mood, revealing } from './contract.ts'
import { memory, type MemoryOptions } from './memory.ts'

holdSinkToContract('of a test’s own', () => {
  const at = { mood: 'takes' as Mood, taken: [] as string[] }
  const take = async (batch: readonly LedgerRecord[]): Promise<DeliveryVerdict> => {
    const { mood } = at
    if (mood === 'throws') throw revealing(['sesame street'])
    if (mood === 'fails') return { kind: 'again', problem: 'no room' }
    if (mood !== 'takes' && batch.some(({ id }) => id === mood.refuses)) return { kind: 'refused', problem: 'unknown' }
    at.taken.push(...batch.map(({ id }) => id))
    return { kind: 'taken' }
  }
  return Object.assign(at, {
    sink: memory({ secret: 'SECRET', take }),
    env: { SECRET: 'sesame street' },
    secrets: ['sesame street'],
    tells: () => true,
    canRefuse: true,
    fetch,
    given: (bad: unknown) => memory(bad as MemoryOptions),
  })
})
