import { describe, expect, it } from 'vitest'
import type { GateKeys } from '../../src/secrets/gatekeys.ts'
import { beginningOf, seal, unseal } from '../../src/secrets/sealed.ts'

const SESSION = { use: 'sessions', typ: 'session+jwt' } as const
const secret = (generation: number, fill: number) => ({ generation, bytes: new Uint8Array(32).fill(fill) })
const keysOf = (...secrets: [ReturnType<typeof secret>, ...ReturnType<typeof secret>[]]): GateKeys => ({
  secrets,
  derived: new Map(),
})
const KEYS = keysOf(secret(1, 7))
const VALUE = { sid: 'a', names: ['premium', 'ö'] }

describe('A sealed value', () => {
  it('is opened for its use and zone, under an older generation too', async () => {
    const sealed = await seal(VALUE, SESSION, KEYS, 'www')
    expect(sealed).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(sealed.startsWith(beginningOf(SESSION))).toBe(true)
    expect(await unseal(sealed, SESSION, KEYS, 'www')).toEqual(VALUE)
    expect(await unseal(sealed, SESSION, keysOf(secret(2, 9), secret(1, 7)), 'www')).toEqual(VALUE)
  })

  it.each([
    ['another zone', SESSION, KEYS, 'api'],
    ['another use', { ...SESSION, use: 'trips' }, KEYS, 'www'],
    ['another type under the same key', { ...SESSION, typ: 'trip+jwt' }, KEYS, 'www'],
    ['another secret', SESSION, keysOf(secret(1, 8)), 'www'],
    ['a generation that is gone', SESSION, keysOf(secret(2, 7)), 'www'],
  ] as const)('is not opened for %s', async (_what, kind, keys, zone) => {
    expect(await unseal(await seal(VALUE, SESSION, KEYS, 'www'), kind, keys, zone)).toBeUndefined()
  })

  it('is not opened if any part of it was changed', async () => {
    const sealed = await seal(VALUE, SESSION, KEYS, 'www')
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
      expect(await unseal(changed, SESSION, KEYS, 'www'), String(at)).toBeUndefined()
    }
    for (const text of ['', '....', 'a.b.c', sealed.slice(0, -1), `${sealed}.x`])
      expect(await unseal(text, SESSION, KEYS, 'www'), text).toBeUndefined()
  })

  it('has one spelling: bits that no byte needs open nothing', async () => {
    const sealed = await seal(VALUE, SESSION, KEYS, 'www')
    const parts = sealed.split('.')
    for (const at of [0, 3, 4])
      for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=') {
        const spelt = parts.map((part, index) => (index === at ? `${part.slice(0, -1)}${last}` : part)).join('.')
        if (spelt !== sealed) expect(await unseal(spelt, SESSION, KEYS, 'www'), `${at} ${last}`).toBeUndefined()
      }
    for (const at of [0, 2, 3, 4])
      for (const padded of ['=', '\n', ' '])
        expect(
          await unseal(
            parts.map((part, index) => (index === at ? `${part}${padded}` : part)).join('.'),
            SESSION,
            KEYS,
            'www',
          ),
        ).toBeUndefined()
  })
})
