import type { Demand } from '../core/demand.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { windowSecondsOf } from '../core/limit.ts'
import type { ChargeCommand, Charged, ChargeRefused, Delivery, LimitStatus } from '../core/ledger/commands.ts'
import { isOnlyRated } from '../core/ledger/rates.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { type LimitStanding, rateLimitFields } from '../core/ratelimit.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../core/zone.ts'
import type { Ledger, Ledgers, Passage, RateLimiter, WaitUntil } from '../ports.ts'
import { inTime } from './intime.ts'
import { askRates, TOO_MANY } from './rates.ts'
import { passThrough, raw } from './raw.ts'

/** What a request was charged, still to be settled. */
export interface Fare {
  /** Nothing was delivered, and it costs nothing. */
  drop(): void
  /**
   * The response as its client gets it. It is settled when all of it has left, or no more of it will. Errors: those of
   * `charge`, where what passed for a further part turns out to be a whole answer, and has to be charged as one.
   */
  deliver(response: Response): Eventually<Result<Response, Refusal>>
}

/** Who counts: ledgers to the unit, the platform's rate limits about. */
interface Counters {
  readonly ledgers: Ledgers | undefined
  readonly rates: RateLimiter | undefined
}

/** How long a ledger may take. What it does later is taken back. */
const LEDGER_MS = 3000

const UNAVAILABLE = refusal('ledger-unavailable', 'What this would use cannot be recorded now. Nothing was charged.')
const NO_FARE = ok(undefined)

/**
 * Charges what a decision demands, all of it or nothing, before any content is asked for. Undefined where nothing is
 * demanded, which costs no call. The platform's rate limits are asked before, and who is refused by them is not charged.
 * Errors: `usage-limit-reached`, `payment-declined`, `payment-spent`, `credential-expired`, `too-many-requests`;
 * `ledger-unavailable`, where it is not known, and what may have been charged is taken back.
 */
