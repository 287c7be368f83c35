import { entitlementIn } from '../../src/access/proof.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { accountKey, EVERYONE, NO_BULLETIN, tokenKey } from '../../src/standing/rules/bulletin.ts'
import type { Entitlement } from '../../src/access/entitlement.ts'
import { type BulletinState, emptyBulletin } from '../../src/standing/rules/delta.ts'
import { err, ok } from '../../src/core/result.ts'
import type { Entry } from '../../src/standing/rules/standing.ts'
import type { Bulletins } from '../../src/standing/bulletin.ts'
import { type ResolveStanding, createBulletinResolver } from '../../src/standing/resolve.ts'
import type { Ledger, Ledgers, Said } from '../../src/ports.ts'
import { accountLedger, NO_LEDGER, receiptLedger } from '../support/ledger.ts'
import { BOUND, ISSUER, zoneOf } from './isolates.ts'
import { entitlementOf, presenting } from '../support/proofs.ts'

const NOW = 1_800_000_000
const TOKEN = entitlementOf(NOW, { issuer: ISSUER, account: 'a' })
const accountName = (account: string): string => accountLedger(account, ISSUER)
const receiptName = (jti: string): string => receiptLedger(jti, ISSUER)
const INACTIVE: Entry = { standing: { at: NOW + 1, standing: 'inactive' } }

let known: BulletinState
let now: number
/** What the ledgers say, by their names; one that is not there says nothing. */
let said: Map<string, Said | 'down'>
let asked: string[]
let resolveStanding: ResolveStanding

beforeEach(() => {
  known = emptyBulletin()
  now = (NOW + 10) * 1000
  said = new Map()
  asked = []
  const ledgers: Ledgers = (name): Ledger => ({
    ...NO_LEDGER,
    statements: async () => {
      asked.push(name)
      const found = said.get(name) ?? { ofAccount: undefined, ofToken: undefined }
      return found === 'down' ? err('ledger-unavailable') : ok(found)
    },
  })
  const unused = (): never => {
    throw new Error('only what is newest counts for standing')
  }
  const bulletins: Bulletins = {
    of: () => ok(known),
    post: async () => true,
    proclaim: unused,
    order: unused,
    glance: unused,
  }
  resolveStanding = createBulletinResolver(bulletins, ledgers, () => now)
})

async function standing(claims: Partial<Entitlement> = {}, zone = zoneOf()): Promise<string> {
  const presented = presenting({ entitlement: ok({ ...TOKEN, ...claims }) })
  const left = await resolveStanding(presented, zone, { now, waitUntil: () => undefined })
  const proof = entitlementIn(left)?.proof
  if (proof === undefined) return 'nothing'
  return proof.ok ? proof.value.standing : proof.error.reason
}

function leaveOutUntil(leftOutAt: number | undefined): void {
  known.head = { ...NO_BULLETIN, leftOutAt }
}

describe('who is not named in the bulletin', () => {
  it('is as signed, and no ledger is asked, while nothing was left out', async () => {
    known.entries.set(accountKey(ISSUER, 'another'), INACTIVE)
    expect([await standing(), asked]).toEqual(['active', []])
  })

  it('is asked about at the ledger where the token is so old that it may have been left out', async () => {
    leaveOutUntil(NOW - 6)
    expect([await standing(), asked]).toEqual(['active', []])
    leaveOutUntil(NOW - 5) // by the clock of who signed it, that may have been after
    said.set(accountName('a'), { ofAccount: INACTIVE, ofToken: undefined })
    expect([await standing(), asked]).toEqual(['inactive', [accountName('a')]])
  })

  it('is asked about once in each bound, and again where the clock ran back', async () => {
    leaveOutUntil(EVERYONE)
    for (let n = 0; n < 5; n++) await standing()
    expect(asked).toHaveLength(1)
    now += BOUND - 1
    await standing()
    expect(asked).toHaveLength(1)
    now += 1
    said.set(accountName('a'), { ofAccount: INACTIVE, ofToken: undefined })
    expect([await standing(), asked.length]).toEqual(['inactive', 2])
    now -= 3_000
    expect([await standing(), asked.length]).toEqual(['inactive', 3])
  })

  it('is refused where the ledger does not say', async () => {
    leaveOutUntil(EVERYONE)
    said.set(accountName('a'), 'down')
    expect(await standing()).toBe('standing-unavailable')
  })

  it('is asked about by its token too, at the ledger of each', async () => {
    leaveOutUntil(EVERYONE)
    said.set(receiptName('t'), { ofAccount: undefined, ofToken: { revokedAt: NOW + 1 } })
    expect([await standing({ jti: 't' }), asked]).toEqual([
      'subscription-inactive',
      [accountName('a'), receiptName('t')],
    ])
  })

  it('is not taken for another whose name and token read the same in a row', async () => {
    leaveOutUntil(EVERYONE)
    said.set(accountName('a b '), { ofAccount: INACTIVE, ofToken: undefined })
    expect(await standing({ account: 'a', jti: 'b ' })).toBe('active')
    expect(await standing({ account: 'a b ' })).toBe('inactive')
    expect(await standing({ account: 'a b' })).toBe('active')
  })
})

