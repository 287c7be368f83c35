import { describe, expect, it } from 'vitest'
import { ledgersSchema } from '../../src/config/ledger.ts'
import * as v from 'valibot'

describe('the days for which ledgers keep each charge', () => {
  it.each([0, 401, 1.5, Number.NaN, '35', -1])('are not %s', (history) => {
    expect(v.safeParse(ledgersSchema, { history }).success).toBe(false)
  })

  it.each([1, 35, 400])('may be %s', (history) => {
    expect(v.parse(ledgersSchema, { history })).toEqual({ history })
  })
})
