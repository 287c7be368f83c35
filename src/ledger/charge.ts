import { shareOf } from '../cache/rules/key.ts'
import type { Demand } from '../access/cost.ts'
import { after, type Eventually } from '../core/eventually.ts'
import type { ChargeCommand, Charged, ChargeRefused, Conflict, Idempotency } from './rules/commands.ts'
import { isOnlyRated } from './rules/rates.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock, Ledger, Ledgers, Passage, RateLimiter, WaitUntil } from '../ports.ts'
import { type Again, refusedNow } from '../standing/recheck.ts'
import type { MakeRoom, Room } from '../http/body.ts'
import { commandOf } from './command.ts'
import { openedOften } from './confirm.ts'
import { type Fare, fareOf, limitFields, orAnew, ratedFare, sameAgain, settle } from './reservation.ts'
import { inTime, LEDGER_MS } from '../http/timeout.ts'
import { digestOf, fromStoreOnly, KEYED_CONTENT, keyOf, readKeyed } from './idempotency.ts'
import { askRates, TOO_MANY } from './rates.ts'
import { type Holder, ledgerName } from './rules/name.ts'
import { contentOf } from '../http/content.ts'

/** A request that may be answered, as it is to be asked for, and what it was charged. */
export interface Admitted {
  readonly passage: Passage
  /** Undefined where nothing is charged. */
  readonly fare: Fare | undefined
}

