import { text } from 'node:stream/consumers'
import { bundle } from '../../tools/bundle.ts'
import { type Chain, PAYER, startChain } from '../../tools/payments/stack/chain.ts'
import type { Facilitator } from '../../tools/payments/stack/facilitator.ts'
import { startFacilitator } from '../../tools/payments/stack/reference.ts'
import { serve } from '../../tools/payments/stack/serve.ts'
import { startWorkerd, type Workerd } from '../../tools/workerd.ts'
import type { Run, SaleRecord } from './crash-audit.ts'

/** All that stands around the gate, and outlives it. */
export interface Stack {
  readonly chain: Chain
  readonly facilitator: Facilitator
  readonly runs: Run[]
  /** The payments by the paths that they were made for: each order has one of its own. */
  readonly nonces: Map<string, `0x${string}`>
  readonly records: SaleRecord[]
  readonly start: () => Promise<Workerd>
}

/** Starts all of it but the gate, and ends whatever was started when the work is done. */
export async function withStack<T>(storage: string, work: (stack: Stack) => Promise<T>): Promise<T> {
  const chain = await startChain()
  const facilitator = await startFacilitator(chain)
  const [runs, records]: [Run[], SaleRecord[]] = [[], []]
  const nonces: Stack['nonces'] = new Map()
  const origin = await serve(async (request, response) => {
    const { method = '', url: path = '' } = request
    const nonce = nonces.get(path)
    runs.push({ method, path, isPaid: nonce !== undefined && (await chain.used(PAYER.address, nonce)) })
    const caching = path.includes('/cached/') ? 'max-age=3600' : 'no-store'
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': caching }).end(`the page ${path}`)
  })
  const billing = await serve(async (request, response) => {
    records.push(...(JSON.parse(await text(request)) as Told[]).map(recordOf))
    response.writeHead(204).end()
  })
  const module = await bundle({ entry: 'demo/pay/crash-worker.ts', outdir: '.faregate/crash-payments' })
  const vars = {
    ORIGIN_URL: origin.url,
    FACILITATOR_URL: facilitator.url,
    RPC_URL: chain.url,
    BILLING_URL: billing.url,
    TOKEN_SECRET: 'a secret of nobody, of thirty-two bytes',
    USAGE_SECRET: 'the secret of a billing, of 32 bytes',
    GATE_SECRET: 'another secret of nobody, of 32 bytes',
  }
  const running = new Set<Workerd>()
  const start = async () => {
    const gate = await startWorkerd({ module, vars, storage, objects: { LEDGER: 'Ledger' }, dropsOutput: true })
    running.add(gate)
    return gate
  }
  try {
    return await work({ chain, facilitator, runs, nonces, records, start })
  } finally {
    await Promise.all([...running].map((gate) => gate.stop()))
    await Promise.all([facilitator, origin, billing].map((one) => one.stop()))
    await chain.stop()
  }
}

interface Told {
  readonly id: string
  readonly subject: string
  readonly data: { readonly delivery?: string; readonly change: { readonly price?: { readonly amount: string } } }
}

function recordOf({ id, subject, data }: Told): SaleRecord {
  const change = BigInt(Math.round(Number(data.change.price?.amount ?? '0') * 1e6))
  return { id, payment: subject, change, isDelivered: data.delivery === 'complete' }
}
