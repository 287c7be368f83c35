import { describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linesOf, readLogLine } from '../../cli/anomalies/loglines.ts'
import { type Rehearsal, rehearse } from '../../cli/anomalies/rehearsal.ts'
import { rehearsalText, rehearsalWarnings } from '../../cli/anomalies/rehearsaltext.ts'
import { runCommandLine } from '../../cli/program.ts'
import { DEFAULT_POLICY } from '../../src/anomalies/rules/policy.ts'
import { DAY, habit, HOUR, paid, served, splurge, strangers, times } from '../anomalies/lines.ts'

const young = habit(15)
const both = [...strangers(15, 13), ...splurge(15, 3)]

async function gathered<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

async function* streamed(texts: readonly string[]): AsyncGenerator<string> {
  await Promise.resolve()
  yield* texts
}

const rehearsed = (lines: readonly (object | string)[]): Promise<Rehearsal> =>
  rehearse(streamed(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))), DEFAULT_POLICY)

describe('a rehearsal', () => {
  it('tells what would have been held, with its numbers and how the account went on', async () => {
    const rehearsal = await rehearsed([...young, ...both, paid(20 * DAY, '0.25'), paid(21 * DAY, '0.25')])
    const text = rehearsalText(rehearsal, 20).join('\n')
    expect(text).toContain('Would have been held: 1 (accounts: 1 went on paying)')
    expect(text).toContain('hands: networks 12, systems 12 in P1D, usually networks 2, days 14')
    expect(text).toContain('for it: known for 15 days, 33 charges. Later: went on paying, 2 charges.')
    expect(text).toContain('Would have been asked to sign in anew: 1')
    expect(text).toContain('hold: hands 1, spend 1')
  })

  it('shows those who went on paying before those whom an operator stopped', async () => {
    const bad = [...young, ...both].map((line) => ({ ...line, account: 'thief' }))
    const stop = { ...served(16 * DAY), decision: 'own', account: 'thief', audit: { action: 'hold', done: true } }
    const lines = [...young, ...both, ...bad, paid(18 * DAY, '0.25')].sort((a, b) => a.time.localeCompare(b.time))
    const text = rehearsalText(await rehearsed([...lines, stop]), 20).join('\n')
    expect(text).toContain(
      'Would have been held: 2 (accounts: 1 went on paying; 1 was held, or its subscription ended)',
    )
    expect(text.indexOf('account reader')).toBeLessThan(text.indexOf('account thief'))
  })

  it('names lines that cannot be read, by number and reason, and never shows them', async () => {
    const rehearsal = await rehearsed([
      served(0),
      'Bearer canary',
      '{"time":"yesterday","decision":"serve"}',
      '',
      '{"claims":"https://id.example.com"}',
      '{"time":"2026-11-28T09:30:00Z","decision":"serve","account":7}',
      '{"time":"2026-11-28T09:30:00Z","decision":"serve","charged":{"price":0.25}}',
      '{"time":"2026-11-28T09:30:00Z","event":"canary"}',
    ])
    expect(rehearsal).toMatchObject({ lines: 8, requests: 1, bad: 5, others: 1 })
    const warnings = rehearsalWarnings(rehearsal)
    expect(warnings.slice(0, 6)).toEqual([
      'line 2: it is no JSON object',
      'line 3: "time" is no time',
      'line 6: "account" is no text',
      'line 7: "charged" is not as the gate writes it',
      'line 8: "event" is none of billing’s',
      '1 line of something else than a request',
    ])
    expect(warnings.join()).not.toContain('canary')
  })

  it('counts all lines that cannot be read, and names ten', async () => {
    const warnings = rehearsalWarnings(await rehearsed(times(25).map(() => 'no')))
    expect(warnings.filter((line) => line.startsWith('line '))).toHaveLength(10)
    expect(warnings).toContain('and 15 more lines that cannot be read')
  })

  it('says which signals the log says nothing for, that lines stand for others, and that they are out of order', async () => {
    const bare = { time: served(0).time, decision: 'serve', account: 'reader', credential: 'verified' }
    const warnings = rehearsalWarnings(
      await rehearsed([
        { ...bare, time: served(9 * HOUR).time },
        { ...bare, sampled: 0.1 },
      ]),
    )
    expect(warnings).toContain('spend was not tried: no line has "charged"')
    expect(warnings).toContain('trips was not tried: no line has "event"')
    expect(warnings).toContain('1 line stand for others, which were not written: signals that count saw too little')
    expect(warnings).toContain('1 line more than an hour out of order: sort the file by time')
  })

  it('tells the days on which the holds would have been used up', async () => {
    const lines = times(7)
      .flatMap((index) => [...young, ...both].map((line) => ({ ...line, account: `reader-${index}` })))
      .sort((a, b) => a.time.localeCompare(b.time))
    const rehearsal = await rehearsed(lines)
    expect(rehearsal.alerts).toHaveLength(1)
    expect(rehearsalText(rehearsal, 2).join('\n')).toContain('and 3 more: see --most')
  })
})

