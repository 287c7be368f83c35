import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHttpDate } from '../../src/core/httpdate.ts'

const NOW = Date.UTC(2026, 9, 25)
/** RFC 9110 §5.6.7. */
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37)

describe('an HTTP-date', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', EXAMPLE],
    ['Sunday, 06-Nov-94 08:49:37 GMT', EXAMPLE],
    ['Sun Nov  6 08:49:37 1994', EXAMPLE],
    ['sun, 06 nov 1994 08:49:37 gmt', EXAMPLE],
    ['Mon, 29 Feb 2016 23:59:59 GMT', Date.UTC(2016, 1, 29, 23, 59, 59)],
    ['Tue, 29 Feb 2000 00:00:00 GMT', Date.UTC(2000, 1, 29)],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Wed, 31 Dec 1969 23:59:59 GMT', -1000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2017, 0, 1)],
    // The name of the day says nothing new.
    ['Mon, 06 Nov 1994 08:49:37 GMT', EXAMPLE],
  ])('reads %s', (text, expected) => {
    expect(parseHttpDate(text, NOW)).toBe(expected)
  })

  it.each([
    '',
    '0',
    '-1',
    'now',
    '784111777',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 GMT+1',
    ' Sun, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994  08:49:37 GMT',
    'Sun 06 Nov 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 Nov 01994 08:49:37 GMT',
    'Sun, 06 Non 1994 08:49:37 GMT',
    'Sun, 06 November 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Sun, 29 Feb 2026 08:49:37 GMT',
    'Sun, 29 Feb 1900 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nov 1994 8:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sunday, 06 Nov 94 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 1994 GMT',
    'Sun Nov  6 08:49:37 94',
    'Sun, 06 Nov 1994 08:49:37 GMT, Mon, 07 Nov 1994 08:49:37 GMT',
  ])('is not %j', (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined()
  })

  it('is not there when the field is not', () => {
    expect(parseHttpDate(null, NOW)).toBeUndefined()
  })

  const seconds = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 })

  it('is the time that it was written from, in every year that it can tell', () => {
    fc.assert(
      fc.property(seconds, (at) => {
        const text = new Date(at * 1000).toUTCString()
        expect(parseHttpDate(text, NOW)).toBe(at * 1000)
        expect(parseHttpDate(text, NOW)).toBe(Date.parse(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same time in the form of asctime', () => {
    fc.assert(
      fc.property(seconds, (at) => {
        const [, day = '', month, year, time] = new Date(at * 1000).toUTCString().replace(',', '').split(' ')
        const asctime = `Sun ${month} ${day.replace(/^0/, ' ')} ${time} ${year}`
        expect(parseHttpDate(asctime, NOW)).toBe(at * 1000)
      }),
    )
  })

  it('with a year of two digits is of the hundred years that end in fifty', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1977, max: 2075 }), fc.integer({ min: 0, max: 364 }), (year, dayOfYear) => {
        const at = Date.UTC(year, 0, 1 + dayOfYear)
        const [, day, month, full = ''] = new Date(at).toUTCString().split(' ')
        expect(parseHttpDate(`Sunday, ${day}-${month}-${full.slice(2)} 00:00:00 GMT`, NOW)).toBe(at)
      }),
    )
  })

  it('never throws, and is a whole number of seconds when it is one', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect((parseHttpDate(text, NOW) ?? 0) % 1000).toBe(0)
      }),
    )
  })
})
