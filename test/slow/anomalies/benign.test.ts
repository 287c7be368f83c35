import { beforeAll, describe, expect, it } from 'vitest'
import { type BenignEntry, benignEntries, digestOf, SCENARIOS } from '../../anomalies/benign/corpus.ts'
import type { BenignLine } from '../../anomalies/benign/line.ts'

/**
 * Of the whole stream. Whoever changes it makes the corpus another one, by which no earlier figure of false alarms can be
 * compared: add a corpus beside it instead.
 */
const DIGEST = '5d7f264f1813c6223f46b8c68534f489c44ed511332513a268eaa262f1be5301'

const MONTH = (365.25 / 12) * 24 * 60 * 60 * 1000

const HASH = /^[\w-]{16}$/

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

  function* noted(entries: Iterable<BenignEntry>): Iterable<BenignEntry> {
    let before = ''
    for (const entry of entries) {
      note(entry, before)
      before = entry.line.time
      yield entry
    }
  }

  beforeAll(() => {
    digest = digestOf(noted(benignEntries()))
  }, 120_000)

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
})
