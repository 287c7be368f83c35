/**
 * Asks a provider's free counter how many tokens a request has.
 *
 * Bytes bound tokens, but four or five times over, so a customer whose credit would do can be refused. Then the provider is asked
 * to count. That takes a round trip, and a stranger must not be able to make the gate send thousands of them with the operator's
 * key: one for a request, only if the bound is at most six times what is left, and five at once for an account.
 */
import { readBounded } from '../../http/download.ts'
import type { JsonMembers } from '../../core/json.ts'
import type { Clock } from '../../ports.ts'
import type { CounterRequest, ModelApi, ModelProvider } from './provider.ts'

/** The part of the platform that a counter needs. */
export interface CounterPlatform {
  readonly fetch: typeof fetch
  readonly clock: Clock
}

/** A request to be counted. */
export interface CounterQuestion {
  /** The ledger that the request would be charged to: its questions are limited together. */
  readonly account: string
  readonly provider: Pick<ModelProvider, 'authorize'>
  readonly api: Pick<ModelApi, 'counter' | 'countIn'>
  /** Where the provider answers, without the path. */
  readonly url: string
  /** The operator's key; undefined for servers that need none. */
  readonly secret: string | undefined
  readonly body: JsonMembers
  readonly model: string
}

/**
 * Returns the tokens that the provider counts and 5 % more; undefined if the API has no counter, if five questions of the account
 * are open, and on any failure within 3 s. Never throws.
 */
export type CountTokens = (question: CounterQuestion) => Promise<bigint | undefined>

/** Returns true if a bound that exceeds what is left may still fit once the tokens are counted. In any one unit. */
export function isWorthCounting(bound: bigint, left: bigint): boolean {
  return bound <= MOST_TIMES_LEFT * left
}

const MOST_TIMES_LEFT = 6n
const COUNTER_MS = 3000
const MAX_ANSWER_BYTES = 65_536

/** Creates the counter of one isolate. */
export function createCounter({ fetch, clock }: CounterPlatform): CountTokens {
  const open = new OpenQuestions()
  return async (question) => {
    const { api, body, model } = question
    const request = api.counter?.(body, model)
    if (request === undefined) return undefined
    const end = open.begin(question.account, clock())
    if (end === undefined) return undefined
    try {
      const count = api.countIn?.(await answerTo(request, question, fetch))
      return count === undefined || count < 0n ? undefined : withMargin(count)
    } catch {
      // Whatever went wrong may quote the key, and changes nothing: the bytes bound the request.
      return undefined
    } finally {
      end()
    }
  }
}

/** Adds 5 %: a counter estimates, and says so. */
function withMargin(count: bigint): bigint {
  return (count * 105n + 99n) / 100n
}

/** Throws Error on anything but a `200` with JSON. */
async function answerTo(
  { path, body, fields = [] }: CounterRequest,
  { provider, url, secret }: CounterQuestion,
  fetch: CounterPlatform['fetch'],
): Promise<unknown> {
  const headers = new Headers({ 'content-type': 'application/json', accept: 'application/json' })
  for (const [name, value] of fields) headers.set(name, value)
  if (secret !== undefined) provider.authorize(headers, secret, path)
  const signal = AbortSignal.timeout(COUNTER_MS)
  const request = { method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual', signal } as const
  const response = await fetch(`${url}${path}`, request)
  if (response.status === 200) return JSON.parse(await readBounded(response, MAX_ANSWER_BYTES))
  await response.body?.cancel()
  throw new Error(`status ${response.status}`)
}

const MOST_OPEN = 5
const MOST_ACCOUNTS = 1000

/** The questions that are open, by account. One that dies with its request is forgotten after its time limit. */
class OpenQuestions {
  readonly #ends = new Map<string, Set<{ readonly until: number }>>()

  /** Opens a question. Returns what closes it; undefined if too many are open. */
  begin(account: string, now: number): (() => void) | undefined {
    this.#forget(account, now)
    if (this.#ends.size >= MOST_ACCOUNTS && !this.#ends.has(account))
      for (const other of this.#ends.keys()) this.#forget(other, now)
    const ends = this.#ends.get(account) ?? new Set()
    if (ends.size >= MOST_OPEN || (ends.size === 0 && this.#ends.size >= MOST_ACCOUNTS)) return undefined
    const question = { until: now + COUNTER_MS }
    this.#ends.set(account, ends.add(question))
    return () => {
      ends.delete(question)
      if (ends.size === 0 && this.#ends.get(account) === ends) this.#ends.delete(account)
    }
  }

  #forget(account: string, now: number): void {
    const ends = this.#ends.get(account)
    for (const question of ends ?? []) if (question.until <= now) ends?.delete(question)
    if (ends?.size === 0) this.#ends.delete(account)
  }
}
