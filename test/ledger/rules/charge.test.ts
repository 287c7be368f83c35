import { describe, expect, it } from 'vitest'
import { MAX_ACTIVE } from '../../../src/ledger/rules/charge.ts'
import { checkCharge } from '../../../src/ledger/rules/verbs.ts'
import { chargeOf, DAY, PureLedger, EUR, HOUR, limit, MINUTE, ONE, reasonOf, units } from './pureledger.ts'

describe('a receipt', () => {
  const RECEIPT = { receipt: { uses: 2 }, expires: Date.UTC(2030, 0, 16) }

  it('is spent as often as it has uses', () => {
    const ledger = new PureLedger()
    expect(ledger.charge(RECEIPT)).toMatchObject({ kind: 'charged', receipt: { usesLeft: 1 } })
    expect(ledger.charge(RECEIPT)).toMatchObject({ kind: 'charged', receipt: { usesLeft: 0 } })
    expect(ledger.charge(RECEIPT)).toMatchObject({ reason: 'payment-spent', receipt: { usesLeft: 0 } })
  })

  it.each(['complete', 'broken'] as const)('keeps a use after a %s delivery', (delivery) => {
    const ledger = new PureLedger()
    ledger.amend(ledger.charge(RECEIPT), delivery)
    expect(ledger.charge(RECEIPT)).toMatchObject({ receipt: { usesLeft: 0 } })
  })

  it('gets a use back that delivered nothing', () => {
    const ledger = new PureLedger()
    ledger.amend(ledger.charge(RECEIPT), 'none')
    expect(ledger.charge(RECEIPT)).toMatchObject({ receipt: { usesLeft: 1 } })
  })

  it('opens nothing once it has expired, uses left or not', () => {
    const ledger = new PureLedger()
    ledger.charge(RECEIPT)
    ledger.now = RECEIPT.expires - 1
    expect(reasonOf(ledger.charge(RECEIPT))).toBe('charged')
    ledger.now = RECEIPT.expires
    expect(reasonOf(ledger.charge(RECEIPT))).toBe('credential-expired')
  })

  it('that is a pass opens freely for its time, from the first use on', () => {
    const ledger = new PureLedger()
    const pass = { receipt: { passSeconds: 3600 }, expires: ledger.now + 2 * DAY }
    ledger.now += 5 * HOUR
    const passUntil = ledger.now + HOUR
    expect(ledger.charge(pass)).toMatchObject({ kind: 'charged', receipt: { passUntil } })
    for (let n = 0; n < 30; n += 1) expect(reasonOf(ledger.charge(pass))).toBe('charged')
    ledger.now = passUntil - 1
    expect(reasonOf(ledger.charge(pass))).toBe('charged')
    ledger.now = passUntil
    expect(reasonOf(ledger.charge(pass))).toBe('payment-spent')
  })

  it('that is a pass has not begun while nothing was delivered', () => {
    const ledger = new PureLedger()
    const pass = { receipt: { passSeconds: 60 }, expires: ledger.now + DAY }
    ledger.amend(ledger.charge(pass), 'none')
    ledger.now += HOUR
    expect(ledger.charge(pass)).toMatchObject({ kind: 'charged', receipt: { passUntil: ledger.now + MINUTE } })
  })

  it('that is a pass ends with the receipt', () => {
    const ledger = new PureLedger()
    const pass = { receipt: { passSeconds: 3600 }, expires: ledger.now + MINUTE }
    ledger.charge(pass)
    ledger.now += MINUTE
    expect(reasonOf(ledger.charge(pass))).toBe('credential-expired')
  })
})

describe('prepaid credit', () => {
  it('is spent to zero, and no further', () => {
    const ledger = new PureLedger()
    ledger.grant(25n)
    expect(ledger.charge({ price: EUR(10n) })).toMatchObject({ kind: 'charged', credit: EUR(15n) })
    expect(ledger.charge({ price: EUR(16n) })).toMatchObject({ reason: 'credit-insufficient', credit: EUR(15n) })
    expect(ledger.charge({ price: EUR(15n) })).toMatchObject({ kind: 'charged', credit: EUR(0n) })
    expect(reasonOf(ledger.charge({ price: EUR(1n) }))).toBe('credit-insufficient')
    expect(reasonOf(ledger.charge({ price: EUR(0n) }))).toBe('charged')
  })

  it('is of one currency', () => {
    const ledger = new PureLedger()
    ledger.grant(10n, 'g1', 'EUR')
    ledger.grant(1n, 'g2', 'USD')
    expect(reasonOf(ledger.charge({ price: { units: 2n, currency: 'USD' } }))).toBe('credit-insufficient')
    expect(reasonOf(ledger.charge({ price: EUR(10n) }))).toBe('charged')
    expect(ledger.read().credit).toEqual([{ units: 1n, currency: 'USD' }, EUR(0n)])
  })

  it('is granted once for each id', () => {
    const ledger = new PureLedger()
    expect(ledger.grant(5n)).toEqual({ kind: 'granted', isRepeat: false, credit: EUR(5n) })
    expect(ledger.grant(5n)).toEqual({ kind: 'granted', isRepeat: true, credit: EUR(5n) })
    expect(ledger.grant(6n)).toEqual({ kind: 'refused', reason: 'grant-differs' })
    expect(ledger.grant(5n, 'g1', 'USD')).toEqual({ kind: 'refused', reason: 'grant-differs' })
    expect(ledger.grant(-5n, 'g2')).toEqual({ kind: 'refused', reason: 'grant-not-positive' })
    expect(ledger.read().credit).toEqual([EUR(5n)])
  })

  it('has no rounding: the smallest units of the largest sums', () => {
    const ledger = new PureLedger()
    ledger.grant(900_000_000_000_000_000_001n)
    ledger.charge({ price: EUR(900_000_000_000_000_000_000n) })
    expect(ledger.read().credit).toEqual([EUR(1n)])
  })
})

