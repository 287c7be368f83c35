import { beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate({ facilitatorMs: 2000 }))
const { url, facilitator, stripe, origin } = gate
beforeEach(() => facilitator.reset())

let pages = 0
const page = (below = 'api'): string => `/${below}/lost-${++pages}`

describe('an answer of settle that is lost', () => {
  it.each([
    'settle-then-drop',
    'settle-then-502',
    'settle-then-hang',
    '502',
    'hang',
    'drop',
    'pending',
    '500-pending',
  ] as const)('by %s is neither paid nor unpaid: 503, and the same payment again is 200, paid once', async (fault) => {
    const payment = await hold(CLIENTS.x402Fetch, `${url}${page()}`)
    facilitator.failSettle(fault)
    const effects = await gate.during(async () => {
      const first = await payment.send()
      const fields = Object.fromEntries(first.headers)
      expect(await told(first)).toBe('503 settlement-unknown')
      expect(Number(fields['retry-after'])).toBeGreaterThan(0)
      expect(fields).not.toHaveProperty('payment-required')
      expect(fields['www-authenticate'] ?? '').not.toContain('Payment')
      expect(await told(payment.send())).toMatch(/^200 the page/)
    })
    expect(effects).toMatchObject({ units: 10_000n, runs: 1 })
  })

  it.each(['pending', '500-pending'] as const)('by %s names the transaction that is on its way', async (fault) => {
    const payment = await hold(CLIENTS.x402Fetch, `${url}${page()}`)
    facilitator.failSettle(fault)
    const first = await payment.send()
    const pending = decoded(first, 'PAYMENT-RESPONSE')
    expect(pending).toMatchObject({ success: false, errorReason: 'settlement_pending', network: 'eip155:84532' })
    expect(pending?.['transaction']).toMatch(/^0x[\da-f]{64}$/)
    const second = await payment.send()
    expect(decoded(second, 'PAYMENT-RESPONSE')).toMatchObject({ success: true, transaction: pending?.['transaction'] })
  })

  it('has the ledger ask again by itself', async () => {
    const payment = await hold(CLIENTS.x402Fetch, `${url}${page()}`)
    facilitator.failSettle('hang')
    expect(await told(payment.send())).toBe('503 settlement-unknown')
    await expect.poll(() => gate.chain.used(...nonceOf(payment.value)), { timeout: 30_000 }).toBe(true)
    // The chain knows before the ledger does: until then nobody is asked, and the outcome is unknown.
    const again = () => expect.poll(() => told(payment.send()), { timeout: 10_000 }).toMatch(/^200 /)
    const { calls } = await gate.during(again)
    expect(calls).toEqual([])
  })

  it('of ten requests at once is told to one, which gets the page by sending the same payment again', async () => {
    const payment = await hold(CLIENTS.x402Fetch, `${url}${page()}`)
    facilitator.failSettle('hang')
    const effects = await gate.during(async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => told(payment.send())))
      const conflicts = Array<string>(9).fill('409 idempotency-conflict')
      expect(answers.toSorted()).toEqual([...conflicts, '503 settlement-unknown'])
      expect(await told(payment.send())).toMatch(/^200 the page/)
    })
    expect(effects).toMatchObject({ units: 10_000n, runs: 1 })
  })

  it('leaves a payment unknown while nobody tells more', async () => {
    const payment = await hold(CLIENTS.x402Fetch, `${url}${page()}`)
    facilitator.failSettle('settle-then-drop')
    expect(await told(payment.send())).toBe('503 settlement-unknown')
    facilitator.forget()
    expect(await told(payment.send())).toBe('503 settlement-unknown')
  })

  it.each([
    ['@x402/fetch', CLIENTS.x402Fetch],
    ['@x402/axios', CLIENTS.x402Axios],
    ['x402-fetch', CLIENTS.x402FetchV1],
    ['mppx with a wallet', CLIENTS.mppxEvm],
  ])('has %s pay once', async (_, client) => {
    facilitator.failSettle('settle-then-drop')
    const effects = await gate.during(async () => {
      expect(await told(client(`${url}${page('reports')}`))).toBe('503 settlement-unknown')
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })
})

describe('an answer of Stripe that is lost', () => {
  it.each(['drop', 'hang'] as const)(
    'by %s has its client pay once, and the same payment again is 200',
    async (fault) => {
      const payment = await hold(CLIENTS.mppxStripe, `${url}${page('reports')}`)
      stripe.fail(fault)
      const effects = await gate.during(async () => {
        expect(await told(payment.send())).toBe('503 settlement-unknown')
        expect(await told(payment.send())).toMatch(/^200 the page/)
      })
      expect(effects).toMatchObject({ intents: 1, runs: 1 })
    },
  )

  it('has mppx pay once, where its own server has it pay twice', async () => {
    stripe.fail('drop')
    const effects = await gate.during(async () => {
      expect(await told(CLIENTS.mppxStripe(`${url}${page('reports')}`))).toBe('503 settlement-unknown')
    })
    expect(effects.intents).toBe(1)
  })

  it('has another token for the same challenge wait', async () => {
    let token = 'spt_first'
    const target = `${url}${page('reports')}`
    const first = await hold(CLIENTS.mppxStripe, target, { token: () => token })
    token = 'spt_second'
    const second = withToken(first.value, token)
    stripe.fail('drop')
    const effects = await gate.during(async () => {
      expect(await told(first.send())).toBe('503 settlement-unknown')
      const answer = await fetch(target, { headers: { [first.name]: second } })
      expect(await told(answer)).toBe('503 settlement-unknown')
    })
    expect(effects.intents).toBe(1)
  })
})

describe('a payment whose settlement is lost', () => {
  it('does not run an unsafe request again', async () => {
    const path = page('orders')
    const payment = await hold(CLIENTS.x402Fetch, `${url}${path}`, { init: { method: 'POST', body: 'one' } })
    facilitator.failSettle('settle-then-drop')
    const effects = await gate.during(async () => {
      expect(await told(payment.send())).toBe('503 settlement-unknown')
      expect(await told(payment.send())).toBe(`200 the page ${path}`)
      expect(await told(payment.send())).toBe(`200 the page ${path}`)
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
    expect(origin.runs.filter((run) => run.endsWith(path))).toEqual([`POST ${path}`])
  })
})

function nonceOf(value: string): [`0x${string}`, `0x${string}`] {
  const { payload } = JSON.parse(Buffer.from(value, 'base64').toString()) as {
    payload: { authorization: { from: `0x${string}`; nonce: `0x${string}` } }
  }
  return [payload.authorization.from, payload.authorization.nonce]
}

/** The credential of a challenge, with another token of Stripe's. */
function withToken(value: string, spt: string): string {
  const credential = JSON.parse(Buffer.from(value.slice('Payment '.length), 'base64url').toString()) as object
  return `Payment ${Buffer.from(JSON.stringify({ ...credential, payload: { spt } })).toString('base64url')}`
}
