import { beforeAll, describe, expect, it } from 'vitest'
import { ok } from '../../../src/core/result.ts'
import { answerEndpoint } from '../../../src/endpoints/endpoint.ts'
import { explain as explainEndpoint } from '../../../src/endpoints/explain.ts'
import { handle } from '../../../src/paywall.ts'
import { goodToken, makeParties, type Parties } from '../hostile/parties.ts'
import { createGate, type Gate, receiptToken, request, type Sending } from './gate.ts'

let parties: Parties
let gate: Gate
let paid: string
let premium: string
let limited: string

beforeAll(async () => {
  parties = await makeParties()
  gate = createGate(parties)
  paid = await receiptToken(parties)
  premium = await goodToken(parties)
  limited = await goodToken(parties, { limits: [{ name: 'requests', quota: 5, window: 60 }] })
})

/** What the whole pipeline answers, and how often it asked the origin. */
async function answer(sending: Sending): Promise<{ status: number; reason: unknown; asked: number }> {
  let asked = 0
  const origin = async () => {
    asked++
    return ok({ response: new Response('the paid page') })
  }
  const response = await handle(request(sending), gate.services, origin, () => undefined)
  const body = await response.text()
  const reason = response.status === 200 ? body : (JSON.parse(body) as { reason: string }).reason
  return { status: response.status, reason, asked }
}

describe('while no ledger is connected, the pipeline', () => {
  const cases: [name: string, sending: () => Sending, status: number, reason: string][] = [
    ['takes no receipt', () => ({ receipt: paid }), 503, 'ledger-unavailable'],
    ['nor one in Authorization', () => ({ bearer: paid }), 503, 'ledger-unavailable'],
    ['nor a token with limits', () => ({ path: '/paid/1', bearer: limited }), 503, 'ledger-unavailable'],
    [
      'serves nothing on a route with quotas',
      () => ({ path: '/counted/1', bearer: premium }),
      503,
      'ledger-unavailable',
    ],
    ['knows no credit', () => ({ bearer: premium }), 503, 'ledger-unavailable'],
    ['asks for a payment as before', () => ({}), 402, 'payment-required'],
  ]
  it.each(cases)('%s', async (_name, sending, status, reason) => {
    expect(await answer(sending())).toEqual({ status, reason, asked: 0 })
  })

  it('refuses a receipt that is short with 402, and says what is short', async () => {
    const poor = await receiptToken(parties, { amount: '0.1', resource: '/other' })
    expect(await answer({ receipt: poor })).toEqual({ status: 402, reason: 'payment-insufficient', asked: 0 })
  })

  it('serves what is not metered', async () => {
    expect(await answer({ path: '/paid/1', bearer: premium })).toEqual({
      status: 200,
      reason: 'the paid page',
      asked: 1,
    })
    expect(await answer({ path: '/both/1', bearer: premium, receipt: paid })).toMatchObject({ status: 200, asked: 1 })
    expect(await answer({ path: '/free/1', bearer: limited })).toMatchObject({ status: 200, asked: 1 })
  })
})

describe('explain', () => {
  interface Explained {
    decision: { action: string; reason?: string }
    checks: { check: string; outcome: string; expected?: unknown; found?: unknown }[]
    wouldPass: { iss: string; credit?: unknown }[]
  }
  const explain = async (sending: Sending, target = '/reports/1'): Promise<Explained> => {
    const path = `/__faregate/explain?target=${encodeURIComponent(target)}`
    const { services } = gate
    const outside = { waitUntil: () => undefined, purge: async () => false }
    const response = await answerEndpoint(
      explainEndpoint().create(services),
      request({ ...sending, path }),
      services,
      outside,
    )
    return response.json<Explained>()
  }

  it('shows a receipt that is short check by check, and what would pass', async () => {
    const poor = await receiptToken(parties, { amount: '0.1' })
    const { decision, checks, wouldPass } = await explain({ receipt: poor })
    expect(decision).toMatchObject({ action: 'refuse', reason: 'payment-insufficient' })
    expect(checks.find(({ check }) => check === 'presented')).toMatchObject({ found: 'Faregate-Receipt' })
    expect(checks.find(({ check }) => check === 'type')).toMatchObject({ outcome: 'pass', expected: ['payment+jwt'] })
    expect(checks.find(({ check }) => check === 'cover')).toMatchObject({
      outcome: 'fail',
      expected: { resource: '/reports/*', price: { amount: '0.25', currency: 'USD' } },
      found: { amount: '0.1', currency: 'USD', resource: '/reports/*', methods: ['GET', 'HEAD'], uses: 1 },
    })
    expect(wouldPass).toContainEqual(
      expect.objectContaining({ typ: ['payment+jwt'], amount: '0.25', currency: 'USD', resource: '/reports/*' }),
    )
    const byReceipt = wouldPass.filter(({ credit }) => credit === undefined)
    expect(JSON.stringify(byReceipt)).not.toContain('identity.example')
    expect(wouldPass).toContainEqual(
      expect.objectContaining({ typ: ['entitlement+jwt'], credit: { amount: '0.25', currency: 'USD' } }),
    )
    expect(JSON.stringify({ decision, checks })).not.toContain(poor.split('.')[2])
  })

  it('shows of two credentials the one that was decided on', async () => {
    const { checks } = await explain({ bearer: premium, receipt: paid }, '/paid/1')
    expect(checks.find(({ check }) => check === 'presented')).toMatchObject({ found: 'Authorization' })
    const basic = await goodToken(parties, { entitlements: ['basic'] })
    const { checks: others } = await explain({ bearer: basic, receipt: paid })
    expect(others.find(({ check }) => check === 'presented')).toMatchObject({ found: 'Faregate-Receipt' })
  })
})
