import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LedgerHost } from '../../../src/ledger/host/host.ts'
import type { LedgerOutside, Sink } from '../../../src/ledger/host/outside.ts'
import { MemoryStore } from '../../../src/platform/memory/store.ts'
import { chargeOf, MINUTE, SECOND } from '../rules/pureledger.ts'
import { LATER, valueOf } from './driver.ts'
import { TERMS } from './memory.ts'

beforeEach(() => void vi.useFakeTimers({ now: LATER }))
afterEach(() => void vi.useRealTimers())

const outside = (sink: Sink): LedgerOutside => ({
  sinks: new Map([['billing', sink]]),
  hasOutbox: true,
  settlerOf: () => undefined,
  warn: () => undefined,
})

const hangs: Sink = () => new Promise(() => undefined)

/** A ledger with one charge, at the time to tell billing of it. */
async function charged(sink: Sink, store = new MemoryStore(TERMS)): Promise<LedgerHost> {
  const host = new LedgerHost(store, outside(sink))
  await host.charge(chargeOf('first', Date.now()))
  vi.setSystemTime(LATER + 5 * SECOND)
  return host
}

/** Rings the alarm whenever it is due, until then. */
async function ringUntil(host: LedgerHost, store: MemoryStore, end: number): Promise<void> {
  while ((store.alarmAt ?? Infinity) <= end) {
    vi.setSystemTime(Math.max(store.alarmAt ?? 0, Date.now()))
    store.alarmAt = undefined
    const rung = host.alarm()
    await vi.advanceTimersByTimeAsync(MINUTE)
    await rung
  }
}

describe('an alarm', () => {
  it('goes on though a sink never answers, and sets the next one for what came meanwhile', async () => {
    const store = new MemoryStore(TERMS)
    const host = await charged(hangs, store)
    store.alarmAt = undefined
    const rung = host.alarm()
    await vi.advanceTimersByTimeAsync(30 * SECOND)
    await host.charge(chargeOf('second', Date.now()))
    await vi.advanceTimersByTimeAsync(30 * SECOND)
    await rung
    expect(store.alarmAt).toBeGreaterThan(Date.now())
    await ringUntil(host, store, LATER + 10 * MINUTE)
    expect(valueOf(await host.read({})).unsettled.map(({ id }) => id)).toEqual(['second', 'first'])
  })

  it('that is at work for more than a minute keeps nobody from setting another', async () => {
    const store = new MemoryStore(TERMS)
    const host = await charged(hangs, store)
    store.alarmAt = undefined
    void host.alarm()
    await vi.advanceTimersByTimeAsync(1)
    for (const seconds of [30, 66]) {
      vi.setSystemTime(LATER + seconds * SECOND)
      await host.read({})
      expect(store.alarmAt === undefined).toBe(seconds === 30)
    }
  })

  it('whose process is killed at work is set anew by the next, which tells billing', async () => {
    const store = new MemoryStore(TERMS)
    const host = await charged(hangs, store)
    store.alarmAt = undefined
    void host.alarm()
    await vi.advanceTimersByTimeAsync(1)
    const shown: string[] = []
    const next = new LedgerHost(
      store,
      outside(async (records) => {
        shown.push(...records.map(({ id }) => id))
        return records.map(({ position }) => position)
      }),
    )
    await next.statements(undefined)
    expect(store.alarmAt).toBeDefined()
    await ringUntil(next, store, LATER + MINUTE)
    expect(shown).toEqual(['first/charge'])
  })

  it('is set again though a sink throws at once', async () => {
    const store = new MemoryStore(TERMS)
    const throws: Sink = () => {
      throw new Error('a fault of the sink')
    }
    const host = await charged(throws, store)
    store.alarmAt = undefined
    await host.alarm()
    expect(store.alarmAt).toBeDefined()
  })

  it('tells a slow sink for a minute or so, and goes on with the next', async () => {
    const store = new MemoryStore(TERMS)
    const shown: number[] = []
    const slow: Sink = async (records) => {
      vi.setSystemTime(Date.now() + 25 * SECOND)
      shown.push(records.length)
      return records.map(({ position }) => position)
    }
    const host = await charged(slow, store)
    await Promise.all(Array.from({ length: 499 }, (_, n) => host.charge(chargeOf(`c${n}`, Date.now() + 60 * MINUTE))))
    store.alarmAt = undefined
    await host.alarm()
    expect(shown).toEqual([100, 100, 100])
    await ringUntil(host, store, LATER + 10 * MINUTE)
    // The last is the end of the first charge.
    expect(shown).toEqual([100, 100, 100, 100, 100, 1])
  })

  it('throws only if none can be set, so that the platform rings again by itself; else the next commit sets one', async () => {
    class Unset extends MemoryStore {
      isUnset = false
      override async setAlarm(time: number): Promise<void> {
        if (this.isUnset) throw new Error('no alarm')
        return super.setAlarm(time)
      }
    }
    const store = new Unset(TERMS)
    const host = await charged(hangs, store)
    store.alarmAt = undefined
    store.isUnset = true
    const rung = expect(host.alarm()).rejects.toThrow('cannot be set')
    await vi.advanceTimersByTimeAsync(MINUTE)
    await rung
    store.isUnset = false
    await host.read({})
    expect(store.alarmAt).toBeDefined()
  })
})
