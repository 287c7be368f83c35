import { failureName } from '../core/error.ts'
import { fieldsOf, idOf, readPage, type StripeFields, textOf } from './events.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type DownloadOptions, readBounded } from '../http/download.ts'
import type { Platform } from '../ports.ts'
import type { StripeApi } from './source.ts'

/** `absent`: Stripe says that the object does not exist. `unavailable`: no usable response. */
export type ApiFault = 'absent' | 'unavailable'

type Params = Readonly<Record<string, string>>

/** Reads from Stripe's API. Reports failures to `warn`, without the key, the customer or the response. */
export interface StripeReader {
  get(path: string, params?: Params): Promise<Result<StripeFields, ApiFault>>
  /**
   * Reads a whole list. A list longer than a thousand, or with an unreadable item, is `unavailable`: a part of a list
   * decides nothing.
   */
  list<T>(path: string, params: Params, read: (item: unknown) => T | undefined): Promise<Result<readonly T[], ApiFault>>
}

/** Reads and writes. */
export interface StripeClient extends StripeReader {
  /**
   * Makes or changes an object. The same `key` with the same parameters is the same act, for a day at least; the outcome of an
   * act that is `unavailable` is not known.
   */
  post(path: string, params: StripeParameters, key: string): Promise<Result<StripeFields, WriteFault>>
  /** Deletes or cancels an object. `absent` if that was done before. */
  remove(path: string, key: string): Promise<Result<StripeFields, WriteFault>>
}

/** Parameters of an act, with their nesting. */
export interface StripeParameters {
  readonly [name: string]: string | number | boolean | undefined | StripeParameters | readonly StripeParameters[]
}

/** `refused`: Stripe will never do it so. `code` is Stripe's own word for the reason. */
export interface WriteFault {
  readonly kind: ApiFault | 'refused'
  readonly code?: string
}

/** The default URL of the API. */
export const STRIPE_API = 'https://api.stripe.com'
/** The version in which responses are written: that of the `stripe` package, whose types the tests use. */
const VERSION = '2026-10-28.endive'
const LIMITS: Omit<DownloadOptions, 'accept'> = { timeoutMs: 5000, maxBytes: 4 * 1024 * 1024 }
const PAGE = 100
const MAX_PAGES = 10

/** Creates a client for this URL and key. */
export function createStripeClient(
  { url, key }: StripeApi,
  fetch: Platform['fetch'],
  warn: (problem: string) => void,
): StripeClient {
  const fields = { authorization: `Bearer ${key}`, 'stripe-version': VERSION, accept: 'application/json' }
  const ask = async (path: string, query: string, init: CallInit): Promise<Result<StripeFields, WriteFault>> => {
    const asked = new URL(path, url)
    asked.search = query
    const answer = await fetchFields(fetch, asked.href, { ...init, headers: { ...fields, ...init.headers } })
    if (answer.ok) return answer
    warn(answer.error.problem)
    return err(answer.error.fault)
  }
  const get: StripeReader['get'] = async (path, params = {}) => {
    const answer = await ask(path, new URLSearchParams(params).toString(), {})
    return answer.ok ? answer : err(answer.error.kind === 'absent' ? 'absent' : 'unavailable')
  }
  return {
    get,
    list: createList(get, warn),
    post: (path, params, idempotencyKey) =>
      ask(path, '', { method: 'POST', body: formOf(params), headers: { ...FORM, 'idempotency-key': idempotencyKey } }),
    remove: (path, idempotencyKey) =>
      ask(path, '', { method: 'DELETE', headers: { 'idempotency-key': idempotencyKey } }),
  }
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Writes parameters as Stripe reads them: \`line_items[0][price]=…\`. What is undefined is left out. */
export function formOf(params: StripeParameters): string {
  const form = new URLSearchParams()
  const add = (name: string, value: StripeParameters[string]): void => {
    if (value === undefined) return
    if (typeof value !== 'object') form.append(name, String(value))
    else for (const [key, inner] of Object.entries(value)) add(`${name}[${key}]`, inner)
  }
  for (const [name, value] of Object.entries(params)) add(name, value)
  return form.toString()
}

function createList(get: StripeReader['get'], warn: (problem: string) => void): StripeReader['list'] {
  return async (path, params, read) => {
    const items: unknown[] = []
    let after: Params = {}
    for (let count = 0; count < MAX_PAGES; count++) {
      const answer = await get(path, { ...params, limit: String(PAGE), ...after })
      if (!answer.ok) return answer
      const page = readPage(Object.fromEntries(answer.value))
      if (page === undefined) break
      items.push(...page.items)
      if (!page.hasMore) {
        const whole = items.map(read)
        if (whole.every((item) => item !== undefined)) return ok(whole)
        break
      }
      const last = idOf(page.items.at(-1))
      if (last === undefined) break
      after = { starting_after: last }
    }
    warn('not a list, or too long a one')
    return err('unavailable')
  }
}

interface Failure {
  readonly fault: WriteFault
  readonly problem: string
}

interface CallInit {
  readonly method?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The statuses of which Stripe says that nothing was done, and why. */
const REFUSALS: ReadonlySet<number> = new Set([400, 402, 403, 404])

async function fetchFields(
  fetch: Platform['fetch'],
  url: string,
  init: CallInit,
): Promise<Result<StripeFields, Failure>> {
  const failed = (problem: string, fault: WriteFault = { kind: 'unavailable' }) => err({ fault, problem })
  try {
    const signal = AbortSignal.timeout(LIMITS.timeoutMs)
    const response = await fetch(url, { redirect: 'manual', cache: 'no-store', signal, ...init })
    const { status } = response
    if (status !== 200 && !REFUSALS.has(status)) {
      await response.body?.cancel()
      return failed(`status ${status}`)
    }
    const fields = fieldsOf(JSON.parse(await readBounded(response, LIMITS.maxBytes)))
    if (status === 200) return fields === undefined ? failed('not an object') : ok(fields)
    const code = textOf(fieldsOf(fields?.get('error'))?.get('code'))
    if (code === 'resource_missing') return failed(`status ${status}`, { kind: 'absent', code })
    return failed(`status ${status}`, { kind: 'refused', ...(code !== undefined && { code }) })
  } catch (error) {
    return failed(failureName(error))
  }
}
