import type { RateLimiter } from '../../ports.ts'

/** The rate limits that are bound to this Worker. The configuration names only those that are there. */
export function ratesOf(env: unknown): RateLimiter {
  const bound = env as Readonly<Record<string, RateLimit | undefined>>
  return async (binding, key) => {
    const limiter = bound[binding]
    if (limiter === undefined) throw new ReferenceError(`no rate limit ${binding}`)
    const { success } = await limiter.limit({ key })
    return success
  }
}
