import { match } from '../../src/access/route.ts'
import { capture } from '../../src/http/capture.ts'
import type { Site } from '../../src/site.ts'

/** What a site answers with its own document at this path; undefined if the path is not a document's. */
export async function published(site: Site, path: string, init: RequestInit = {}): Promise<Response | undefined> {
  const exchange = capture(new Request(`https://a.test${path}`, init), 0)
  const route = match(site.zone.routes, exchange.target, exchange.method)
  const bound = route.ok
    ? await route.value.meter?.bound({ exchange, content: undefined, account: undefined })
    : undefined
  return bound?.ok === true ? (bound.value.answer ?? bound.value.otherwise)?.() : undefined
}

/** The document there. */
export async function documentAt<T>(site: Site, path: string): Promise<T> {
  const response = await published(site, path)
  if (response === undefined) throw new Error(`nothing is served at ${path}`)
  return (await response.json()) as T
}
