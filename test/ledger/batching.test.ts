import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { exactRate } from '../../src/access/ratelimit.ts'
import type { ChargeCommand } from '../../src/ledger/rules/commands.ts'
import { sendAmendment } from '../../src/ledger/amendment.ts'
import { CommandQueue, type QueuedCommand } from '../../src/ledger/commandqueue.ts'
import type { Ledger } from '../../src/ports.ts'
import { valueOf } from './host/driver.ts'
import { chargeCommand, done, inTime, Isolate, kindOf, type Line, none } from './isolate.ts'
import { EUR, limit, SECOND } from './rules/pureledger.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('calls of requests that come', () => {
  it('in turn are one for each, which takes the commit before it along', async () => {
    const isolate = new Isolate()
    for (let index = 0; index < 100; index++) {
      const command = chargeCommand()
      const ledger = isolate.request()
      expect(kindOf(await inTime(ledger.charge(command)))).toBe('charged')
      void ledger.amend(done(command.id), true)
    }
    expect(isolate.calls.length).toBe(100)
    await vi.advanceTimersByTimeAsync(300)
    expect(isolate.calls).toEqual([1, ...Array.from({ length: 99 }, () => 2), 1])
    expect(valueOf(await isolate.host.read({})).recent.every(({ state }) => state === 'settled')).toBe(true)
  })

  it('from 32 callers at once are a fifth of a call for each at most', async () => {
    const isolate = new Isolate()
    let left = 1000
    const caller = async (): Promise<void> => {
      while (left-- > 0) {
        const command = chargeCommand()
        const ledger = isolate.request()
        expect(kindOf(await ledger.charge(command))).toBe('charged')
        void ledger.amend(done(command.id), true)
      }
    }
    await inTime(Promise.all(Array.from({ length: 32 }, caller)))
    expect(isolate.calls.length).toBeLessThanOrEqual(200)
    expect(valueOf(await isolate.host.read({})).totals).toMatchObject({ charges: 1000, unsettled: 0 })
  })

  it('to one slow ledger hold up no other', async () => {
    const isolate = new Isolate()
    const other = new Isolate()
    const slow = isolate.request('slow').charge(chargeCommand())
    const answers = Array.from({ length: 5 }, async () => other.request().charge(chargeCommand()))
    await vi.advanceTimersByTimeAsync(10)
    expect((await Promise.all(answers)).map(kindOf)).toEqual(Array.from({ length: 5 }, () => 'charged'))
    expect(kindOf(await inTime(slow))).toBe('charged')
  })
})

describe('an amendment', () => {
  it('that keeps all waits a quarter of a second, and one that gives back goes at once and takes it along', async () => {
    const isolate = new Isolate()
    const ids = Array.from({ length: 3 }, () => chargeCommand())
    await inTime(Promise.all(ids.map((command) => isolate.request().charge(command))))
    const [a, b, c] = ids.map(({ id }) => id)
    isolate.calls.length = 0
    void isolate.request().amend(done(a ?? ''), true)
    await vi.advanceTimersByTimeAsync(249)
    expect(isolate.calls).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    void isolate.request().amend(done(b ?? ''), true)
    await vi.advanceTimersByTimeAsync(10)
    void isolate.request().amend(none(c ?? ''))
    expect(isolate.calls).toEqual([1, 2])
  })

  it('comes before the reservations of its call, which have what it gives back', async () => {
    const isolate = new Isolate()
    await isolate.host.grant({ id: 'g', ...EUR(10n) })
    const first = chargeCommand({ price: EUR(10n) })
    await inTime(isolate.request().charge(first))
    const leading = isolate.request().amend(none('unknown'))
    const charge = isolate.request().charge(chargeCommand({ price: EUR(10n) }))
    const release = isolate.request().amend(none(first.id))
    expect(kindOf(await inTime(charge))).toBe('charged')
    await inTime(Promise.all([leading, release]))
    expect(isolate.calls).toEqual([1, 1, 2])
  })
})

