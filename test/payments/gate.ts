import { text } from 'node:stream/consumers'
import { type Chain, startChain } from '../../tools/payments/stack/chain.ts'
import type { Facilitator } from '../../tools/payments/stack/facilitator.ts'
import { type PaidOrigin, startPaidOrigin } from '../../tools/payments/stack/origin.ts'
import { startFacilitator } from '../../tools/payments/stack/reference.ts'
import { serve } from '../../tools/payments/stack/serve.ts'
import { startStripe, type StripeDouble } from '../../tools/payments/stack/stripe.ts'
import { startWorkerd } from '../../tools/workerd.ts'
import { bundleOf } from '../slow/bundles.ts'
import { secretKey, sign } from '../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'

/** The gate in workerd, with a chain, a facilitator, what stands for Stripe, and an origin. */
export interface PaymentGate {
  /** The zone that believes its facilitator alone. */
  readonly url: string
  /** The zone that asks the chain for evidence. */
  readonly proven: string
  readonly pid: number
  readonly chain: Chain
  readonly facilitator: Facilitator
  readonly stripe: StripeDouble
  readonly origin: PaidOrigin
  /** The records that billing was told, in the order in which they came. */
  readonly records: readonly PaidRecord[]
  /** All that the gate has written. */
  readonly log: readonly string[]
  /** What happened to money and origin while something ran. */
  readonly during: (run: () => Promise<unknown>) => Promise<Effects>
  /** A token of an account; `exp` in seconds from now. */
  readonly token: (exp: number) => Promise<string>
  readonly stop: () => Promise<void>
}

export interface PaidRecord {
  readonly id: string
  readonly type: string
  readonly data: {
    readonly charge: string
    readonly amount?: unknown
    readonly payment?: { readonly rail: string; readonly state: string; readonly reference?: string }
  }
}

export interface Effects {
  /** Units that reached the payee on the chain. */
  readonly units: bigint
  /** The payments that were made by card. */
  readonly intents: number
  /** How often the origin was asked. */
  readonly runs: number
  /** What the facilitator was asked, in order. */
  readonly calls: readonly string[]
}

export interface PaymentGateOptions {
  /** How long the facilitator may take: as long as a busy machine needs, where it is not told to hang. */
  readonly facilitatorMs?: number
}

/** Starts all of it. To be called with `startForFile`. */
export async function startPaymentGate({ facilitatorMs = 10_000 }: PaymentGateOptions = {}): Promise<PaymentGate> {
  const chain = await startChain()
  const [facilitator, stripe, origin] = await Promise.all([startFacilitator(chain), startStripe(), startPaidOrigin()])
  const log: string[] = []
  const records: PaidRecord[] = []
  const billing = await serve(async (request, response) => {
    records.push(...(JSON.parse(await text(request)) as PaidRecord[]))
    response.writeHead(204).end()
  })
  const gate = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: {
      FACILITATOR_URL: facilitator.url,
      FACILITATOR_MS: String(facilitatorMs),
      CHAIN_URL: chain.url,
      STRIPE_URL: stripe.url,
      STRIPE_KEY: 'sk_test_0123456789abcdef',
      ORIGIN_URL: origin.url,
      BILLING_URL: billing.url,
      USAGE_SECRET: `usage ${SECRET}`,
      TOKEN_SECRET: SECRET,
      GATE_SECRET: `gate ${SECRET}`,
    },
    onLine: (line) => log.push(line),
  })
  return {
    url: gate.url,
    proven: gate.url.replace('127.0.0.1', 'localhost'),
    pid: gate.pid,
    chain,
    facilitator,
    stripe,
    origin,
    records,
    log,
    async during(run) {
      const before = {
        units: await chain.received(),
        intents: stripe.intents.length,
        runs: origin.runs.length,
        calls: facilitator.calls.length,
      }
      await run()
      return {
        units: (await chain.received()) - before.units,
        intents: stripe.intents.length - before.intents,
        runs: origin.runs.length - before.runs,
        calls: facilitator.calls.slice(before.calls),
      }
    },
    async token(exp) {
      const now = Math.floor(Date.now() / 1000)
      const claims = { iss: 'https://billing.test', aud: 'https://reports.test', sub: 'ann', entitlements: ['premium'] }
      return sign(await secretKey(SECRET), { ...claims, iat: now - 600, exp: now + exp })
    },
    async stop() {
      await gate.stop()
      await Promise.all([facilitator, stripe, origin, billing].map((one) => one.stop()))
      await chain.stop()
    },
  }
}

/** What a client is told: the status, and the reason of a refusal. */
export async function told(answer: Response | Promise<Response>): Promise<string> {
  const response = await answer
  const body = await response.text()
  if (response.ok) return `${response.status} ${body}`
  const { reason } = JSON.parse(body) as { reason?: string }
  return `${response.status} ${reason}`
}

/** What a field of base64 says, as PAYMENT-RESPONSE. */
export function decoded(response: Response, name: string): Record<string, unknown> | undefined {
  const value = response.headers.get(name)
  if (value === null) return undefined
  return JSON.parse(Buffer.from(value, 'base64').toString()) as Record<string, unknown>
}
