import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sink } from '../../../src/ledger/host/outside.ts'
import { Telling } from '../../../src/ledger/host/telling.ts'
import { PureLedger } from '../rules/pureledger.ts'
import { recordsOf } from '../../usage/records.ts'

const progress = () => ({ attempts: 1, backlog: 0 })

/** Rounds until all is told, as an outbox makes them, with pages of three. Each sink follows its own script, then takes all. */
async function tellAll(count: number, scripts: readonly (readonly number[])[]) {
  let waiting = recordsOf(new PureLedger(), count)
  const all = waiting
  const shown = scripts.map((): number[] => [])
  const taken = scripts.map((): Set<number> => new Set())
  const sinks = new Map(
    scripts.map((script, index): [string, Sink] => {
      const left = [...script]
      return [
        `sink ${index}`,
        async (records) => {
          const took = records.slice(0, left.shift() ?? records.length).map(({ position }) => position)
          shown[index]?.push(...records.map(({ position }) => position))
          for (const position of took) taken[index]?.add(position)
          return took
        },
      ]
    }),
  )
  let heard: Telling['heard']
  let rounds = 0
  for (; waiting.length > 0 && rounds < 100; rounds++) {
    const telling = new Telling(sinks, heard)
    for (let after = 0; !telling.isOver; ) {
      const page = waiting.filter(({ position }) => position > after).slice(0, 3)
      const last = page.at(-1)
      if (last === undefined) break
      const { done, isNews } = await telling.show(page, progress)
      waiting = waiting.filter(({ position }) => !done.includes(position))
      if (!isNews) after = last.position
    }
    heard = telling.hasFailed ? telling.heard : undefined
  }
  return { all: all.map(({ position }) => position), shown, taken, rounds, waiting }
}

describe('a round of telling', () => {
  it('leaves nothing untold, whatever sinks take and when', async () => {
    const script = fc.array(fc.nat({ max: 3 }), { maxLength: 12 })
    const scripts = fc.array(script, { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), scripts, async (count, given) => {
        const { all, taken, waiting } = await tellAll(count, given)
        expect(waiting).toEqual([])
        for (const each of taken) expect(each).toEqual(new Set(all))
      }),
    )
  })

  it('shows a record to a sink that took all before it no second time, whatever the others do', async () => {
    const script = fc.array(fc.constant(0), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), script, async (count, failures) => {
        const { all, shown } = await tellAll(count, [failures, []])
        expect(shown[1]).toEqual(all)
      }),
    )
  })
})
