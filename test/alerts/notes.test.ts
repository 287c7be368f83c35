import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { conditionsHere } from '../../src/alerts/here.ts'
import { watchedSink } from '../../src/alerts/sinks.ts'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { noteOpened } from '../../src/origin/opened.ts'
import { createPoolState } from '../../src/origin/rules/pool.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { createRecorder } from '../../src/tallies/recorder.ts'
import type { TallyCommand } from '../../src/tallies/rules/commands.ts'
import type { Fetched } from '../../src/http/rules/fetched.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import type { UsageSink } from '../../src/usage/sink.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'

const MINUTE = 60_000
const NOW = Date.parse('2026-11-29T09:00:00Z')

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => void vi.useRealTimers())

const { setImmediate: immediately } = globalThis

describe('what an isolate knows by itself', () => {
  const FRESH: Fetched = { asOf: NOW - 1, freshUntil: NOW + MINUTE, usableUntil: NOW + MINUTE, failedAt: undefined }
  const STALE: Fetched = { asOf: NOW - 9, freshUntil: NOW - 1, usableUntil: NOW + MINUTE, failedAt: NOW - 1 }

  function here(keys: Fetched | undefined, lists: readonly (Fetched & { readonly uri: string })[] = []) {
    const servers = [{ url: 'https://one.test/secret-path' }, { binding: 'APP' }]
    const APP = { fetch: () => Promise.reject(new Error('nobody')) }
    const { zone } = siteAt(compiled({ zones: [{ ...ZONE, origin: { servers } }] }, { APP }), 'a.test')
    const known = { keys: { known: () => keys }, lists: { known: () => lists } }
    return { zone, conditions: () => conditionsHere(zone, known, NOW) }
  }

  it('is nothing while all is well, or nobody has asked', () => {
    expect(here(undefined).conditions()).toEqual([])
    expect(here(FRESH, [{ ...FRESH, uri: 'https://i.test/lists/1' }]).conditions()).toEqual([])
  })

  it('is which issuers, hosts and servers fail, and no path', () => {
    const lists = ['1', '2'].map((name) => ({ ...STALE, uri: `https://i.test/lists/${name}` }))
    const { zone, conditions } = here(STALE, lists)
    if (zone.pool === undefined) throw new Error('no pool')
    const state = createPoolState(zone.pool)
    for (const member of state.members) member.health = { failures: 3, ejections: 1, ejectedUntil: NOW + 1, epoch: 1 }
    noteOpened(zone, state)
    expect(conditions()).toEqual([
      { name: 'keys-stale', of: 'https://i.test' },
      { name: 'status-list-stale', of: 'i.test' },
      { name: 'server-ejected', of: 'one.test' },
      { name: 'server-ejected', of: 'APP' },
    ])
  })

  it('is noted with what is posted, once a minute, in the first object', async () => {
    const commands: [number, TallyCommand][] = []
    const { sites } = compiled({ zones: [ZONE] })
    const log = createRecorder({
      sites,
      clock: () => Date.now(),
      random: () => 0.99,
      conditionsOf: () => [{ name: 'keys-stale', of: 'https://i.test' }],
      stores: (_zone, shard) => async (command) => {
        commands.push([shard, command])
        return { ok: true, value: undefined }
      },
    })
    const works: Promise<unknown>[] = []
    const answer = (): void => {
      const time = new Date().toISOString()
      const record = { time, zone: 'a', decision: 'serve', status: 200, totalMs: 1 } as LogRecord
      log(record, (work) => void works.push(work))
    }
    for (let second = 0; second < 150; second++) {
      answer()
      await vi.advanceTimersByTimeAsync(1000)
      // The first post waits for a hash, which takes its own time and not the test's.
      if (second > 10) while (commands.length === 0) await new Promise<void>((done) => immediately(done))
    }
    vi.useRealTimers()
    await Promise.all(works)
    const notes = commands.filter(([, { kind }]) => kind === 'note')
    expect(notes.map(([shard, command]) => [shard, command])).toEqual(
      Array.from({ length: 3 }, () => [
        0,
        { kind: 'note', zone: 'a', conditions: [{ name: 'keys-stale', of: 'https://i.test' }] },
      ]),
    )
    expect(commands.length - notes.length).toBeGreaterThan(10)
  })
})

describe('a sink that is watched', () => {
  const record = (position: number, at: number, zone = 'a'): LedgerRecord =>
    ({ position, id: `${position}`, at, facts: { zone, account: 'ann' } }) as unknown as LedgerRecord

  function watched(send: () => Promise<readonly number[]>, apply?: () => Promise<never>) {
    const commands: TallyCommand[] = []
    const { sites } = compiled({ zones: [ZONE] })
    const sink: UsageSink = { name: 'signed', to: 'https://b.test/usage', faults: () => [], create: () => send }
    const tallies = () => async (command: TallyCommand) => {
      commands.push(command)
      return apply === undefined ? ({ ok: true, value: undefined } as const) : apply()
    }
    const platform = { fetch, clock: () => Date.now(), bindings: bindingsOf({}), tallies }
    const made = watchedSink(sink, sites)
    return { made, commands, tell: (...all: LedgerRecord[]) => made.create(platform, () => undefined)(all) }
  }

  it('is the same sink, to its ledgers', async () => {
    const { made, tell, commands } = watched(async () => [1, 2])
    expect([made.name, made.to]).toEqual(['signed', 'https://b.test/usage'])
    expect(await tell(record(1, NOW), record(2, NOW))).toEqual([1, 2])
    expect(commands).toEqual([])
  })

  it('is noted with the age of the oldest record that it has not taken, and nothing of accounts', async () => {
    const { tell, commands } = watched(async () => [1])
    expect(await tell(record(1, NOW - 9 * MINUTE), record(2, NOW - 7 * MINUTE), record(3, NOW))).toEqual([1])
    const condition = { name: 'sink-failing', of: 'signed b.test', seconds: 420 }
    expect(commands).toEqual([{ kind: 'note', zone: 'a', conditions: [condition] }])
  })

  it('is noted once in half a minute, however many ledgers it fails', async () => {
    const { tell, commands } = watched(async () => [])
    for (let each = 0; each < 20; each++) await tell(record(1, NOW))
    expect(commands).toHaveLength(1)
    vi.setSystemTime(NOW + 31_000)
    await tell(record(1, NOW), record(2, NOW, 'gone'))
    expect(commands).toHaveLength(2)
  })

  it('fails as it did, though it throws, and though the note cannot be made or is not answered', async () => {
    const broken = watched(
      () => Promise.reject(new Error('down')),
      () => Promise.reject(new Error('no object')),
    )
    await expect(broken.tell(record(1, NOW))).rejects.toThrow('down')
    const silent = watched(
      async () => [],
      () => new Promise(() => undefined),
    )
    const telling = silent.tell(record(1, NOW))
    await vi.advanceTimersByTimeAsync(2000)
    expect(await telling).toEqual([])
  })
})
