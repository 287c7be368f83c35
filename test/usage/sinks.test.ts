import { beforeEach, describe, expect, it, vi } from 'vitest'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { createSinks } from '../../src/usage/sinks.ts'
import type { Send, UsageSink } from '../../src/usage/sink.ts'
import { PureLedger } from '../ledger/rules/pureledger.ts'
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
