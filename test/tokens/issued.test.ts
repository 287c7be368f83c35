import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Call } from '../../src/ports.ts'
import { ENTITLEMENT } from '../../src/tokens/entitlement.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import { createVerifiers, type Verifiers } from '../../src/tokens/verify.ts'
import type { Zone } from '../../src/zone.ts'
import { siteAt } from '../support/compiled.ts'
import { lateFetch } from '../support/fetch.ts'
import { ACCOUNT, compiledFor, goodToken, makeParties, NOW, options, type Parties, SHOP } from './hostile/parties.ts'

let parties: Parties
let news: Zone
let verifiers: Verifiers
const call: Call = { now: NOW * 1000, waitUntil: () => undefined }
const cryptography = vi.spyOn(crypto.subtle, 'verify')

beforeAll(async () => {
  parties = await makeParties()
})

beforeEach(() => {
  news = siteAt(compiledFor(options(parties)), 'news.example').zone
  verifiers = createVerifiers(
    createKeys({ clock: () => call.now, fetch: lateFetch }, () => undefined),
    undefined,
  )
})

describe('a token that its issuer has handed over', () => {
  it('may be longer than what a client sends, up to 64 kB, and is verified each time', async () => {
    const { verify, verifyOnce, rememberedKind } = verifiers
    const long = await goodToken(parties, { padding: 'x'.repeat(12_000) })
    expect(await verify(long, news, call)).toMatchObject({ ok: false, error: { reason: 'credential-malformed' } })
    for (const verifications of [1, 2]) {
      cryptography.mockClear()
      const verified = await verifyOnce(ENTITLEMENT, long, news, call)
      expect([verifications, verified]).toMatchObject([verifications, { ok: true, value: { account: ACCOUNT } }])
      expect(cryptography).toHaveBeenCalledOnce()
    }
    expect(rememberedKind(long, news)).toBeUndefined()
    const longer = await goodToken(parties, { padding: 'x'.repeat(65_536) })
    const refused = await verifyOnce(ENTITLEMENT, longer, news, call)
    expect(refused).toMatchObject({ ok: false, error: { reason: 'credential-malformed' } })
  })

  it('is judged as any other', async () => {
    const good = await goodToken(parties)
    const forged = `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(86)}`
    const tokens = [forged, await goodToken(parties, { aud: SHOP }), await goodToken(parties, {}, { typ: 'JWT' })]
    const checks: unknown[] = []
    for (const token of tokens) {
      const verified = await verifiers.verifyOnce(ENTITLEMENT, token, news, call)
      checks.push(!verified.ok && verified.error.check)
    }
    expect(checks).toEqual(['signature', 'audience', 'type'])
  })
})
