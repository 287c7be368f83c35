import { RESOURCE_SLOT, slot } from '../core/template.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { resourceUrl } from '../http/rules/resourceurl.ts'

/** Returns true if a body names the URL of its page, in JSON. */
export function namesResource(body: string): boolean {
  return body.includes(slot(RESOURCE_SLOT))
}

/** Returns the values of a body's slots, with the URL of the page behind whatever its format fills in. */
export function withResource<V>(values: readonly V[], exchange: Exchange): readonly (V | string)[] {
  const all: (V | string)[] = [...values]
  all[RESOURCE_SLOT] = JSON.stringify(resourceUrl(exchange)).slice(1, -1)
  return all
}
