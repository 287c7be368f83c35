import { text } from 'node:stream/consumers'
import { bundle } from '../../tools/bundle.ts'
import { type Chain, PAYER, startChain } from '../../tools/payments/stack/chain.ts'
import type { Facilitator } from '../../tools/payments/stack/facilitator.ts'
import { startFacilitator } from '../../tools/payments/stack/reference.ts'
import { serve } from '../../tools/payments/stack/serve.ts'
import { startWorkerd, type Workerd } from '../../tools/workerd.ts'
import type { Run, SaleRecord } from './crash-audit.ts'

/** Where the origin waits: before the head of its answer, or after half of a page that was never broken before. */
type Waiting = 'head' | 'middle'

/** All that stands around the gate, and outlives it. */
export interface Stack {
  readonly chain: Chain
  readonly facilitator: Facilitator
  readonly runs: Run[]
  /** The payments by the paths that they were made for: each order has one of its own. */
  readonly nonces: Map<string, `0x${string}`>
  readonly records: SaleRecord[]
  /** Resolves when the origin is next asked. */
  readonly asked: () => Promise<void>
  /** Has the origin wait, before its head or in the midst of a page, until the function that is returned is called. */
  readonly holdOrigin: (at: Waiting) => () => void
  readonly start: () => Promise<Workerd>
}

/** Starts all of it but the gate, and ends whatever was started when the work is done. */
export async function withStack<T>(storage: string, work: (stack: Stack) => Promise<T>): Promise<T> {
  const chain = await startChain()
  const facilitator = await startFacilitator(chain)
  const [runs, records]: [Run[], SaleRecord[]] = [[], []]
  const nonces: Stack['nonces'] = new Map()
  const { asked, holdOrigin, ...origin } = await startHeldOrigin(async (method, path) => {
    const nonce = nonces.get(path)
    runs.push({ method, path, isPaid: nonce !== undefined && (await chain.used(PAYER.address, nonce)) })
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
    return await work({ chain, facilitator, runs, nonces, records, asked, holdOrigin, start })
  } finally {
    await Promise.all([...running].map((gate) => gate.stop()))
    await Promise.all([facilitator, origin, billing].map((one) => one.stop()))
    await chain.stop()
  }
}

/** An origin of pages in two halves, which can be told to wait. */
async function startHeldOrigin(note: (method: string, path: string) => Promise<void>) {
  const held = new Map<Waiting, Promise<void>>()
  const broken = new Set<string>()
  let next = Promise.withResolvers<void>()
  const served = await serve(async (request, response) => {
    const { method = '', url: path = '' } = request
    await note(method, path)
    next.resolve()
    next = Promise.withResolvers()
    await held.get('head')
    const caching = path.includes('/cached/') ? 'max-age=3600' : 'no-store'
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': caching })
    response.write('the page ')
    if (held.has('middle') && !broken.has(path)) {
      broken.add(path)
      await held.get('middle')
    }
    response.end(path)
  })
  const holdOrigin = (at: Waiting) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    held.set(at, promise)
    return () => {
      held.delete(at)
      resolve()
    }
  }
  return { ...served, holdOrigin, asked: () => next.promise }
}

interface Told {
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly data: {
    readonly charge: string
    readonly delivery?: string
    readonly change: { readonly price?: { readonly amount: string } }
  }
}

function recordOf({ id, type, subject, data }: Told): SaleRecord {
  const change = BigInt(Math.round(Number(data.change.price?.amount ?? '0') * 1e6))
  const { charge, delivery } = data
  const isFirst = type.endsWith('.charge')
  return { id, payment: subject, charge, isFirst, change, isDelivered: delivery === 'complete' }
}
