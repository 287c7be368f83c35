import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { exactRate } from '../../../src/access/ratelimit.ts'
import { chargeOf, PureLedger, limit, ONE, SECOND } from './pureledger.ts'

const LIMITS = [limit(2n, 60)]
const RATES = [exactRate(4, 10, '/api/*')]

it('a look says what a charge would, whatever was charged before, and changes nothing', () => {
  const command = fc.record(
    {
      counts: fc.constant(ONE),
      limits: fc.constant(LIMITS),
      rates: fc.constant(RATES),
      price: fc.constant({ currency: 'EUR', units: 10n ** 9n }),
      receipt: fc.constant({ uses: 2 }),
    },
    { requiredKeys: ['counts', 'limits'] },
  )
  const property = fc.property(fc.array(command, { maxLength: 8 }), fc.nat(30), (commands, gap) => {
    const ledger = new PureLedger()
    ledger.grant(3n * 10n ** 9n)
    for (const wanted of commands) {
      ledger.advance(gap * SECOND)
      const before = JSON.stringify(ledger.read(LIMITS), bigints)
      const seen = ledger.apply(verbs.look, chargeOf('look', ledger.now, wanted))
      expect(JSON.stringify(ledger.read(LIMITS), bigints)).toBe(before)
      const charged = ledger.charge(wanted)
      expect(seen).toEqual(charged.kind === 'refused' ? charged : undefined)
    }
  })
  fc.assert(property)
})

it('a look lets a key pass that was charged before, though nothing is left', () => {
  const ledger = new PureLedger()
  ledger.grant(10n ** 9n)
  const price = { currency: 'EUR', units: 10n ** 9n }
  const made = ledger.charge({ price, idempotency: { key: 'one', digest: 'of the content' } })
  const look = (key: string) =>
    ledger.apply(verbs.look, chargeOf('look', ledger.now, { price, idempotency: { key, digest: '' } }))
  expect(look('one')).toBeUndefined()
  ledger.amend(made, 'broken')
  expect(look('one')).toBeUndefined()
  expect(look('two')).toMatchObject({ reason: 'credit-insufficient' })
})

function bigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
