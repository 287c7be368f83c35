import { cachePartitionOf } from '../cache/rules/key.ts'
import type { Cost } from '../access/cost.ts'
import { after, type Eventually } from '../core/eventually.ts'
import type { ChargeCommand, Charged, ChargeRefused, Idempotency } from './rules/commands.ts'
import { isOnlyRated } from './rules/rates.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock, Ledger, Ledgers, AdmittedRequest, RateLimiter, WaitUntil } from '../ports.ts'
import { type RecheckServices, recheck } from '../standing/recheck.ts'
import type { MakeRoom, BodyRoom } from '../http/body.ts'
import { commandOf } from './command.ts'
import { openedOften } from './confirm.ts'
import { type Reservation, reservationOf, orAnew, ratedReservation, sameAgain, sendAmendment } from './reservation.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import { digestOf, fromStoreOnly, KEYED_CONTENT, idempotencyKeyOf, readKeyed } from './idempotency.ts'
import { askRates } from './rates.ts'
import { type Holder, ledgerName } from './rules/name.ts'
import { contentOf } from '../http/content.ts'
import { UNKNOWN_KEY, refusedBy } from './refused.ts'

/** A request that may be answered, as it is to be asked for, and what it was charged. */
export interface ReservedRequest {
  readonly admitted: AdmittedRequest
  /** Undefined where nothing is charged. */
  readonly reservation: Reservation | undefined
}

/** Who counts: ledgers to the unit, the platform's rate limits about. */
interface Counters extends RecheckServices {
  readonly ledgers: Ledgers | undefined
  readonly rates: RateLimiter | undefined
  readonly makeRoom: MakeRoom
}

const UNAVAILABLE = refusal('ledger-unavailable', 'What this would use cannot be recorded now. Nothing was charged.')

/**
 * Charges what a decision demands, all of it or nothing, before any content is asked for. Where nothing is demanded, that
 * costs no call. The platform's rate limits are asked before, and who is refused by them is not charged. Content that has to
 * be read first may take its client hours, in which a token ends or is revoked: then it is decided on again. Errors: those of that;
 * `too-many-requests`, `usage-limit-reached`, `payment-declined`, `credit-insufficient`, `payment-spent`, `credential-expired`,
 * `idempotency-conflict`, those of content that has to be read; `ledger-unavailable`, where it is not known, and what may have been charged
 * is taken back.
 */
export function reserveRequest(
  cost: Cost | undefined,
  admitted: AdmittedRequest,
  counters: Counters,
  waitUntil: WaitUntil,
): Eventually<Result<ReservedRequest, Refusal>> {
  return after(limit(admitted, counters.rates), (limited) =>
    limited === undefined ? chargeDemand(cost, admitted, counters, waitUntil) : err(limited),
  )
}

/** The refusal of the platform's rate limits, where the route has some: asked under the name of who pays, and the route. */
function limit(
  { zone, route: { terms }, proof }: AdmittedRequest,
  rates: RateLimiter | undefined,
): Eventually<Refusal | undefined> {
  if (proof === undefined || terms.kind !== 'paid' || terms.rates === undefined) return undefined
  const { bound, scope } = terms.rates
  if (bound.length === 0) return undefined
  const holder: Holder = proof.kind === 'receipt' ? { from: 'receipt', ...proof } : { from: 'account', ...proof }
  return askRates(bound, `${ledgerName(zone, holder)} ${scope}`, rates)
}

function chargeDemand(
  cost: Cost | undefined,
  admitted: AdmittedRequest,
  counters: Counters,
  waitUntil: WaitUntil,
): Eventually<Result<ReservedRequest, Refusal>> {
  const { ledgers, clock } = counters
  if (cost === undefined) return ok({ admitted, reservation: undefined })
  if (ledgers === undefined) return err(UNAVAILABLE)
  const payment: Payment = { cost, admitted, ledgers, clock, waitUntil }
  // What costs nothing needs no key to be repeated; what was confirmed once is charged once, whatever keys come with it.
  const isKeyless = isFree(admitted.exchange.method) || isConfirmed(cost)
  const key = isKeyless ? undefined : idempotencyKeyOf(admitted)
  return key === undefined ? pay(payment) : payKeyed(key, payment, counters)
}

