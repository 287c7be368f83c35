import type { RateLimiter } from '../../ports.ts'

/**
 * Returns the rate limits bound to this Worker. Throws a `ReferenceError` for another name, which a checked configuration
 * never has.
 */
export function ratesOf(env: unknown): RateLimiter {
  const bound = env as Readonly<Record<string, RateLimit | undefined>>
  return async (binding, key) => {
    const limiter = bound[binding]
    if (limiter === undefined) throw new ReferenceError(`no rate limit ${binding}`)
    const { success } = await limiter.limit({ key })
    return success
  }
}
