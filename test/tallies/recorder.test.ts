import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LogRecord } from '../../src/logrecord.ts'
import type { ApplyTally } from '../../src/tallies/rules/stores.ts'
import { createRecorder } from '../../src/tallies/recorder.ts'
import type { TallyCommand } from '../../src/tallies/rules/commands.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const BEGAN = Date.parse('2026-11-29T08:00:00Z')

beforeEach(() => {
  vi.useFakeTimers({ now: BEGAN })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const { setTimeout: realTimer } = globalThis

const MOST_TURNS = 10_000

/** Lets time pass, and the real event loop turn until `is` holds: the digest of the configuration is made there. */
async function pass(ms: number, is: () => boolean = () => true): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
  for (let turn = 0; turn < MOST_TURNS && !is(); turn++) await new Promise((resolve) => realTimer(resolve, 0))
}

function recorded(apply: ApplyTally) {
  const commands: TallyCommand[] = []
  const works: Promise<unknown>[] = []
  const { sites } = compiled({ zones: [ZONE] })
  const log = createRecorder({
    sites,
    clock: () => Date.now(),
    random: () => 0,
    stores: () => (command) => {
      commands.push(command)
      return apply(command)
    },
  })
  const answer = (waits = true): void => {
    const record = {
      time: new Date().toISOString(),
      zone: ZONE.name,
      decision: 'serve',
      status: 200,
      totalMs: 1,
    } as LogRecord
    log(record, waits ? (work) => void works.push(work) : undefined)
  }
  const counts = (): number[] =>
    commands.map((command) =>
      command.kind === 'post'
        ? command.minutes.reduce((sum, [, { traffic }]) => sum + traffic.reduce((all, [, count]) => all + count, 0), 0)
        : -1,
    )
  return { answer, commands, works, counts }
}

const DONE = { ok: true, value: undefined } as const

describe('the recorder of an isolate', () => {
  it('posts ten seconds of requests together, once', async () => {
    const { answer, commands, counts } = recorded(async () => DONE)
    for (let at = 0; at < 25; at++) {
      answer()
      await vi.advanceTimersByTimeAsync(300)
    }
    expect(commands).toHaveLength(0)
    await pass(10_000, () => commands.length > 0)
    expect(counts()).toEqual([25])
    await pass(60_000)
    expect(commands).toHaveLength(1)
  })

  it('keeps the minutes of requests apart, whenever they are posted', async () => {
    const { answer, commands } = recorded(async () => DONE)
    vi.setSystemTime(BEGAN + 55_000)
    answer()
    await vi.advanceTimersByTimeAsync(6000)
    answer()
    await pass(10_000, () => commands.length > 0)
    const [command] = commands
    expect(command?.kind === 'post' && command.minutes.map(([start]) => start)).toEqual([BEGAN, BEGAN + 60_000])
  })

  it('posts with the next request if the timer died with the one that set it', async () => {
    const { answer, commands, counts } = recorded(async () => DONE)
    answer()
    vi.clearAllTimers()
    vi.setSystemTime(BEGAN + 11_000)
    answer()
    await pass(0, () => commands.length > 0)
    expect(counts()).toEqual([2])
  })

  it.each<[string, ApplyTally]>([
    ['is silent', () => new Promise(() => undefined)],
    ['fails', () => Promise.reject(new Error('reset'))],
    ['refuses', async () => ({ ok: false, error: 'no' })],
  ])('delays nobody and posts nothing twice if its object %s', async (_, apply) => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { answer, commands, works, counts } = recorded(apply)
    answer()
    answer(false)
    await pass(10_000, () => commands.length > 0)
    await pass(15_000)
    await Promise.all(works)
    expect(counts()).toEqual([2])
    expect(warned.mock.calls.flat().join()).toContain('were not added up')
    answer()
    await pass(10_000, () => commands.length > 1)
    expect(counts()).toEqual([2, 1])
  })
})
