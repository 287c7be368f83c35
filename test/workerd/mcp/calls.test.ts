import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { signToyPayment } from '../../rails/toypay.ts'
import { accountLedger } from '../../support/ledger.ts'
import { WALLETS } from '../../support/paid.ts'
import { linesOf } from '../../support/world.ts'
import { ledgerOf, readingOf } from '../objects.ts'
import { call, createMcpWorld, INITIALIZE, type McpClient, type McpWorld, receivedBy } from './server.ts'

let world: McpWorld
let send: McpClient
beforeEach(async () => {
  world = await createMcpWorld()
  send = world.send
})
afterEach(() => world.end())

let wallets = 0
const payment = () =>
  signToyPayment(WALLETS, {
    payer: 'ann',
    nonce: `mcp-${++wallets}`,
    amount: '0.25',
    currency: 'USD',
    validUntil: Date.now() / 1000 + 60,
  })

describe('an MCP route', () => {
  it('lets anyone initialize, list and call what is free', async () => {
    for (const message of [INITIALIZE, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, call('now')]) {
      const { status, body } = await send(message)
      expect([status, body.id]).toEqual([200, message.id])
    }
    const notified = await send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    expect([notified.status, notified.text]).toEqual([202, ''])
  })

  it('asks for the price of a tool in an error of the protocol, with every way to pay', async () => {
    const { status, headers, body } = await send(call('search', {}, 'seven'))
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(body).toMatchObject({ jsonrpc: '2.0', id: 'seven', error: { code: -32042 } })
    expect(body.error.data).toMatchObject({
      httpStatus: 402,
      challenges: [
        { id: 'c1', realm: 'news', method: 'toy', intent: 'charge', request: { amount: '250000', currency: 'usd' } },
      ],
      x402: { x402Version: 2, accepts: [{ amount: '250000' }] },
      problem: { reason: 'payment-required', status: 402, offer: { price: { amount: '0.25', currency: 'USD' } } },
    })
    expect(world.received).toEqual([])
    expect(linesOf(world).at(-1)).toMatchObject({ decision: 'refuse', reason: 'payment-required', status: 200 })
  })

  it('answers with the status itself whoever pays over HTTP', async () => {
    const { status, headers, body } = await send(call('search'), { fields: { 'accept-payment': 'toy/charge' } })
    expect([status, body.id, body.error.code]).toEqual([402, 1, -32042])
    expect(headers.get('www-authenticate')).toContain('Payment id="c1"')
  })

  it('serves a tool for credit, at its price and no other', async () => {
    const account = 'a caller with credit'
    await ledgerOf(accountLedger(account)).grant({ id: crypto.randomUUID(), units: 600_000_000n, currency: 'USD' })
    const fields = await world.bearing({ sub: account, entitlements: [] })
    for (const name of ['search', 'now', 'search']) {
      const { body } = await send(call(name), { fields })
      expect(body.result.content[0].text).toBe(name)
    }
    expect((await readingOf(accountLedger(account))).credit).toMatchObject([{ units: 100_000_000n }])
    const { body } = await send(call('search'), { fields })
    expect(body).toMatchObject({ id: 1, error: { code: -32042, data: { problem: { reason: 'credit-insufficient' } } } })
  })

  it('opens a tool to the plan that has it', async () => {
    const refused = await send(call('summarize'), { fields: await world.bearing({ entitlements: ['basic'] }) })
    expect(refused.body.error.data.problem.reason).toBe('entitlement-insufficient')
    const { body } = await send(call('summarize'), { fields: await world.bearing({ entitlements: ['pro'] }) })
    expect(body.result.content[0].text).toBe('summarize')
  })

  it.each([
    ['x402/payment', (toy: string) => ({ x402Version: 2, payload: { toy } })],
    [
      'org.paymentauth/credential',
      (toy: string) => ({
        challenge: { id: 'c1', realm: 'news', request: { currency: 'usd', amount: '250000' } },
        payload: { toy },
      }),
    ],
  ])('takes a payment in %s, hides it from the server, and says in the result how it was paid', async (name, write) => {
    const toy = await payment()
    const before = call('search', { _meta: { progressToken: 1 } }, 2)
    const paid = call('search', { _meta: { progressToken: 1, [name]: write(toy) } }, 2)
    const { body, headers } = await send(paid)
    expect(body.result).toMatchObject({
      _meta: {
        'org.paymentauth/receipt': { status: 'success', method: 'toy', challengeId: 'c1' },
        'x402/payment-response': { success: true, network: 'toy' },
      },
    })
    expect(headers.get('payment-receipt')).not.toBeNull()
    const [received] = await receivedBy(world)
    expect(received?.text).toBe(JSON.stringify(before))
    expect(JSON.stringify([...(received?.headers ?? [])])).not.toContain(toy)
    expect(world.bank.moved.size).toBe(1)
    // The same payment buys nothing else.
    const again = await send(call('search', { arguments: { q: 'y' }, _meta: { [name]: write(toy) } }, 3))
    expect(again.body.error).toMatchObject({ code: -32043, data: { problem: { reason: 'payment-spent' } } })
    expect(world.bank.moved.size).toBe(1)
  })

  it('takes one payment for one call, whatever is sent with it at once, and none for what is free or closed', async () => {
    const paying = { _meta: { 'x402/payment': { x402Version: 2, payload: { toy: await payment() } } } }
    const messages = [1, '1', 2, 3].map((id) => call('search', paying, id))
    const answers = await Promise.all(
      [...messages, call('now', paying), call('gone', paying)].map(async (one) => send(one)),
    )
    const outcomes = answers.map(({ body }) => body.error?.code ?? 'result')
    expect(outcomes.slice(0, 4).filter((one) => one === -32043)).toHaveLength(3)
    expect([...outcomes.slice(4), world.bank.moved.size, world.received.length]).toEqual(['result', -32602, 1, 2])
  })

  it('charges nothing for a call that fails, and settles no payment of one', async () => {
    const account = 'a caller of what fails'
    await ledgerOf(accountLedger(account)).grant({ id: crypto.randomUUID(), units: 250_000_000n, currency: 'USD' })
    const fields = await world.bearing({ sub: account, entitlements: [] })
    const failures = [{ error: { code: -32603, message: 'no' } }, { result: { isError: true, content: [] } }]
    for (const failure of failures) {
      world.origin = () => Response.json({ jsonrpc: '2.0', id: 1, ...failure })
      expect((await send(call('search'), { fields })).body).toEqual({ jsonrpc: '2.0', id: 1, ...failure })
      const toy = await payment()
      const paid = await send(call('search', { _meta: { 'x402/payment': { x402Version: 2, payload: { toy } } } }))
      expect([paid.body, paid.headers.get('payment-receipt')]).toEqual([{ jsonrpc: '2.0', id: 1, ...failure }, null])
    }
    expect((await readingOf(accountLedger(account))).credit).toMatchObject([{ units: 250_000_000n }])
    expect(world.bank.moved.size).toBe(0)
  })

  it('takes a payment beside a token, in the field that is free', async () => {
    const fields = await world.bearing({ sub: 'without credit', entitlements: [] })
    const credential = {
      challenge: { id: 'c1', request: { amount: '250000', currency: 'usd' } },
      payload: { toy: await payment() },
    }
    const { body } = await send(call('search', { _meta: { 'org.paymentauth/credential': credential } }), { fields })
    expect(body.result.content[0].text).toBe('search')
  })

  it.each([
    [
      'two payments',
      { 'x402/payment': { x402Version: 2 }, 'org.paymentauth/credential': { challenge: {} } },
      'credential-ambiguous',
    ],
    ['a payment that is none', { 'x402/payment': 'paid' }, 'credential-malformed'],
  ])('refuses %s', async (_name, _meta, reason) => {
    const { status, body } = await send(call('search', { _meta }))
    expect([status, body.error.data.problem.reason]).toEqual([402, reason])
    expect(world.received).toEqual([])
  })

  it('sells no tool that it does not name, unless the route says so', async () => {
    const token = await world.bearing({ entitlements: ['premium', 'pro'] })
    for (const name of ['unheard-of', 'gone', 'Search', 'search ']) {
      const { status, body } = await send(call(name), { fields: token })
      expect([status, body.error.code, body.error.data.httpStatus]).toEqual([200, -32602, 403])
    }
    expect(world.received).toEqual([])
    const members = { url: 'https://news.test/members', fields: token }
    expect((await send(call('unheard-of'), members)).body.result.content[0].text).toBe('unheard-of')
    const closed = await send({ jsonrpc: '2.0', id: 1, method: 'tasks/result', params: {} }, { fields: token })
    expect(closed.body.error.code).toBe(-32602)
  })
})
