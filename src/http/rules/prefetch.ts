import type { Fields } from './exchange.ts'

/**
 * Fields by which clients say that nobody has asked for the page yet. `Sec-Purpose` is the standard (Fetch §3.2.3: `prefetch`,
 * `prefetch;prerender`); the others are what browsers sent before it, and what programs in a page send that may not write it.
 */
const PURPOSES = ['sec-purpose', 'purpose', 'x-purpose', 'x-sec-purpose', 'x-moz'] as const
const AHEAD = /(?:^|[^\w-])(?:prefetch|prerender|preview|preload|instant)(?:$|[^\w-])/i

/** Fields that say it by being there: Next.js and the preload extension of htmx. */
const MARKS = ['next-router-prefetch', 'x-middleware-prefetch', 'hx-preloaded'] as const

/** True for a request that is only made ahead: a person may never ask for what it brings. */
export function isPrefetch(fields: Fields): boolean {
  return PURPOSES.some((name) => AHEAD.test(fields.get(name) ?? '')) || MARKS.some((name) => isSet(fields.get(name)))
}

function isSet(value: string | null): boolean {
  return value !== null && value !== '' && value !== '0' && value !== 'false'
}
