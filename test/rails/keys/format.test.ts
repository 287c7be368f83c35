import { describe, expect, it } from 'vitest'
import { hashOf, makeKey, peekKey, readKey } from '../../../src/rails/keys/format.ts'
import { zoneOf } from '../../support/compiled.ts'

const ENV = { ONE: 'one'.repeat(16), TWO: 'two'.repeat(16) }
const zone = zoneOf({}, ENV, { secrets: { gate: 'ONE' } })
const ISSUER = zone.issuers[0]?.issuer ?? ''
const PATTERN = /^fg_A[A-Za-z0-9_-]{70,1500}$/

describe('the text of a key', () => {
  it.each(['a', 'account-7', 'Jürgen 🦊', 'x'.repeat(255), '\u{1f98a}'.repeat(127)])(
    'names its owner, and is what secret scanners look for: %s',
    (account) => {
      const { text, id, generation, hash } = makeKey(zone, { issuer: ISSUER, account })
      expect(text).toMatch(PATTERN)
      expect(readKey(text, zone)).toEqual({ ok: true, value: { id, generation, issuer: ISSUER, account } })
      expect(peekKey(text, zone)).toEqual({ id, generation, issuer: ISSUER, account })
      expect(hash).toBe(hashOf(text))
      expect(makeKey(zone, { issuer: ISSUER, account }, id).text).not.toBe(text)
    },
  )

  it('has one spelling, and every change of it fails', () => {
    const { text } = makeKey(zone, { issuer: ISSUER, account: 'ann' })
    const changed = [
      `${text}=`,
      `${text}A`,
      text.slice(0, -1),
      text.toLowerCase(),
      text.replace('fg_', 'FG_'),
      ` ${text}`,
    ]
    for (let at = 3; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A'
      changed.push(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)
    }
    for (const one of changed) expect(readKey(one, zone).ok, one).toBe(false)
  })

  it('is read in time that is bounded, whatever it is', () => {
    for (const text of [
      'fg_',
      'fg_x',
      `fg_${'A'.repeat(100_000)}`,
      `fg_A${'='.repeat(100)}`,
      `fg_A\0${'A'.repeat(90)}`,
    ])
      expect(readKey(text, zone)).toMatchObject({ ok: false, error: { reason: 'credential-malformed' } })
  })
})
