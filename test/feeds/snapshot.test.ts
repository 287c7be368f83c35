import { expect, it } from 'vitest'
import type { Entitlement } from '../../src/access/entitlement.ts'
import { feedEntitlement, isRenewed, snapshotOf } from '../../src/feeds/rules/snapshot.ts'
import type { IssuedCredential } from '../../src/ledger/rules/credentials.ts'

const NOW = 1_800_000_000_000

const entitlement = (issuedAt: number, signedBy: string): Entitlement => ({
  kind: 'entitlement',
  issuer: 'https://i.test',
  account: 'ann',
  jti: undefined,
  entitlements: ['premium'],
  plan: undefined,
  limits: [],
  standing: 'active',
  accountHash: undefined,
  issuedAt,
  notBefore: issuedAt,
  expires: issuedAt + 3600,
  toleranceSeconds: 0,
  signedBy,
})

const feedOf = ({ plan: _plan, ...snapshot }: ReturnType<typeof snapshotOf>): IssuedCredential => ({
  kind: 'feed',
  id: 'f',
  name: 'phone',
  createdAt: NOW,
  createdBy: 'owner',
  secrets: [{ hash: 'secret', generation: 1 }],
  limits: [],
  ...snapshot,
})

it.each([
  [true, 'inactive'],
  [false, 'active'],
])('what was said before the entitlement counts if another speaks for the account: %j', (isSpokenFor, standing) => {
  const credential = feedOf(snapshotOf(entitlement(100, 'one'), NOW))
  const statements = { ofAccount: { standing: { at: 90, standing: 'inactive' as const } }, ofToken: undefined }
  const owner = {
    issuer: 'https://i.test',
    account: 'ann',
    accountHash: undefined,
    toleranceSeconds: 0,
    isToldOf: true,
    isSpokenFor,
  }
  const found = feedEntitlement({ credential, statements, asOf: NOW }, 'secret', owner, NOW)
  expect(found).toMatchObject({ ok: true, value: { standing } })
})

it('Two entitlements of two keys, shown in turns, had every isolate read every feed again at each request', () => {
  const feed = feedOf(snapshotOf(entitlement(100, 'one'), NOW))
  expect(isRenewed(feed, entitlement(90, 'other'), NOW + 1000)).toBe(false)
  expect(isRenewed(feed, entitlement(100, 'one'), NOW + 100_000)).toBe(false)
  // A key may be distrusted by now.
  expect(isRenewed(feed, entitlement(90, 'other'), NOW + 60_000)).toBe(true)
  expect(isRenewed(feed, entitlement(101, 'other'), NOW)).toBe(true)
})
