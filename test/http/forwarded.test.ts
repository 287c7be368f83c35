import { describe, expect, it } from 'vitest'
import { addressRange, isInRanges } from '../../src/http/addressrange.ts'
import { clientBehind, type ForwardingField } from '../../src/http/forwarded.ts'

const rangesOf = (...texts: string[]) => texts.flatMap((text) => addressRange(text) ?? [])
const PROXIES = rangesOf('10.0.0.0/8', 'fd00::/8')
const client = (field: ForwardingField, text: string | null, peer = '10.0.0.1'): string | undefined =>
  clientBehind(peer, { ranges: PROXIES, field }, { get: (name) => (name === field ? text : '192.0.2.99') })

describe('a range of addresses', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.255', true],
    ['192.0.2.0/24', '192.0.3.0', false],
    ['192.0.2.0/24', '::ffff:192.0.2.7', true],
    ['::ffff:192.0.2.0/120', '192.0.2.7', true],
    ['::ffff:c000:200/120', '::ffff:192.0.2.7', true],
    ['::ffff:192.0.2.0/120', '192.0.3.7', false],
    ['::ffff:192.0.2.0/120', '::c000:207', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['::/0', '192.0.2.7', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['0.0.0.0/0', '192.0.2', false],
    ['0.0.0.0/0', 'unknown', false],
  ])('%s has %s: %s', (range, address, isIn) => {
    expect(isInRanges(address, rangesOf(range))).toBe(isIn)
  })

  it.each(['', '10/8', '010.0.0.0/8', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '::/129', 'a/8', '10.0.0.0/8 '])(
    'is not %j',
    (text) => expect(addressRange(text)).toBeUndefined(),
  )
})

describe('the client, by X-Forwarded-For', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['198.51.100.1, 192.0.2.7', '192.0.2.7'],
    ['198.51.100.1,192.0.2.7,10.0.0.2, fd00::1 ', '192.0.2.7'],
    ['192.0.2.7:4711', '192.0.2.7'],
    ['2001:DB8::7', '2001:db8::7'],
    ['[2001:db8::7]:4711', '2001:db8::7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['192.0.2.7, ::ffff:10.0.0.2', '192.0.2.7'],
    ['garbage, 192.0.2.7', '192.0.2.7'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    [null, '10.0.0.1'],
    ['', undefined],
    ['192.0.2.7,', undefined],
    ['192.0.2.7, garbage, 10.0.0.2', undefined],
    ['unknown', undefined],
    ['192.0.2.7:port', undefined],
    ['192.0.2.07', undefined],
    ['3221225991', undefined],
    ['"192.0.2.7"', undefined],
  ])('%j is %s', (text, address) => {
    expect(client('x-forwarded-for', text)).toBe(address)
  })
})

describe('the client, by Forwarded', () => {
  it.each([
    ['for=192.0.2.7', '192.0.2.7'],
    ['For="[2001:db8::7]:4711";proto=https', '2001:db8::7'],
    ['proto=https; for=192.0.2.7 ;by=10.0.0.1', '192.0.2.7'],
    ['for=198.51.100.1, for=192.0.2.7, for=10.0.0.2', '192.0.2.7'],
    ['for=192.0.2.7;host="a, for=198.51.100.1"', '192.0.2.7'],
    ['for=192.0.2.7;host="a;for=198.51.100.1"', '192.0.2.7'],
    [String.raw`for=192.0.2.7;host="a\", for=198.51.100.1"`, '192.0.2.7'],
    ['for="x, for=192.0.2.7', '192.0.2.7'],
    ['for="x, for="[2001:db8::7]"', '2001:db8::7'],
    ['for=unknown', undefined],
    ['for=_hidden', undefined],
    ['for=192.0.2.7;for=192.0.2.8', undefined],
    ['by=192.0.2.7', undefined],
    ['192.0.2.7', undefined],
    ['for=198.51.100.1, by=10.0.0.2', undefined],
  ])('%j is %s', (text, address) => {
    expect(client('forwarded', text)).toBe(address)
  })
})

it('Nobody but a trusted proxy is asked who is behind it', () => {
  for (const peer of ['198.51.100.1', '11.0.0.1', 'fe00::1', 'unix:/socket'])
    expect(client('x-forwarded-for', '192.0.2.7', peer)).toBe(peer)
})
