import { beforeEach, describe, expect, it } from 'vitest'
import { createClaimCount, type CountClaims } from '../../src/tokens/claimcount.ts'
import type { Issuer } from '../../src/access/issuer.ts'
import { zoneOf } from '../support/compiled.ts'

const options = {
  issuer: 'https://login.test',
  jwks: { url: 'https://login.test/jwks' },
  types: { entitlement: 'JWT' },
  claims: { entitlements: ['roles', 'groups'], plan: 'tier' },
}

let now: number
let lines: object[]
let count: CountClaims
let issuer: Issuer

beforeEach(() => {
  now = 1_800_000_000_000
  lines = []
  count = createClaimCount(
    (line) => lines.push(line),
    () => now,
  )
  const [found] = zoneOf({ issuers: [options] }).issuers
  if (found === undefined) throw new Error('no issuer')
  issuer = found
})

const line = (fact: string, path: string, missing: number): object => ({
  claims: 'https://login.test',
  audience: 'https://a.test',
  fact,
  path,
  missing,
  tokens: missing,
})

describe('a claim that no token has', () => {
  it('is told of at most once a minute, with how many tokens lacked it, and nothing of theirs', () => {
    for (let token = 0; token < 3; token++) count({ sub: `reader-${token}`, tier: 'Gold' }, issuer)
    expect(lines).toEqual([line('entitlements', 'roles or groups', 1)])
    now += 60_000
    count({ sub: 'reader', tier: 'Gold' }, issuer)
    expect(lines).toEqual([line('entitlements', 'roles or groups', 1), line('entitlements', 'roles or groups', 4)])
    expect(JSON.stringify(lines)).not.toMatch(/reader|Gold/)
  })

  it('is told of no more once a token has it: many accounts have no roles', () => {
    count({ groups: ['premium'], tier: 'Gold' }, issuer)
    for (let minute = 0; minute < 3; minute++) {
      now += 60_000
      count({ tier: 'Gold' }, issuer)
    }
    expect(lines).toEqual([])
  })

  it('is told of for each issuer and fact', () => {
    count({}, issuer)
    count({}, { ...issuer })
    expect(lines).toHaveLength(4)
  })
})