/** Content is read for those alone who could be charged now, and they are charged once it is there. */
async function payKeyed(key: string, payment: Payment, counters: Counters): Promise<Result<ReservedRequest, Refusal>> {
  const { admitted, waitUntil } = payment
  const hasContent = contentOf(admitted.request) !== null
  const unfit = hasContent ? await foresee(key, payment) : undefined
  if (unfit !== undefined) return err(unfit)
  const room = counters.makeRoom(KEYED_CONTENT)
  const paid = await readAndPay()
  if (paid.ok && hasContent)
    return ok({ ...paid.value, reservation: paid.value.reservation && closing(paid.value.reservation, room) })
  room.close()
  return paid

  async function readAndPay(): Promise<Result<ReservedRequest, Refusal>> {
    const read = await readKeyed(key, admitted, room)
    if (!read.ok) return read
    room.keep(admitted.route.limits.responseMs + 2 * LEDGER_MS)
    const why = await recheck(admitted, admitted.zone, counters, waitUntil)
    if (why !== undefined) return err(why)
    const { idempotency, request } = read.value
    const fallback = await standingFallback(admitted, counters, waitUntil)
    return pay({ ...payment, admitted: { ...admitted, request, fallback }, idempotency })
  }
}

/** What was read is in memory until the origin has answered. */
function closing(reservation: Reservation, room: BodyRoom): Reservation {
  return {
    charged: () => reservation.charged(),
    release() {
      room.close()
      reservation.release()
    },
    commit(response) {
      room.close()
      return reservation.commit(response)
    },
  }
}

/** Why nothing of this could be charged now. Nothing is: what a key has paid for already is told by the charge alone. */
async function foresee(field: string, payment: Payment): Promise<Refusal | undefined> {
  const { admitted } = payment
  const idempotency = { key: await digestOf(field), digest: '' }
  const why = await look({ ...payment, idempotency })
  if (why === undefined || admitted.fallback === undefined) return why
  const { fallback } = admitted
  const instead = { ...payment, cost: fallback.cost, admitted: { ...admitted, proof: fallback.proof } }
  return (await look({ ...instead, idempotency })) === undefined ? undefined : why
}

async function look({ ledgers, clock, cost, admitted, idempotency }: Payment): Promise<Refusal | undefined> {
  const ledger = ledgers(ledgerName(admitted.zone, cost))
  const command = { ...commandOf(cost, admitted, clock()), ...(idempotency && { idempotency }) }
  const answered = await withTimeout(
    ledger.dryRun(command).catch((): Awaited<ReturnType<Ledger['dryRun']>> => err('ledger-unavailable')),
    LEDGER_MS,
  )
  if (answered === undefined || !answered.ok) return UNAVAILABLE
  return answered.value === undefined ? undefined : refusedBy(answered.value)
}

/** The receipt that pays where the plan is used up, if it still stands. */
async function standingFallback(
  { fallback, ...admitted }: AdmittedRequest,
  counters: Counters,
  waitUntil: WaitUntil,
): Promise<AdmittedRequest['fallback']> {
  if (fallback === undefined) return undefined
  const why = await recheck({ ...admitted, proof: fallback.proof }, admitted.zone, counters, waitUntil)
  return why === undefined ? fallback : undefined
}

interface Payment {
  readonly cost: Cost
  readonly admitted: AdmittedRequest
  readonly ledgers: Ledgers
  readonly clock: Clock
  readonly waitUntil: WaitUntil
  readonly idempotency?: Idempotency
}

/**
 * Where the plan is used up, what was sent to pay with is taken instead; and what it has paid for under a key, the plan does
 * not pay again.
 */
async function pay(payment: Payment): Promise<Result<ReservedRequest, Refusal>> {
  const { fallback, exchange, route } = payment.admitted
  if (fallback === undefined) return payWith(payment)
  const { proof, cost } = fallback
  const admitted = {
    ...payment.admitted,
    proof,
    fallback: undefined,
    partition: cachePartitionOf(exchange, route, proof),
  }
  const instead: Payment = { ...payment, cost, admitted }
  if (payment.idempotency !== undefined) {
    const again = await payWith({ ...instead, idempotency: { ...payment.idempotency, isKnown: true } })
    if (again.ok || again.error !== UNKNOWN_KEY) return again
  }
  const charged = await payWith(payment)
  return charged.ok || charged.error.reason !== 'usage-limit-reached' ? charged : payWith(instead)
}

