import { describe, expect, it } from 'vitest'
import { plainAddress } from '../../../src/http/rules/clientaddress.ts'

describe('the address of a client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    [' 192.0.2.7 ', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['2001:DB8::1', '2001:db8::1'],
    ['::ffff:0:192.0.2.7', '::ffff:0:192.0.2.7'],
    ['', undefined],
    [null, undefined],
  ])('that comes as %j is %j', (text, address) => {
    expect(plainAddress(text)).toBe(address)
  })
})
