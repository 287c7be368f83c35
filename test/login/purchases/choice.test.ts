import { expect, it } from 'vitest'
import { type Candidate, chooseReceipt } from '../../../src/login/purchases/rules/choice.ts'
import { NOW } from '../../tokens/hostile/parties.ts'
import { PASS, receiptOfBilling } from './site.ts'

const at = (seconds: number): number => (NOW + seconds) * 1000
const uses = (jti: string, ends: number, usesLeft?: number): Candidate => ({
  receipt: receiptOfBilling({ jti, expires: NOW + ends, issuedAt: NOW - ends }),
  status: usesLeft === undefined ? undefined : { usesLeft },
})
const pass = (jti: string, ends: number, passUntil?: number): Candidate => ({
  receipt: receiptOfBilling({ ...PASS, jti, expires: NOW + ends, issuedAt: NOW - ends }),
  status: passUntil === undefined ? {} : { passUntil },
})

it.each<[string, Candidate[], string | undefined]>([
  ['a pass that has begun, before one that ends sooner', [pass('new', 10), pass('begun', 90, at(5))], 'begun'],
  ['a pass before uses, which would have to be confirmed', [uses('uses', 10, 3), pass('pass', 90)], 'pass'],
  ['uses before a pass that is over', [pass('over', 90, at(0)), uses('uses', 95, 3)], 'uses'],
  ['the one that ends first', [uses('late', 90, 3), uses('soon', 10, 3)], 'soon'],
  ['one with something left', [uses('spent', 10, 0), uses('left', 90, 1)], 'left'],
  ['one of which nothing is known, before one used up', [uses('spent', 10, 0), uses('unknown', 90)], 'unknown'],
  ['the last bought, if all are used up', [uses('old', 90, 0), pass('over', 10, at(-1))], 'over'],
  ['none of none', [], undefined],
])('Of several receipts that pay, the browser’s is %s.', (_which, candidates, jti) => {
  expect(chooseReceipt(candidates, at(0))?.jti).toBe(jti)
})
