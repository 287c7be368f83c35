import type { Fields } from './exchange.ts'

/**
 * Fields by which clients announce a prefetch. `Sec-Purpose` is the standard (Fetch §3.2.3: `prefetch`,
 * `prefetch;prerender`). The others are those of older browsers, and of scripts, which may not write `Sec-Purpose`.
 */
const PURPOSES = ['sec-purpose', 'purpose', 'x-purpose', 'x-sec-purpose', 'x-moz'] as const
const AHEAD = /(?:^|[^\w-])(?:prefetch|prerender|preview|preload|instant)(?:$|[^\w-])/i

/** Fields whose presence announces a prefetch: Next.js and the preload extension of htmx. */
const MARKS = ['next-router-prefetch', 'x-middleware-prefetch', 'hx-preloaded'] as const

/** Returns true for a prefetch: nobody may ever look at the answer. */
export function isPrefetch(fields: Fields): boolean {
  for (const name of PURPOSES) {
    const value = fields.get(name)
    if (value !== null && AHEAD.test(value)) return true
  }
  for (const name of MARKS) {
    const value = fields.get(name)
    if (value !== null && !UNSET.has(value)) return true
  }
  return false
}

const UNSET: ReadonlySet<string> = new Set(['', '0', 'false'])
