import { describe, expect, it } from 'vitest'
import {
  judgeBulletin,
  judgeFetched,
  judgeServer,
  type ServerState,
  serverStatesOf,
  worstOf,
} from '../../src/health/rules/judge.ts'
import { createPoolState } from '../../src/origin/rules/pool.ts'
import { zoneOf } from '../support/compiled.ts'

const NEVER = Number.NEGATIVE_INFINITY

it.each([
  [[], 'pass'],
  [['pass', 'pass'], 'pass'],
  [['pass', 'warn'], 'warn'],
  [['warn', 'fail', 'pass'], 'fail'],
] as const)('of %j the worst is %s', (all, worst) => {
  expect(worstOf(all)).toBe(worst)
})

describe('what is fetched again and again', () => {
  const copy = { asOf: 1000, freshUntil: 2000, usableUntil: 5000 }
  const none = { asOf: undefined, freshUntil: 0, usableUntil: 0 }
  it.each([
    ['was never asked for', undefined, 1500, 'pass'],
    ['is being fetched for the first time', { ...none, failedAt: undefined }, 1500, 'pass'],
    ['is fresh', { ...copy, failedAt: undefined }, 1500, 'pass'],
    ['is old, and nobody needed it since', { ...copy, failedAt: undefined }, 900_000, 'pass'],
    ['is fresh, and could not be fetched ahead', { ...copy, failedAt: 1900 }, 1950, 'warn'],
    ['is stale, and cannot be fetched', { ...copy, failedAt: 2900 }, 3000, 'warn'],
    ['is beyond its use', { ...copy, failedAt: 4999 }, 5000, 'fail'],
    ['was never had, and cannot be fetched', { ...none, failedAt: 1400 }, 1500, 'fail'],
  ])('that %s', (_, known, now, status) => {
    expect(judgeFetched(known, now).status).toBe(status)
  })
})

it.each([
  ['was never read', { asOf: NEVER, failedAt: NEVER }, 'pass'],
  ['was read, long ago', { asOf: 0, failedAt: NEVER }, 'pass'],
  ['failed, and is within the bound', { asOf: 97_000, failedAt: 99_000 }, 'warn'],
  ['failed, and may be served for longer', { asOf: 60_000, failedAt: 99_000 }, 'warn'],
  ['failed, and may be served no more', { asOf: 40_000, failedAt: 99_000 }, 'fail'],
  ['never came', { asOf: NEVER, failedAt: 99_000 }, 'fail'],
])('a bulletin that %s', (_, read, status) => {
  expect(judgeBulletin(read, { boundMs: 5000, serveMs: 60_000 }, 100_000).status).toBe(status)
})

describe('a server', () => {
  const fit: ServerState = { name: 'fit', state: 'fit' }
  it.each<[ServerState['state'], readonly ServerState[], string]>([
    ['fit', [], 'pass'],
    ['drained', [], 'pass'],
    ['ejected', [fit], 'warn'],
    ['due', [fit], 'warn'],
    ['ejected', [], 'fail'],
    ['ejected', [{ name: 'empty', state: 'drained' }], 'fail'],
  ])('that is %s beside %j', (state, others, status) => {
    const server = { name: 'one', state }
    expect(judgeServer(server, [server, ...others]).status).toBe(status)
  })

  it('is one of the zone, not one that a meter brings', () => {
    const { pool } = zoneOf({
      origin: { servers: [{ url: 'https://one.test' }, { url: 'https://two.test', weight: 0 }] },
    })
    if (pool === undefined) throw new Error('no pool')
    const state = createPoolState({ ...pool, members: [...pool.members] })
    const [first] = state.members
    if (first === undefined) throw new Error('no member')
    first.health = { failures: 3, ejections: 1, ejectedUntil: 2000, epoch: 1 }
    expect(serverStatesOf(pool, state, 1000).map(({ state }) => state)).toEqual(['ejected', 'drained'])
    const brought = { ...pool, members: pool.members.map((member) => ({ ...member, isNamedOnly: true as const })) }
    expect(serverStatesOf(brought, state, 1000)).toEqual([])
  })
})
