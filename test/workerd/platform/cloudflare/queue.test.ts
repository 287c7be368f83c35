import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest'
import type { LedgerRecord } from '../../../../src/ledger/rules/record.ts'
import { eventOf } from '../../../../src/usage/cloudevents.ts'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { queue as queueSink, type QueueOptions } from '../../../../src/usage/queue.ts'
import { chargeOf, PureLedger, ONE } from '../../../ledger/rules/pureledger.ts'
import { holdSinkToContract, revealing, sending, type Mood } from '../../../usage/contract.ts'
import { recordsOf } from '../../../usage/records.ts'
import { LATER, valueOf } from '../../../ledger/host/driver.ts'

const { USAGE_QUEUE, QUEUED } = env as unknown as {
  readonly USAGE_QUEUE: Queue
  readonly QUEUED: DurableObjectNamespace<LedgerObject>
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: LATER }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

/** A queue with the limits that Cloudflare documents, which count its own bytes too. */
class Limited {
  readonly batches: unknown[][] = []
  fails: (() => Promise<never>) | undefined

  async sendBatch(messages: Iterable<MessageSendRequest>): Promise<QueueSendBatchResponse> {
    const bodies = [...messages].map(({ body, contentType }) => {
      expect(contentType).toBe('json')
      return body
    })
    const sizes = bodies.map((body) => bytesOf(body) + 100)
    if (bodies.length > 100 || sizes.some((size) => size > 128_000)) throw new Error('too many, or too large')
    if (sizes.reduce((sum, size) => sum + size, 0) > 256_000) throw new Error('too large a batch')
    if (this.fails !== undefined) await this.fails()
    this.batches.push(bodies)
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }
  }
}

/** The same record, as if its facts were so large. */
const padded = (record: LedgerRecord, bytes: number): LedgerRecord => {
  const empty = { ...record, facts: { ...record.facts, padding: '' } }
  return { ...record, facts: { ...record.facts, padding: 'p'.repeat(bytes - bytesOf(eventOf(empty))) } }
}

const options = { queue: 'USAGE' }
const sinkFor = (queue: Pick<Queue, 'sendBatch'>, warn: Mock) =>
  sending(queueSink(options), { USAGE: queue }, () => LATER, warn)

holdSinkToContract('queue', () => {
  const at = { mood: 'takes' as Mood, taken: [] as string[] }
  const USAGE = {
    sendBatch: async (messages: Iterable<{ body: { id: string } }>) => {
      if (at.mood === 'throws' || at.mood === 'fails') throw revealing(['sesame'])
      at.taken.push(...Array.from(messages, ({ body }) => body.id))
    },
  }
  return Object.assign(at, {
    sink: queueSink(options),
    env: { USAGE },
    secrets: ['sesame'],
    tells: () => true,
    canRefuse: false,
    fetch,
    given: (bad: unknown) => queueSink(bad as QueueOptions),
  })
})

describe('a queue', () => {
  it('takes every record as a CloudEvent, in order', async () => {
    const queue = new Limited()
    const records = recordsOf(new PureLedger(), 2)
    expect(await sinkFor(queue, vi.fn())(records)).toEqual([1, 2, 3, 4])
    expect(queue.batches).toEqual([records.map(eventOf)])
  })

  it('takes more than one batch holds', async () => {
    const queue = new Limited()
    const sink = sinkFor(queue, vi.fn())
    expect(await sink(recordsOf(new PureLedger(), 101))).toHaveLength(202)
    const large = recordsOf(new PureLedger(), 3).map((record) => padded(record, 127_900))
    expect(await sink(large)).toHaveLength(6)
    expect(queue.batches.map(({ length }) => length)).toEqual([100, 100, 2, 2, 2, 2])
  })

  it('is not sent a message that is too large for it, which the log names', async () => {
    const queue = new Limited()
    const warn = vi.fn()
    const [first, ...others] = recordsOf(new PureLedger(), 1)
    if (first === undefined) throw new Error('no record')
    expect(await sinkFor(queue, warn)([padded(first, 127_901), ...others])).toEqual([1, 2])
    expect(warn.mock.calls).toEqual([['passed over: too large for a queue', 'c1/charge']])
    expect(queue.batches.flat()).toEqual(others.map(eventOf))
  })

  it('that fails has what it took before, and is sent the others again', async () => {
    const queue = new Limited()
    const warn = vi.fn()
    const records = recordsOf(new PureLedger(), 60)
    queue.fails = async () => {
      if (queue.batches.length > 0) throw new TypeError('Too Many Requests')
      return undefined as never
    }
    const done = await sinkFor(queue, warn)(records)
    expect(done).toEqual(records.slice(0, 100).map(({ position }) => position))
    expect(warn.mock.calls).toEqual([['TypeError']])
  })

  it('that does not answer is not waited for', async () => {
    const queue = new Limited()
    const warn = vi.fn()
    queue.fails = () => new Promise(() => undefined)
    const done = sinkFor(queue, warn)(recordsOf(new PureLedger(), 1))
    await vi.advanceTimersByTimeAsync(5000)
    expect(await done).toEqual([])
    expect(warn.mock.calls).toEqual([['TimeoutError']])
  })

  it('of the platform takes a full batch of the largest messages', async () => {
    const warn = vi.fn()
    const large = recordsOf(new PureLedger(), 2).map((record) => padded(record, 127_900))
    const sink = sinkFor(USAGE_QUEUE, warn)
    expect([await sink(large), warn.mock.calls]).toEqual([[1, 2, 3, 4], []])
  })

  it('takes what a ledger has to tell where the configuration names it', async () => {
    const ledger = QUEUED.getByName('told')
    await ledger.charge(chargeOf('first', LATER, { counts: ONE, facts: { zone: 'news', account: 'ann' } }))
    expect(valueOf(await ledger.takeOutbox(10))).toHaveLength(1)
    const sent = vi.spyOn(USAGE_QUEUE, 'sendBatch')
    vi.setSystemTime(LATER + 5000)
    await runDurableObjectAlarm(ledger)
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
    const batches = sent.mock.calls.map(([messages]) => [...messages])
    expect(batches).toMatchObject([[{ contentType: 'json', body: { id: 'first/charge', subject: 'ann' } }]])
  })
})
