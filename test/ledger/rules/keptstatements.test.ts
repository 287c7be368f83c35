import { expect, it } from 'vitest'
import type { IssuedCredential } from '../../../src/ledger/rules/credentials.ts'
import { orders } from '../../../src/ledger/rules/orders.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import type { Entry } from '../../../src/standing/rules/standing.ts'
import { DAY, HOUR, PureLedger } from './pureledger.ts'

const CREDENTIAL: IssuedCredential = {
  kind: 'key',
  id: 'k',
  name: 'CI',
  createdAt: 0,
  createdBy: 'owner',
  secrets: [],
  entitlements: [],
  limits: [],
  accountLimits: [],
}

it('An account with a key kept a statement about each key that was ever removed', () => {
  const ledger = new PureLedger()
  ledger.apply(orders.issueCredential, { credential: CREDENTIAL, most: 9 })
  const at = ledger.now / 1000
  const said: [string | undefined, Entry][] = [
    [undefined, { standing: { at, standing: 'active' } }],
    ['removed', { standing: { at, standing: 'inactive' } }],
    ['revoked', { revokedAt: at }],
    ['held', { heldAt: at }],
  ]
  const entries = said.map(([token, entry]) => ({ ...(token !== undefined && { token }), entry }))
  ledger.apply(verbs.note, { entries, longestTokenSeconds: 3600 })
  ledger.advance(HOUR / 2)
  ledger.apply(verbs.tick, undefined)
  expect([...ledger.book.entries.keys()]).toEqual(['', 'removed', 'revoked', 'held'])
  ledger.advance(DAY)
  ledger.apply(verbs.tick, undefined)
  expect([...ledger.book.entries.keys()]).toEqual(['', 'revoked', 'held'])
})
