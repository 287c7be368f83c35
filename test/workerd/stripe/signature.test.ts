import * as fc from 'fast-check'
import { Stripe } from 'stripe'
import { describe, expect, it } from 'vitest'
import { verifySignature } from '../../../src/stripe/signature.ts'

const SECRET = 'whsec_test_of_the_signature_0001'
const OTHER = 'whsec_test_of_the_signature_0002'
const NOW = 1_790_000_000
const BODY = JSON.stringify({ id: 'evt_1', object: 'event', note: 'Grüße, 価格' })
const crypto = Stripe.createSubtleCryptoProvider()
const stripe = new Stripe('sk_test_nobody')

/** As Stripe's own library signs, to try it out. */
function header(payload = BODY, secret = SECRET, timestamp = NOW, scheme = 'v1'): Promise<string> {
  return stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp, scheme, cryptoProvider: crypto })
}

async function ours(field: string | null, body: string | Uint8Array = BODY, secrets = [SECRET]): Promise<string> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const verified = await verifySignature(field, bytes, { secrets, toleranceSeconds: 300 }, NOW * 1000 + 999)
  return verified.ok ? 'good' : verified.error
}

/** Whether Stripe's own library takes it. */
async function theirs(field: string, body: string | Uint8Array = BODY): Promise<boolean> {
  const payload = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return stripe.webhooks
    .constructEventAsync(payload as Buffer, field, SECRET, 300, crypto, NOW * 1000 + 999)
    .then(() => true)
    .catch(() => false)
}

const signatureOf = (field: string): string => field.split('v1=')[1] ?? ''

describe('a signature of Stripe', () => {
  it('is good for its body, in any script', async () => {
    expect(await ours(await header())).toBe('good')
  })

  it('may be by any of several secrets, and any of several signatures', async () => {
    const [one, other] = [await header(), await header(BODY, OTHER)]
    expect(await ours(one, BODY, [OTHER, SECRET])).toBe('good')
    expect(await ours(`${other},v1=${signatureOf(one)}`)).toBe('good')
    expect(await ours(other)).toBe('signature')
  })

  it('is too old after the tolerance, and as good ahead of our clock as to Stripe', async () => {
    const cases = [
      [NOW - 300, 'good'],
      [NOW - 301, 'time'],
      [NOW + 301, 'good'],
    ] as const
    for (const [at, verdict] of cases) {
      const field = await header(BODY, SECRET, at)
      expect(await ours(field)).toBe(verdict)
      expect(await theirs(field)).toBe(verdict === 'good')
    }
  })

  it('is judged by the last of several times', async () => {
    const field = await header()
    for (const given of [`t=1,${field}`, `${field},t=1`, field.replace('t=', 't=0'), field.replace(',', 'x,')]) {
      expect((await ours(given)) === 'good', given).toBe(await theirs(given))
    }
    expect(await ours(`t=1,${field}`)).toBe('good')
    expect(await ours(`${field},t=1`)).toBe('signature')
  })

  it.each([
    ['no field', null],
    ['an empty field', ''],
    ['no time', 'v1=aa'],
    ['no signature', `t=${NOW}`],
    ['what is not hex', `t=${NOW},v1=${'zz'.repeat(32)}`],
    ['half a signature', `t=${NOW},v1=${'aa'.repeat(16)}`],
    ['a time before 1970', `t=-5,v1=${'aa'.repeat(32)}`],
    ['a time that is none', `t=soon,v1=${'aa'.repeat(32)}`],
  ])('is not %s', async (_what, field) => {
    expect(await ours(field)).toBe('signature')
    if (field !== null) expect(await theirs(field)).toBe(false)
  })

  it('of another scheme counts for nothing', async () => {
    const field = await header(BODY, SECRET, NOW, 'v0')
    expect(await ours(field)).toBe('signature')
    expect(await theirs(field)).toBe(false)
  })

  it('is written in small letters', async () => {
    const field = (await header()).replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase())
    expect(await ours(field)).toBe('signature')
    expect(await theirs(field)).toBe(false)
  })

  it('does not fit a body that was changed, cut, or has a byte order mark more', async () => {
    const field = await header()
    expect(await ours(field, BODY.replace('evt_1', 'evt_2'))).toBe('signature')
    expect(await ours(field, BODY.slice(0, -1))).toBe('signature')
    expect(await ours(field, `\uFEFF${BODY}`)).toBe('signature')
    expect(await ours(field, Uint8Array.from([...new TextEncoder().encode(BODY), 0xff]))).toBe('signature')
  })

  it('is good to us exactly where it is to Stripe’s own library, however the field is changed', async () => {
    const fields = [await header(), await header(BODY, OTHER), await header(BODY, SECRET, NOW - 400)]
    const parts = fc.constantFrom(...fields.flatMap((field) => field.split(',')), 't=', 'v1=', 'v0=aa', '', ' ', '=')
    const piece = fc.oneof(
      parts,
      fc.tuple(parts, fc.string({ maxLength: 3 })).map(([part, tail]) => part + tail),
      fc.tuple(parts, fc.nat(), fc.constantFrom('0', 'A', '=', ' ', '-')).map(([part, at, char]) => {
        const index = part.length === 0 ? 0 : at % part.length
        return part.slice(0, index) + char + part.slice(index + 1)
      }),
    )
    const field = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(','))
    let good = 0
    await fc.assert(
      fc.asyncProperty(field, async (given) => {
        const isGood = (await ours(given)) === 'good'
        if (isGood) good++
        expect(isGood).toBe(await theirs(given))
      }),
      { numRuns: 2000 },
    )
    expect(good).toBeGreaterThan(10)
  })
})
