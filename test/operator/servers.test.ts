import { expect, it } from 'vitest'
import { HEALTHY } from '../../src/origin/rules/health.ts'
import { createPoolState } from '../../src/origin/rules/pool.ts'
import { seenServers } from '../../src/operator/rules/servers.ts'
import { heldIn } from '../../src/operator/rules/holds.ts'
import { accountKey, tokenKey } from '../../src/standing/rules/bulletin.ts'
import { zoneOf } from '../support/compiled.ts'

it('servers are shown as their health has them, without those that meters bring', () => {
  const servers = ['https://one.test', 'https://two.test', 'https://three.test'].map((url) => ({ url }))
  const { pool } = zoneOf({ origin: { servers: [...servers, { url: 'https://four.test', weight: 0 }] } })
  if (pool === undefined) throw new Error('no pool')
  const brought = {
    ...pool,
    members: pool.members.map((one, at) => (at === 2 ? { ...one, isNamedOnly: true as const } : one)),
  }
  const state = createPoolState(brought)
  const set = (at: number, health: Partial<typeof HEALTHY>): void => {
    const member = state.members[at]
    if (member !== undefined) member.health = { ...HEALTHY, ...health }
  }
  set(0, { failures: 2 })
  set(1, { failures: 3, ejections: 1, ejectedUntil: 5000 })
  const seen = (now: number) => seenServers(brought, state, now)
  const four = { name: 'https://four.test', state: 'drained', failures: 0 }
  expect(seen(1000)).toEqual([
    { name: 'https://one.test', state: 'fit', failures: 2 },
    { name: 'https://two.test', state: 'ejected', failures: 3, ejectedUntil: 5000 },
    four,
  ])
  expect(seen(6000)[1]).toEqual({ name: 'https://two.test', state: 'due', failures: 3 })
})

it('holds are read from a bulletin whatever names hold, the latest first', () => {
  const entries = new Map([
    [accountKey('https://a b', 'x 3 y'), { heldAt: 10 }],
    [tokenKey('https://i', 'jti 1'), { heldAt: 30 }],
    [accountKey('https://i', 'lifted'), { heldAt: 10, liftedAt: 20 }],
    [
      accountKey('https://i', 'disputed'),
      {
        holds: [
          { name: 'du_1', at: 20 },
          { name: 'du_2', at: 15, liftedAt: 16 },
          { name: 'ended', at: 5, until: 100 },
        ],
      },
    ],
    [accountKey('https://i', 'ended'), { holds: [{ name: 'ended', at: 5, until: 100 }] }],
    [accountKey('https://i', 'ends'), { holds: [{ name: 'ends', at: 18, until: 101 }] }],
    [accountKey('https://i', 'other'), { revokedAt: 5 }],
  ])
  expect(heldIn(entries, 100)).toEqual([
    { issuer: 'https://i', jti: 'jti 1', since: 30, until: undefined, names: [] },
    { issuer: 'https://i', account: 'disputed', since: 20, until: undefined, names: ['du_1'] },
    { issuer: 'https://i', account: 'ends', since: 18, until: 101, names: ['ends'] },
    { issuer: 'https://a b', account: 'x 3 y', since: 10, until: undefined, names: [] },
  ])
})
