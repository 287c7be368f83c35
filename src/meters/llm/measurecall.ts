import type { Attempt, MeasureOptions, Metered } from '../../access/meter.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { passthrough } from '../../http/passthrough.ts'
import type { Clock } from '../../ports.ts'
import { describeRefusal } from '../../refusals/describe.ts'
import { judgeFault } from './accountfault.ts'
import { type AnswerPlan, measureAnswer } from './answer.ts'
import { type CallAttempt, isCallAttempt } from './attempts.ts'
import { chargeOf } from './charges.ts'
import type { Gateway } from './gateway.ts'
import type { CountTokens } from './counter.ts'
import { errorFacts } from './refusals.ts'
import { priceUnreported } from './unreported.ts'
import { answerFields, judgeStatus, type Verdict, verdictOfError, verdictOfFault } from './upstream.ts'

/** What a call is measured with. */
export interface CallMeans {
  readonly gateway: Gateway
  /** Asks the provider's free counter. */
  readonly count: CountTokens
  readonly clock: Clock
}

/**
 * Judges the head of an answer, and measures what comes after it. Errors: a refusal in place of what the provider said to the
 * operator; `next-attempt`, if another model or server may answer.
 */
export async function measureCall(
  { gateway, count, clock }: CallMeans,
  response: Response,
  attempt: Attempt,
  options: MeasureOptions,
): Promise<Result<Metered, Refusal | 'next-attempt'>> {
  const verdict = judgeStatus(response.status)
  if (verdict.kind !== 'pass') return turnedAway(verdict, attempt, options)
  const { status, body } = response
  const headers = fieldsOf(gateway, response, attempt, options)
  if (status >= 400 && body !== null) return faultOf(response, headers, attempt, options)
  const passed = passthrough(body, { status, headers })
  if (!isCallAttempt(attempt) || !response.ok || response.body === null) return ok({ response: passed, used: unknown })
  const measured = await measureAnswer(passed, planOf({ gateway, count, clock }, attempt, options), options)
  // Who left before anything came is charged by a count of the request.
  if (measured.ok && !options.left.aborted) attempt.forget()
  return measured.ok ? measured : turnedAway(verdictOfError(measured.error.data), attempt, options)
}

const unknown = (): undefined => undefined

/** Passes what the provider says of the request, and turns away what it says of the operator's account. */
async function faultOf(
  response: Response,
  headers: Headers,
  attempt: Attempt,
  options: MeasureOptions,
): Promise<Result<Metered, Refusal | 'next-attempt'>> {
  const fault = await judgeFault(response)
  if (fault.kind !== 'pass') return turnedAway(verdictOfFault(fault.kind), attempt, options)
  headers.delete('content-length')
  const body = new TextEncoder().encode(fault.text)
  return ok({ response: passthrough(body, { status: response.status, headers }), used: unknown })
}

function turnedAway(
  verdict: Exclude<Verdict, { kind: 'pass' }>,
  attempt: Attempt,
  { bound }: MeasureOptions,
): Result<never, Refusal | 'next-attempt'> {
  const isLast = bound.attempts?.at(-1) === attempt
  return err(verdict.kind === 'next' && !isLast ? 'next-attempt' : verdict.refusal)
}

function fieldsOf(gateway: Gateway, response: Response, attempt: Attempt, { charge }: MeasureOptions): Headers {
  const fields = answerFields(response, gateway.provider)
  if (charge !== undefined) for (const name of REQUEST_IDS) fields.set(name, charge)
  if (isCallAttempt(attempt) && attempt.cap !== undefined) fields.set('Faregate-Max-Tokens', String(attempt.cap))
  return fields
}

/** Where SDKs look for the name of a request, to show it in their errors. */
const REQUEST_IDS = ['x-request-id', 'request-id']

function planOf({ gateway, count, clock }: CallMeans, attempt: CallAttempt, { charge }: MeasureOptions): AnswerPlan {
  const { provider, options } = gateway
  const { api, request } = attempt.call
  return {
    reader: api.reader(request),
    dropsUsage: request.isStream && !request.isUsageAsked,
    drainSeconds: options.onAbort?.drainSeconds ?? DRAIN_SECONDS,
    hasReceipt: options.receipts !== false && provider.takesComments !== false,
    unreported: () => priceUnreported({ gateway, attempt, count, now: clock() }),
    price: (usage, basis) => chargeOf(gateway, attempt, usage, basis),
    terminal(why) {
      const refused = describeRefusal(why, { id: charge ?? '', returnTo: '', origin: '' }, undefined, undefined)
      return provider.errors.terminal(api.name, errorFacts(refused, why))
    },
  }
}

const DRAIN_SECONDS = 20
