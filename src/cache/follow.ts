import { ageMs, judgeFreshness, wishesOf } from './rules/freshness.ts'
import { isSelected } from './rules/vary.ts'
import type { Fill } from './fill.ts'
import { fillContent, readFill, type Wait } from './pump.ts'
import type { Led } from './lead.ts'
import { represent } from './represent.ts'
import type { CacheState, Lookup } from './state.ts'

/**
 * Waits for the fill of another request, and answers from it. `alone` if the response is not to be shared, or is not fresh
 * on arrival; `again` if it is another variant or broke off; `failed` if there is none.
 */
export async function followFill(fill: Fill, lookup: Lookup, { fills, clock }: CacheState): Promise<Led> {
  await fills.until(fill, lookup.fillKey, () => fill.state !== 'waiting')
  switch (fill.state) {
    case 'waiting':
    case 'released':
      return { outcome: 'alone' }
    case 'failed':
      return { outcome: 'failed', failure: fill.failure ?? 'origin-unreachable', status: fill.status }
    case 'broken':
      return { outcome: 'again' }
    case 'filling':
    case 'complete':
      return shareFill(fill, lookup, clock(), (isReady) => fills.until(fill, lookup.fillKey, isReady))
  }
}

function shareFill(fill: Fill, lookup: Lookup, now: number, wait: Wait): Led {
  const { stored } = fill
  if (stored === undefined) return { outcome: 'alone' }
  if (!isSelected(stored.selection, lookup.selecting)) return { outcome: 'again' }
  const { freshness, respondedAt } = stored
  const isGood =
    judgeFreshness(
      freshness,
      ageMs(freshness, respondedAt, now),
      wishesOf(() => null),
    ) === 'fresh'
  if ((fill.isKept && !isGood) || fill.dropped > 0) return { outcome: 'alone' }
  const body = fill.state === 'complete' ? fillContent(fill) : readFill(fill, wait)
  const response = represent(stored, { body, unreadable: fill.unreadable, isReused: false }, lookup.request)
  return { outcome: 'answer', answer: { response, cache: 'fwd=miss; collapsed' } }
}
