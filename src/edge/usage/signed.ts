import type { Amount } from '../core/ledger/commands.ts'
import type { LedgerRecord } from '../core/ledger/record.ts'
import { formatAmount, type Money } from '../core/offer.ts'

/** Where the records of charges go, and what signs them. */
export interface UsageTarget {
  readonly url: string
  readonly secret: string
}

/** Shows records to billing, and gives the positions of those it took: all of them, or none. */
type Send = (records: readonly LedgerRecord[]) => Promise<readonly number[]>

const TIMEOUT_MS = 5000

/**
 * Posts records as one signed batch of CloudEvents. Any 2xx takes all of them; whatever else happens is told to `warn`, and
 * the same records are to be sent again. So billing may get a record twice, with the same `id`.
 */
export function createUsageSink(
  { url, secret }: UsageTarget,
  clock: () => number,
  warn: (problem: string) => void,
): Send {
  const sign = createSigner(secret)
  return async (records) => {
    const body = JSON.stringify(records.map(eventOf))
    const problem = await post(url, body, await sign(Math.floor(clock() / 1000), body))
    if (problem === undefined) return records.map(({ position }) => position)
    warn(problem)
    return []
  }
}

/** What went wrong, in words that hold nothing of the batch. */
async function post(url: string, body: string, signature: string): Promise<string | undefined> {
  const headers = { 'content-type': 'application/cloudevents-batch+json', 'faregate-signature': signature }
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    // A redirect is no answer: what is signed for one address goes to no other.
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    await response.body?.cancel().catch(() => undefined)
    return response.ok ? undefined : `status ${response.status}`
  } catch (error) {
    return error instanceof Error ? error.name : 'unknown'
  }
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA-256 of `<seconds>.<body>`, so that an old batch cannot be passed off as a new one. */
function createSigner(secret: string): (seconds: number, body: string) => Promise<string> {
  const encoder = new TextEncoder()
  let key: CryptoKey | undefined
  return async (seconds, body) => {
    key ??= await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ])
    const mac = await crypto.subtle.sign('HMAC', key, encoder.encode(`${seconds}.${body}`))
    const hex = [...new Uint8Array(mac)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return `t=${seconds},v1=${hex}`
  }
}

/** A record as a CloudEvent (specification 1.0). Its subject is the account, or the receipt that paid. */
function eventOf({ id, kind, at, charge, repeats, delivery, kept, change, facts }: LedgerRecord) {
  const { zone, account, receipt, ...request } = facts
  const subject = account ?? receipt
  return {
    specversion: '1.0',
    id,
    source: `faregate/${zone ?? ''}`,
    type: `faregate.usage.${kind}`,
    time: new Date(at).toISOString(),
    ...(typeof subject === 'string' && subject !== '' ? { subject } : {}),
    datacontenttype: 'application/json',
    data: {
      charge,
      ...(repeats === undefined ? {} : { repeats }),
      ...(delivery === undefined ? {} : { delivery }),
      paidBy: account === undefined ? 'receipt' : 'account',
      request,
      change: amountOf(change),
      kept: amountOf(kept),
    },
  }
}

/** Numbers as decimal strings: they may be larger than what JSON readers keep exact. */
function amountOf({ counts, price, uses }: Amount) {
  return {
    counts: Object.fromEntries(counts.map(({ name, units }) => [name, units.toString()])),
    ...(price === undefined ? {} : { price: { amount: decimalOf(price), currency: price.currency } }),
    ...(uses === 0 ? {} : { uses }),
  }
}

function decimalOf({ units, currency }: Money): string {
  return units < 0n ? `-${formatAmount({ units: -units, currency })}` : formatAmount({ units, currency })
}
