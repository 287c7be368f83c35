import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { deliver, type DeliveryVerdict, verdictOf } from '../../src/usage/deliver.ts'
import { err, ok } from '../../src/core/result.ts'
import { DAY, PureLedger } from '../ledger/rules/pureledger.ts'
import { flush, recordsOf } from './records.ts'

const refused: DeliveryVerdict = { kind: 'refused', problem: 'status 400' }

/** Billing that refuses a batch with any of these in it. */
function billing(isPoison: (record: LedgerRecord) => boolean) {
  const taken = new Set<string>()
  const send = vi.fn(async (batch: readonly LedgerRecord[]): Promise<DeliveryVerdict> => {
    if (batch.some(isPoison)) return refused
    for (const { id } of batch) taken.add(id)
    return { kind: 'taken' }
  })
  return { taken, send }
}

describe('an answer', () => {
  it.each([
    [200, 'taken'],
    [204, 'taken'],
    [301, 'again'],
    [400, 'refused'],
    [401, 'again'],
    [403, 'again'],
    [404, 'again'],
    [409, 'again'],
    [413, 'refused'],
    [422, 'refused'],
    [429, 'again'],
    [500, 'again'],
    [503, 'again'],
  ])('with the status %i means %s', (status, kind) => {
    expect(verdictOf(ok({ status })).kind).toBe(kind)
  })

  it('that did not come means again', () => {
    expect(verdictOf(err('TimeoutError'))).toEqual({ kind: 'again', problem: 'TimeoutError' })
  })
})

describe('records', () => {
  it('are offered as they are, and in halves only where they are refused', async () => {
    const records = recordsOf(new PureLedger(), 4)
    const { send, taken } = billing(({ id }) => id === 'c2/charge')
    const warn = vi.fn()
    const done = await deliver([records], send, { now: 0, warn })
    expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(send.mock.calls.map(([batch]) => batch.length)).toEqual([8, 4, 2, 2, 1, 1, 4])
    expect(taken.size).toBe(7)
    expect(warn.mock.calls).toEqual([['passed over: status 400', 'c2/charge']])
  })

  it('all stay where billing takes none of them, for it may be billing that is broken', async () => {
    const ledger = new PureLedger()
    const records = recordsOf(ledger, 50)
    const { send } = billing(() => true)
    const warn = vi.fn()
    expect(await deliver([records], send, { now: ledger.now + DAY, warn })).toEqual([])
    expect(send.mock.calls.length).toBeLessThan(40)
    expect(warn.mock.calls).toEqual([['status 400', 'c1/charge']])
  })

  it('are passed over after three days of that, each with its line', async () => {
    const ledger = new PureLedger()
    const { send } = billing(() => true)
    const warn = vi.fn()
    expect(await deliver([recordsOf(ledger, 1)], send, { now: ledger.now + 3 * DAY, warn })).toEqual([])
    expect(await deliver([ledger.records()], send, { now: ledger.now + 3 * DAY + 1, warn })).toEqual([1, 2])
    expect(warn.mock.calls.slice(1).map(([, record]) => record)).toEqual(['c1/charge', 'c1/amend'])
  })

  it('that were not heard of are left where they are, and those taken before are not', async () => {
    const records = recordsOf(new PureLedger(), 2)
    const send = vi.fn(
      async (batch: readonly LedgerRecord[]): Promise<DeliveryVerdict> =>
        batch.length > 2
          ? refused
          : send.mock.calls.length > 2
            ? { kind: 'again', problem: 'status 503' }
            : { kind: 'taken' },
    )
    const warn = vi.fn()
    expect(await deliver([records], send, { now: 0, warn })).toEqual([1, 2])
    expect(warn.mock.calls).toEqual([['status 503']])
  })

  it('are none where there is nothing to offer', async () => {
    const { send } = billing(() => true)
    expect(await deliver([[]], send, { now: 0, warn: vi.fn() })).toEqual([])
    expect(send).not.toHaveBeenCalled()
  })

  it('are taken, or stay, or are named in the log, whatever fails', async () => {
    const scene = fc.record({
      count: fc.integer({ min: 1, max: 20 }),
      poison: fc.uniqueArray(fc.nat(39), { maxLength: 10 }),
      failures: fc.array(fc.boolean(), { maxLength: 30 }),
    })
    await fc.assert(
      fc.asyncProperty(scene, async ({ count, poison, failures }) => {
        const ledger = new PureLedger()
        const all = recordsOf(ledger, count)
        const { taken, send } = billing(({ position }) => poison.includes(position - 1))
        const named: string[] = []
        const warn = (problem: string, record?: string): void => {
          if (record !== undefined && problem.startsWith('passed over')) named.push(record)
        }
        const left = [...failures]
        const flaky = async (batch: readonly LedgerRecord[]): Promise<DeliveryVerdict> => {
          // What fails may have been taken before it did.
          const verdict = await send(batch)
          return left.shift() === true ? { kind: 'again', problem: 'status 500' } : verdict
        }
        for (let round = 0; round < 60; round++) {
          await flush(ledger, (records) => deliver([records], flaky, { now: ledger.now, warn }))
        }
        const over = new Set([...taken, ...named])
        expect(all.filter(({ id }) => !over.has(id))).toEqual(ledger.records().filter(({ id }) => !over.has(id)))
        expect(named.filter((id) => taken.has(id))).toEqual([])
        expect(new Set(named).size).toBe(named.length)
        const good = all.filter(({ position }) => !poison.includes(position - 1)).map(({ id }) => id)
        expect([...taken].toSorted()).toEqual(good.toSorted())
      }),
    )
  })
})
