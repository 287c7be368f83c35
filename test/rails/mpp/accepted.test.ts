import { describe, expect, it } from 'vitest'
import { acceptedBy } from '../../../src/rails/mpp/rules/accepted.ts'

const ALL = [
  { method: 'evm', intent: 'charge', pack: undefined },
  { method: 'stripe', intent: 'charge', pack: undefined },
  { method: 'evm', intent: 'charge', pack: 'a hundred' },
  { method: 'stripe', intent: 'charge', pack: 'a hundred' },
]
const NORMAL = 'evm stripe evm+ stripe+'

function order(field: string | null): string {
  return acceptedBy(field, ALL)
    .map(({ method, pack }) => (pack === undefined ? method : `${method}+`))
    .join(' ')
}

describe('Accept-Payment', () => {
  it.each<[string, string | null, string]>([
    ['absent', null, NORMAL],
    ['of every method', '*', NORMAL],
    ['of every method and intent', '*/*', NORMAL],
    ['of one method', 'stripe/charge', 'stripe stripe+'],
    ['of one method and any intent', 'stripe/*', 'stripe stripe+'],
    ['in the other spelling', 'stripe;intent=charge', 'stripe stripe+'],
    ['in capitals', 'STRIPE/Charge', 'stripe stripe+'],
    ['with spaces', ' stripe/charge ; q=0.5 ,evm/charge;q=0.2', 'stripe stripe+ evm evm+'],
    ['that prefers by weight', 'evm/charge;q=0.5, stripe/charge', 'stripe stripe+ evm evm+'],
    ['whose weights have three digits', 'evm/charge;q=0.499, stripe/charge;q=0.500', 'stripe stripe+ evm evm+'],
    ['with equal weights, which keeps our order', 'stripe/charge;q=0.5, evm/charge;q=0.5', NORMAL],
    ['without weights, which keeps our order', 'stripe/charge, evm/charge', NORMAL],
    ['that excludes a method', 'evm/charge;q=0, *;q=0.1', 'stripe stripe+'],
    ['that excludes a method by 0.000', 'evm/charge;q=0.000, *', 'stripe stripe+'],
    ['whose exact range wins over a later star', 'stripe/charge;q=0.1, */*', 'evm evm+ stripe stripe+'],
    ['whose method wins over an intent', 'stripe/*;q=0.2, */charge;q=0.9', 'evm evm+ stripe stripe+'],
    ['whose first of two equal ranges counts', 'stripe;q=0.2, stripe;q=1, evm;q=0.5', 'evm evm+ stripe stripe+'],
    ['with an unknown method beside ours', 'tempo/charge, stripe/charge;q=0.1', 'stripe stripe+'],
    ['of unknown methods alone', 'tempo/charge, lightning/charge', NORMAL],
    ['of another intent alone', 'evm/session', NORMAL],
    ['that excludes all', '*;q=0', NORMAL],
    ['that is empty', '', NORMAL],
    ['with an empty element', 'stripe,,evm', NORMAL],
    ['with a weight over one', 'stripe;q=1.1', NORMAL],
    ['with a weight below zero', 'stripe;q=-0.1', NORMAL],
    ['with a weight of four digits', 'stripe;q=0.5555', NORMAL],
    ['with a weight that is a word', 'stripe;q=much', NORMAL],
    ['with an unknown parameter', 'stripe;level=1', NORMAL],
    ['with a parameter without a value', 'stripe;q', NORMAL],
    ['with a digit in a method', 'str1pe/charge', NORMAL],
    ['with a slash too many', 'stripe/charge/now', NORMAL],
    ['with one malformed element of two', 'stripe/charge, evm/charge;q=', NORMAL],
    ['of 1,024 characters', `stripe/charge${' '.repeat(1011)}`, 'stripe stripe+'],
    ['of 1,025 characters', `stripe/charge${' '.repeat(1012)}`, NORMAL],
  ])('%s', (_, field, expected) => expect(order(field)).toBe(expected))
})
