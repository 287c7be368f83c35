import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Chain, PAYER, startChain } from '../../tools/payments/stack/chain.ts'
import { startStripe } from '../../tools/payments/stack/stripe.ts'

let chain: Chain
beforeAll(async () => {
  chain = await startChain()
})
afterAll(() => chain.stop())

describe('a chain of its own', () => {
  it('stands for Base Sepolia, and its payer has a thousand dollars', async () => {
    expect(await chain.client.getChainId()).toBe(84_532)
    expect([await chain.balance(PAYER.address), await chain.received()]).toEqual([1_000_000_000n, 0n])
  })

  it('lets the payer take an authorization back', async () => {
    const nonce = `0x${'7'.repeat(64)}` as const
    await chain.cancel(PAYER, nonce)
    expect(await chain.used(PAYER.address, nonce)).toBe(true)
  })
})

describe('what stands for Stripe', () => {
  const ask = async (url: string, key: string, form: Record<string, string>) => {
    const response = await fetch(`${url}/v1/payment_intents`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_1', 'idempotency-key': key },
      body: new URLSearchParams({ confirm: 'true', currency: 'usd', shared_payment_granted_token: 'spt_1', ...form }),
    })
    const body = (await response.json()) as { id?: string; status?: string; error?: { code?: string; type: string } }
    return [
      response.status,
      body.id ?? body.error?.code ?? body.error?.type,
      body.status,
      response.headers.get('idempotent-replayed'),
    ]
  }

  it('charges a key once, and says when it answers from memory', async () => {
    const stripe = await startStripe()
    expect(await ask(stripe.url, 'a', { amount: '75' })).toEqual([200, 'pi_1', 'succeeded', null])
    expect(await ask(stripe.url, 'a', { amount: '75' })).toEqual([200, 'pi_1', 'succeeded', 'true'])
    expect(await ask(stripe.url, 'a', { amount: '76' })).toEqual([400, 'idempotency_error', undefined, null])
    expect(await ask(stripe.url, 'b', { amount: '49' })).toEqual([400, 'amount_too_small', undefined, null])
    const spt = (shared_payment_granted_token: string) => ({ amount: '75', shared_payment_granted_token })
    expect(await ask(stripe.url, 'c', spt('spt_decline'))).toEqual([200, 'pi_2', 'requires_payment_method', null])
    expect(await ask(stripe.url, 'd', spt('spt_action'))).toEqual([200, 'pi_3', 'requires_action', null])
    expect(await ask(stripe.url, 'e', spt('spt_refused'))).toEqual([402, 'card_declined', undefined, null])
    stripe.fail('drop')
    await expect(ask(stripe.url, 'f', { amount: '75' })).rejects.toThrow('fetch failed')
    expect(await ask(stripe.url, 'f', { amount: '75' })).toEqual([200, 'pi_4', 'succeeded', 'true'])
    await stripe.stop()
  })
})
