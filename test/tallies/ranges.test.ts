import { describe, expect, it } from 'vitest'
import { bucketsOf, rangeOf } from '../../src/operator/rules/ranges.ts'

const dayIn = (timeZone: string) => new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })

describe('the range of 90 days', () => {
  it.each([
    ['Europe/Berlin', '2026-11-29T22:25:00Z', 'half an hour before midnight, after the clocks went back'],
    ['Europe/Berlin', '2027-03-28T22:20:00Z', 'just after midnight, after the clocks went on'],
    ['Europe/Berlin', '2026-10-25T00:30:00Z', 'in the hour that comes twice'],
    ['America/St_Johns', '2026-11-30T03:00:00Z', 'half an hour before midnight, half an hour apart'],
    ['America/St_Johns', '2027-03-15T02:40:00Z', 'just after midnight, half an hour apart'],
    ['UTC', '2026-11-29T23:59:59Z', 'where clocks never change'],
  ])('has 90 days, and as many before, in %s at %s: %s', (timeZone, now) => {
    const range = rangeOf('90d', Date.parse(now), timeZone)
    const days = bucketsOf(range, timeZone)
    expect(days).toHaveLength(90)
    const day = dayIn(timeZone)
    expect(new Set(days.map((start) => day.format(start))).size).toBe(90)
    expect(day.format(days.at(-1))).toBe(day.format(Date.parse(now)))
    const before = bucketsOf({ ...range, from: range.before.from, to: range.before.to }, timeZone)
    expect(before).toHaveLength(90)
    expect(before.at(-1)).not.toBe(days[0])
  })
})