describe('a charge', () => {
  it('takes all or nothing', () => {
    const ledger = new PureLedger()
    ledger.grant(10n)
    const limits = [limit(2n, 3600)]
    expect(reasonOf(ledger.charge({ counts: ONE, limits, price: EUR(11n) }))).toBe('credit-insufficient')
    expect(reasonOf(ledger.charge({ counts: units(3n), limits, price: EUR(1n) }))).toBe('usage-limit-reached')
    const spent = { receipt: { uses: 1 }, expires: ledger.now + DAY }
    ledger.charge(spent)
    expect(reasonOf(ledger.charge({ ...spent, counts: ONE, limits, price: EUR(1n) }))).toBe('payment-spent')
    expect(ledger.read(limits)).toMatchObject({ credit: [EUR(10n)], limits: [{ remaining: 2n }] })
    expect(ledger.read().totals).toEqual({ charges: 1, unsettled: 0, counts: [], money: [] })
  })

  it('is made once, however often the command arrives', () => {
    const ledger = new PureLedger()
    ledger.grant(10n)
    const command = { id: 'same', counts: ONE, limits: [limit(5n, 60)], price: EUR(3n) }
    const first = ledger.charge(command)
    expect(first).toMatchObject({ isRepeat: false, credit: EUR(7n), limits: [{ remaining: 4n }] })
    const again = ledger.charge(command)
    expect(again).toEqual(first)
    ledger.amend(again, 'none')
    expect(reasonOf(ledger.charge(command))).toBe('delivered')
    expect(ledger.records()).toHaveLength(2)
  })

  it('adds up what is counted twice under one name', () => {
    const ledger = new PureLedger()
    const counts = [...units(2n), ...units(3n)]
    expect(ledger.charge({ counts, limits: [limit(5n, 60)] })).toMatchObject({ limits: [{ remaining: 0n }] })
  })

  it('counts names that are also members of every object', () => {
    const ledger = new PureLedger()
    const names = ['__proto__', 'constructor', 'toString', 'a name with spaces']
    for (const name of names) {
      const outcome = ledger.charge({ counts: units(4n, name), limits: [limit(5n, 60, { name })] })
      expect(outcome).toMatchObject({ kind: 'charged', limits: [{ remaining: 1n }] })
    }
    expect(ledger.read().totals.counts.map(({ name }) => name)).toEqual(names)
  })

  it.each([
    { counts: units(-1n) },
    { price: EUR(-1n) },
    { limits: [limit(-1n, 60)] },
    { limits: [limit(1n, 0)] },
    { limits: [limit(1n, 1.5)] },
    { receipt: { uses: 0 } },
    { receipt: { passSeconds: Number.NaN } },
    { settleByMs: Number.NaN },
    { facts: { route: 'r'.repeat(200_000) } },
  ])('of %o is a bug, and thrown', (command) => {
    expect(() => checkCharge(chargeOf('c', 0, command))).toThrow(RangeError)
  })
})

describe('an account with as many charges in flight as it may have', () => {
  it('waits for one of them to end, whatever it could pay', () => {
    const ledger = new PureLedger()
    const made = Array.from({ length: MAX_ACTIVE }, () => ledger.charge())
    expect(ledger.charge()).toMatchObject({ reason: 'too-many-requests', retryAfterSeconds: 1 })
    const [first] = made
    if (first !== undefined) ledger.amend(first)
    expect(reasonOf(ledger.charge())).toBe('charged')
  })

  it('has fewer of them if they are large', () => {
    const ledger = new PureLedger()
    const large = { continuation: 'c'.repeat(1000), facts: { account: 'a'.repeat(1000) } }
    const most = Math.floor(MAX_ACTIVE / 4)
    for (let index = 0; index < most; index++) expect(reasonOf(ledger.charge(large))).toBe('charged')
    expect(reasonOf(ledger.charge())).toBe('too-many-requests')
  })
})
