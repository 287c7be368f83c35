import { describe, expect, it } from 'vitest'
import { x402 } from '../../../src/rails/x402/rail.ts'
import type { X402Options } from '../../../src/rails/x402/rules/options.ts'
import { TOKEN } from '../../support/paid.ts'
import { PAY_TO, PAYER } from './payer.ts'

const SECRET = 'a secret of the facilitator'
const authorization = { from: PAYER, to: PAY_TO, value: '750000', validAfter: '0', validBefore: '1000', nonce: '0x7' }
const STORED = {
  zone: 'a',
  rail: 'x402',
  payload: { signature: '0xab', authorization },
  requirements: { network: TOKEN.network, asset: TOKEN.asset, amount: '750000' },
}

function settlerOf(answer: (request: Request) => Promise<Response> | Response, over: Partial<X402Options> = {}) {
  const facilitator = { url: 'https://facilitator.test/x402/', auth: 'FACILITATOR_TOKEN', verifyMs: 100 }
  const sent: Request[] = []
  const platform = {
    clock: () => 0,
    bindings: { FACILITATOR_TOKEN: SECRET },
    fetch: async (request: Request) => {
      sent.push(request)
      return answer(request)
    },
  }
  const settler = x402({ facilitator, accepts: [TOKEN], ...over }).settler?.create(platform)
  if (settler === undefined) throw new Error('x402 moves money')
  return { settler, sent }
}

describe('the settler of x402', () => {
  it('sends the facilitator its secret, below its address, and follows no redirection', async () => {
    const { settler, sent } = settlerOf(() => new Response(null, { status: 308, headers: { location: '/elsewhere' } }))
    expect(await settler.settle(STORED, 1)).toEqual({ kind: 'unknown' })
    const [request] = sent
    expect([request?.url, request?.redirect, request?.headers.get('authorization')]).toEqual([
      'https://facilitator.test/x402/settle',
      'manual',
      `Bearer ${SECRET}`,
    ])
    expect(await request?.json()).toEqual({
      x402Version: 2,
      paymentPayload: { x402Version: 2, accepted: STORED.requirements, payload: STORED.payload },
      paymentRequirements: STORED.requirements,
    })
  })

  const proper = {
    ...STORED,
    payload: { signature: '0xab', authorization: { ...authorization, nonce: `0x${'7'.repeat(64)}` } },
  }
  const moved = { success: true, transaction: `0x${'1'.repeat(64)}` }

  it.each<[string, object]>([
    ['payer', { payer: PAY_TO }],
    ['network', { network: 'eip155:8453' }],
    ['network, by its name in v1', { network: 'base' }],
    ['amount', { amount: '1' }],
  ])('takes no success for proof that is of another %s', async (_what, said) => {
    const { settler } = settlerOf(() => Response.json({ ...moved, ...said }))
    expect(await settler.settle(proper, 1)).toEqual({ kind: 'unknown' })
  })

  it.each<[string, object]>([
    ['nothing', {}],
    ['nothing by null', { payer: null, network: null, amount: null }],
    [
      'the payer in capitals, the network by its name in v1',
      { payer: PAYER.toUpperCase().replace('0X', '0x'), network: 'base-sepolia' },
    ],
    ['all of it', { payer: PAYER, network: TOKEN.network, amount: '750000' }],
    ['what nobody can read', { payer: 'ann', network: 'ours', amount: '0.75' }],
  ])('takes a success for proof that says %s of payer, network and amount', async (_what, said) => {
    const { settler } = settlerOf(() => Response.json({ ...moved, ...said }))
    expect(await settler.settle(proper, 1)).toEqual({ kind: 'settled', reference: moved.transaction })
  })

  it('does not know after an answer that is too long, or that never comes', async () => {
    const long = JSON.stringify({ success: true, transaction: 'x', more: 'x'.repeat(65_536) })
    expect(await settlerOf(() => new Response(long)).settler.settle(STORED, 1)).toEqual({ kind: 'unknown' })
    const lost = settlerOf(() => Promise.reject(new TypeError(`connection lost: ${SECRET}`)))
    expect(await lost.settler.settle(STORED, 1)).toEqual({ kind: 'unknown' })
  })

  it('asks no node on a first try that may have been sent, and none of another chain for evidence', async () => {
    const failing = { success: false, errorReason: 'invalid_exact_evm_transaction_failed', transaction: '' }
    const { settler, sent } = settlerOf(
      (request) => (request.url.startsWith('https://node') ? Response.json({ result: '0x1' }) : Response.json(failing)),
      { rpc: 'https://node.test' },
    )
    const stored = {
      ...STORED,
      payload: { signature: '0xab', authorization: { ...authorization, nonce: `0x${'7'.repeat(64)}` } },
    }
    expect(await settler.settle(stored, 1)).toEqual({ kind: 'unknown' })
    expect(sent.length).toBe(1)
    expect(await settler.settle(stored, 2)).toEqual({ kind: 'unknown' })
    expect(sent.map(({ url }) => new URL(url).host)).toEqual([
      'facilitator.test',
      'facilitator.test',
      'node.test',
      'node.test',
    ])
  })

  it('says how many declined payments one client may bring', () => {
    expect(settlerOf(() => new Response()).settler.failures).toEqual({ requests: 20, seconds: 60 })
  })
})
