import { expect, it } from 'vitest'
import { readTallies } from '../../src/tallies/read.ts'
import { encodeTally } from '../../src/tallies/rules/encoding.ts'
import { DIMENSIONS, kindWith, Tally } from '../../src/tallies/rules/tally.ts'
import { SHARDS } from '../../src/tallies/zones.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const EVER = { resolution: 'ever', from: 0, to: 1, by: DIMENSIONS, moneyBy: [], isSeries: false } as const
const kindOf = (name: string): string => kindWith([name, ...DIMENSIONS.slice(1).map(() => '')])

it('no counter falls when another object sees more kinds of requests, however many there are', async () => {
  const zone = [...compiled({ zones: [ZONE] }).sites.values()][0]?.zone
  if (zone === undefined) throw new Error('the configuration has no zone')
  const shards = Array.from({ length: SHARDS }, (_, shard) => {
    const tally = new Tally()
    for (let kind = 0; kind < 200; kind++) tally.cellOf(kindOf(`${shard} ${kind}`)).count = 1
    return tally
  })
  const countsOf = async (): Promise<Map<string, number>> => {
    const read = await readTallies(
      (_, shard) => async () => {
        const tally = encodeTally(shards[shard] ?? new Tally())
        return { ok: true, value: { buckets: [[0, tally] as const], configurations: [] } }
      },
      zone,
      EVER,
    )
    if (!read.ok) throw new Error(read.error)
    return new Map(Array.from(read.value.buckets.get(0)?.traffic ?? [], ([kind, { count }]) => [kind, count]))
  }
  const before = await countsOf()
  for (let kind = 0; kind < 100; kind++) shards[0]?.cellOf(kindOf(`new ${kind}`))
  const after = await countsOf()
  expect([...before].filter(([kind, count]) => (after.get(kind) ?? 0) < count)).toEqual([])
  expect(before.size).toBe(200 * SHARDS)
})
