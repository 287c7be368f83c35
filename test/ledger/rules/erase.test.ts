import { describe, expect, it } from 'vitest'
import {
  addErased,
  endErase,
  eraseState,
  type EraseOutcome,
  type HashedErasure,
  namesToHash,
} from '../../../src/ledger/rules/erase.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import type { Entry } from '../../../src/standing/rules/standing.ts'
import { charged, Payer } from './payer.ts'
import { DAY, EUR, HOUR, limit, ONE, PureLedger, reasonOf, SECOND, units } from './pureledger.ts'

const FACTS = { route: '/private', zone: 'news', issuer: 'https://i.test', account: 'ann' }
const QUOTA = { counts: ONE, limits: [limit(3n, 'P1D')] }
const TOKEN_SECONDS = 86_400

const ERASURE = {
  id: 'order-1',
  ledger: 'account ["news","https://i.test","ann"]',
  longestTokenSeconds: TOKEN_SECONDS,
  mayForfeit: true,
  mayDropRecords: false,
}

class ErasableLedger extends PureLedger {
  erase(more: Partial<HashedErasure> = {}): EraseOutcome {
    const names = this.apply(namesToHash, undefined)
    return this.apply(eraseState, {
      ...ERASURE,
      revokedAt: Math.floor(this.now / SECOND) + 5,
      hashes: new Map(names.map((name, index) => [name, `#${String(index).padStart(22, '0')}`])),
      ...more,
    })
  }

  /** Erases it as a host does: closes, tells billing, erases. */
  eraseAll(more: Partial<HashedErasure> = {}): Extract<EraseOutcome, { kind: 'erased' }> {
    for (let tries = 0; tries < 5; tries++) {
      const outcome = this.erase(more)
      if (outcome.kind === 'erased') return outcome
      this.flushAll()
    }
    throw new Error('it was not erased')
  }

  say(entry: Entry, token?: string): void {
    const entries = [{ entry, ...(token === undefined ? {} : { token }) }]
    this.apply(verbs.note, { entries, longestTokenSeconds: TOKEN_SECONDS })
  }

  /** One metered request, with a token issued now. */
  request(issuedAt = this.now / SECOND) {
    const proof = { kind: 'entitlement' as const, issuedAt, standing: 'active' as const, entitlements: [] }
    return this.charge({ ...QUOTA, proof, facts: FACTS })
  }

