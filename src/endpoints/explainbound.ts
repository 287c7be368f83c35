/**
 * Explains what a metered request would reserve: its bound, the rates that the bound is made of, what is left for it, and what
 * would fit. The content of the request is read, and neither kept nor logged.
 */
import { cachePartitionOf } from '../cache/rules/key.ts'
import type { Decision } from '../access/decide.ts'
import type { Meter, MeteredAmount } from '../access/meter.ts'
import type { Route } from '../access/route.ts'
import { describeMoney, type MoneyView } from '../core/money.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { contentOf } from '../http/content.ts'
import { readContent } from '../ledger/idempotency.ts'
import { describeCounts } from '../ledger/ledgerview.ts'
import { type Quote, quoteCharge } from '../ledger/quote.ts'
import { type BreakdownView, describeBreakdown } from '../ledger/rules/breakdown.ts'
import type { Call } from '../ports.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'

/** What a metered request would reserve, for the holder of the credential. Units are strings. */
export interface BoundView extends MeteredView {
  /** What the bound is made of: units by class, with the rate of each. */
  readonly breakdown?: BreakdownView
  /** What the account has left for it. Null if its ledger did not answer. */
  readonly left: MeteredView | null
  /** The most that such a request may ask for, by name. Present if the bound exceeds what is left, and if the meter knows. */
  readonly wouldFit?: Readonly<Record<string, string>>
  /** True if the gate lowers the request to that by itself. */
  readonly isLowered?: true
}

interface MeteredView {
  readonly units?: Readonly<Record<string, string>>
  readonly price?: MoneyView
}

/** A request in question, with the content that came with the question. */
export interface Questioned {
  readonly request: Request
  readonly exchange: Exchange
  readonly zone: Zone
  readonly route: Route
  readonly decision: Decision
}

/** What came of a question about a metered request. */
export interface BoundExplained {
  /** The decision with what the meter and the ledger say to it. */
  readonly decision: Decision
  readonly bound: BoundView | undefined
}

type Served = Extract<Decision, { action: 'serve' }>

/** Explains the bound, if the question has content and its route a meter that reads content. Never throws for its content. */
export async function explainBound(asked: Questioned, services: Services, call: Call): Promise<BoundExplained> {
  const { request, exchange, route, decision } = asked
  const unexplained = { decision, bound: undefined }
  const { meter } = route
  if (decision.action !== 'serve' || meter?.content === undefined || contentOf(request) === null) return unexplained
  if (meter.classify(exchange) !== 'metered') return unexplained
  const quoted = await quoteContent(asked, decision, meter, services, call)
  const refuse = (why: Refusal): Decision => ({ action: 'refuse', refusal: why, proof: decision.proof })
  if (!quoted.ok) return { decision: refuse(quoted.error), bound: undefined }
  const { refused } = quoted.value
  return { decision: refused === undefined ? decision : refuse(refused), bound: describeBound(quoted.value) }
}

async function quoteContent(
  { request, exchange, zone, route }: Questioned,
  { cost, proof, fallback }: Served,
  meter: Meter,
  { makeRoom, ledgers, clock, settlers, waiters, paymentFailures }: Services,
  { waitUntil }: Call,
): Promise<Result<Quote, Refusal>> {
  const room = makeRoom({ maxBytes: 0, mostMs: 0, ...meter.content, isAnonymous: false, isSpare: true })
  try {
    const read = await readContent({ request }, room)
    if (!read.ok) return read
    const partition = cachePartitionOf(exchange, route, proof)
    const admitted = { zone, route, exchange, proof, observed: undefined, fallback, partition, ...read.value }
    const ports = { ledgers, clock, waitUntil, settlers, makeRoom, waiters, paymentFailures }
    return await quoteCharge(meter, { cost, admitted, ...ports })
  } finally {
    room.close()
  }
}

function describeBound({ bound: { amount }, available, explanation: { breakdown, fitting } }: Quote): BoundView {
  return {
    ...describeMetered(amount),
    ...(breakdown && { breakdown: describeBreakdown(breakdown) }),
    left: available === undefined ? null : describeMetered(available),
    ...(fitting && { wouldFit: describeCounts(fitting.counts) }),
    ...(fitting?.isApplied === true && { isLowered: true }),
  }
}

function describeMetered({ counts, price }: MeteredAmount): MeteredView {
  return {
    ...(counts.length === 0 ? {} : { units: describeCounts(counts) }),
    ...(price && { price: describeMoney(price) }),
  }
}
