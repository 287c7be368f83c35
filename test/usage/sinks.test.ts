import { beforeEach, describe, expect, it, vi } from 'vitest'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { watchLimits } from '../../src/ledger/rules/thresholds.ts'
import { limitEvents } from '../../src/usage/limits.ts'
import { createSinks, limitWatchOf } from '../../src/usage/sinks.ts'
import type { Send, UsageSink } from '../../src/usage/sink.ts'
import { limit, PureLedger, units } from '../ledger/rules/pureledger.ts'
import { recordsOf } from './records.ts'

let ledger: PureLedger
const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
beforeEach(() => {
  ledger = new PureLedger()
  warn.mockClear()
})

const platform = { fetch, clock: () => ledger.now, bindings: bindingsOf({}) }
const all: Send = async (records) => records.map(({ position }) => position)

/** A sink that keeps what it is shown, and answers as it is told. */
function listener(name: string, answer: Send = all) {
  const heard: string[] = []
  const state = { answer }
  const sink: UsageSink = {
    name,
    to: `https://${name}.test/`,
    faults: () => [],
    create: () => (records) => {
      heard.push(...records.map(({ id }) => id))
      return state.answer(records)
    },
  }
  return { heard, sink, state }
}

describe('used shares of limits', () => {
  const used = () => {
    const watched = new PureLedger(watchLimits([50, 75]))
    watched.charge({ counts: units(3n), limits: [limit(4n, 'P1D')] })
    return watched.records()
  }
  const naming = (...thresholds: number[]) => limitEvents({ thresholds })

  it('are shown to who names them, and are done with for all others', async () => {
    const [half, none] = [listener('half'), listener('none')]
    const sinks = createSinks([{ ...half.sink, ...naming(50) }, none.sink], platform)
    for (const send of sinks.values()) expect(new Set(await send(used(), () => ({})))).toEqual(new Set([1, 2, 3]))
    expect(half.heard).toEqual(['c1/charge', 'c1/threshold/2'])
    expect(none.heard).toEqual(['c1/charge'])
  })

  it('wait with the charges where their sink fails', async () => {
    const broken = listener('broken', async () => [])
    const [send] = createSinks([{ ...broken.sink, ...naming(50, 75) }], platform).values()
    expect(await send?.(used(), () => ({}))).toEqual([])
  })

  it('are those that some sink names, and none if none does', () => {
    const [one, other, third] = [listener('one').sink, listener('other').sink, listener('third').sink]
    const watch = limitWatchOf([one, { ...other, ...naming(75) }, { ...third, ...naming(50, 75) }])
    const watched = new PureLedger(watch)
    watched.charge({ counts: units(4n), limits: [limit(4n, 'P1D')] })
    expect(watched.records().map(({ limit: of }) => of?.threshold)).toEqual([undefined, 50, 75])
    expect(limitWatchOf([one])).toBeUndefined()
  })
})

describe('the sinks of a configuration', () => {
  it('are told apart by what they are and where they send', () => {
    const sinks = createSinks([listener('one').sink, listener('other').sink], platform)
    expect([...sinks.keys()]).toEqual(['one https://one.test/', 'other https://other.test/'])
  })

  it.each([
    ['rejects', () => Promise.reject(new TypeError('connect(): refused by sesame'))],
    [
      'throws',
      () => {
        throw new TypeError('connect(): refused by sesame')
      },
    ],
  ] satisfies [string, Send][])('take nothing where one %s, and the log says where and why', async (_what, failing) => {
    const [send] = createSinks([listener('broken', failing).sink], platform).values()
    expect(await send?.(recordsOf(ledger, 2), () => ({ attempts: 1 }))).toEqual([])
    const lines = warn.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)
    expect(lines).toEqual([{ usage: 'TypeError: connection refused', to: 'https://broken.test/', attempts: 1 }])
  })
})
