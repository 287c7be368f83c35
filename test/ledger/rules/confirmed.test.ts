import { describe, expect, it } from 'vitest'
import { DAY, Desk, EUR, limit, MINUTE, ONE, reasonOf } from './desk.ts'

const PAGE = { confirmation: 'page-1 of-ann', price: EUR(60n), counts: ONE, limits: [limit(9n, 'P1D')] }

function rich(): Desk {
  const desk = new Desk()
  desk.grant(100n)
  return desk
}

const credit = (desk: Desk) => desk.read().credit

describe('what was confirmed once', () => {
  it('is charged once, however often it is opened within five minutes', () => {
    const desk = rich()
    desk.amend(desk.charge(PAGE))
    for (let n = 0; n < 3; n += 1) {
      desk.pass(MINUTE)
      const again = desk.charge(PAGE)
      expect(again).toMatchObject({ kind: 'charged', isRepeat: true, credit: EUR(40n), limits: [{ remaining: 8n }] })
      desk.amend(again, 'complete', { representation: `"v${n}"` })
    }
    desk.pass(2 * MINUTE)
    expect(reasonOf(desk.charge(PAGE))).toBe('credit-insufficient')
    expect(desk.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
  })

  it('is one charge where the button is pressed twice, whichever answer is thrown away', () => {
    for (const ends of [
      ['none', 'complete'],
      ['broken', 'complete'],
      ['complete', 'none'],
    ] as const) {
      const desk = rich()
      const both = [desk.charge(PAGE), desk.charge(PAGE)]
      expect(both.map(reasonOf)).toEqual(['charged', 'again:2'])
      both.forEach((made, index) => desk.amend(made, ends[index]))
      expect(credit(desk)).toEqual([EUR(40n)])
    }
  })

  it('costs nothing while nothing is delivered, and then once', () => {
    const desk = rich()
    for (let n = 0; n < 3; n += 1) {
      desk.amend(desk.charge(PAGE), 'none')
      expect(credit(desk)).toEqual([EUR(100n)])
    }
    desk.amend(desk.charge(PAGE))
    desk.amend(desk.charge(PAGE), 'none')
    expect(credit(desk)).toEqual([EUR(40n)])
  })

  it('is opened five times, in flight or one after the other', () => {
    const [inFlight, inTurn] = [rich(), rich()]
    const made = Array.from({ length: 7 }, () => inFlight.charge(PAGE))
    expect(made.map(reasonOf).filter((reason) => reason === 'too-many-tries')).toHaveLength(2)
    const opened = Array.from({ length: 7 }, () => {
      const one = inTurn.charge(PAGE)
      if (one.kind === 'charged') inTurn.amend(one)
      return reasonOf(one)
    })
    expect(opened.filter((reason) => reason === 'too-many-tries')).toHaveLength(2)
    expect(credit(inTurn)).toEqual([EUR(40n)])
  })

  it('is read in parts of one thing as often as it takes, in flight or one after the other', () => {
    const [desk, part] = [rich(), { ...PAGE, isPart: true }]
    desk.amend(desk.charge(PAGE), 'complete', { representation: '"v1"' })
    for (let n = 0; n < 20; n += 1)
      expect(desk.amend(desk.charge(part), 'complete', { representation: '"v1"' })).toMatchObject({ kind: 'amended' })
    const inFlight = Array.from({ length: 20 }, () => desk.charge(part))
    expect(inFlight.map(reasonOf)).toEqual(inFlight.map(() => 'again:1'))
    // What turned out to be something else, or is asked for anew, opens it.
    const more = [{ ...part, representation: '"v2"' }, PAGE, part, PAGE, { ...part, representation: '"v3"' }, PAGE]
    const reasons = more.map((one) => reasonOf(desk.charge(one)))
    expect(reasons).toEqual(['again:2', 'again:3', 'again:3', 'again:4', 'again:5', 'too-many-tries'])
    expect(credit(desk)).toEqual([EUR(40n)])
  })

  it('is opened by each part while nobody has told what it is part of', () => {
    const [desk, part] = [rich(), { ...PAGE, isPart: true }]
    const reasons = Array.from({ length: 6 }, () => {
      const made = desk.charge(part)
      if (made.kind === 'charged') desk.amend(made)
      return reasonOf(made)
    })
    expect(reasons).toEqual(['charged', 'again:2', 'again:3', 'again:4', 'again:5', 'too-many-tries'])
  })

  it('is one charge for all of the five minutes, whatever else is charged in between', () => {
    const desk = rich()
    desk.amend(desk.charge(PAGE))
    for (let other = 0; other < 30; other += 1) desk.amend(desk.charge({ counts: ONE }))
    desk.pass(4 * MINUTE)
    expect(reasonOf(desk.charge(PAGE))).toBe('again:2')
    expect(credit(desk)).toEqual([EUR(40n)])
  })

  it('is not what else was confirmed, nor what a Range or a key goes on with', () => {
    const desk = rich()
    desk.grant(1000n, 'g2')
    for (const other of [
      PAGE,
      { ...PAGE, confirmation: 'page-2 of-ann' },
      { ...PAGE, confirmation: undefined, continuation: '/page-1 of-ann', isPart: true },
    ]) {
      const { confirmation, ...rest } = other
      const made = desk.charge(confirmation === undefined ? rest : { ...rest, confirmation })
      desk.amend(made, 'complete', { representation: '"v1"' })
    }
    expect(desk.read().totals.charges).toBe(3)
    expect(credit(desk)).toEqual([EUR(1100n - 3n * 60n)])
  })

  it('is looked at before a key: no key has one confirmation pay twice, or two pay once', () => {
    const desk = rich()
    const idempotency = { key: 'k', digest: 'd' }
    desk.amend(desk.charge({ ...PAGE, idempotency }))
    expect(reasonOf(desk.charge({ ...PAGE, idempotency: { key: 'other', digest: 'd' } }))).toMatch(/^again/)
    desk.pass(DAY)
    expect(reasonOf(desk.charge({ ...PAGE, idempotency }))).toBe('credit-insufficient')
  })
})
