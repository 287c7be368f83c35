import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import type { AnomalyReading } from '../../src/anomalies/rules/anomalycommands.ts'
import { postedPolicy } from '../../src/anomalies/rules/anomalycommands.ts'
import type { Observation, Suspect } from '../../src/anomalies/rules/observation.ts'
import { DEFAULT_POLICY } from '../../src/anomalies/rules/policy.ts'
import { applyWatch, MOST_FINDINGS, REMEMBERED, type WatchStorage } from '../../src/anomalies/rules/watchbook.ts'
import { shortHash } from '../../src/anomalies/rules/hashes.ts'
import { SqlWatch } from '../../src/anomalies/sqlwatch.ts'
import { MemoryWatch } from '../../src/platform/memory/anomalies.ts'
import {
  DAY,
  detectorOf,
  habit,
  HOUR,
  MINUTE,
  served,
  splurge,
  START,
  stepsOf,
  strangers,
  times,
  watch,
} from './lines.ts'

function sqlite(): SqlWatch {
  const database = new DatabaseSync(':memory:')
  return new SqlWatch({
    exec: <T extends Record<string, string | number>>(query: string, ...values: readonly (string | number)[]) => {
      if (values.length > 0) return database.prepare(query).all(...values) as T[]
      if (query.trimStart().startsWith('SELECT')) return database.prepare(query).all() as T[]
      database.exec(query)
      return []
    },
  })
}

const secondsOf = ({ time }: Observation): number => Date.parse(time) / 1000

function post(
  storage: WatchStorage,
  observations: readonly Observation[],
  suspects: readonly Suspect[] = ['account'],
  now = Math.max(START, ...observations.map(secondsOf)),
  dropped = 0,
): void {
  const policy = postedPolicy(DEFAULT_POLICY)
  const watched = observations.map((observation) => ({ suspects, observation }))
  applyWatch(storage, { kind: 'post', policy, observations: watched, dropped }, now * 1000)
}

function read(storage: WatchStorage, now = START): AnomalyReading {
  const answer = applyWatch(storage, { kind: 'read', most: 50 }, now * 1000)
  if (!answer.ok || answer.value === undefined) throw new Error('nothing was read')
  return answer.value
}

describe.each<[string, () => WatchStorage]>([
  ['in memory', () => new MemoryWatch()],
  ['in SQLite', sqlite],
])('an object that watches, %s', (_, create) => {
  it('finds over many posts what a detector finds that sees all at once', () => {
    const storage = create()
    const lines = [...habit(20), ...strangers(20, 14), ...splurge(20, 4)]
    for (const line of lines) post(storage, [line])
    const found = [...read(storage).findings].reverse()
    expect(stepsOf(found)).toEqual(stepsOf(watch(lines, detectorOf())))
    expect(stepsOf(found).at(-1)).toBe('hold by hands, spend')
    expect(found.every(({ isActed }) => !isActed)).toBe(true)
  })

  it('lets no time go back that isolates tell out of order', () => {
    const storage = create()
    post(storage, [served(10)])
    post(storage, [served(2)], ['account'], START + 10)
    expect(storage.suspect('account', 'reader')?.seen).toBe(START + 10)
  })

  it('looks at nothing that is an hour old', () => {
    const storage = create()
    post(storage, [served(0)], ['account'], START + HOUR + 1)
    expect(storage.countSuspects('account')).toBe(0)
  })

  it('forgets suspects that were quiet for long, networks after two days, and findings after ninety', () => {
    const storage = create()
    const seen = (at: number): void =>
      post(storage, [served(at, { network: `network-${at}`, account: `account-${at}` })], ['account', 'network'])
    seen(0)
    post(storage, strangers(0, 14, { account: 'shared' }))
    expect(read(storage).findings).toHaveLength(1)
    seen(3 * DAY)
    expect([storage.suspect('network', 'network-0'), storage.suspect('account', 'account-0')?.seen]).toEqual([
      undefined,
      START,
    ])
    seen(91 * DAY)
    expect([storage.suspect('account', 'account-0'), read(storage).findings]).toEqual([undefined, []])
  })

  it('knows no network after two days, and goes on knowing how many they were', () => {
    const storage = create()
    post(storage, [served(0), served(HOUR, { network: 'work', asn: 680 }), served(2 * HOUR, { asn: 20 })])
    const reuse = { reason: 'payment-spent', token: 'receipt', asn: undefined }
    post(storage, [served(0, reuse)], ['token'])
    const states = (): string => JSON.stringify(storage.suspect('account', 'reader')?.state.states['hands'])
    const [before] = [states()]
    expect(before).toContain(shortHash('home'))
    expect(JSON.stringify(storage.suspect('token', 'receipt')?.state)).toContain(shortHash('home'))
    for (let at = 3 * HOUR; at <= 2 * HOUR + 48 * HOUR; at += HOUR)
      post(storage, [served(at, { account: 'another', network: `network-${at}` })])
    expect(states()).not.toContain(shortHash('home'))
    expect(states()).not.toContain(shortHash('work'))
    expect(states()).toContain('"usual":[2]')
    expect(JSON.stringify(storage.suspect('token', 'receipt')?.state)).not.toContain(shortHash('home'))
    expect(storage.suspect('account', 'reader')?.seen).toBe(START + 2 * HOUR)
    // Whoever comes back has the day that they had before.
    post(storage, [served(50 * HOUR)])
    expect(states()).toContain('"usual":[2]')
  })

  it('has bounded suspects: those go that were quiet the longest', () => {
    const storage = create()
    const { most } = REMEMBERED.network
    post(
      storage,
      times(most + 1).map((index) => served(index / 10, { network: `network-${index}` })),
      ['network'],
    )
    expect(storage.countSuspects('network')).toBeLessThanOrEqual(most)
    expect([storage.suspect('network', 'network-0'), storage.suspect('network', `network-${most}`)?.seen]).toEqual([
      undefined,
      expect.any(Number),
    ])
  })

  it('has bounded findings', () => {
    const storage = create()
    for (const index of times(MOST_FINDINGS + 20))
      storage.addFinding({
        step: 'note',
        suspect: 'account',
        key: `account-${index}`,
        evidence: [],
        for: [],
        time: START,
        until: undefined,
        reference: undefined,
        isActed: false,
      })
    post(storage, [served(0)])
    expect(storage.findings(MOST_FINDINGS * 2)).toHaveLength(MOST_FINDINGS)
    expect(storage.findings(1)[0]?.key).toBe(`account-${MOST_FINDINGS + 19}`)
  })

  it('counts what isolates dropped today', () => {
    const storage = create()
    post(storage, [], [], START, 5)
    post(storage, [], [], START + MINUTE, 7)
    expect([read(storage).dropped, read(storage, START + DAY).dropped]).toEqual([12, 0])
    post(storage, [], [], START + DAY, 1)
    expect(read(storage, START + DAY).dropped).toBe(1)
  })
})
