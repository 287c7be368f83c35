import type { TermsOptions } from './options.ts'
import type { FullOptions } from './singlezone.ts'
import { listAt } from './unchecked.ts'

/** The terms of an app's handler: `name` is the function that declared them, `path` a pattern that names the handler. */
export interface Handler {
  readonly name: string
  readonly path: string
  /** The one method that it answers, HEAD beside GET; undefined for all. Handlers of one path have rates of their own by it. */
  readonly method?: string
  readonly terms: TermsOptions
}

/** Replaces the routes of every zone by the handler's, without copies. Faults of the terms are reported under `name`. */
export function withHandler(full: FullOptions, handler: Handler | undefined): FullOptions {
  if (handler === undefined || typeof full.options !== 'object' || full.options === null) return full
  const { name, path, method, terms } = handler
  const routes = [{ path, cache: 'off', ...(method !== undefined && { methods: [method] }), ...terms }]
  const zones = listAt(full.options, 'zones').map((zone) =>
    typeof zone === 'object' && zone !== null
      ? { ...zone, rails: listAt(zone, 'rails').map(anywhere), routes, unmatched: 'closed' }
      : zone,
  )
  return {
    ...full,
    options: { ...full.options, zones },
    asWritten: (faults) =>
      faults.map((fault) => ({ ...fault, path: fault.path.replace(/^zones\[\d+\]\.routes\[0\]/, `${name}()`) })),
  }
}

/** A rail that names no routes by its parameters: those of the configuration are not here. */
function anywhere(rail: unknown): unknown {
  return typeof rail === 'object' && rail !== null ? Object.create(rail, { parameters: { value: [] } }) : rail
}
