import { base64url } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { credentialFor, readChallenges, requestOf } from '../../rails/mpp/wallet.ts'
import { SECRETS } from '../../support/cards.ts'
import type { StripeMood } from './intents.ts'
import { LATER, MINUTE, SECOND, toldBy } from './shop.ts'
import { createTill, type Till } from './till.ts'

let till: Till

beforeEach(async () => {
  till = await createTill()
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => till.end())

function receiptIn({ headers }: Response): unknown {
  const field = headers.get('payment-receipt')
  return field === null ? undefined : JSON.parse(new TextDecoder().decode(base64url.decode(field)))
}

const problemIn = async (response: Response): Promise<unknown> => {
  const { mpp } = (await response.clone().json()) as { readonly mpp?: { readonly type: string } }
  return mpp?.type.replace('https://paymentauth.org/problems/', '')
}

describe('a card', () => {
  it('pays for one request, once the origin has answered, and is receipted', async () => {
    const [challenge] = await till.challenges('/fresh/1')
    expect(requestOf(challenge ?? {})).toEqual({
      amount: '75',
      currency: 'usd',
      methodDetails: { networkId: 'profile_test', paymentMethodTypes: ['card'] },
    })
    const fields = await till.pay('/fresh/1')
    const response = await till.send('/fresh/1', fields)
    expect([response.status, await response.text()]).toEqual([200, 'the paid page'])
    const timestamp = new Date(LATER).toISOString().replace('.000Z', 'Z')
    expect(receiptIn(response)).toMatchObject({ status: 'success', method: 'stripe', reference: 'pi_1', timestamp })
    expect(response.headers.get('cache-control')).toMatch(/\bprivate\b/)
    const [call, ...more] = till.stripe.calls
    expect(more).toEqual([])
    expect(Object.fromEntries(call?.form ?? [])).toMatchObject({
      amount: '75',
      currency: 'usd',
      confirm: 'true',
      shared_payment_granted_token: 'spt_1',
    })
    expect(call?.fields.get('stripe-version')).toBe('2026-07-29.preview')
    expect(call?.fields.get('idempotency-key')).toMatch(/^mpp_[\w-]{43}$/)
    expect(till.world.received.map(({ headers }) => headers.get('authorization'))).toEqual([null])
  })

  it('pays beside a token, in a field of its own', async () => {
    const authorization = { authorization: `Bearer ${await till.world.token({ exp: LATER / 1000 - 60 })}` }
    const fields = await till.pay('/both/1', 'spt_1', authorization)
    expect(Object.keys(fields)).toEqual(['authorization', 'Payment-Authorization'])
    expect(await toldBy(await till.send('/both/1', fields))).toBe('served')
    expect(till.world.received.map(({ headers }) => headers.get('payment-authorization'))).toEqual([null])
  })

  it('is not charged beside a token that opens the page', async () => {
    const fields = await till.pay('/both/1', 'spt_1', { authorization: 'Bearer not-yet' })
    const token = { authorization: `Bearer ${await till.world.token()}` }
    expect(await toldBy(await till.send('/both/1', { ...fields, ...token }))).toBe('served')
    expect(till.stripe.calls).toEqual([])
  })

  it('pays for what is stored, without the origin', async () => {
    till.world.origin = () => new Response('the report', { headers: { 'cache-control': 'max-age=60' } })
    for (const spt of ['spt_1', 'spt_2'])
      expect(await toldBy(await till.send('/reports/1', await till.pay('/reports/1', spt)))).toBe('served')
    expect([till.world.received.length, till.stripe.charged]).toEqual([1, ['pi_1', 'pi_2']])
  })

  it('is charged for no failure, and pays for the next answer', async () => {
    const fields = await till.pay('/fresh/1')
    till.world.origin = () => new Response('gone', { status: 404 })
    expect((await till.send('/fresh/1', fields)).status).toBe(404)
    expect(till.stripe.calls).toEqual([])
    till.world.origin = () => new Response('the paid page')
    expect(await toldBy(await till.send('/fresh/1', fields))).toBe('served')
    expect(till.stripe.charged).toEqual(['pi_1'])
  })

  it('is charged once, however often and however fast its payment comes', async () => {
    const fields = await till.pay('/fresh/1')
    const answers = await Promise.all(Array.from({ length: 10 }, () => till.send('/fresh/1', fields)))
    const told = await Promise.all(answers.map(toldBy))
    expect(told.toSorted()).toEqual([...Array<string>(9).fill('409 idempotency-conflict'), 'served'])
    const again = await till.send('/fresh/1', fields)
    expect([await again.text(), receiptIn(again)]).toMatchObject(['the paid page', { reference: 'pi_1' }])
    expect([till.world.received.length, till.stripe.calls.length]).toEqual([1, 1])
  })
})

describe('a card that is not charged', () => {
  it.each([
    ['spt_decline', 'verification-failed'],
    ['spt_refused', 'verification-failed'],
    ['spt_action', 'payment-action-required'],
  ])('as with %s gets nothing but a new challenge, and no receipt', async (spt, problem) => {
    const response = await till.send('/fresh/1', await till.pay('/fresh/1', spt))
    expect([await toldBy(response), await problemIn(response)]).toEqual(['402 payment-declined', problem])
    expect(response.headers.get('payment-receipt')).toBeNull()
    expect(readChallenges(response.headers.get('www-authenticate') ?? '').length).toBe(1)
    expect(await response.text()).not.toContain('the paid page')
    expect(till.stripe.charged).toEqual([])
  })

  it('may be followed by another for the same challenge, which Stripe does not charge either', async () => {
    const [challenge = {}] = await till.challenges('/fresh/1')
    const paying = (spt: string) => ({ authorization: `Payment ${credentialFor(challenge, { spt })}` })
    expect(await toldBy(await till.send('/fresh/1', paying('spt_decline')))).toBe('402 payment-declined')
    expect(await toldBy(await till.send('/fresh/1', paying('spt_good')))).toBe('402 payment-declined')
    expect([till.stripe.charged, till.stripe.made.size]).toEqual([[], 1])
  })
})

const UNKNOWN: readonly StripeMood[] = ['loses', 'down', 'busy', 'locked', 'html', 'moved', 'processes']

describe('a card of which nobody knows', () => {
  it.each(UNKNOWN)('as Stripe %s is answered by 503 without any challenge', async (mood) => {
    till.stripe.mood = mood
    const response = await till.send('/fresh/1', await till.pay('/fresh/1'))
    expect([await toldBy(response), response.headers.get('retry-after')]).toEqual(['503 settlement-unknown', '2'])
    for (const field of ['www-authenticate', 'payment-receipt', 'payment-required'])
      expect(response.headers.get(field)).toBeNull()
    expect(await response.json()).not.toHaveProperty('mpp')
  })

  it('is charged once when the same payment comes again, and served', async () => {
    till.stripe.mood = 'loses'
    const fields = await till.pay('/fresh/1')
    await till.send('/fresh/1', fields)
    till.stripe.mood = 'succeeds'
    const again = await till.send('/fresh/1', fields)
    expect([again.status, receiptIn(again)]).toMatchObject([200, { reference: 'pi_1' }])
    expect([till.stripe.calls.length, till.stripe.charged]).toEqual([2, ['pi_1']])
  })

  it('is not charged by another token for the same challenge', async () => {
    till.stripe.mood = 'loses'
    const [challenge = {}] = await till.challenges('/fresh/1')
    const paying = (spt: string) => ({ authorization: `Payment ${credentialFor(challenge, { spt })}` })
    await till.send('/fresh/1', paying('spt_1'))
    till.stripe.mood = 'succeeds'
    expect(await toldBy(await till.send('/fresh/1', paying('spt_2')))).toBe('503 settlement-unknown')
    expect([till.stripe.calls.length, till.stripe.made.size]).toEqual([1, 1])
    expect(await toldBy(await till.send('/fresh/1', paying('spt_1')))).toBe('served')
  })

  it('is asked for by the alarm alone if nobody comes, also after the challenge has expired', async () => {
    till.stripe.mood = 'loses'
    const [challenge = {}] = await till.challenges('/fresh/1')
    const fields = { authorization: `Payment ${credentialFor(challenge, { spt: 'spt_1' })}` }
    await till.send('/fresh/1', fields)
    till.stripe.mood = 'succeeds'
    expect(await till.ring(challenge['id'] ?? '', 5 * SECOND)).toBe(true)
    expect([till.stripe.calls.length, till.stripe.charged]).toEqual([2, ['pi_1']])
    vi.setSystemTime(LATER + 10 * MINUTE)
    expect(await toldBy(await till.send('/fresh/1', fields))).toBe('served')
    expect(till.stripe.calls.length).toBe(2)
  })

  it('is looked up where Stripe has said that it is under way', async () => {
    till.stripe.mood = 'processes'
    const fields = await till.pay('/fresh/1')
    expect(await toldBy(await till.send('/fresh/1', fields))).toBe('503 settlement-unknown')
    till.stripe.mood = 'succeeds'
    for (const made of till.stripe.made.values()) made.state = 'succeeded'
    expect(await toldBy(await till.send('/fresh/1', fields))).toBe('served')
    expect(till.stripe.calls.map(({ path }) => path)).toEqual([
      '/v1/payment_intents',
      '/v1/payment_intents',
      '/v1/payment_intents/pi_1',
    ])
  })
})

describe('a challenge', () => {
  it('pays for no other target, method or host', async () => {
    const fields = await till.pay('/fresh/1')
    const elsewhere = [
      await till.send('/fresh/2', fields),
      await till.send('/fresh/1?a=b', fields),
      await till.send('https://www.cards.test/fresh/1', fields),
      await till.send('/fresh/1', fields, { method: 'POST' }),
    ]
    for (const response of elsewhere)
      expect([await toldBy(response), await problemIn(response)]).toEqual([
        '402 credential-invalid',
        'invalid-challenge',
      ])
    expect([till.stripe.calls, till.world.received]).toEqual([[], []])
  })

  it('is not paid once it has expired', async () => {
    const fields = await till.pay('/fresh/1')
    for (const late of [5 * MINUTE, 48 * 60 * MINUTE]) {
      vi.setSystemTime(LATER + late)
      const response = await till.send('/fresh/1', fields)
      expect([await toldBy(response), await problemIn(response)]).toEqual(['402 credential-expired', 'payment-expired'])
    }
    expect(till.stripe.calls).toEqual([])
  })

  it('is good under the secret before, and under no other', async () => {
    const fields = await till.pay('/fresh/1')
    const next = { ...SECRETS, NEXT_SECRET: 'the next secret of the gate, of 32 bytes' }
    const generations = [
      { generation: 2, secret: 'NEXT_SECRET' },
      { generation: 1, secret: 'GATE_SECRET' },
    ]
    till.reopen(next, { gate: generations })
    expect(await toldBy(await till.send('/fresh/1', fields))).toBe('served')
    till.reopen(next, { gate: [{ generation: 2, secret: 'NEXT_SECRET' }] })
    expect(await toldBy(await till.send('/fresh/1', fields))).toBe('402 credential-invalid')
  })

  it('is not answered by what was changed in it, or came in another field', async () => {
    const [challenge = {}] = await till.challenges('/fresh/1')
    const request = base64url.encode(JSON.stringify({ amount: '1', currency: 'usd' }))
    const paying = (over: object, field = 'authorization') => ({
      [field]: `Payment ${credentialFor(challenge, { spt: 'spt_1' }, over)}`,
    })
    const told: [Record<string, string>, string, string][] = [
      [paying({ request }), '402 credential-invalid', 'invalid-challenge'],
      [paying({ expires: '2100-01-01T00:00:00Z' }), '402 credential-invalid', 'invalid-challenge'],
      [paying({}, 'payment-authorization'), '402 credential-malformed', 'malformed-credential'],
      [{ ...paying({}), ...paying({}, 'payment-authorization') }, '402 credential-malformed', 'malformed-credential'],
      [{ authorization: `${paying({})['authorization']}=` }, '402 credential-malformed', 'malformed-credential'],
      [{ authorization: 'Payment AB' }, '402 credential-malformed', 'malformed-credential'],
    ]
    for (const [fields, reason, problem] of told) {
      const response = await till.send('/fresh/1', fields)
      expect([await toldBy(response), await problemIn(response)]).toEqual([reason, problem])
    }
    expect([till.stripe.calls, till.world.received]).toEqual([[], []])
  })

  it('is given for no price that Stripe does not charge, and for nothing that has none', async () => {
    expect(await till.challenges('/cheap/1')).toEqual([])
    expect(await till.challenges('/members/1')).toEqual([])
    expect((await till.challenges('/fresh/1')).length).toBe(1)
  })

  it('is never given over plain http, and a payment not taken', async () => {
    const fields = await till.pay('/fresh/1')
    const plain = await till.send('http://cards.test/fresh/1')
    expect(readChallenges(plain.headers.get('www-authenticate') ?? '')).toEqual([])
    const sent = await till.send('http://cards.test/fresh/1', fields)
    expect([await toldBy(sent), till.stripe.calls]).toEqual(['402 credential-invalid', []])
  })
})

describe('the scheme Payment', () => {
  it('reaches no origin, on no route', async () => {
    const fields = { authorization: 'Payment abc', 'payment-authorization': 'Payment abc', 'accept-payment': 'a/b' }
    await till.send('/open/1', fields)
    await till.send('/open/1', { authorization: 'Basic YTpi' })
    const [paid, other] = till.world.received
    for (const name of Object.keys(fields)) expect(paid?.headers.get(name)).toBeNull()
    expect(other?.headers.get('authorization')).toBe('Basic YTpi')
  })
})