/** Who counts: ledgers to the unit, the platform's rate limits about. */
interface Counters extends Again {
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
export function charge(
  demand: Demand | undefined,
  passage: Passage,
  counters: Counters,
  waitUntil: WaitUntil,
): Eventually<Result<Admitted, Refusal>> {
  return after(limit(passage, counters.rates), (limited) =>
    limited === undefined ? chargeDemand(demand, passage, counters, waitUntil) : err(limited),
  )
}

/** The refusal of the platform's rate limits, where the route has some: asked under the name of who pays, and the route. */
function limit(
  { zone, route: { terms }, proof }: Passage,
  rates: RateLimiter | undefined,
): Eventually<Refusal | undefined> {
  if (proof === undefined || terms.kind !== 'paid' || terms.rates === undefined) return undefined
  const { bound, scope } = terms.rates
  if (bound.length === 0) return undefined
  const holder: Holder = proof.kind === 'receipt' ? { from: 'receipt', ...proof } : { from: 'account', ...proof }
  return askRates(bound, `${ledgerName(zone, holder)} ${scope}`, rates)
}

function chargeDemand(
  demand: Demand | undefined,
  passage: Passage,
  counters: Counters,
  waitUntil: WaitUntil,
): Eventually<Result<Admitted, Refusal>> {
  const { ledgers, clock } = counters
  if (demand === undefined) return ok({ passage, fare: undefined })
  if (ledgers === undefined) return err(UNAVAILABLE)
  const payment: Payment = { demand, passage, ledgers, clock, waitUntil }
  // What costs nothing needs no key to be repeated; what was confirmed once is charged once, whatever keys come with it.
  const isKeyless = isFree(passage.exchange.method) || isConfirmed(demand)
  const key = isKeyless ? undefined : keyOf(passage)
  return key === undefined ? pay(payment) : payKeyed(key, payment, counters)
}

/** Content is read for those alone who could be charged now, and they are charged once it is there. */
async function payKeyed(key: string, payment: Payment, counters: Counters): Promise<Result<Admitted, Refusal>> {
  const { passage, waitUntil } = payment
  const hasContent = contentOf(passage.request) !== null
  const unfit = hasContent ? await foresee(key, payment) : undefined
  if (unfit !== undefined) return err(unfit)
  const room = counters.makeRoom(KEYED_CONTENT)
  const paid = await readAndPay()
  if (paid.ok && hasContent) return ok({ ...paid.value, fare: paid.value.fare && closing(paid.value.fare, room) })
  room.close()
  return paid

  async function readAndPay(): Promise<Result<Admitted, Refusal>> {
    const read = await readKeyed(key, passage, room)
    if (!read.ok) return read
    room.keep(passage.route.limits.responseMs + 2 * LEDGER_MS)
    const why = await refusedNow(passage, passage.zone, counters, waitUntil)
    if (why !== undefined) return err(why)
    const { idempotency, request } = read.value
    const otherwise = await stillOtherwise(passage, counters, waitUntil)
    return pay({ ...payment, passage: { ...passage, request, otherwise }, idempotency })
  }
}

/** What was read is in memory until the origin has answered. */
function closing(fare: Fare, room: Room): Fare {
  return {
    charged: () => fare.charged(),
    drop() {
      room.close()
      fare.drop()
    },
    deliver(response) {
      room.close()
      return fare.deliver(response)
    },
  }
}

/** Why nothing of this could be charged now. Nothing is: what a key has paid for already is told by the charge alone. */
async function foresee(field: string, payment: Payment): Promise<Refusal | undefined> {
  const { passage } = payment
  const idempotency = { key: await digestOf(field), digest: '' }
  const why = await look({ ...payment, idempotency })
  if (why === undefined || passage.otherwise === undefined) return why
  const { otherwise } = passage
  const instead = { ...payment, demand: otherwise.demand, passage: { ...passage, proof: otherwise.proof } }
  return (await look({ ...instead, idempotency })) === undefined ? undefined : why
}

async function look({ ledgers, clock, demand, passage, idempotency }: Payment): Promise<Refusal | undefined> {
  const ledger = ledgers(ledgerName(passage.zone, demand))
  const command = { ...commandOf(demand, passage, clock()), ...(idempotency && { idempotency }) }
  const answered = await inTime(
    ledger.look(command).catch((): Awaited<ReturnType<Ledger['look']>> => err('ledger-unavailable')),
    LEDGER_MS,
  )
  if (answered === undefined || !answered.ok) return UNAVAILABLE
  return answered.value === undefined ? undefined : refused(answered.value)
}

/** The receipt that pays where the plan is used up, if it still stands. */
async function stillOtherwise(
  { otherwise, ...passage }: Passage,
  counters: Counters,
  waitUntil: WaitUntil,
): Promise<Passage['otherwise']> {
  if (otherwise === undefined) return undefined
  const why = await refusedNow({ ...passage, proof: otherwise.proof }, passage.zone, counters, waitUntil)
  return why === undefined ? otherwise : undefined
}

interface Payment {
  readonly demand: Demand
  readonly passage: Passage
  readonly ledgers: Ledgers
  readonly clock: Clock
  readonly waitUntil: WaitUntil
  readonly idempotency?: Idempotency
}

/**
 * Where the plan is used up, what was sent to pay with is taken instead; and what it has paid for under a key, the plan does
 * not pay again.
 */
async function pay(payment: Payment): Promise<Result<Admitted, Refusal>> {
  const { otherwise, exchange, route } = payment.passage
  if (otherwise === undefined) return payWith(payment)
  const { proof, demand } = otherwise
  const passage = { ...payment.passage, proof, otherwise: undefined, share: shareOf(exchange, route, proof) }
  const instead: Payment = { ...payment, demand, passage }
  if (payment.idempotency !== undefined) {
    const again = await payWith({ ...instead, idempotency: { ...payment.idempotency, isKnown: true } })
    if (again.ok || again.error !== UNKNOWN_KEY) return again
  }
  const charged = await payWith(payment)
  return charged.ok || charged.error.reason !== 'usage-limit-reached' ? charged : payWith(instead)
}

function payWith({
  demand,
  passage,
  ledgers,
  clock,
  waitUntil,
  idempotency,
}: Payment): Promise<Result<Admitted, Refusal>> {
  const ledger = ledgers(ledgerName(passage.zone, demand))
  const command = { ...commandOf(demand, passage, clock()), ...(idempotency && { idempotency }) }
  return chargeWith({ ledger, command, passage, waitUntil })
}

interface Order {
  readonly ledger: Ledger
  readonly command: ChargeCommand
  readonly passage: Passage
  readonly waitUntil: WaitUntil
}

async function chargeWith(order: Order): Promise<Result<Admitted, Refusal>> {
  const { ledger, command, passage, waitUntil } = order
  const asked = ledger.charge(command).catch((): Awaited<ReturnType<Ledger['charge']>> => err('ledger-unavailable'))
  const answered = await inTime(asked, LEDGER_MS)
  if (answered === undefined || !answered.ok) {
    if (!isOnlyRated(command)) waitUntil(takeBack(ledger, command, asked))
    return err(UNAVAILABLE)
  }
  const outcome = answered.value
  if (outcome.kind === 'refused' && command.confirmation !== undefined && outcome.conflict !== undefined)
    return err(openedOften(passage.exchange, command.confirmation))
  if (outcome.kind === 'refused') return refusedOrRepeated(outcome, passage)
  if (isOnlyRated(command)) return ok({ passage, fare: ratedFare(outcome) })
  const isKeyed = command.idempotency !== undefined
  const open = { ...outcome, method: passage.exchange.method, isKeyed }
  const fare = fareOf(ledger, open, waitUntil, passage.request.signal)
  const isPart = outcome.isRepeat && !isKeyed && (command.confirmation === undefined || isFurther(command, outcome))
  const endsMs = outcome.receipt?.passUntil
  const bounded = endsMs === undefined ? passage : { ...passage, endsMs }
  const { representation } = outcome
  const anew = (ofPart: string | undefined) => chargeAnew(order, ofPart)
  return ok({ passage: bounded, fare: isPart ? orAnew(fare, representation, anew) : fare })
}

/** Of what was confirmed and opened: what it is known to be part of is what the answer must be part of. */
function isFurther({ isPart, representation }: ChargeCommand, outcome: Charged): boolean {
  return isPart === true && representation === undefined && outcome.representation !== undefined
}

async function chargeAnew({ command, ...order }: Order, ofPart: string | undefined): Promise<Result<Fare, Refusal>> {
  // It took its place under the rates when it came.
  const { rates: _rates, ...whole } = command
  const part = ofPart === undefined ? { isPart: false } : { representation: ofPart }
  const charged = await chargeWith({ ...order, command: { ...whole, ...part, id: crypto.randomUUID() } })
  if (!charged.ok) return charged
  return charged.value.fare === undefined ? err(UNAVAILABLE) : ok(charged.value.fare)
}

/** What was delivered before may be had again, where it is stored and still the same. */
function refusedOrRepeated(outcome: ChargeRefused, passage: Passage): Result<Admitted, Refusal> {
  const why = refused(outcome)
  if (outcome.representation === undefined || passage.share.partition === undefined) return err(why)
  return ok({ passage: fromStoreOnly(passage), fare: sameAgain(outcome.representation, outcome, why) })
}

/** Who was refused has not paid, though the ledger should hear of it late: a part may have joined another's charge. */
async function takeBack(ledger: Ledger, { id }: ChargeCommand, asked: ReturnType<Ledger['charge']>): Promise<void> {
  const late = await asked
  const { charge, request } = late.ok && late.value.kind === 'charged' ? late.value : { charge: id, request: id }
  await settle(ledger, { charge, request, delivery: 'none' })
}

const REFUSALS: Record<ChargeRefused['reason'], { reason: Refusal['reason']; detail: string }> = {
  'usage-limit-reached': { reason: 'usage-limit-reached', detail: 'A limit of the plan is used up.' },
  'payment-declined': { reason: 'payment-declined', detail: 'The last payment of this account was declined.' },
  'credit-insufficient': {
    reason: 'credit-insufficient',
    detail: 'The prepaid credit of this account is too low for this.',
  },
  'payment-spent': { reason: 'payment-spent', detail: 'The receipt has been used as often as it was paid for.' },
  'credential-expired': { reason: 'credential-expired', detail: 'The receipt has expired.' },
  'too-many-requests': { reason: 'too-many-requests', detail: TOO_MANY },
  'idempotency-conflict': { reason: 'ledger-unavailable', detail: 'Another request has the same id.' },
  'subscription-inactive': { reason: 'subscription-inactive', detail: 'The subscription or the token has ended.' },
  'security-hold': { reason: 'security-hold', detail: 'This account is held for review. Support can lift the hold.' },
  'entitlement-insufficient': {
    reason: 'entitlement-insufficient',
    detail: 'The plan does not include this any more.',
  },
}

/** Nobody is told: whoever asked goes on as if there were no receipt. */
const UNKNOWN_KEY = refusal('idempotency-conflict', 'Nothing was charged under this "Idempotency-Key".')

const CONFLICTS: Record<Exclude<Conflict, 'unknown'>, string> = {
  'in-flight': 'A request with this "Idempotency-Key" is still being answered.',
  'other-request': 'This "Idempotency-Key" was used for another request: another method, target or content.',
  delivered: 'What this "Idempotency-Key" stands for was delivered, and is not stored here.',
  'too-many-tries': 'The request with this "Idempotency-Key" was tried three times.',
}

function refused({ reason, check: failed, conflict, retryAfterSeconds, limits, rates }: ChargeRefused): Refusal {
  const check = failed ?? 'charge'
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  const fields = limitFields({ limits, rates })
  if (conflict === 'unknown') return UNKNOWN_KEY
  if (conflict !== undefined)
    return refusal('idempotency-conflict', CONFLICTS[conflict], { check: 'charge', ...retry, fields })
  const { reason: told, detail } = REFUSALS[reason]
  return refusal(told, detail, { check, ...retry, fields })
}

function isConfirmed(demand: Demand): boolean {
  return demand.from === 'account' && demand.confirmation !== undefined
}

function isFree(method: string): boolean {
  return method === 'HEAD' || method === 'OPTIONS'
}
