import type { IssuedCredential } from '../ledger/rules/credentials.ts'
import type { Json } from '../core/json.ts'

const DAY_MS = 86_400_000

/** Describes a feed as JSON, without its token: nobody has that but its owner. */
export function describeFeed(feed: IssuedCredential): Json {
  const { id, name, route = '', path = '', createdAt, lastUsedDay, isDisabled = false, plan, snapshot, secrets } = feed
  const [, ...replaced] = secrets
  const until = Math.max(...replaced.map((one) => one.until ?? 0), 0)
  return {
    id,
    name,
    route,
    path,
    isDisabled,
    createdAt: timeOf(createdAt),
    ...(lastUsedDay !== undefined && { lastUsed: timeOf(lastUsedDay * DAY_MS).slice(0, 10) }),
    ...(plan !== undefined && { plan }),
    entitlements: [...feed.entitlements],
    ...(snapshot && { renewedAt: timeOf(snapshot.presentedAt) }),
    ...(until > 0 && { replacedUntil: timeOf(until) }),
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** Returns the complete URL of a feed. */
export function urlOf(origin: string, path: string, parameter: string, token: string): string {
  return `${origin}${path}${path.includes('?') ? '&' : '?'}${encodeURIComponent(parameter)}=${token}`
}