  /** Everything that the ledger can tell. */
  text(): string {
    const { head, series, entries, days } = this.book
    const all = [head, [...series], [...entries], [...days], this.read(), this.book.history(undefined, 100)]
    const grants = this.book.grantsBefore(Infinity, 100).map((id) => this.book.grant(id))
    return JSON.stringify([...all, grants, this.records()], (_key, value: unknown) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
  }
}

describe('an erased ledger', () => {
  it('tells nothing of the account any more', () => {
    const ledger = new ErasableLedger()
    ledger.grant(100n, 'in_ann_1')
    ledger.say({ subscriptions: [{ id: 'sub_ann', at: 1, standing: 'active', hasEnded: false }] })
    ledger.say({ heldAt: 1 }, '["news","jti-of-ann"]')
    ledger.amend(ledger.charge({ price: EUR(30n), facts: FACTS }))
    ledger.amend(ledger.request())
    expect(ledger.text()).toMatch(/ann.*private/)
    ledger.eraseAll()
    expect(ledger.text()).not.toMatch(/ann|private|i\.test/)
    expect(ledger.read().recent).toEqual([])
  })

  it('passes its sums on, without a subject or route, and keeps them until the zone has them', () => {
    const [ledger, zone] = [new ErasableLedger(), new PureLedger()]
    ledger.grant(100n)
    for (const price of [10n, 20n]) ledger.amend(ledger.charge({ price: EUR(price), counts: ONE, facts: FACTS }))
    const { id, sums } = ledger.eraseAll()
    const day = { day: Math.floor(ledger.now / DAY), route: 'other', charges: 2 }
    const counts = units(2n)
    const money = units(30n, 'EUR')
    expect(sums).toEqual({ totals: { charges: 2, unsettled: 0, counts, money }, days: [{ ...day, counts, money }] })
    // The order is sent again: its first answer was lost.
    expect(ledger.erase({ id: 'order-2' })).toEqual({ kind: 'erased', id: 'order-1', sums, forfeited: [] })
    for (const order of [id, id]) zone.apply(addErased, { id: order, sums })
    expect(zone.read().totals).toEqual(sums.totals)
    expect([...zone.book.days.values()]).toEqual(sums.days)
    ledger.apply(endErase, 'another order')
    expect(ledger.book.head.erased).toHaveProperty('sums')
    ledger.apply(endErase, id)
    expect(ledger.book.head.erased).toEqual({ id, at: ledger.now })
    expect(ledger.eraseAll({ id: 'order-3' }).sums.totals).toMatchObject({ charges: 0, money: [] })
  })

  it('still counts what was used of a quota, until its window ends', () => {
    const ledger = new ErasableLedger()
    for (let time = 0; time < 3; time++) ledger.amend(ledger.request())
    ledger.eraseAll()
    ledger.now += HOUR
    expect(reasonOf(ledger.request())).toBe('usage-limit-reached')
    ledger.now += DAY
    expect(reasonOf(ledger.request())).toBe('charged')
  })

  it('voids every token from before, and takes one from afterwards', () => {
    const ledger = new ErasableLedger()
    const before = ledger.now / SECOND
    ledger.eraseAll()
    expect(reasonOf(ledger.request(before))).toBe('subscription-inactive')
    expect(reasonOf(ledger.request(before + 5))).toBe('subscription-inactive')
    expect(reasonOf(ledger.request(before + 6))).toBe('charged')
  })

  it('keeps a hold, whichever token comes', () => {
    const ledger = new ErasableLedger()
    ledger.say({ heldAt: ledger.now / SECOND })
    ledger.eraseAll()
    ledger.advance(30 * DAY)
    expect(reasonOf(ledger.request())).toBe('security-hold')
  })

  it('keeps the standing that subscriptions came to, without their ids', () => {
    const ledger = new ErasableLedger()
    const at = ledger.now / SECOND
    ledger.say({ subscriptions: [{ id: 's', at, standing: 'past-due', hasEnded: false }] })
    ledger.eraseAll()
    expect(ledger.read().entry).toEqual({ standing: { at, standing: 'past-due' }, revokedAt: at + 5 })
  })

  it('grants no credit again that was granted before, and knows its id by the hash alone', () => {
    const ledger = new ErasableLedger()
    ledger.grant(100n, 'free')
    const hash = `#${'0'.padStart(22, '0')}`
    expect(ledger.eraseAll().forfeited).toEqual([EUR(100n)])
    const again = ledger.apply(verbs.grant, { id: 'free', hash, ...EUR(100n) })
    expect(again).toMatchObject({ kind: 'granted', isRepeat: true, credit: EUR(0n) })
    expect(ledger.apply(verbs.grant, { id: 'free', hash, ...EUR(7n) })).toMatchObject({ reason: 'grant-differs' })
    ledger.apply(endErase, 'order-1')
    ledger.eraseAll({ id: 'order-2' })
    expect(ledger.apply(verbs.grant, { id: 'free', hash, ...EUR(100n) })).toMatchObject({ isRepeat: true })
  })

  it('is not brought back by the report of a request that was under way', () => {
    const ledger = new ErasableLedger()
    const open = charged(ledger.request())
    ledger.eraseAll()
    const before = ledger.text()
    expect(ledger.amend(open, 'none')).toEqual({ kind: 'refused', reason: 'charge-unknown' })
    expect(ledger.text()).toBe(before)
  })

  it('is gone for good once every grant is forgotten, if the account did not come back', () => {
    const ledger = new ErasableLedger()
    ledger.grant(1n, 'free')
    ledger.amend(ledger.request())
    ledger.eraseAll()
    ledger.apply(endErase, 'order-1')
    ledger.advance(399 * DAY)
    expect(verbs.read(ledger.book, {}, ledger.now).outcome.totals.charges).toBe(0)
    expect(ledger.book.head).toHaveProperty('erased')
    ledger.advance(3 * DAY)
    expect(ledger.book.head).not.toHaveProperty('erased')
    expect(ledger.book.grantsBefore(Infinity, 10)).toEqual([])
  })

  it('stays if the account came back', () => {
    const ledger = new ErasableLedger()
    ledger.eraseAll()
    ledger.apply(endErase, 'order-1')
    ledger.now += HOUR
    ledger.grant(5n, 'new')
    ledger.advance(500 * DAY)
    expect(ledger.read().credit).toEqual([EUR(5n)])
  })
})

describe('an account', () => {
  it('is not erased while it has credit, unless that may be lost', () => {
    const ledger = new ErasableLedger()
    ledger.grant(100n)
    const before = ledger.text()
    expect(ledger.erase({ mayForfeit: false })).toEqual({ kind: 'refused', reason: 'credit-left', credit: [EUR(100n)] })
    expect(ledger.text()).toBe(before)
  })

  it('is not erased while billing lacks a record of it; what is open is closed as it stands', () => {
    const ledger = new ErasableLedger()
    ledger.request()
    expect(ledger.erase()).toEqual({ kind: 'refused', reason: 'records-waiting' })
    expect(ledger.records().map(({ kind }) => kind)).toEqual(['charge', 'unsettled'])
    expect(ledger.erase()).toEqual({ kind: 'refused', reason: 'records-waiting' })
    ledger.flushAll()
    expect(ledger.erase()).toMatchObject({ kind: 'erased', sums: { totals: { charges: 1, unsettled: 1 } } })
  })

  it('is erased with its records if there is no billing any more', () => {
    const ledger = new ErasableLedger()
    ledger.amend(ledger.request())
    expect(ledger.erase({ mayDropRecords: true })).toMatchObject({ kind: 'erased' })
    expect(ledger.records()).toEqual([])
    ledger.now += HOUR
    ledger.request()
    expect(ledger.records().map(({ kind }) => kind)).toEqual(['charge'])
  })

  it('is none in the ledger of a receipt or of a payment, which is left as it is', () => {
    const receipt = new ErasableLedger()
    receipt.amend(receipt.charge({ receipt: { uses: 2 }, expires: receipt.now + DAY }))
    receipt.flushAll()
    const payer = new Payer()
    payer.bring()
    for (const { ledger } of [{ ledger: receipt }, payer]) {
      const command = { ...ERASURE, revokedAt: 0, hashes: new Map<string, string>() }
      const before = ledger.read()
      expect(ledger.apply(eraseState, command)).toEqual({ kind: 'refused', reason: 'no-account' })
      expect(ledger.read()).toEqual(before)
    }
  })

  it('is not erased if a grant comes while the others are hashed', () => {
    const ledger = new ErasableLedger()
    ledger.grant(1n, 'late')
    expect(ledger.erase({ hashes: new Map() })).toEqual({ kind: 'refused', reason: 'records-waiting' })
  })
})
