import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountKey, ROOM, tokenKey } from '../../../src/standing/rules/bulletin.ts'
import { isHeld } from '../../../src/standing/rules/standing.ts'
import { accounts, Board, DAY, inactive, ISSUER, known, NOW, of } from '../../origin/rules/board.ts'

describe('a key', () => {
  it('is that of one account or token alone', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '1', ':'), maxLength: 6 })
    fc.assert(
      fc.property(text, text, text, text, (issuer, name, other, another) => {
        expect(accountKey(issuer, name)).not.toBe(tokenKey(other, another))
        const isSame = issuer === other && name === another
        expect(accountKey(issuer, name) === accountKey(other, another)).toBe(isSame)
        expect(tokenKey(issuer, name) === tokenKey(other, another)).toBe(isSame)
      }),
    )
  })
})

describe('a bulletin that is full', () => {
  it('leaves out the earliest, and says of when', () => {
    const board = new Board({ entries: 10 })
    const learned = known(board)
    for (let n = 0; n < 10; n++) board.post([of(`a${n}`, inactive(NOW + n))])
    board.read(learned)
    expect([learned.entries.size, board.head.leftOutAt]).toEqual([10, undefined])
    board.post([of('a10', inactive(NOW + 10))])
    board.read(learned)
    expect([board.head.leftOutAt, board.rows.size]).toEqual([NOW + 1, 9])
    expect(accounts(learned)).toEqual(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9', 'a10'])
  })

  it('leaves out no hold while there is room for all of them', () => {
    const board = new Board({ entries: 10 })
    for (let n = 0; n < 10; n++) board.post([of(`h${n}`, { heldAt: n })])
    for (let n = 0; n < 50; n++) board.post([of(`a${n}`, inactive(NOW + n))])
    expect([...board.rows.values()].filter(({ entry }) => isHeld(entry))).toHaveLength(10)
    expect([board.rows.size, board.head.leftOutAt]).toEqual([10, NOW + 49])
  })

  it('has everyone asked about where there are too many holds, and keeps its bound', () => {
    const board = new Board({ entries: 10 })
    const learned = known(board)
    for (let n = 0; n < 100; n++) {
      board.post([of(`h${n}`, { heldAt: NOW + n })])
      board.read(learned)
      expect(Math.max(board.rows.size, learned.entries.size)).toBeLessThanOrEqual(10)
    }
    expect(board.head.leftOutAt).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('is so by bytes, too: a name may be as long as an event', () => {
    const board = new Board({ bytes: 1_000_000 })
    const name = 'n'.repeat(60_000)
    for (let n = 0; n < 100; n++) board.post([of(`${n} ${name}`, inactive(NOW + n))])
    expect(board.rows.size).toBeLessThan(9)
    expect(board.head.bytes).toBeLessThanOrEqual(1_000_000)
    expect(board.head.leftOutAt).toBeGreaterThan(NOW + 89)
    board.post([of('a', { entitlements: { at: NOW + 200, names: [name, name, name, name, name, name, name] } })])
    expect([...board.rows.keys()].map((key) => key.at(-1))).toEqual(['a'])
  })

  it('counts its bytes as if it counted them anew', () => {
    const board = new Board({ entries: 10 })
    for (let n = 0; n < 40; n++) board.post([of(`a${n % 15}`, inactive(NOW + n)), of(`b${n % 7}`, { heldAt: n })])
    const anew = new Board()
    anew.post([...board.rows].map(([key, { entry }]) => of(key.slice(accountKey(ISSUER, '').length), entry)))
    expect([anew.rows.size, anew.head.bytes]).toEqual([board.rows.size, board.head.bytes])
  })

  it('holds ten thousand accounts and no more, in less than a isolate has to spare', () => {
    const board = new Board()
    const learned = known(board)
    for (let n = 0; n < 15_000; n += 50) {
      board.post(Array.from({ length: 50 }, (_, at) => of(`account-${n + at}`, inactive(NOW + n))))
    }
    board.read(learned)
    expect([board.rows.size, learned.entries.size].every((size) => size > 8_000 && size <= 10_000)).toBe(true)
    expect(board.head.bytes).toBeLessThan(ROOM.bytes / 2)
  })
})

describe('what is forgotten', () => {
  it('is what no token can be as old as', () => {
    const board = new Board()
    board.post([of('old', inactive(NOW)), of('held', { heldAt: NOW })])
    const learned = known(board)
    for (let n = 0; n < 256; n++) board.post([of('new', inactive(NOW + 2 * DAY))], NOW + 2 * DAY)
    board.read(learned, NOW + 2 * DAY)
    expect([accounts(learned), board.rows.size]).toEqual([['held', 'new'], 2])
  })
})
