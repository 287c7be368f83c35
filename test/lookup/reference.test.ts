import { base64url } from 'jose'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routeName } from '../../src/access/route.ts'
import { hashLanes } from '../../src/core/hash.ts'
import { CHECKS, type Reason, REASONS, refusal } from '../../src/core/problem.ts'
import { openReference, sealReference } from '../../src/lookup/reference.ts'
import type { ReferenceFacts } from '../../src/refusals/describe.ts'
import type { Zone } from '../../src/zone.ts'
import { zoneOf } from '../support/compiled.ts'

const ENV = { ONE: 'one'.repeat(16), TWO: 'two'.repeat(16) }
const ROUTES = [
  { path: '/articles/*', requires: 'premium' },
  { path: '/reports/*', requires: 'premium' },
]
const [FIRST, SECOND] = [
  { generation: 1, secret: 'ONE' },
  { generation: 2, secret: 'TWO' },
]

function zoneWith(gate: unknown, over: Record<string, unknown> = {}): Zone {
  return zoneOf({ routes: ROUTES, ...over }, ENV, { secrets: { gate } })
}

const ZONE = zoneWith('ONE')
const NOW = Date.UTC(2026, 10, 28, 12)

function factsOf(zone: Zone = ZONE, over: Partial<ReferenceFacts> = {}): ReferenceFacts {
  const why = refusal('entitlement-insufficient', 'The plan does not include this.', { check: 'cover' })
  const account = base64url.encode(Uint8Array.from({ length: 12 }, (_, at) => at + 1))
  const route = zone.routes.entries[0]?.route
  return { zone, id: crypto.randomUUID(), now: NOW + 999, route, refusal: why, account, ...over }
}

function sealed(facts: ReferenceFacts): string {
  return sealReference(facts) ?? 'nothing'
}

describe('a reference', () => {
  it('holds what was decided, in a text that fits on a screen and can be typed', () => {
    const facts = factsOf()
    const text = sealed(facts)
    expect(text).toMatch(/^(?:[0-9A-HJKMNP-TV-Z]{4}-){22}[0-9A-HJKMNP-TV-Z]{4}$/)
    expect(text.length).toBeLessThanOrEqual(120)
    const { id, route, account } = facts
    const typed = text.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'O').replaceAll('1', 'l')
    for (const one of [text, typed, ` ${text}\n`])
      expect(openReference(one, ZONE)).toEqual({
        id,
        at: NOW,
        route,
        reason: 'entitlement-insufficient',
        check: 'cover',
        account,
        generation: 1,
      })
  })

  it('holds every reason and every check, and none where there is none', () => {
    for (const reason of Object.keys(REASONS) as Reason[])
      for (const check of [...CHECKS, undefined]) {
        const why = refusal(reason, '', check === undefined ? {} : { check })
        const opened = openReference(
          sealed(factsOf(ZONE, { refusal: why, route: undefined, account: undefined })),
          ZONE,
        )
        expect(opened).toMatchObject({ reason, check, route: undefined, account: undefined })
      }
  })

  it('names reasons and checks apart', () => {
    for (const names of [Object.keys(REASONS), CHECKS]) {
      const hashes = new Set(names.map((name) => hashLanes(name)[0] & 0xffff))
      expect([hashes.size, hashes.has(0)]).toEqual([names.length, false])
    }
  })

  it('is another one for each request, though all facts are the same', () => {
    const texts = Array.from({ length: 1000 }, () => sealed(factsOf()))
    expect(new Set(texts.map((text) => text.slice(0, 20))).size).toBe(1000)
  })

  it('says the account of none whose hash the log does not have', () => {
    for (const account of [undefined, '', 'short'])
      expect(openReference(sealed(factsOf(ZONE, { account })), ZONE)?.account).toBeUndefined()
  })

  it('is opened after the secret was replaced, until the old one is gone', () => {
    const facts = factsOf()
    const text = sealed(facts)
    const both = zoneWith([SECOND, FIRST])
    expect(openReference(text, both)).toMatchObject({ id: facts.id, generation: 1 })
    expect(openReference(sealed(factsOf(both)), both)).toMatchObject({ generation: 2 })
    expect(openReference(text, zoneWith([SECOND]))).toBeUndefined()
    // The same number with another secret is another generation.
    expect(openReference(text, zoneWith('TWO'))).toBeUndefined()
  })

  it('belongs to its zone', () => {
    const other = zoneWith('ONE', { name: 'b' })
    expect(openReference(sealed(factsOf()), other)).toBeUndefined()
    expect(openReference(sealed(factsOf()), zoneWith('ONE', { name: 'renamed', id: ZONE.id }))).toBeDefined()
  })

  it('cannot be altered: with any character changed, it is no reference', () => {
    const text = sealed(factsOf()).replaceAll('-', '')
    const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 31 }), (at, shift) => {
        const digit = digits.charAt((digits.indexOf(text.charAt(at)) + shift) % 32)
        expect(openReference(`${text.slice(0, at)}${digit}${text.slice(at + 1)}`, ZONE)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it.each(['', 'x', '0'.repeat(92), 'Z'.repeat(92), crypto.randomUUID(), 'é'.repeat(92)])('is not %j', (text) => {
    expect(openReference(text, ZONE)).toBeUndefined()
  })

  it('names the route as it is configured now, or none', () => {
    const text = sealed(factsOf())
    expect(openReference(text, zoneWith('ONE', { routes: ROUTES.toReversed() }))?.route?.path).toBe('/articles/*')
    expect(openReference(text, zoneWith('ONE', { routes: [] }))).toMatchObject({ route: undefined, check: 'cover' })
    expect(routeName(ZONE.routes.unmatched)).not.toBe('/articles/*')
  })

  it('is not made in a zone without a key', () => {
    expect(sealReference(factsOf(zoneOf({ routes: ROUTES })))).toBeUndefined()
  })
})
