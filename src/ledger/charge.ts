/**
 * Reserves what a request may cost, before any content is asked for.
 *
 * The order of steps is the order of cost. Rate limits of the platform come first; a request that they refuse is not
 * charged. Content is read only if it is part of what is paid for (an idempotency key, a payment) or if a meter needs it,
 * and only for a client that a dry run shows could pay. Reading may take a client hours, so the request is decided on again
 * afterwards. The meter then bounds the request, and one atomic `charge` reserves the whole cost or nothing. If a plan is
 * used up, a receipt or payment sent beside the token pays instead. If the ledger does not answer, the request is refused,
 * and a possible charge is taken back.
 */
import { UNREADABLE } from '../cache/rules/vary.ts'
import { type Cost, ratesAlone } from '../access/cost.ts'
import { openedBy } from '../access/observation.ts'
import type { Route } from '../access/route.ts'
import type { Eventually } from '../core/eventually.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Ledger, Ledgers, AdmittedRequest, RateLimiter, WaitUntil } from '../ports.ts'
import { type RecheckServices, recheck } from '../standing/recheck.ts'
import type { Settlers } from '../rails/settlers.ts'
import type { BodyRoom, BodyTerms, MakeRoom } from '../http/body.ts'
import { contentOf } from '../http/content.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Batching } from './batching.ts'
import type { ReservedRequest } from './chargeledger.ts'
import { UNAVAILABLE } from './unavailable.ts'
import { commandOf } from './command.ts'
import {
  clientRetryOf,
  digestOf,
  idempotencyKeyOf,
  KEY_UNREADABLE,
  KEYED_CONTENT,
  keyedBy,
  readContent,
} from './idempotency.ts'
import { boundPayment, type Payable } from './metered.ts'
import { pay, payWith, settlerOf } from './pay.ts'
import { askRates } from './rates.ts'
import type { PaymentFailures } from './paymentfailures.ts'
import { refusedBy } from './refused.ts'
import { NOTHING_RESERVED, type Reservation } from './reservation.ts'
import type { Idempotency } from './rules/commands.ts'
import { holderOf, ledgerName } from './rules/name.ts'
import { openLedger } from './rules/place.ts'
import { withOutcome } from './settlement.ts'
import type { Waiters } from './waiting.ts'

/** The ports that count: ledgers exactly, the platform's rate limits approximately. */
export interface Counters extends RecheckServices {
  readonly ledgers: Ledgers | undefined
  readonly rates: RateLimiter | undefined
  readonly batching: Batching
  readonly makeRoom: MakeRoom
  readonly waiters: Waiters
  readonly settlers: Settlers
  readonly paymentFailures: PaymentFailures
}

const CLOSED = refusal('not-for-sale', 'What this would use cannot be counted, so it is not sold here.', {
  check: 'cover',
})

/** Returns true if serving counts anything. Other requests need no reservation. */
export function isCounted(cost: Cost | undefined, { terms, meter }: Route): boolean {
  return cost !== undefined || meter !== undefined || (terms.kind === 'paid' && (terms.rates?.bound.length ?? 0) > 0)
}

/**
 * Reserves the cost of a request, all of it or nothing. Errors: `too-many-requests`, `usage-limit-reached`,
 * `payment-declined`, `credit-insufficient`, `payment-spent`, `credential-expired`, `idempotency-conflict`; those of the
 * route's meter, of reading content, and of deciding again after that; `ledger-unavailable` if it is unknown whether
 * anything was charged. A possible charge is then taken back.
 */
export async function reserveRequest(
  cost: Cost | undefined,
  admitted: AdmittedRequest,
  counters: Counters,
  waitUntil: WaitUntil,
): Promise<Result<ReservedRequest, Refusal>> {
  const { meter } = admitted.route
  // On a watched route nothing is counted.
  if (admitted.observed !== undefined && meter?.addsCredential !== true)
    return ok({ admitted: withMeterRefusal(admitted), reservation: NOTHING_RESERVED })
  if (openedBy(admitted.route.terms, admitted.exchange.now) !== undefined)
    return meter?.classify(admitted.exchange) === 'closed'
      ? err(CLOSED)
      : ok({ admitted, reservation: NOTHING_RESERVED })
  const limited = await checkPlatformRates(admitted, counters.rates)
  if (limited !== undefined) return err(limited)
  const { clock, settlers, makeRoom, waiters, paymentFailures } = counters
  const ledgers = counters.ledgers && counters.batching.share(counters.ledgers, waitUntil)
  const payment: Payable = { cost, admitted, ledgers, clock, waitUntil, settlers, makeRoom, waiters, paymentFailures }
  const metered = meter?.classify(admitted.exchange)
  if (metered === 'closed') return err(CLOSED)
  if (metered === 'free' || admitted.observed !== undefined) {
    const unmetered: Payable = { ...payment, cost: ratesAlone(cost), isUnmetered: true }
    return meter?.boundsFree === true ? payWithContent(undefined, unmetered, counters) : payWith(unmetered)
  }
  if (cost !== undefined && ledgers === undefined) return err(UNAVAILABLE)
  const key = cost === undefined || isKeyless(cost, admitted) ? undefined : keyOf(admitted)
  if (key?.includes(UNREADABLE)) return err(KEY_UNREADABLE)
  return needsContent(payment, key) || meter !== undefined ? payWithContent(key, payment, counters) : pay(payment)
}

