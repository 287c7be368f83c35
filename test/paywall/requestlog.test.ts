import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LogRecord } from '../../src/logrecord.ts'
import { createLog, type LogPolicy } from '../../src/requestlog.ts'
import { compiled, faultsOf, ZONE } from '../support/compiled.ts'

let written: (readonly LogRecord[])[]
let work: Promise<unknown>[]

beforeEach(() => {
  vi.useFakeTimers()
  written = []
  work = []
})
afterEach(() => void vi.useRealTimers())

const waitUntil = (one: Promise<unknown>): void => void work.push(one)
const logBy = (options: object) =>
  createLog(
    (lines) => written.push(lines),
    policyOf(options),
    () => Date.now(),
  )
const policyOf = (log: object): LogPolicy => compiled({ zones: [ZONE], log }).log
const ids = (): string[][] => written.map((lines) => lines.map(({ id }) => id))

/** A line whose id is at this share of all ids. */
const lineAt = (share: number, change: Partial<LogRecord> = {}): LogRecord =>
  ({
    id: `${Math.floor(share * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}-0000-4000-8000-000000000000`,
    status: 402,
    decision: 'refuse',
    ...change,
  }) as LogRecord

describe('sampled lines', () => {
  it('are those whose id falls into the share, and say what share that is', () => {
    const log = logBy({ sample: { refuse: 0.25 } })
    for (const share of [0, 0.2, 0.26, 0.9]) log(lineAt(share), waitUntil)
    expect(written.flat()).toEqual([lineAt(0), lineAt(0.2)].map((line) => ({ ...line, sampled: 0.25 })))
  })

  it('are written all, and say nothing of a share, for a decision that has none', () => {
    const log = logBy({ sample: { refuse: 0, preflight: 1 } })
    const lines = [lineAt(0.9, { decision: 'serve' }), lineAt(0.9, { decision: 'preflight' })]
    for (const line of lines) log(line, waitUntil)
    expect(written.flat()).toEqual(lines)
  })

  const owed: [name: string, line: Partial<LogRecord>][] = [
    ['an error', { status: 503, reason: 'ledger-unavailable' }],
    ['a bug', { status: 500, reason: 'internal-error' }],
    ['a server that failed', { status: 502, decision: 'serve' }],
    ['a charge', { status: 200, decision: 'serve', charged: { uses: 1 } }],
    ['an order of an operator', { status: 200, decision: 'own', audit: { action: 'hold', done: true } }],
  ]

  it.each(owed)('never leave out %s', (_name, change) => {
    const line = lineAt(0.99, change)
    logBy({ sample: { refuse: 0, serve: 0, prefetch: 0, preflight: 0 } })(line, waitUntil)
    expect(written).toEqual([[line]])
  })

  it('leave out a prefetch that was declined, although its status is 503', () => {
    logBy({ sample: { prefetch: 0 } })(lineAt(0, { status: 503, decision: 'prefetch' }), waitUntil)
    expect(written).toEqual([])
  })

  it.each(owed)('of a batch end it with %s', (_name, change) => {
    const log = logBy({ batch: {} })
    log(lineAt(0.1), waitUntil)
    log(lineAt(0.2, change), waitUntil)
    expect(written).toEqual([[lineAt(0.1), lineAt(0.2, change)]])
  })
})

describe('a batch of lines', () => {
  it('is written once it has as many lines as it may have', () => {
    const log = logBy({ batch: { lines: 2 } })
    for (const share of [0.1, 0.2, 0.3]) log(lineAt(share), waitUntil)
    expect(written).toEqual([[lineAt(0.1), lineAt(0.2)]])
  })

  it('is written once its first line has waited long enough, behind the request of that line', async () => {
    const log = logBy({ batch: { seconds: 2 } })
    log(lineAt(0.1), waitUntil)
    log(lineAt(0.2), waitUntil)
    expect(work).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1999)
    expect(written).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(written).toEqual([[lineAt(0.1), lineAt(0.2)]])
    log(lineAt(0.3), waitUntil)
    expect(work).toHaveLength(2)
  })

  it('is written with the next line if the timer ended with the request that set it', () => {
    const log = logBy({ batch: { seconds: 1 } })
    log(lineAt(0.1), waitUntil)
    vi.setSystemTime(Date.now() + 1000)
    log(lineAt(0.2), waitUntil)
    expect(ids()).toEqual([[lineAt(0.1).id, lineAt(0.2).id]])
  })

  it('is written at once if the clock ran back', () => {
    const log = logBy({ batch: { seconds: 1 } })
    log(lineAt(0.1), waitUntil)
    vi.setSystemTime(Date.now() - 60_000)
    log(lineAt(0.2), waitUntil)
    expect(written).toHaveLength(1)
  })

  it('is written with a line that nothing waits for, in order', () => {
    const log = logBy({ batch: {} })
    log(lineAt(0.1), waitUntil)
    log(lineAt(0.2, { decision: 'own' }))
    expect(ids()).toEqual([[lineAt(0.1).id, lineAt(0.2).id]])
  })
})

describe('the options of the log', () => {
  const faulty: [options: object, path: string][] = [
    [{ sample: { refuse: 1.5 } }, 'log.sample.refuse'],
    [{ sample: { serve: -1 } }, 'log.sample.serve'],
    [{ sample: { own: 0.5 } }, 'log.sample.own'],
    [{ batch: { lines: 0 } }, 'log.batch.lines'],
    [{ batch: { seconds: 60 } }, 'log.batch.seconds'],
    [{ batch: true }, 'log.batch'],
  ]

  it.each(faulty)('%j have one fault, at %s', (log, path) => {
    expect(faultsOf({ zones: [ZONE], log }).map((fault) => fault.path)).toEqual([path])
  })

  it('write every line at once if they say nothing', () => {
    expect(policyOf({})).toEqual({ sample: {}, batch: undefined })
    expect(policyOf({ batch: {} }).batch).toEqual({ lines: 100, waitMs: 1000 })
  })
})