describe('one call', () => {
  it('carries at most 256 commands', async () => {
    const isolate = new Isolate()
    const answers = await inTime(
      Promise.all(Array.from({ length: 1 + 257 }, () => isolate.request().charge(chargeCommand()))),
    )
    expect(answers.map(kindOf)).toEqual(answers.map(() => 'charged'))
    expect(isolate.calls).toEqual([1, 256, 1])
  })

  it('carries at most a mebibyte', async () => {
    const isolate = new Isolate()
    const big = (): ChargeCommand => chargeCommand({ facts: { text: 'x'.repeat(120_000) } })
    const answers = await inTime(Promise.all(Array.from({ length: 1 + 6 }, () => isolate.request().charge(big()))))
    expect(answers.map(kindOf)).toEqual(answers.map(() => 'charged'))
    expect(isolate.calls).toEqual([1, 4, 2])
  })

  it('fails for those alone that cannot be sent', async () => {
    const isolate = new Isolate()
    const large = chargeCommand({ facts: { text: 'x'.repeat(600_000) } })
    const strange = { ...chargeCommand(), facts: { read: () => 1 } } as unknown as ChargeCommand
    const debit = chargeCommand({ counts: [{ name: 'requests', units: -1n }] })
    const all = [chargeCommand(), large, strange, debit, chargeCommand()]
    const answers = await inTime(Promise.all(all.map((command) => isolate.request().charge(command))))
    const failed = 'ledger-unavailable'
    expect(answers.map(kindOf)).toEqual(['charged', failed, failed, failed, 'charged'])
    expect(isolate.calls).toEqual([1, 2])
  })

  it('to an object of an earlier version is many', async () => {
    const isolate = new Isolate()
    isolate.takesBatches = false
    const answers = await inTime(
      Promise.all(Array.from({ length: 10 }, () => isolate.request().charge(chargeCommand()))),
    )
    expect(answers.map(kindOf)).toEqual(answers.map(() => 'charged'))
    expect(isolate.calls).toEqual([1, 0, ...Array.from({ length: 9 }, () => 1)])
  })
})

describe('a leader', () => {
  it.each<[string, Line, string[]]>([
    ['whose call is lost on its way', 'lost before', ['charged', 'charged', 'charged']],
    ['whose call is lost on its way back', 'lost after', ['charged', 'charged', 'charged']],
    ['whose call is said to be lost, and arrives', 'late', ['charged', 'charged', 'charged']],
    ['that is gone before its call', 'silent', ['?', 'charged', 'charged']],
    ['that is gone after its call', 'silent after', ['?', 'charged', 'charged']],
    ['that is slow', 'slow', ['charged', 'charged', 'charged']],
  ])('%s leaves no other without an answer, and nothing is charged twice', async (_, line, expected) => {
    const isolate = new Isolate()
    const commands = [chargeCommand(), chargeCommand(), chargeCommand()]
    const kinds = commands.map(() => '?')
    for (const [index, command] of commands.entries()) {
      const ledger = isolate.request(index === 0 ? line : 'good')
      void ledger.charge(command).then((answer) => (kinds[index] = kindOf(answer)))
    }
    await vi.advanceTimersByTimeAsync(2999)
    expect(kinds).toEqual(expected)
    const charged = await isolate.charged()
    expect(new Set(charged).size).toBe(charged.length)
    expect(charged).toEqual(expect.arrayContaining(commands.slice(expected.indexOf('charged')).map(({ id }) => id)))
  })

  it('that takes others along, and is gone, is followed by one of them, who sends theirs again', async () => {
    const isolate = new Isolate()
    const first = isolate.request().charge(chargeCommand())
    const gone = isolate.request('silent after').charge(chargeCommand())
    const others = Array.from({ length: 3 }, () => chargeCommand())
    const answers = Promise.all(others.map((command) => isolate.request().charge(command)))
    await inTime(first)
    expect((await inTime(answers)).map(kindOf)).toEqual(['charged', 'charged', 'charged'])
    expect(isolate.calls).toEqual([1, 4, 3])
    expect(valueOf(await isolate.host.read({})).totals.charges).toBe(5)
    void gone
  })

  it('leads for one call', async () => {
    const isolate = new Isolate()
    const made: string[] = []
    const named = (name: string): Ledger =>
      isolate.batching.share(
        () => {
          made.push(name)
          return isolate.host
        },
        () => undefined,
      )('other', {})
    const answers = ['first', 'second', 'third'].map((name) => named(name).charge(chargeCommand()))
    await inTime(Promise.all(answers))
    const later = ['fourth', 'fifth'].map((name) => named(name).charge(chargeCommand()))
    await inTime(Promise.all(later))
    expect(made).toEqual(['first', 'second', 'fourth', 'fifth'])
  })

  it('that has no stub is helped by the next', async () => {
    const isolate = new Isolate()
    const broken = isolate.broken().charge(chargeCommand())
    const other = isolate.request().charge(chargeCommand())
    expect(kindOf(await inTime(other))).toBe('charged')
    expect(kindOf(await inTime(broken))).toBe('charged')
  })
})