function payWith({
  cost,
  admitted,
  ledgers,
  clock,
  waitUntil,
  idempotency,
}: Payment): Promise<Result<ReservedRequest, Refusal>> {
  const ledger = ledgers(ledgerName(admitted.zone, cost))
  const command = { ...commandOf(cost, admitted, clock()), ...(idempotency && { idempotency }) }
  return chargeWith({ ledger, command, admitted, waitUntil })
}

interface PendingCharge {
  readonly ledger: Ledger
  readonly command: ChargeCommand
  readonly admitted: AdmittedRequest
  readonly waitUntil: WaitUntil
}

async function chargeWith(order: PendingCharge): Promise<Result<ReservedRequest, Refusal>> {
  const { ledger, command, admitted, waitUntil } = order
  const asked = ledger.charge(command).catch((): Awaited<ReturnType<Ledger['charge']>> => err('ledger-unavailable'))
  const answered = await withTimeout(asked, LEDGER_MS)
  if (answered === undefined || !answered.ok) {
    if (!isOnlyRated(command)) waitUntil(takeBack(ledger, command, asked))
    return err(UNAVAILABLE)
  }
  const outcome = answered.value
  if (outcome.kind === 'refused' && command.confirmation !== undefined && outcome.conflict !== undefined)
    return err(openedOften(admitted.exchange, command.confirmation))
  if (outcome.kind === 'refused') return refusedOrRepeated(outcome, admitted)
  if (isOnlyRated(command)) return ok({ admitted, reservation: ratedReservation(outcome) })
  const isKeyed = command.idempotency !== undefined
  const open = { ...outcome, method: admitted.exchange.method, isKeyed }
  const reservation = reservationOf(ledger, open, waitUntil, admitted.request.signal)
  const isPart = outcome.isRepeat && !isKeyed && (command.confirmation === undefined || isFurther(command, outcome))
  const endsMs = outcome.receipt?.passUntil
  const bounded = endsMs === undefined ? admitted : { ...admitted, endsMs }
  const { representation } = outcome
  const anew = (ofPart: string | undefined) => chargeAnew(order, ofPart)
  return ok({ admitted: bounded, reservation: isPart ? orAnew(reservation, representation, anew) : reservation })
}

/** Of what was confirmed and opened: what it is known to be part of is what the answer must be part of. */
function isFurther({ isPart, representation }: ChargeCommand, outcome: Charged): boolean {
  return isPart === true && representation === undefined && outcome.representation !== undefined
}

async function chargeAnew(
  { command, ...order }: PendingCharge,
  ofPart: string | undefined,
): Promise<Result<Reservation, Refusal>> {
  // It took its place under the rates when it came.
  const { rates: _rates, ...whole } = command
  const part = ofPart === undefined ? { isPart: false } : { representation: ofPart }
  const charged = await chargeWith({ ...order, command: { ...whole, ...part, id: crypto.randomUUID() } })
  if (!charged.ok) return charged
  return charged.value.reservation === undefined ? err(UNAVAILABLE) : ok(charged.value.reservation)
}

/** What was delivered before may be had again, where it is stored and still the same. */
function refusedOrRepeated(outcome: ChargeRefused, admitted: AdmittedRequest): Result<ReservedRequest, Refusal> {
  const why = refusedBy(outcome)
  if (outcome.representation === undefined || admitted.partition.name === undefined) return err(why)
  return ok({ admitted: fromStoreOnly(admitted), reservation: sameAgain(outcome.representation, outcome, why) })
}

/** Who was refused has not paid, though the ledger should hear of it late: a part may have joined another's charge. */
async function takeBack(ledger: Ledger, { id }: ChargeCommand, asked: ReturnType<Ledger['charge']>): Promise<void> {
  const late = await asked
  const { charge, request } = late.ok && late.value.kind === 'charged' ? late.value : { charge: id, request: id }
  await sendAmendment(ledger, { charge, request, delivery: 'none' })
}

function isConfirmed(cost: Cost): boolean {
  return cost.from === 'account' && cost.confirmation !== undefined
}

function isFree(method: string): boolean {
  return method === 'HEAD' || method === 'OPTIONS'
}
