import { beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { type HeldPayment, heldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate({ facilitatorMs: 2000 }))
const { url, facilitator, origin, stripe } = gate
beforeEach(() => facilitator.reset())

/** Where a payment may be lost: before the origin or behind it, a safe method or not, a copy or none. */
const MOMENTS = [
  ['behind the origin', 'GET', '/reports'],
  ['behind the origin, by POST', 'POST', '/orders'],
  ['before the origin', 'GET', '/upfront'],
  ['before the origin, by POST', 'POST', '/upfront'],
  ['with a copy in hand', 'GET', '/reports/cached'],
] as const

const PRICE = 750_000n
let pages = 0

/** What a payment has bought so far. */
interface Bought {
  readonly answers: string[]
  readonly units: bigint
  readonly intents: number
  readonly runs: number
}

/** Sends a payment until it is served, six times at most; no answer may hold the page before it is paid. */
async function buy(payment: HeldPayment, paid: (bought: Omit<Bought, 'answers'>) => boolean): Promise<Bought> {
  const answers: string[] = []
  const so = { units: 0n, intents: 0, runs: 0 }
  for (let sent = 0; sent < 6 && !answers.at(-1)?.startsWith('200 '); sent++) {
    const effects = await gate.during(async () => answers.push(await told(payment.send())))
    so.units += effects.units
    so.intents += effects.intents
    so.runs += effects.runs
    if (answers.at(-1)?.includes('the page')) expect(paid(so)).toBe(true)
  }
  return { answers, ...so }
}

async function paymentFor(client: keyof typeof CLIENTS, method: string, path: string): Promise<HeldPayment> {
  if (path.includes('/cached/')) await (await CLIENTS.x402Fetch(`${url}${path}`)).text()
  return hold(CLIENTS[client], `${url}${path}`, { init: { method } })
}

describe.each(MOMENTS)('a facilitator that fails %s', (_, method, below) => {
  it.each([
    ['hang', [503, 200]],
    ['drop', [503, 200]],
    ['502', [503, 200]],
    ['500', [503, 200]],
    ['404', [503, 200]],
    ['308', [503, 200]],
    ['settle-then-drop', [503, 200]],
    ['settle-then-502', [503, 200]],
    ['settle-then-hang', [503, 200]],
    ['pending', [503, 200]],
    ['500-pending', [503, 200]],
  ] as const)('at settle by %s has the payer pay once, and the origin answer once', async (fault, statuses) => {
    const path = `${below}/faults-${++pages}`
    const payment = await paymentFor('x402Fetch', method, path)
    facilitator.failSettle(fault)
    const { answers, ...bought } = await buy(payment, ({ units }) => units === PRICE)
    expect(answers.map((one) => Number(one.slice(0, 3)))).toEqual(statuses)
    expect(answers[0]).toBe('503 settlement-unknown')
    expect(bought).toEqual({ units: PRICE, intents: 0, runs: path.includes('/cached/') ? 0 : 1 })
    expect(facilitator.calls).not.toContain('moved')
  })

  it('at settle twice has the payer pay once', async () => {
    const path = `${below}/faults-${++pages}`
    const payment = await paymentFor('x402Fetch', method, path)
    facilitator.failSettle('settle-then-drop')
    facilitator.failSettle('500-pending')
    const { answers, ...bought } = await buy(payment, ({ units }) => units === PRICE)
    expect(answers).toEqual(['503 settlement-unknown', '503 settlement-unknown', `200 the page ${path}`])
    expect(bought).toEqual({ units: PRICE, intents: 0, runs: path.includes('/cached/') ? 0 : 1 })
  })
})

describe('a facilitator that fails at verify', () => {
  it.each(['308', '404', '500', '502', 'hang', 'drop'] as const)(
    'by %s: nothing was tried, the origin is not asked, and the same payment is good afterwards',
    async (fault) => {
      const path = `/orders/faults-${++pages}`
      const payment = await paymentFor('x402Fetch', 'POST', path)
      facilitator.failVerify(fault)
      const effects = await gate.during(async () => {
        const answer = await payment.send()
        expect(answer.headers.has('payment-required')).toBe(false)
        expect(await told(answer)).toBe('503 payments-unavailable')
      })
      expect(effects).toEqual({ units: 0n, intents: 0, runs: 0, calls: ['verify'] })
      const { answers, ...bought } = await buy(payment, ({ units }) => units === PRICE)
      expect(answers).toEqual([`200 the page ${path}`])
      expect(bought).toEqual({ units: PRICE, intents: 0, runs: 1 })
    },
  )

  it('by saying yes to a signature that is none sells nothing', async () => {
    const path = `/orders/faults-${++pages}`
    const { name, value } = await paymentFor('x402Fetch', 'POST', path)
    const sent = Buffer.from(value, 'base64').toString()
    const forged = Buffer.from(sent.replace(/0x[\da-f]{130}/, `0x${'12'.repeat(65)}`)).toString('base64')
    facilitator.failVerify('lie')
    const effects = await gate.during(async () => {
      const answer = heldPayment(`${url}${path}`, name, forged, { method: 'POST' }).send()
      expect(await told(answer)).toBe('402 payment-declined')
    })
    expect(effects).toEqual({ units: 0n, intents: 0, runs: 1, calls: ['verify', 'settle'] })
  })

  it('and at all else sells nothing while it is down, and asks for payments as before', async () => {
    const path = `/orders/faults-${++pages}`
    const payment = await paymentFor('x402Fetch', 'POST', path)
    facilitator.down(true)
    const effects = await gate.during(async () => {
      expect(await told(payment.send())).toBe('503 payments-unavailable')
      const asked = await fetch(`${url}${path}`)
      expect([asked.status, asked.headers.has('payment-required')]).toEqual([402, true])
    })
    expect(effects).toMatchObject({ units: 0n, runs: 0 })
  })
})

describe.each(MOMENTS)('a Stripe that fails %s', (_, method, below) => {
  it.each(['drop', 'down'] as const)('by %s has the payer pay once, and the origin answer once', async (fault) => {
    const path = `${below}/faults-${++pages}`
    const payment = await paymentFor('mppxStripe', method, path)
    stripe.fail(fault)
    const { answers, ...bought } = await buy(payment, ({ intents }) => intents === 1)
    expect(answers).toEqual(['503 settlement-unknown', `200 the page ${path}`])
    expect(bought).toEqual({ units: 0n, intents: 1, runs: path.includes('/cached/') ? 0 : 1 })
  })

  it.each([
    ['spt_decline', 1],
    ['spt_action', 1],
    ['spt_refused', 0],
  ] as const)('by refusing %s sells nothing', async (token, intents) => {
    const path = `${below}/faults-${++pages}`
    if (path.includes('/cached/')) await (await CLIENTS.x402Fetch(`${url}${path}`)).text()
    const payment = await hold(CLIENTS.mppxStripe, `${url}${path}`, { init: { method }, token: () => token })
    const effects = await gate.during(async () => expect(await told(payment.send())).toMatch(/^402 /))
    expect(effects).toMatchObject({ units: 0n, intents })
    expect(stripe.intents.slice(stripe.intents.length - intents)).toEqual(
      Array.from(
        { length: intents },
        () => expect.objectContaining({ status: expect.stringMatching(/^requires_/) as string }) as object,
      ),
    )
  })
})

describe('an origin that was asked', () => {
  it('has answered each path of these tests once', () => {
    const counts = Map.groupBy(origin.runs, (run) => run)
    expect([...counts].filter(([, runs]) => runs.length > 1).map(([run]) => run)).toEqual([])
  })
})