describe('who is named in a bulletin that left something out', () => {
  beforeEach(() => leaveOutUntil(NOW + 5))

  it('is judged by what the ledger knows besides', async () => {
    known.entries.set(accountKey(ISSUER, 'a'), { entitlements: { at: NOW + 2, names: [] } })
    said.set(accountName('a'), { ofAccount: INACTIVE, ofToken: undefined })
    expect(await standing()).toBe('inactive')
  })

  it('is no longer held where the ledger knows that the hold was lifted, however new the token is', async () => {
    const newer = { issuedAt: NOW + 20, notBefore: NOW }
    known.entries.set(accountKey(ISSUER, 'a'), { heldAt: NOW })
    now = (NOW + 30) * 1000
    expect(await standing(newer)).toBe('security-hold')
    now += BOUND
    leaveOutUntil(NOW + 34) // and what was left out came after the reading
    said.set(accountName('a'), { ofAccount: { heldAt: NOW, liftedAt: NOW + 1 }, ofToken: undefined })
    expect(await standing(newer)).toBe('active')
  })

  it('is revoked by its token, though the ledger has not heard of it', async () => {
    known.entries.set(tokenKey(ISSUER, 't'), { revokedAt: NOW })
    expect(await standing({ jti: 't' })).toBe('subscription-inactive')
  })
})

describe('who is spoken for by another than the issuer', () => {
  const spokenFor = new Set([ISSUER])
  const zone = { ...zoneOf(), standing: { ...zoneOf().standing, spokenFor } }
  const later = (): Promise<string> =>
    standing({ issuedAt: now / 1000, notBefore: now / 1000, expires: now / 1000 + 60 }, zone)
  const inactive = (): unknown => said.set(accountName('a'), { ofAccount: INACTIVE, ofToken: undefined })

  it('is as that one says, whenever the token was issued', async () => {
    inactive()
    expect([await later(), asked]).toEqual(['inactive', [accountName('a')]])
  })

  it('is as signed while that one says nothing', async () => {
    expect([await later(), await standing({ standing: 'past-due' }, zone)]).toEqual(['active', 'past-due'])
  })

  it('is as the bulletin says, which may know more than the ledger did', async () => {
    await later()
    known.entries.set(accountKey(ISSUER, 'a'), INACTIVE)
    expect([await later(), asked.length]).toEqual(['inactive', 1])
  })

  it.each([
    ['a day, less the difference of clocks', () => (now += 86_390_000)],
    ['something that came since is left out of the bulletin', () => ((now += BOUND), leaveOutUntil(NOW + 5))],
    ['the bulletin begins anew', () => ((now += BOUND), (known.head = { ...NO_BULLETIN, epoch: 'another' }))],
    ['the clock runs back', () => (now -= BOUND + 1)],
  ])('is asked about again after %s, and not before', async (_what, change) => {
    leaveOutUntil(NOW - 1) // well before the reading
    await later()
    now += BOUND
    inactive()
    expect([await later(), asked.length]).toEqual(['active', 1])
    change()
    expect([await later(), asked.length]).toEqual(['inactive', 2])
  })

  it('is refused where the ledger does not say', async () => {
    said.set(accountName('a'), 'down')
    expect(await later()).toBe('standing-unavailable')
  })
})

describe('a proof that is out of its time', () => {
  it('is not looked up', async () => {
    leaveOutUntil(EVERYONE)
    said.set(accountName('a'), 'down')
    expect([await standing({ expires: NOW - 60 }), asked]).toEqual(['active', []])
  })
})
