import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LedgerHost } from '../../../src/ledger/host/host.ts'
import type { LedgerOutside } from '../../../src/ledger/host/outside.ts'
import type { Settle } from '../../../src/ledger/rules/payment.ts'
import { MemoryStore } from '../../../src/platform/memory/store.ts'
import { MINUTE, SECOND } from '../rules/pureledger.ts'
import { ledgerContract } from './contract.ts'
import { LATER, valueOf } from './driver.ts'
import { memoryDriver, TERMS } from './memory.ts'
import { modelContract } from './model.ts'
import { bring, paymentContract, stateOf } from './payments.ts'

describe('a host over a store in memory', () => {
  ledgerContract(memoryDriver())
  paymentContract(memoryDriver())
  modelContract(memoryDriver())
})

describe('a host whose journal is short: a checkpoint each third row, and slots used again after a minute', () => {
  modelContract(memoryDriver({ ...TERMS, historyMs: MINUTE, checkpointRows: 3 }))
})

describe('a settler', () => {
  beforeEach(() => void vi.useFakeTimers({ now: LATER }))
  afterEach(() => void vi.useRealTimers())

  const lines: object[] = []
  const outside = (settle?: Settle): LedgerOutside => ({
    sinks: new Map(),
    hasOutbox: true,
    settlerOf: () => settle,
    warn: (line) => lines.push(line),
  })

  /** A payment that a gate began to settle, and was killed. */
  async function begun(store: MemoryStore, settle?: Settle): Promise<LedgerHost> {
    const host = new LedgerHost(store, outside(settle))
    await bring(host, 'a')
    await host.beginSettlement({ charge: 'a', request: 'a' })
    vi.setSystemTime(LATER + 30 * SECOND)
    return host
  }

  it('is called only once it is durable that it will be', async () => {
    const store = new MemoryStore(TERMS)
    const seen: unknown[] = []
    const host = await begun(store, async () => {
      seen.push(stateOf(await bring(new LedgerHost(store, outside()), 'b')))
      return { kind: 'settled', reference: 'r' }
    })
    await host.alarm()
    expect(seen).toEqual(['settlement-unknown'])
  })

  it('that never answers leaves it unknown, and is asked again', async () => {
    const store = new MemoryStore(TERMS)
    const settle = vi.fn<Settle>(() => new Promise(() => undefined))
    const host = await begun(store, settle)
    const rung = host.alarm()
    await vi.advanceTimersByTimeAsync(25 * SECOND)
    await rung
    const rings = [60, 69, 70].map((seconds) => async () => {
      vi.setSystemTime(LATER + seconds * SECOND)
      await Promise.race([host.alarm(), vi.advanceTimersByTimeAsync(1)])
      return settle.mock.calls.length
    })
    const asked: number[] = []
    for (const ring of rings) asked.push(await ring())
    expect(asked).toEqual([1, 1, 2])
  })

  it('that its process is killed with is asked again by the next, and not before it would have been given up', async () => {
    const store = new MemoryStore(TERMS)
    const host = await begun(store, () => new Promise(() => undefined))
    void host.alarm()
    await vi.advanceTimersByTimeAsync(1)
    const settle = vi.fn<Settle>(async () => ({ kind: 'settled', reference: 'r' }))
    const next = new LedgerHost(store, outside(settle))
    vi.setSystemTime(LATER + 45 * SECOND)
    await next.alarm()
    expect(settle).not.toHaveBeenCalled()
    vi.setSystemTime(LATER + MINUTE + SECOND)
    await next.alarm()
    expect(settle.mock.calls).toMatchObject([[{ rail: 'toy' }, 3]])
    expect(valueOf(await next.beginSettlement({ charge: 'a', request: 'a' }))).toMatchObject({ kind: 'settled' })
  })

  it('that the configuration does not name any more leaves it unknown, and a line in the log', async () => {
    lines.length = 0
    const host = await begun(new MemoryStore(TERMS))
    await host.alarm()
    expect(lines).toEqual([{ settle: 'toy', error: 'the zone has no such rail any more' }])
    expect(await bring(host, 'b')).toMatchObject({ payment: { state: 'settling', tries: 3 } })
  })
})
