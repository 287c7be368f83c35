import { describe, expect, it } from 'vitest'
import type { IssuedCredential } from '../../../src/ledger/rules/credentials.ts'
import { tokenName } from '../../../src/ledger/rules/name.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import type { LeaseSessionOutcome, PutSessionOutcome } from '../../../src/ledger/rules/sessions.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import type { Entry } from '../../../src/standing/rules/standing.ts'
import { DAY, HOUR, MINUTE, PureLedger } from './pureledger.ts'

const ZONE = { id: 'news' }

class Sessions {
  readonly ledger = new PureLedger()

  open(id: string, session: Partial<NonNullable<IssuedCredential['session']>> = {}, most = 20): string {
    const { now } = this.ledger
    const snapshot = { presentedAt: now, issuedAt: now / 1000, validUntil: now + 2 * HOUR, standing: 'active' as const }
    const credential: IssuedCredential = {
      kind: 'session',
      id,
      name: 'login',
      createdAt: now,
      createdBy: 'owner',
      secrets: [],
      entitlements: ['premium'],
      limits: [],
      accountLimits: [],
      expires: now + DAY,
      snapshot,
      session: { login: 'login', sealed: 'first', ...session },
    }
    return this.ledger.apply(orders.keepSession, { credential, most }).kind
  }

  lease(id: string, lease: string, knownUntil = 0): LeaseSessionOutcome {
    return this.ledger.apply(orders.leaseSession, {
      id,
      zone: ZONE,
      lease,
      leaseMs: MINUTE,
      knownUntil,
      leastMs: HOUR,
    })
  }

  put(id: string, lease: string): PutSessionOutcome {
    const { now } = this.ledger
    const snapshot = { presentedAt: now, issuedAt: now / 1000, validUntil: now + 2 * HOUR, standing: 'active' as const }
    const claims = { entitlements: ['extra'], accountLimits: [], snapshot }
    return this.ledger.apply(orders.putSession, {
      id,
      zone: ZONE,
      lease,
      expires: now + DAY,
      sealed: 'next',
      claims,
    })
  }

  drop(id: string | undefined, which: 'one' | 'group' | 'all'): readonly string[] {
    const named = id === undefined ? {} : { id }
    const dropped = this.ledger.apply(orders.dropSessions, { ...named, zone: ZONE, which, longestTokenSeconds: 7200 })
    return dropped.map((one) => one.id)
  }

  say(entry: Entry, token?: string): void {
    const entries = [{ ...(token !== undefined && { token: tokenName(ZONE, token) }), entry }]
    this.ledger.apply(verbs.note, { entries, longestTokenSeconds: 7200 })
  }

  kept(): readonly string[] {
    return this.ledger.apply(orders.listCredentials, 'session').map(({ id }) => id)
  }
}

