import { describe, expect, it } from 'vitest'
import {
  createPoolState,
  type Member,
  type Pool,
  type PoolState,
  pick,
  reportOutcome,
  type PoolRequest,
} from '../../../src/origin/rules/pool.ts'

const member = (name: string, changes: Partial<Member> = {}): Member => ({
  server: { kind: 'binding', binding: name },
  name,
  weight: 1,
  connectMs: Number.POSITIVE_INFINITY,
  responseMs: Number.POSITIVE_INFINITY,
  maxConcurrent: undefined,
  ...changes,
})

const poolOf = (...members: readonly Member[]): Pool => ({
  members,
  choice: 'weight',
  health: { failures: 3, ejectMs: 1000, maxEjectMs: 5000 },
  retries: { most: 2, budgetPercent: 20 },
})

const wanted = (server: string, tried: readonly number[] = []): PoolRequest => ({
  now: 0,
  deadline: 1_000_000,
  random: 0,
  key: undefined,
  isPaid: true,
  tried: new Set(tried),
  server,
})

/** Which member would get a request. */
function chosen(
  pool: Pool,
  server: string,
  tried: readonly number[] = [],
  state: PoolState = createPoolState(pool),
): string {
  return pick(pool, state, wanted(server, tried))?.member.name ?? 'none'
}

describe('a request that names its server', () => {
  const pool = poolOf(member('a', { weight: 9 }), member('b'), member('c', { weight: 0 }))

  it('goes to that one, whatever the others weigh, and to none that is drained or was tried', () => {
    expect(['a', 'b', 'c', 'd'].map((server) => chosen(pool, server))).toEqual(['a', 'b', 'none', 'none'])
    expect(chosen(pool, 'b', [1])).toBe('none')
  })

  it('takes a slot of it, and says how that went', () => {
    const full = poolOf(member('a'), member('b', { maxConcurrent: 1 }))
    const state = createPoolState(full)
    const picked = pick(full, state, wanted('b'))
    expect(chosen(full, 'b', [], state)).toBe('none')
    if (picked === undefined) throw new Error('none')
    reportOutcome(picked, full, true, 0)
    expect(state.members[1]?.health).not.toEqual(state.members[0]?.health)
  })
})
