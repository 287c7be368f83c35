import { beforeEach, describe, expect, it, vi } from 'vitest'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { createFanout } from '../../src/usage/fanout.ts'
import type { Send, UsageSink } from '../../src/usage/sink.ts'
import { Desk } from '../ledger/rules/desk.ts'
import { flush, recordsOf } from './records.ts'

let desk: Desk
const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
beforeEach(() => {
  desk = new Desk()
  warn.mockClear()
})

const platform = { fetch, clock: () => desk.now, bindings: bindingsOf({}) }
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

const sendTo = (...sinks: readonly { readonly sink: UsageSink }[]): Send => {
  const send = createFanout(
    sinks.map(({ sink }) => sink),
    platform,
  )
  return (records) => send(records, () => ({ attempts: 1 }))
}

describe('several sinks', () => {
  it('hear of every record, which is done with when all have it', async () => {
    const [one, other] = [listener('one'), listener('other')]
    const ids = recordsOf(desk, 2).map(({ id }) => id)
    await flush(desk, sendTo(one, other))
    expect([one.heard, other.heard]).toEqual([ids, ids])
    expect(desk.records()).toEqual([])
  })

  it.each([
    ['takes nothing', async () => []],
    ['rejects', () => Promise.reject(new TypeError('connect(): refused by sesame'))],
    [
      'throws',
      () => {
        throw new TypeError('connect(): refused by sesame')
      },
    ],
  ] satisfies [string, Send][])('do not keep each other from hearing of it where one %s', async (what, failing) => {
    const [broken, working] = [listener('broken', failing), listener('working')]
    const ids = recordsOf(desk, 2).map(({ id }) => id)
    await flush(desk, sendTo(broken, working))
    expect(working.heard).toEqual(ids)
    expect(desk.records().map(({ id }) => id)).toEqual(ids)
    const lines = warn.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)
    const line = { usage: 'TypeError: connection refused', to: 'https://broken.test/', attempts: 1 }
    expect(lines).toEqual(what === 'takes nothing' ? [] : [line])
    broken.state.answer = all
    await flush(desk, sendTo(broken, working))
    expect([desk.records(), new Set(broken.heard)]).toEqual([[], new Set(ids)])
  })

  it('may each take a part, and what both took is done with', async () => {
    const only =
      (...positions: number[]): Send =>
      async () =>
        positions
    recordsOf(desk, 2)
    expect(await flush(desk, sendTo(listener('one', only(3, 1, 2)), listener('other', only(2, 3, 4))))).toEqual([3, 2])
    expect(desk.records().map(({ position }) => position)).toEqual([1, 4])
  })
})
