import { afterEach, describe, expect, it, vi } from 'vitest'
import { eventOf } from '../../src/usage/cloudevents.ts'
import { openmeter } from '../../src/usage/openmeter.ts'
import { FAILED, Payer, SETTLED } from '../ledger/rules/payer.ts'
import { sending } from './contract.ts'

const facts = { zone: 'news', route: '/a', method: 'GET', rail: 'x402', payment: '["eip155:1","0xa","0xb","0xc"]' }

describe('billing', () => {
  afterEach(() => void vi.restoreAllMocks())

  it('is told what paid, where its settlement stands, and whether that was delivered', () => {
    const payer = new Payer()
    const made = payer.bring('GET /a', { facts })
    if (made.kind !== 'charged') throw new Error(made.reason)
    payer.begin(made)
    payer.end(made, SETTLED)
    payer.ledger.amend(made, 'none')
    const events = payer.ledger.records().map(eventOf)
    expect(events).toMatchObject([
      { subject: facts.payment, data: { paidBy: 'payment', payment: { rail: 'x402', state: 'claimed' } } },
      {
        type: 'faregate.usage.amend',
        data: { delivery: 'none', payment: { rail: 'x402', state: 'settled', reference: '0xabc' } },
      },
    ])
    expect(events[1]?.data).toMatchObject({ kept: { price: { currency: 'EUR' } }, request: { rail: 'x402' } })
    expect(events[1]?.data.request).not.toHaveProperty('payment')
  })

  it('that cannot take anything back is told of money that moved after all', async () => {
    const posts: unknown[] = []
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (_url, init) => {
      if (typeof init?.body === 'string') posts.push(...(JSON.parse(init.body) as unknown[]))
      return new Response(null, { status: 204 })
    })
    const payer = new Payer()
    payer.end(payer.pay(FAILED), SETTLED)
    const warn = vi.fn()
    const sink = openmeter({ url: 'https://meter.test/', token: 'TOKEN' })
    const send = sending(sink, { TOKEN: 'om_a_token_for_the_tests' }, () => payer.ledger.now, warn)
    await send(payer.ledger.records())
    expect(posts).toMatchObject([{ id: 'c1/settled', data: { paidBy: 'payment' } }])
    expect(warn).not.toHaveBeenCalled()
  })
})
