import { describe, expect, it } from 'vitest'
import { mayWait } from '../../src/ledger/amendment.ts'
import type { AmendCommand } from '../../src/ledger/rules/commands.ts'
import { EUR, ONE } from './rules/pureledger.ts'

const OPEN = { isKeyed: false, reserved: { counts: ONE, price: EUR(5n), uses: 0 } }
const receiptWith = (usesLeft: number) => ({ ...OPEN, receipt: { usesLeft } })

describe('an amendment', () => {
  it.each<[string, boolean, Parameters<typeof mayWait>[0], Partial<AmendCommand>]>([
    ['that keeps all may wait', true, OPEN, {}],
    ['that keeps all as measured may wait', true, OPEN, { counts: ONE, price: 5n }],
    ['of a receipt with more uses may wait', true, receiptWith(1), {}],
    ['that releases goes at once', false, OPEN, { delivery: 'none' }],
    ['that gives money back goes at once', false, OPEN, { price: 4n }],
    ['that gives units back goes at once', false, OPEN, { counts: [{ name: 'requests', units: 0n }] }],
    ['under a key goes at once', false, { ...OPEN, isKeyed: true }, {}],
    ['of a spent receipt goes at once', false, receiptWith(0), {}],
    ['of a broken delivery goes at once: its client asks for the rest', false, OPEN, { delivery: 'broken' }],
  ])('%s', (_what, expected, open, amendment) => {
    expect(mayWait(open, { charge: 'a', request: 'a', delivery: 'complete', ...amendment })).toBe(expected)
  })
})