describe('the lease of a session', () => {
  it('is one caller’s at a time, until its end', () => {
    const sessions = new Sessions()
    sessions.open('s')
    sessions.ledger.advance(90 * MINUTE)
    expect(sessions.lease('s', 'a', Infinity).kind).toBe('leased')
    expect(sessions.lease('s', 'b', Infinity)).toEqual({ kind: 'busy', until: sessions.ledger.now + MINUTE })
    sessions.ledger.advance(MINUTE)
    expect(sessions.lease('s', 'b', Infinity).kind).toBe('leased')
    expect(sessions.put('s', 'a')).toEqual({ kind: 'superseded' })
    expect(sessions.put('s', 'b')).toEqual({ kind: 'put' })
  })

  it('is free once it was used, and the same answer may be kept twice', () => {
    const sessions = new Sessions()
    sessions.open('s')
    sessions.lease('s', 'a', Infinity)
    for (let times = 0; times < 2; times++) expect(sessions.put('s', 'a')).toEqual({ kind: 'put' })
    expect(sessions.lease('s', 'b', Infinity)).toMatchObject({
      kind: 'leased',
      credential: { entitlements: ['extra'], session: { sealed: 'next' } },
    })
  })

  it('is not needed by whoever has older claims than the ledger, if those are fresh', () => {
    const sessions = new Sessions()
    sessions.open('s')
    expect(sessions.lease('s', 'a').kind).toBe('renewed')
    sessions.ledger.advance(90 * MINUTE)
    expect(sessions.lease('s', 'a').kind).toBe('leased')
    expect(sessions.lease('s', 'b').kind).toBe('renewed')
    sessions.ledger.advance(HOUR)
    expect(sessions.lease('s', 'b').kind).toBe('leased')
  })

  it('is of no session that is over', () => {
    const sessions = new Sessions()
    sessions.open('s')
    sessions.ledger.advance(DAY)
    expect(sessions.lease('s', 'a')).toEqual({ kind: 'over', isHeld: false })
    expect(sessions.kept()).toEqual([])
    expect(sessions.put('s', 'a')).toEqual({ kind: 'over', isHeld: false })
    expect(sessions.ledger.book.head.credentials).toBe(0)
  })

  it.each<[string, (at: number) => Entry, string | undefined, boolean]>([
    ['the account is held', (at) => ({ heldAt: at }), undefined, true],
    ['the account was held, and is no more', (at) => ({ heldAt: at, liftedAt: at + 1 }), undefined, false],
    ['the account is held by name', (at) => ({ holds: [{ name: 'd', at }] }), undefined, true],
    ['all tokens were revoked', (at) => ({ revokedAt: at }), undefined, false],
    ['the session was revoked', (at) => ({ revokedAt: at }), 's', false],
    ['the session is held', (at) => ({ heldAt: at }), 's', false],
  ])(
    'is given to nobody if %s since the sign-in, and nothing is kept that comes then',
    (_what, entry, token, isHeld) => {
      const sessions = new Sessions()
      sessions.open('s')
      sessions.open('other')
      sessions.lease('s', 'a', Infinity)
      sessions.ledger.advance(MINUTE)
      sessions.say(entry(sessions.ledger.now / 1000), token)
      expect(sessions.put('s', 'a')).toEqual({ kind: 'over', isHeld })
      expect(sessions.lease('s', 'b', Infinity)).toEqual({ kind: 'over', isHeld })
      expect(sessions.kept()).toEqual(['other'])
    },
  )

  it('is given to nobody who signed in while the account was held', () => {
    const sessions = new Sessions()
    sessions.say({ heldAt: sessions.ledger.now / 1000 })
    sessions.ledger.advance(MINUTE)
    sessions.open('s')
    expect(sessions.lease('s', 'a', Infinity)).toEqual({ kind: 'over', isHeld: true })
    expect(sessions.kept()).toEqual([])
  })

  it('is waited for by whoever has older claims, if those of the ledger are over', () => {
    const sessions = new Sessions()
    sessions.open('s')
    sessions.ledger.advance(3 * HOUR)
    expect(sessions.lease('s', 'a').kind).toBe('leased')
    expect(sessions.lease('s', 'b').kind).toBe('busy')
  })

  it('is given for a sign-in after that', () => {
    const sessions = new Sessions()
    sessions.say({ heldAt: sessions.ledger.now / 1000, liftedAt: sessions.ledger.now / 1000 + 1 })
    sessions.ledger.advance(MINUTE)
    sessions.open('s')
    expect(sessions.lease('s', 'a', Infinity).kind).toBe('leased')
  })
})

describe('the sessions of an account', () => {
  it('are so many at most, and the least lately renewed go, after those that are over', () => {
    const sessions = new Sessions()
    for (const id of ['a', 'b', 'c']) {
      sessions.open(id, {}, 3)
      sessions.ledger.advance(MINUTE)
    }
    sessions.lease('a', 'l', Infinity)
    sessions.put('a', 'l')
    expect(sessions.open('d', {}, 3)).toBe('kept')
    expect(sessions.kept()).toEqual(['a', 'c', 'd'])
    expect(sessions.open('d', {}, 3)).toBe('refused')
    sessions.ledger.advance(2 * DAY)
    sessions.open('e', {}, 3)
    expect(sessions.kept()).toEqual(['e'])
    expect(sessions.ledger.book.head.credentials).toBe(1)
  })

  it('end alone, with their group, or all', () => {
    const ids = ['a', 'b', 'c', 'd']
    const sessions = new Sessions()
    for (const id of ids) sessions.open(id, id < 'c' ? { group: 'g' } : { group: 'g', login: id })
    expect(sessions.drop('a', 'group')).toEqual(['a', 'b'])
    expect(sessions.drop('gone', 'group')).toEqual([])
    expect(sessions.drop('c', 'one')).toEqual(['c'])
    expect(sessions.drop(undefined, 'all')).toEqual(['d'])
    for (const id of [...ids, 'gone'])
      expect(sessions.ledger.book.entries.get(tokenName(ZONE, id))?.entry.revokedAt).toBe(sessions.ledger.now / 1000)
  })

  it('end alone where the other side names no group', () => {
    const sessions = new Sessions()
    for (const id of ['a', 'b']) sessions.open(id)
    expect(sessions.drop('a', 'group')).toEqual(['a'])
    expect(sessions.kept()).toEqual(['b'])
  })

  it('leave no statement for good, whatever else the account was issued', () => {
    const sessions = new Sessions()
    sessions.open('a')
    sessions.open('b')
    sessions.drop('a', 'one')
    sessions.ledger.advance(3 * HOUR)
    sessions.ledger.apply(verbs.tick, undefined)
    expect([...sessions.ledger.book.entries.keys()]).toEqual([])
    expect(sessions.kept()).toEqual(['b'])
  })
})
