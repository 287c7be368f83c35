import { failureName } from '../core/error.ts'
import { fieldsOf, type StripeFields, idOf, readPage } from './events.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type DownloadOptions, fetchOnce, readBounded } from '../http/download.ts'
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

/** The default URL of the API. */
export const STRIPE_API = 'https://api.stripe.com'
/** The version in which responses are written: that of the `stripe` package, whose types the tests use. */
const VERSION = '2026-10-28.endive'
const LIMITS: Omit<DownloadOptions, 'accept'> = { timeoutMs: 5000, maxBytes: 4 * 1024 * 1024 }
const PAGE = 100
const MAX_PAGES = 10

/** Creates a reader for this URL and key. */
export function createStripeReader(
  { url, key }: StripeApi,
  fetch: Platform['fetch'],
  warn: (problem: string) => void,
): StripeReader {
  const headers = { authorization: `Bearer ${key}`, 'stripe-version': VERSION, accept: 'application/json' }
  const get = async (path: string, params: Params = {}): Promise<Result<StripeFields, ApiFault>> => {
    const asked = new URL(path, url)
    asked.search = new URLSearchParams(params).toString()
    const answer = await fetchFields(fetch, asked.href, headers)
    if (answer.ok) return answer
    warn(answer.error.problem)
    return err(answer.error.fault)
  }
  const list: StripeReader['list'] = async (path, params, read) => {
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
  return { get, list }
}

interface Failure {
  readonly fault: ApiFault
  readonly problem: string
}

async function fetchFields(
  fetch: Platform['fetch'],
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<Result<StripeFields, Failure>> {
  try {
    const response = await fetchOnce(fetch, url, AbortSignal.timeout(LIMITS.timeoutMs), headers)
    const { status } = response
    if (status === 200 || status === 400 || status === 404) {
      const fields = fieldsOf(JSON.parse(await readBounded(response, LIMITS.maxBytes)))
      if (status === 200 && fields !== undefined) return ok(fields)
      const isMissing = fieldsOf(fields?.get('error'))?.get('code') === 'resource_missing'
      return err({ fault: isMissing ? 'absent' : 'unavailable', problem: `status ${status}` })
    }
    await response.body?.cancel()
    return err({ fault: 'unavailable', problem: `status ${status}` })
  } catch (error) {
    return err({ fault: 'unavailable', problem: failureName(error) })
  }
}
