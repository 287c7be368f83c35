import { expect, it } from 'vitest'
import { sessionOf } from '../../src/content/shape.ts'
import type { AdmittedRequest } from '../../src/ports.ts'

const NOW = 1_800_000_000_000

it('what a payment has opened goes on when the payment itself can be settled no longer', () => {
  const lifetime = { issuedAt: 0, notBefore: 0, expires: NOW / 1000 + 60, toleranceSeconds: 0 }
  const route = { limits: { maxSessionMs: 3_600_000 }, terms: { kind: 'paid' } }
  const lastsMs = (kind: string): number | undefined =>
    sessionOf({ route, proof: { kind, ...lifetime } } as unknown as AdmittedRequest, { now: NOW })?.lastsMs
  expect([lastsMs('payment'), lastsMs('receipt')]).toEqual([3_600_000, 60_000])
})
