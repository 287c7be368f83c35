import type { JsonMembers } from '../../../src/core/json.ts'
import { formatDecimal } from '../../../src/core/money.ts'
import type { ModelApi, UsageReader } from '../../../src/meters/llm/provider.ts'
import { priceOf } from '../../../src/meters/llm/rules/price.ts'
import { compileRateCard, type ModelRates } from '../../../src/meters/llm/rules/ratecard.ts'
import type { ModelRequest } from '../../../src/meters/llm/rules/request.ts'
import type { TokenUsage } from '../../../src/meters/llm/rules/tokenusage.ts'

/** What the tests of the APIs of language models share. */

/** Returns a value as it is after it has been sent. */
export const json = (value: object): JsonMembers => JSON.parse(JSON.stringify(value))

/** Returns a text in UTF-8. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text))

/** Reads a request that has to be one. */
export function requestOf(api: ModelApi, body: object, path = '/', query = ''): ModelRequest {
  const request = api.read(json(body), { path, query })
  if (!request.ok) throw new Error(request.error.detail)
  return request.value
}

/** Returns the reason why a request is refused; undefined if it is not. */
export function refusedBy(api: ModelApi, body: object, path = '/', query = ''): string | undefined {
  const request = api.read(json(body), { path, query })
  return request.ok ? undefined : request.error.reason
}

/** Shows events to a reader as a stream does. */
export function streamed(api: ModelApi, request: ModelRequest, ...events: object[]): UsageReader {
  const reader = api.reader(request)
  for (const event of events) {
    const text = JSON.stringify(event)
    if (reader.mayMatter(text)) reader.event(undefined, JSON.parse(text))
  }
  return reader
}

/** Returns what a usage costs, or the names of what has no price. */
export function amountOf(usage: TokenUsage | undefined, rates: ModelRates): string | undefined {
  if (usage === undefined) return undefined
  const priced = priceOf(usage, compileRateCard('m', rates), () => undefined)
  return priced.ok ? formatDecimal(priced.value.units, 9) : priced.error.join(', ')
}
