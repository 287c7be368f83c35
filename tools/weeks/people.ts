/**
 * Who comes to the demo's newspaper, and how often: what `weeks.ts` plays. Everything is drawn by one seed, so that the same weeks
 * come again.
 */

/** Of a day, by the hour: few at night, a peak in the morning, a higher one in the evening. */
const HOURS = [
  0.25, 0.15, 0.1, 0.1, 0.15, 0.3, 0.7, 1.2, 1.4, 1.1, 0.9, 0.9, 1.1, 1, 0.8, 0.8, 0.9, 1.1, 1.3, 1.5, 1.6, 1.3, 0.9,
  0.5,
]
/** From Sunday. */
const DAYS = [0.75, 1.05, 1.05, 1.1, 1.1, 1, 0.8]

/** Somebody who asks for one page. */
export type Visit =
  | { readonly kind: 'guest'; readonly path: string; readonly guest: string }
  | { readonly kind: 'program'; readonly path: string }
  | {
      readonly kind: 'member'
      readonly path: string
      readonly account: string
      readonly fault?: 'expired' | 'forged'
      /** How many requests a month the plan allows. */
      readonly quota?: number
    }
  | { readonly kind: 'model'; readonly account: string; readonly model: string }

const SUBSCRIBERS = Array.from({ length: 60 }, (_, index) => `reader-${index + 1}`)
export const DEVELOPERS = Array.from({ length: 6 }, (_, index) => `developer-${index + 1}`)
/** Whose cards are declined in the second week. */
export const DECLINED = SUBSCRIBERS.slice(0, 9)

/** What is different about an hour. */
export interface Circumstances {
  readonly hasModels: boolean
  readonly originFails: boolean
}

/** Draws who comes within a time that begins at `ms` in UTC; in an ordinary one it would be `usual`. */
export function visitsOf(ms: number, usual: number, random: () => number, facts: Circumstances): Visit[] {
  const at = new Date(ms)
  const most = usual * (HOURS[at.getUTCHours()] ?? 1) * (DAYS[at.getUTCDay()] ?? 1)
  const count = Math.floor(most * (0.85 + 0.3 * random()) + random())
  return Array.from({ length: count }, () => visitBy(random, facts))
}

function visitBy(random: () => number, facts: Circumstances): Visit {
  const oneOf = <T>(all: readonly T[], fallback: T): T => all[Math.floor(random() ** 1.6 * all.length)] ?? fallback
  const article = `/articles/${1 + Math.floor(8 * random() ** 1.5)}`
  const subscriber = oneOf(SUBSCRIBERS, 'reader-1')
  const developer = oneOf(DEVELOPERS, 'developer-1')
  const drawn = random()
  if (facts.originFails && drawn < 0.35) return { kind: 'member', path: '/articles/failing', account: subscriber }
  if (drawn < 0.2) return { kind: 'guest', path: '/', guest: '' }
  if (drawn < 0.42) return { kind: 'guest', path: article, guest: `guest-${Math.floor(random() * 150)}` }
  if (drawn < 0.5) return { kind: 'program', path: article }
  if (drawn < 0.515) return { kind: 'member', path: article, account: subscriber, fault: 'forged' }
  if (drawn < 0.518) return { kind: 'member', path: article, account: subscriber, fault: 'expired' }
  if (drawn < 0.8) return { kind: 'member', path: article, account: subscriber }
  if (drawn < 0.9) return { kind: 'member', path: '/api/sailings', account: developer }
  if (drawn < 0.95 || !facts.hasModels) return { kind: 'member', path: '/reports/1', account: developer }
  return { kind: 'model', account: developer, model: random() < 0.7 ? 'gpt-6-luna' : 'gpt-5.4-mini' }
}