describe('the lines of a file', () => {
  const read = async (...chunks: string[]): Promise<(string | undefined)[]> =>
    gathered(linesOf(new Blob(chunks).stream()))

  it('are told apart wherever the bytes are cut', async () => {
    const bytes = new TextEncoder().encode('één\ntwo\n\nlast')
    const inOnes = async function* (): AsyncGenerator<Uint8Array> {
      await Promise.resolve()
      for (const byte of bytes) yield Uint8Array.of(byte)
    }
    expect(await gathered(linesOf(inOnes()))).toEqual(['één', 'two', '', 'last'])
  })

  it('that do not end take no more memory than one of a usual length', async () => {
    const lines = await read('first\n', 'x'.repeat(70_000), 'y'.repeat(70_000), '\nlast\n')
    expect(lines).toEqual(['first', undefined, 'last'])
    expect(readLogLine(undefined)).toEqual({ kind: 'bad', why: 'it is longer than 65536 characters' })
  })
})

describe('faregate anomalies', () => {
  const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> => {
    const [out, err]: string[][] = [[], []]
    const cwd = mkdtempSync(join(tmpdir(), 'anomalies-'))
    writeFileSync(join(cwd, 'log.jsonl'), [...young, ...both].map((line) => `${JSON.stringify(line)}\n`).join(''))
    const print = (line: string): unknown => out?.push(line)
    const complain = (line: string): unknown => err?.push(line)
    const code = await runCommandLine(['anomalies', ...args], { env: {}, cwd, isInteractive: false, print, complain })
    rmSync(cwd, { recursive: true })
    return { code, out: (out ?? []).join('\n'), err: (err ?? []).join('\n') }
  }

  it('reads a log, and tells what would have been held', async () => {
    const { code, out, err } = await run('--replay', 'log.jsonl')
    expect(code).toBe(0)
    expect(out).toContain('Would have been held: 1')
    expect(err).toContain('reuse was not tried: no line has "token"')
  })

  it('spares whom it is told to', async () => {
    const { out } = await run('--replay', 'log.jsonl', '--exempt', 'account:reader')
    expect(out).toContain('Would have been held: 0')
    expect(out).toContain('note: hands 1, spend 1')
  })

  it('prints one JSON object', async () => {
    const { out } = await run('--replay', 'log.jsonl', '--json')
    expect(JSON.parse(out)).toMatchObject({ requests: 46, counts: { hold: { hands: 1, spend: 1 } } })
  })

  it.each([
    [['--replay', 'none.jsonl'], 2, 'no such file'],
    [['--replay', 'log.jsonl', '--needs', '1'], 2, 'a hold needs two signals at least'],
    [['--replay', 'log.jsonl', '--exempt', 'partner'], 2, 'expected plan:<plan> or account:<hash>'],
    [[], 2, '--replay'],
  ])('refuses %j', async (args, code, message) => {
    const ran = await run(...args)
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(message)
  })
})