/** Returns the key under which repeats of a request are one charge: its own name if its sender has signed it. */
function keyOf(admitted: AdmittedRequest): string | undefined {
  const { proof } = admitted
  const name = proof?.kind === 'entitlement' ? proof.requestName : undefined
  // No client can write a line break into its own key.
  return name === undefined ? idempotencyKeyOf(admitted) : `signed\n${name}`
}

/** Logs a request that the route's meter would refuse as refused for that reason. */
function withMeterRefusal(admitted: AdmittedRequest): AdmittedRequest {
  const { observed, route, exchange } = admitted
  if (observed?.would !== 'serve' || route.meter?.classify(exchange) !== 'closed') return admitted
  return { ...admitted, observed: { ...observed, would: CLOSED.reason } }
}

/** Returns true if the content is part of what is paid for: under a key, or with a payment, which is bound to it. */
function needsContent({ cost, admitted: { fallback } }: Payable, key: string | undefined): boolean {
  return key !== undefined || cost?.from === 'payment' || fallback?.cost.from === 'payment'
}

/**
 * Returns true if an idempotency key has no effect: the request costs nothing, or a confirmation already makes repeats one
 * charge.
 */
function isKeyless(cost: Cost, { exchange: { method } }: AdmittedRequest): boolean {
  return isFree(method) || (cost.from !== 'payment' && cost.confirmation !== undefined)
}

/**
 * Returns the refusal by the platform's rate limits, counted for each pair of payer and route; undefined if none refuses.
 */
function checkPlatformRates(
  { zone, route: { terms }, proof }: AdmittedRequest,
  rates: RateLimiter | undefined,
): Eventually<Refusal | undefined> {
  if (proof === undefined || terms.kind !== 'paid' || terms.rates === undefined) return undefined
  const { bound, scope } = terms.rates
  if (bound.length === 0) return undefined
  return askRates(bound, `${ledgerName(zone, holderOf(proof))} ${scope}`, rates)
}

/**
 * Reads the content if it is needed, and charges afterwards. Clients that could not be charged now are refused before it is
 * read, unless it is short.
 */
async function payWithContent(
  key: string | undefined,
  payment: Payable,
  counters: Counters,
): Promise<Result<ReservedRequest, Refusal>> {
  const { meter } = payment.admitted.route
  const isRead = needsContent(payment, key) || meter?.content !== undefined
  if (!isRead || contentOf(payment.admitted.request) === null) return payBounded(key, payment)
  const refused = isShortContent(key, payment) ? undefined : await dryRunPayment(key, payment)
  if (refused !== undefined) return err(refused)
  const room = counters.makeRoom(contentTerms(payment))
  let isKept = false
  try {
    const read = await readAndDecide(payment, room, counters)
    const paid = read.ok ? await payBounded(key, read.value) : read
    isKept = paid.ok
    return paid.ok ? ok({ ...paid.value, reservation: holdingContent(paid.value.reservation, room) }) : paid
  } finally {
    if (!isKept) room.close()
  }
}

/** What is so short, in bytes, is read before a ledger is asked: asking costs more, and the charge itself asks. */
const SHORT_CONTENT = 64 * 1024

/** Returns true for content of an account's metered request that says its length, and is as short as it says. */
function isShortContent(key: string | undefined, { cost, admitted: { request, fallback } }: Payable): boolean {
  if (key !== undefined || cost?.from !== 'account' || fallback !== undefined) return false
  const length = request.headers.get('content-length')
  return length !== null && Number(length) <= SHORT_CONTENT && !request.headers.has('content-encoding')
}

/** The terms for reading content. A signed payment has proved nothing yet, so its client counts as anonymous. */
function contentTerms({ cost, admitted }: Payable): BodyTerms {
  const { content } = admitted.route.meter ?? {}
  const isAnonymous = cost?.from === 'payment'
  return { ...(content ?? KEYED_CONTENT), isAnonymous }
}

