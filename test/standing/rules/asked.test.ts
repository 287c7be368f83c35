import { describe, expect, it } from 'vitest'
import type { Entitlement } from '../../../src/access/entitlement.ts'
import type { Receipt } from '../../../src/access/receipt.ts'
import { asItStands, type Signed } from '../../../src/standing/rules/asitstands.ts'
import { type Entry, entryOf, join, pruned } from '../../../src/standing/rules/standing.ts'
import { entitlementOf } from '../../support/proofs.ts'

const NOW = 1_800_000_000
const DAY = 86_400
const ASKED = entryOf({ kind: 'sign-in-asked', at: NOW - 10 })
const tokenOf = (issuedAt: number, more: Partial<Entitlement> = {}): Entitlement => ({
  ...entitlementOf(issuedAt),
  ...more,
})
const receipt = { kind: 'receipt', issuer: 'https://i', jti: 'r', issuedAt: NOW - 100 } as Receipt

describe('an account that is asked to sign in again', () => {
  const rows: [string, Signed, Entry, string | undefined][] = [
    ['loses the tokens of before', tokenOf(NOW - 11), ASKED, 'credential-expired'],
    ['loses those of the same second', tokenOf(NOW - 9.5), ASKED, 'credential-expired'],
    ['has those of after', tokenOf(NOW - 9), ASKED, undefined],
    [
      'loses a session of before, however new its claims',
      tokenOf(NOW, { signedInAt: NOW - 10 }),
      ASKED,
      'credential-expired',
    ],
    ['has a session of after', tokenOf(NOW, { signedInAt: NOW - 9 }), ASKED, undefined],
    [
      'keeps its API keys: nobody signs in with them',
      tokenOf(NOW - 99, { key: { createdAt: NOW - 99 } }),
      ASKED,
      undefined,
    ],
    ['keeps its receipts', receipt, ASKED, undefined],
    ['is held first, if it is held', tokenOf(NOW - 11), join(ASKED, { heldAt: NOW }), 'security-hold'],
  ]
  it.each(rows)('%s', (_, proof, entry, reason) => {
    const stands = asItStands(proof, entry, undefined, NOW)
    expect(stands.ok ? undefined : stands.error.reason).toBe(reason)
  })

  it('is asked for as long as a token of before could be good', () => {
    expect(pruned(ASKED, DAY, NOW)).toEqual(ASKED)
    expect(pruned(ASKED, DAY, NOW + DAY)).toBeUndefined()
  })
})