describe('a charge that was sent twice', () => {
  it('and refused the second time is taken back, if the first arrives after that', async () => {
    const isolate = new Isolate()
    const limits = [limit(1n, 3600)]
    const holding = chargeCommand({ limits })
    await inTime(isolate.request().charge(holding))
    const command = chargeCommand({ limits })
    expect(kindOf(await inTime(isolate.request('late').charge(command)))).toBe('refused')
    await inTime(isolate.request().amend(none(holding.id)))
    await vi.advanceTimersByTimeAsync(200)
    expect(valueOf(await isolate.host.read({ limits })).limits).toMatchObject([{ used: 1n }])
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    expect(valueOf(await isolate.host.read({ limits })).limits).toMatchObject([{ used: 0n }])
  })

  it('counts once under the rates of its route', async () => {
    const isolate = new Isolate()
    const rates = [exactRate(100, 60, '/api/*')]
    expect(kindOf(await inTime(isolate.request('lost after').charge(chargeCommand({ rates }))))).toBe('charged')
    expect(valueOf(await isolate.host.read({ limits: rates })).limits).toMatchObject([{ used: 1n }])
  })

  it('would count twice if it only took a place under a rate, so it is not', async () => {
    const isolate = new Isolate()
    const rates = [exactRate(100, 60, '/api/*')]
    const command = chargeCommand({ rates, counts: [] })
    expect(kindOf(await inTime(isolate.request('lost after').charge(command)))).toBe('ledger-unavailable')
    expect(isolate.calls).toEqual([1])
    expect(valueOf(await isolate.host.read({ limits: rates })).limits).toMatchObject([{ used: 1n }])
  })

  it('cannot be under a key and a rate, and is taken back if its call arrives though it failed', async () => {
    const isolate = new Isolate()
    const [limits, rates] = [[limit(9n, 3600)], [exactRate(100, 60, '/api/*')]]
    const command = chargeCommand({ limits, rates, idempotency: { key: 'k', digest: 'd' } })
    expect(kindOf(await inTime(isolate.request('late').charge(command)))).toBe('ledger-unavailable')
    await vi.advanceTimersByTimeAsync(200)
    expect(valueOf(await isolate.host.read({ limits })).limits).toMatchObject([{ used: 1n }])
    await vi.advanceTimersByTimeAsync(5 * SECOND)
    expect(valueOf(await isolate.host.read({ limits })).limits).toMatchObject([{ used: 0n }])
    expect(isolate.calls).toEqual([1, 1])
  })

  it('would add to the load of an object that turns calls away, so it is not', async () => {
    const isolate = new Isolate()
    expect(kindOf(await inTime(isolate.request('overloaded').charge(chargeCommand())))).toBe('ledger-unavailable')
    expect(isolate.calls).toEqual([1])
  })
})

describe('an object that is silent for eight seconds', () => {
  it('gets every amendment of fifteen hundred requests in the end, or what was not delivered would cost', async () => {
    const isolate = new Isolate()
    const commands = Array.from({ length: 1500 }, () => chargeCommand({ settleByMs: Date.now() + 3600 * SECOND }))
    await inTime(Promise.all(commands.map((command) => isolate.request().charge(command))))
    isolate.silentUntil = Date.now() + 8 * SECOND
    await inTime(Promise.all(commands.map(({ id }) => sendAmendment(isolate.request(), none(id)))))
    const { totals } = valueOf(await isolate.host.read({}))
    expect(totals).toMatchObject({ charges: 1500, counts: [{ name: 'requests', units: 0n }] })
  })
})

describe('a queue', () => {
  it('forgets the commands of requests that died, whether they were sent or not', () => {
    const queue = new CommandQueue()
    const queued = (expires: number): QueuedCommand => {
      const command = { verb: 'amend', command: done('a') } as const
      return {
        command,
        bytes: 1,
        expires,
        isDue: true,
        sends: 0,
        isLost: false,
        answer: undefined,
        wake: () => undefined,
      }
    }
    const takenAt = (now: number): number => {
      const own = queued(now + SECOND)
      queue.add(own)
      const lease = queue.begin(own, now)
      const { length } = queue.take(own, now)
      queue.settle(own, { verb: 'failed' })
      queue.end(lease, now)
      return length - 1
    }
    const [early, late] = [queued(0), queued(60 * SECOND)]
    for (const each of [early, late]) queue.add(each)
    const times = [0, 1, 2, 60, 79, 80].map((seconds) => seconds * SECOND)
    expect(times.map(takenAt)).toEqual([1, 1, 0, 0, 0, 0])
    expect([early.answer, late.answer]).toEqual([{ verb: 'failed' }, { verb: 'failed' }])
  })
})