async function readAndDecide(payment: Payable, room: BodyRoom, counters: Counters): Promise<Result<Payable, Refusal>> {
  const { admitted, waitUntil } = payment
  const read = await readContent(admitted, room)
  if (!read.ok) return read
  room.keep(admitted.route.limits.responseMs + 2 * LEDGER_MS)
  const why = await recheck(admitted, admitted.zone, counters, waitUntil)
  if (why !== undefined) return err(why)
  const fallback = await standingFallback(admitted, counters, waitUntil)
  return ok({ ...payment, admitted: { ...admitted, ...read.value, fallback } })
}

async function payBounded(key: string | undefined, payment: Payable): Promise<Result<ReservedRequest, Refusal>> {
  const { admitted } = payment
  const { meter } = admitted.route
  const idempotency = key === undefined ? undefined : await keyedBy(key, admitted)
  const clientRetry = idempotency === undefined ? await clientRetryOf(admitted) : undefined
  const ready = { ...payment, ...(idempotency && { idempotency }), ...(clientRetry && { clientRetry }) }
  const bounded = meter === undefined ? ok(ready) : await boundPayment(meter, ready)
  return bounded.ok ? pay(bounded.value) : bounded
}

/** Keeps the content in memory until the origin has answered. */
function holdingContent(reservation: Reservation, room: BodyRoom): Reservation {
  const { forfeit } = reservation
  return {
    ...reservation,
    release() {
      room.close()
      reservation.release()
    },
    ...(forfeit && {
      forfeit(used) {
        room.close()
        forfeit(used)
      },
    }),
    commit(response, used) {
      room.close()
      return reservation.commit(response, used)
    },
  }
}

/**
 * Returns the refusal that a charge would get now; undefined if it would succeed. Charges nothing. Only the charge itself
 * can tell if a key has paid already.
 */
async function dryRunPayment(field: string | undefined, payment: Payable): Promise<Refusal | undefined> {
  const { admitted, cost } = payment
  if (cost === undefined) return undefined
  const idempotency = field === undefined ? {} : { idempotency: { key: await digestOf(field), digest: '' } }
  const why = await dryRunCharge({ ...payment, cost, ...idempotency })
  if (why === undefined || admitted.fallback === undefined) return why
  const { fallback } = admitted
  const byFallback = { ...payment, cost: fallback.cost, admitted: { ...admitted, proof: fallback.proof } }
  return (await dryRunCharge({ ...byFallback, ...idempotency })) === undefined ? undefined : why
}

async function dryRunCharge(payment: Payable & { readonly cost: Cost }): Promise<Refusal | undefined> {
  const { ledgers, clock, cost, admitted } = payment
  const idempotency = cost.from === 'payment' ? UNREAD_PAYMENT : payment.idempotency
  if (ledgers === undefined) return UNAVAILABLE
  const ledger = openLedger(ledgers, admitted.zone, cost)
  const command = { ...commandOf(cost, admitted, clock()), ...(idempotency && { idempotency }) }
  const answered = await withTimeout(
    ledger.dryRun(command).catch((): Awaited<ReturnType<Ledger['dryRun']>> => err('ledger-unavailable')),
    LEDGER_MS,
  )
  if (answered === undefined || !answered.ok) return UNAVAILABLE
  // What others hold may have come back by the time that the content is read.
  if (answered.value === undefined || answered.value.check === 'reserved') return undefined
  // A payment's answer may be kept, if this is the same request: its content tells.
  if (cost.from === 'payment' && answered.value.delivered !== undefined) return undefined
  const settler = cost.from === 'payment' ? settlerOf(cost, payment) : undefined
  // What a meter will ask for is not known before its request is read.
  const needed = admitted.route.meter === undefined ? command : undefined
  return withOutcome(refusedBy(answered.value, admitted.exchange.now, needed), answered.value, settler)
}

/** Stands for the key of a payment whose content has not been read. */
const UNREAD_PAYMENT: Idempotency = { key: 'payment', digest: '' }

/** Returns the receipt or payment beside the token, if it still stands. */
async function standingFallback(
  { fallback, ...admitted }: AdmittedRequest,
  counters: Counters,
  waitUntil: WaitUntil,
): Promise<AdmittedRequest['fallback']> {
  if (fallback === undefined) return undefined
  const why = await recheck({ ...admitted, proof: fallback.proof }, admitted.zone, counters, waitUntil)
  return why === undefined ? fallback : undefined
}

function isFree(method: string): boolean {
  return method === 'HEAD' || method === 'OPTIONS'
}
