import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { Detector } from '../../../cli/anomalies/detector.ts'
import { type AnomalyPolicy, DEFAULT_POLICY, SIGNALS } from '../../../src/anomalies/rules/policy.ts'
import { type BenignEntry, benignEntries, digestOf, SCENARIOS } from '../../anomalies/benign/corpus.ts'
import type { BenignLine } from '../../anomalies/benign/line.ts'

/**
 * Of the whole stream. Whoever changes it makes the corpus another one, by which no earlier figure of false alarms can be
 * compared: add a corpus beside it instead.
 */
const DIGEST = '5d7f264f1813c6223f46b8c68534f489c44ed511332513a268eaa262f1be5301'

const MONTH = (365.25 / 12) * 24 * 60 * 60 * 1000

const HASH = /^[\w-]{16}$/

/** Nobody is trusted and the holds of a day have no bound: both would only hide what the signals do. */
const POLICY: AnomalyPolicy = {
  ...DEFAULT_POLICY,
  mode: 'act',
  hold: { ...DEFAULT_POLICY.hold, perDay: Infinity },
  trusted: { afterSeconds: Infinity, charges: Infinity },
}

/** What an operator is told of honest people and programs, by signal and scenario: each is a false alarm. */
const NOTES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  declines: {
    'mistyped-cards': 45,
    dormitory: 37,
    'telephone-sales': 32,
    'black-friday': 16,
    'prepaid-cards': 10,
    booth: 9,
    'gifts-of-a-company': 2,
  },
  rate: { 'busy-agents': 40, 'back-fill': 4 },
  hands: { travellers: 24, 'company-vpn': 3, devices: 2, 'agency-teams': 1, 'demonstration-key': 1, families: 1 },
  spend: { 'dearer-models': 28 },
}

const page = new URL('../../../docs/anomalies.md', import.meta.url)

/** Returns what is wrong with a line by itself. */
function faultOf(line: BenignLine): string | undefined {
  const { time, account, network, trip } = line
  if (new Date(time).toISOString() !== time) return 'time'
  for (const hash of [account, network, trip]) if (hash !== undefined && !HASH.test(hash)) return 'hash'
  if ('event' in line) return undefined
  const { decision, reason, status, charged, credential, token } = line
  if (decision === 'refuse' ? reason === undefined || status < 400 : reason !== undefined || status >= 400)
    return 'decision'
  if (decision === 'refuse' && charged !== undefined) return 'charged'
  if (credential !== 'verified' && (account ?? token ?? charged) !== undefined) return 'credential'
  return token === undefined || HASH.test(token) ? undefined : 'token'
}

describe('the stream of eight weeks of honest life', () => {
  let digest = ''
  let count = 0
  let unsorted = 0
  let unread = 0
  const taken: string[] = []
  const notes: Record<string, Record<string, number>> = {}
  const detector = new Detector(SIGNALS, POLICY, {
    account: Infinity,
    token: Infinity,
    network: Infinity,
    trip: Infinity,
  })
  const faults: string[] = []
  const scenarios = new Set<string>()
  const spans = new Map<string, readonly [number, number]>()

  function note({ scenario, line }: BenignEntry, before: string): void {
    count++
    scenarios.add(scenario)
    if (line.time < before) unsorted++
    const fault = faultOf(line)
    if (fault !== undefined) faults.push(`${scenario}: ${fault}`)
    if (line.account === undefined) return
    const at = Date.parse(line.time)
    spans.set(line.account, [spans.get(line.account)?.[0] ?? at, at])
  }

  function judge({ scenario, line }: BenignEntry): void {
    const findings = detector.observe(line)
    if (findings === undefined) unread++
    for (const { step, evidence } of findings ?? []) {
      const signal = evidence.map((each) => each.signal).join(', ')
      if (step !== 'note') taken.push(`${step} by ${signal}: ${scenario}`)
      else notes[signal] = { ...notes[signal], [scenario]: (notes[signal]?.[scenario] ?? 0) + 1 }
    }
  }

  function* noted(entries: Iterable<BenignEntry>): Iterable<BenignEntry> {
    let before = ''
    for (const entry of entries) {
      note(entry, before)
      judge(entry)
      before = entry.line.time
      yield entry
    }
  }

  beforeAll(() => {
    digest = digestOf(noted(benignEntries()))
  }, 600_000)

  it('is the one that was frozen', () => {
    expect(digest).toBe(DIGEST)
  })

  it('is sorted by time, and its lines hold together', () => {
    expect(unsorted).toBe(0)
    expect(faults).toEqual([])
  })

  it('has all scenarios, and more than two thousand months of accounts', () => {
    const months = Array.from(spans.values(), ([first, last]) => (last - first) / MONTH).reduce(
      (sum, one) => sum + one,
      0,
    )
    expect(scenarios.size).toBe(SCENARIOS.length)
    expect(count).toBeGreaterThan(500_000)
    expect(spans.size).toBeGreaterThan(2000)
    expect(months).toBeGreaterThan(2000)
  })

  it('is judged line by line, and nobody is held, asked or slowed', () => {
    expect([unread, detector.forgotten]).toEqual([0, 0])
    expect(taken).toEqual([])
  })

  it('leads to as many notes as the documentation says', () => {
    expect(notes).toEqual(NOTES)
    const counts = Object.entries(NOTES).map(([signal, by]): [string, number] => [
      signal,
      Object.values(by).reduce((sum, each) => sum + each, 0),
    ])
    const said = counts.map(([signal, each]) => `${each} by \`${signal}\``).join(', ')
    const all = counts.reduce((sum, [, each]) => sum + each, 0)
    expect(readFileSync(page, 'utf8')).toContain(
      `${count.toLocaleString('en')} lines: nobody was held, asked or slowed. ${all} notes were made: ${said}.`,
    )
  })
})