export function charge(
  demand: Demand | undefined,
  passage: Passage,
  { ledgers, rates }: Counters,
  waitUntil: WaitUntil,
): Eventually<Result<Fare | undefined, Refusal>> {
  return after(limit(passage, rates), (limited) =>
    limited === undefined ? chargeDemand(demand, passage, ledgers, waitUntil) : err(limited),
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
  ledgers: Ledgers | undefined,
  waitUntil: WaitUntil,
): Eventually<Result<Fare | undefined, Refusal>> {
  if (demand === undefined) return NO_FARE
  if (ledgers === undefined) return err(UNAVAILABLE)
  return chargeWith(ledgers(ledgerName(passage.zone, demand)), commandOf(demand, passage), passage, waitUntil)
}

type Holder =
  | { readonly from: 'account'; readonly issuer: string; readonly account: string }
  | { readonly from: 'receipt'; readonly issuer: string; readonly jti: string }

/** The name of a ledger. An account is one site's; a receipt is spent wherever it is presented. */
export function ledgerName(zone: Zone, demand: Holder): string {
  return demand.from === 'account'
    ? `account ${JSON.stringify([zone.name, demand.issuer, demand.account])}`
    : `receipt ${JSON.stringify([demand.issuer, demand.jti])}`
}

function commandOf(demand: Demand, { exchange, route, zone, share }: Passage): ChargeCommand {
  const { id, method, target, fields, now } = exchange
  const isPart = method === 'GET' && fields.get('range') !== null
  const facts = { zone: zone.name, route: route.path, method }
  return {
    id,
    settleByMs: now + route.limits.responseMs + route.limits.maxSessionMs,
    ...(demand.rates === undefined ? {} : { rates: demand.rates }),
    ...(isPart ? { continuation: `${target.path}${share.query}` } : {}),
    ...(demand.from === 'account'
      ? {
          counts: demand.counts,
          limits: demand.limits,
          ...(demand.price === undefined ? {} : { price: demand.price }),
          facts: { ...facts, issuer: demand.issuer, account: demand.account },
        }
      : {
          counts: [],
          limits: [],
          receipt: demand.receipt,
          expires: demand.expires,
          facts: { ...facts, issuer: demand.issuer, receipt: demand.jti },
        }),
  }
}

async function chargeWith(
  ledger: Ledger,
  command: ChargeCommand,
  passage: Passage,
  waitUntil: WaitUntil,
): Promise<Result<Fare, Refusal>> {
  const { exchange } = passage
  const asked = ledger.charge(command).catch((): Awaited<ReturnType<Ledger['charge']>> => err('ledger-unavailable'))
  const answered = await inTime(asked, LEDGER_MS)
  if (answered === undefined || !answered.ok) {
    if (!isOnlyRated(command)) waitUntil(takeBack(ledger, command, asked))
    return err(UNAVAILABLE)
  }
  if (answered.value.kind === 'refused') return err(refused(answered.value))
  if (isOnlyRated(command)) return ok(ratedFare(answered.value))
  const fare = fareOf(ledger, answered.value, exchange.method, waitUntil)
  return ok(answered.value.isRepeat ? orAnew(fare, ledger, command, passage, waitUntil) : fare)
}

/** Who was refused has not paid, though the ledger should hear of it late. */
async function takeBack(ledger: Ledger, command: ChargeCommand, asked: Promise<unknown>): Promise<void> {
  await asked
  await settle(ledger, { charge: command.id, request: command.id }, 'none')
}

/** Tried twice. A charge that no one settles is closed by the ledger itself, and marked. */
async function settle(ledger: Ledger, charged: Pick<Charged, 'charge' | 'request'>, delivery: Delivery): Promise<void> {
  const { charge: id, request } = charged
  for (let tries = 0; tries < 2; tries++) {
    const done = await ledger.amend({ charge: id, request, delivery }).catch(() => undefined)
    if (done?.ok === true) return
  }
}

const REFUSALS: Record<ChargeRefused['reason'], { reason: Refusal['reason']; detail: string }> = {
  'usage-limit-reached': { reason: 'usage-limit-reached', detail: 'A limit of the plan is used up.' },
  'payment-declined': { reason: 'payment-declined', detail: 'The prepaid credit of this account is too low for this.' },
  'payment-spent': { reason: 'payment-spent', detail: 'The receipt has been used as often as it was paid for.' },
  'credential-expired': { reason: 'credential-expired', detail: 'The receipt has expired.' },
  'too-many-requests': { reason: 'too-many-requests', detail: TOO_MANY },
  'idempotency-conflict': { reason: 'ledger-unavailable', detail: 'Another request has the same id.' },
}

function refused({ reason, retryAfterSeconds, limits, rates }: ChargeRefused): Refusal {
  const { reason: told, detail } = REFUSALS[reason]
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  return refusal(told, detail, { check: 'charge', ...retry, fields: limitFields(limits, rates) })
}

function limitFields(
  limits: readonly LimitStatus[],
  rates: readonly LimitStatus[] = [],
): readonly (readonly [string, string])[] {
  const fields = rateLimitFields([
    ...limits.map(standingOf),
    // A rate's own name is the ledger's affair.
    ...rates.map(standingOf).map((rate) => ({ ...rate, name: `rate-${rate.windowSeconds}` })),
  ])
  if (fields === undefined) return []
  return [
    ['RateLimit-Policy', fields.policy],
    ['RateLimit', fields.limit],
  ]
}

function standingOf({ limit, remaining, resetSeconds }: LimitStatus): LimitStanding {
  const { name, quota, unit, window } = limit
  return { name, quota, unit, windowSeconds: windowSecondsOf(window), remaining, resetSeconds }
}

function fareOf(ledger: Ledger, charged: Charged, method: string, waitUntil: WaitUntil): Fare {
  const end = (delivery: Delivery): Promise<void> => settle(ledger, charged, delivery)
  return {
    drop: () => waitUntil(end('none')),
    deliver(response) {
      if (response.status === 101) {
        waitUntil(headLeft().then(() => end('complete')))
        return ok(response)
      }
      writeLimits(response, charged)
      if (response.ok && method !== 'HEAD' && method !== 'OPTIONS') return ok(watched(response, end, waitUntil))
      waitUntil(end('none'))
      return ok(response)
    },
  }
}

/** What took a place under a rate and nothing else is not settled: the place stays taken. */
function ratedFare(charged: Charged): Fare {
  return {
    drop: () => undefined,
    deliver(response) {
      if (response.status !== 101) writeLimits(response, charged)
      return ok(response)
    },
  }
}

function writeLimits({ headers }: Response, { limits, rates }: Charged): void {
  for (const [name, value] of limitFields(limits, rates)) headers.set(name, value)
}

/** Only a part goes on with the charge of another: whoever asks for parts and is given all of it anew pays anew. */
function orAnew(fare: Fare, ledger: Ledger, command: ChargeCommand, passage: Passage, waitUntil: WaitUntil): Fare {
  return {
    drop: () => fare.drop(),
    async deliver(response) {
      if (!response.ok || response.status === 206) return fare.deliver(response)
      fare.drop()
      // It took its place under the rates when it came.
      const { continuation: _part, rates: _rates, ...whole } = command
      const anew = await chargeWith(ledger, { ...whole, id: crypto.randomUUID() }, passage, waitUntil)
      if (anew.ok) return anew.value.deliver(response)
      response.body?.cancel().catch(() => undefined)
      return anew
    },
  }
}

/** A moment, in which the head leaves: nobody tells when, and killed before that, the gate has not said that it delivered. */
function headLeft(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1)
  })
}

/** The same response. Where it has no content, all of it has left with its head. */
function watched(response: Response, end: (delivery: Delivery) => Promise<void>, waitUntil: WaitUntil): Response {
  if (response.body === null) {
    waitUntil(headLeft().then(() => end('complete')))
    return response
  }
  const length = response.headers.get('content-length')
  const { readable, writable } = passThrough(length === null ? undefined : Number(length))
  const left = response.body.pipeTo(writable).then(
    () => end('complete'),
    () => end('broken'),
  )
  waitUntil(left)
  return raw(readable, response)
}
