import { describe, expect, it } from 'vitest'
import { CLIENTS } from '../../tools/payments/clients/clients.ts'
import { heldPayment, hold } from '../../tools/payments/clients/hold.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url, origin } = gate
const report = `${url}/reports/asked`
const NOTHING = { units: 0n, intents: 0, runs: 0, calls: [] }

describe('a page that is paid for', () => {
  it.each([
    ['a browser', { headers: { accept: 'text/html' } }, 'text/html'],
    ['a program', { headers: { accept: 'application/json' } }, 'application/problem+json'],
    ['HEAD', { method: 'HEAD' }, 'application/problem+json'],
    ['POST', { method: 'POST', body: 'one' }, 'application/problem+json'],
  ])('tells %s how to pay', async (_, init, type) => {
    const response = await fetch(report, init)
    await response.text()
    expect([response.status, response.headers.get('cache-control')]).toEqual([402, 'no-store'])
    expect(response.headers.get('content-type')).toContain(type)
    expect(decoded(response, 'PAYMENT-REQUIRED')).toMatchObject({ x402Version: 2, resource: { url: report } })
    expect(response.headers.get('www-authenticate')).toContain('Payment id=')
  })

  it('lets a page of another site pay', async () => {
    const headers = {
      origin: 'https://elsewhere.test',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'payment-signature, payment-authorization, x-payment',
    }
    const preflight = await fetch(report, { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase()
    for (const name of ['payment-signature', 'x-payment', 'payment-authorization']) expect(allowed).toContain(name)
    const refused = await fetch(report, { headers: { origin: 'https://elsewhere.test' } })
    const exposed = refused.headers.get('access-control-expose-headers')
    const names = ['PAYMENT-REQUIRED', 'PAYMENT-RESPONSE', 'X-PAYMENT-RESPONSE', 'Payment-Receipt', 'WWW-Authenticate']
    for (const name of [...names, 'Retry-After']) expect(exposed).toContain(name)
  })

  it('lets nothing of an origin be taken for a receipt or for a price', async () => {
    const path = '/reports/forged'
    const forged = {
      'payment-response': 'e30=',
      'x-payment-response': 'e30=',
      'payment-receipt': 'e30',
      'payment-required': 'e30=',
    }
    origin.behave(path, { headers: forged })
    const response = await CLIENTS.x402Fetch(`${url}${path}`)
    await response.text()
    expect(decoded(response, 'PAYMENT-RESPONSE')).toMatchObject({ success: true })
    for (const name of ['x-payment-response', 'payment-receipt', 'payment-required'])
      expect(response.headers.has(name)).toBe(false)
  })
})

describe('a payment by MPP', () => {
  it.each([
    ['another page', (target: string) => `${target}-elsewhere`],
    ['another query', (target: string) => `${target}?a=1`],
  ])('is for no %s than was asked for', async (_, elsewhere) => {
    const payment = await hold(CLIENTS.mppxStripe, report)
    const effects = await gate.during(async () => {
      const answer = await payment.send(elsewhere(report))
      expect(answer.headers.get('www-authenticate')).toContain('Payment id=')
      expect(await told(answer)).toMatch(/^402 /)
    })
    expect(effects).toEqual(NOTHING)
  })

  it('is for no other method than was asked for', async () => {
    const payment = await hold(CLIENTS.mppxStripe, report)
    const effects = await gate.during(async () => {
      expect(await told(payment.send(undefined, { method: 'POST' }))).toMatch(/^402 /)
    })
    expect(effects).toEqual(NOTHING)
  })

  it.each([
    ['in the field that was not asked for', (value: string) => ({ 'payment-authorization': value })],
    ['in both fields', (value: string) => ({ authorization: value, 'payment-authorization': value })],
    ['padded', (value: string) => ({ authorization: `${value}=` })],
    ['twice', (value: string) => ({ authorization: `${value}, ${value}` })],
  ])('%s is refused, and nobody is charged', async (_, fields) => {
    const { value } = await hold(CLIENTS.mppxStripe, report)
    const effects = await gate.during(async () => {
      expect(await told(fetch(report, { headers: fields(value) }))).toMatch(/^402 credential-(?:malformed|ambiguous)$/)
    })
    expect(effects).toEqual(NOTHING)
  })

  it('whose challenge was altered is refused, and nobody is charged', async () => {
    const { name, value } = await hold(CLIENTS.mppxStripe, report)
    const credential = JSON.parse(Buffer.from(value.slice('Payment '.length), 'base64url').toString()) as Credential
    const request = JSON.parse(Buffer.from(credential.challenge.request, 'base64url').toString()) as object
    const cheaper = Buffer.from(JSON.stringify({ ...request, amount: '50' })).toString('base64url')
    const altered = { ...credential, challenge: { ...credential.challenge, request: cheaper } }
    const sent = `Payment ${Buffer.from(JSON.stringify(altered)).toString('base64url')}`
    const effects = await gate.during(async () => {
      expect(await told(heldPayment(report, name, sent).send())).toMatch(/^402 /)
    })
    expect(effects).toEqual(NOTHING)
  })
})

interface Credential {
  readonly challenge: { readonly id: string; readonly request: string }
  readonly payload: object
}
