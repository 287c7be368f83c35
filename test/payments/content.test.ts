import { readFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate({ facilitatorMs: 2000 }))
const { url, facilitator, origin, stripe } = gate
beforeEach(() => facilitator.reset())

let pages = 0
const path = (below: string): string => `/${below}/content-${++pages}`
const NOTHING = { units: 0n, intents: 0 }

describe('an origin that fails', () => {
  it.each([
    ['answers 404', { status: 404 }, 404],
    ['answers 500', { status: 500 }, 500],
    ['never answers', { hangs: true }, 504],
  ])('and %s costs nothing, and the same payment is good for a good answer', async (_, behaviour, status) => {
    const target = path('orders')
    const payment = await hold(CLIENTS.x402Fetch, `${url}${target}`)
    origin.behave(target, behaviour)
    const failed = await gate.during(async () => {
      const answer = await payment.send()
      await answer.text()
      expect([answer.status, answer.headers.has('payment-response')]).toEqual([status, false])
    })
    expect(failed).toMatchObject({ ...NOTHING, calls: ['verify'] })
    origin.behave(target, {})
    const effects = await gate.during(async () => expect(await told(payment.send())).toBe(`200 the page ${target}`))
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })

  it('costs no card', async () => {
    const target = path('reports')
    const payment = await hold(CLIENTS.mppxStripe, `${url}${target}`)
    origin.behave(target, { status: 500 })
    const failed = await gate.during(async () => {
      const answer = await payment.send()
      await answer.text()
      expect([answer.status, answer.headers.has('payment-receipt')]).toEqual([500, false])
    })
    expect(failed).toMatchObject(NOTHING)
    origin.behave(target, {})
    expect(await told(payment.send())).toBe(`200 the page ${target}`)
    expect(stripe.intents.length).toBeGreaterThan(0)
  })

  it('after the money has moved, where the route settles first, keeps the payment good', async () => {
    const target = path('upfront')
    const payment = await hold(CLIENTS.x402Fetch, `${url}${target}`)
    origin.behave(target, { status: 500 })
    const effects = await gate.during(async () => {
      expect((await payment.send()).status).toBe(500)
      origin.behave(target, {})
      expect(await told(payment.send())).toBe(`200 the page ${target}`)
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 2 })
    expect(effects.calls.filter((call) => call === 'settle')).toHaveLength(1)
  })
})

describe('a copy', () => {
  it('is sold with one call to the facilitator and none to the origin', async () => {
    const target = `${url}${path('reports/cached')}`
    await (await CLIENTS.x402Fetch(target)).text()
    facilitator.reset()
    const payment = await hold(CLIENTS.x402Fetch, target)
    const effects = await gate.during(async () => {
      const answer = await payment.send()
      expect(answer.headers.get('cache-status')).toContain('hit')
      expect(await told(answer)).toMatch(/^200 /)
    })
    expect(effects).toEqual({ units: 750_000n, intents: 0, runs: 0, calls: ['settle'] })
  })

  it('shows no other payer the receipt of the first', async () => {
    const target = `${url}${path('reports/cached')}`
    const first = await CLIENTS.x402Fetch(target)
    await first.text()
    const second = await CLIENTS.mppxStripe(target)
    await second.text()
    expect([second.status, second.headers.has('payment-response')]).toEqual([200, false])
    const third = await CLIENTS.x402Fetch(target)
    await third.text()
    expect(third.headers.has('payment-receipt')).toBe(false)
    expect(third.headers.get('payment-response')).not.toBe(first.headers.get('payment-response'))
  })
})

describe('a long answer', () => {
  it('begins once it is paid, and not when the origin has ended', async () => {
    const target = path('orders')
    origin.behave(target, { goesOn: true })
    const payment = await hold(CLIENTS.x402Fetch, `${url}${target}`)
    const effects = await gate.during(async () => {
      const { body } = await payment.send()
      const reader = body?.getReader()
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(`the page ${target}`)
      await reader?.cancel()
    })
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
  })

  it('of 256 MiB is sold without being held', async () => {
    const target = path('orders')
    origin.behave(target, { bytes: 256 * 2 ** 20 })
    const payment = await hold(CLIENTS.x402Fetch, `${url}${target}`)
    const before = await peakMegabytes()
    let bytes = 0
    const effects = await gate.during(async () => {
      const { body } = await payment.send()
      for await (const chunk of body ?? []) bytes += chunk.byteLength
    })
    expect(bytes).toBe(256 * 2 ** 20)
    expect(effects).toMatchObject({ units: 750_000n, runs: 1 })
    expect((await peakMegabytes()) - before).toBeLessThan(128)
  })

  it('is not read while it is settled', async () => {
    const target = path('orders')
    origin.behave(target, { bytes: 64 * 2 ** 20 })
    const payment = await hold(CLIENTS.x402Fetch, `${url}${target}`)
    facilitator.failSettle('hang')
    const before = await peakMegabytes()
    expect(await told(payment.send())).toBe('503 settlement-unknown')
    expect((await peakMegabytes()) - before).toBeLessThan(32)
  })
})

/** The most memory that the gate's process has had. */
async function peakMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${gate.pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
