/**
 * Requests that each bring a payment by x402 of their own, beside the published middleware. Both ask one facilitator, which
 * answers at once and moves no money, and both have the same origin behind them. Needs the packages of `tools/payments`: without
 * them these rows are left out.
 */
import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from '../tools/bundle.ts'
import { startStubFacilitator } from '../tools/payments/stack/stub.ts'
import type { Row, Tokens } from './rows.ts'
import type { Modules } from './server.ts'

const root = resolve(import.meta.dirname, '..')
const PAYMENTS = join(root, 'tools/payments')

/** What a page costs in units of the token: 75 cents. */
const PRICE_UNITS = 750_000
const MIDDLEWARE = '@x402/hono: paid'
const WORKERS: ReadonlySet<Row['worker']> = new Set<Row['worker']>(['sold', 'x402-hono-paid'])

const PRICED = 'priced: 402, tokens alone'

/** What the rails of machine payments cost who does not pay: one priced page, of a site without them and with them. */
export const pricedRows: readonly Row[] = [
  pricedRow(PRICED, 'priced'),
  { ...pricedRow('priced: 402, x402 and MPP', 'sold'), against: PRICED },
]

function pricedRow(name: string, worker: 'priced' | 'sold'): Row {
  const tokens = (): Tokens => () => ({ token: undefined })
  return { name, worker, path: '/sold/470', tokens, expected: { status: 402, reason: 'payment-required' } }
}

type Payer = (payments: readonly string[]) => Tokens

/** Each asks for one page, or with `isAnew` for another one each time. */
const paying =
  (isAnew: boolean): Payer =>
  (payments) => {
    let next = 0
    return () => {
      const payment = payments[next++]
      return payment === undefined
        ? undefined
        : { token: undefined, payment, ...(isAnew && { query: `?page=${next}` }) }
    }
  }

/** The rows, if what they need is installed. The middleware has no cache: a page that it has answered costs it what any does. */
export async function paidRows(): Promise<readonly Row[]> {
  if (!(await isInstalled())) return []
  return [
    paidRow(MIDDLEWARE, 'x402-hono-paid', true),
    { ...paidRow('x402: paid, from memory', 'sold', false), against: MIDDLEWARE },
    { ...paidRow('x402: paid, not in the cache', 'sold', true), against: MIDDLEWARE },
  ]
}

function paidRow(name: string, worker: Row['worker'], isAnew: boolean): Row {
  return {
    name,
    worker,
    path: '/sold/470',
    tokens: ({ payments }) => paying(isAnew)(payments),
    expected: { status: 200, bytes: 470 },
    isPaid: true,
  }
}

function isInstalled(): Promise<boolean> {
  return access(join(PAYMENTS, 'node_modules/@x402/hono')).then(
    () => true,
    () => false,
  )
}

/** Bundles the middleware's Worker, which finds its packages beside itself. */
export async function bundlePaid(workers: ReadonlySet<Row['worker']>): Promise<Modules> {
  if (!workers.has('x402-hono-paid')) return new Map()
  const entry = join(PAYMENTS, 'peers/honopaid.ts')
  return new Map([['x402-hono-paid', await bundle({ entry, outdir: join(root, '.faregate/bench/x402-hono-paid') })]])
}

/** Signs so many payments, in a process that has the packages for it. */
export async function signPayments(count: number): Promise<readonly string[]> {
  const sign = join(PAYMENTS, 'stack/sign.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [sign, String(count), String(PRICE_UNITS)], {
    maxBuffer: Infinity,
  })
  return stdout.trimEnd().split('\n')
}

/** What stands around a Worker that sells. */
interface Paying {
  readonly vars: Readonly<Record<string, string>>
  /** Throws if fewer payments were settled than pages were served. */
  readonly check: (served: number) => void
  readonly stop: () => Promise<void>
}

/** Starts the facilitator of a row. Each row and round has its own, which has seen no payment. */
export async function startPaying({ worker, isPaid }: Row): Promise<Paying> {
  if (!WORKERS.has(worker)) return { vars: {}, check: () => undefined, stop: async () => undefined }
  const facilitator = await startStubFacilitator()
  return {
    vars: { FACILITATOR_URL: facilitator.url, PRICE_UNITS: String(PRICE_UNITS), STRIPE_KEY: 'a secret of nobody' },
    check(served) {
      const settled = facilitator.moved() / BigInt(PRICE_UNITS)
      if (isPaid && settled < BigInt(served)) throw new Error(`${served} pages served and ${settled} settled`)
    },
    stop: () => facilitator.stop(),
  }
}
