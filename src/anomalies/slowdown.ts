/**
 * Slows suspects in one isolate: so many requests a minute are let through, and the others are refused with 429.
 *
 * What is slowed is an account, or those credentials of a network that are not genuine. A genuine one of the same network is not
 * looked at. Each isolate hears of a suspect when it tells of it, so that a flood is slowed everywhere within ten seconds.
 */
import { mapTokens, refusedTo } from '../access/proof.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import type { CompleteRefusal } from '../refusals/complete.ts'
import type { ResolveStanding } from '../standing/resolve.ts'
import type { Clock } from '../ports.ts'
import type { Zone } from '../zone.ts'
import type { Suspect } from './rules/observation.ts'
import type { Slowed } from './rules/slowing.ts'

/** What is slowed, each by itself: whoever guesses must not use up the purchases that a neighbour may begin. */
type PacedUse = 'requests' | 'trips'

interface Pace extends Slowed {
  readonly uses: Readonly<Record<PacedUse, PaceOfUse>>
}

interface PaceOfUse {
  /** Those that may come now. */
  left: number
  at: number
}

/** Beyond so many the one goes that was slowed first. */
const MOST = 1000
const MINUTE_MS = 60_000

export class Slowdown {
  readonly #clock: Clock
  readonly #paces = new Map<string, Pace>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Slows suspects of a zone until their ends. */
  slow(zone: string, slowed: readonly Slowed[]): void {
    const now = this.#clock()
    for (const one of slowed) {
      const key = `${zone} ${one.suspect} ${one.key}`
      const whole = (): PaceOfUse => ({ left: one.perMinute, at: now })
      const { uses } = this.#paces.get(key) ?? { uses: { requests: whole(), trips: whole() } }
      this.#paces.set(key, { ...one, uses })
    }
    for (const [key, { until }] of this.#paces) if (until * 1000 <= now) this.#paces.delete(key)
    for (const key of this.#paces.keys()) {
      if (this.#paces.size <= MOST) break
      this.#paces.delete(key)
    }
  }

  /** Returns the refusal of a request, or of a trip, that comes too fast, or undefined. */
  judge(zone: string, suspect: Suspect, key: string | undefined, use: PacedUse = 'requests'): Refusal | undefined {
    const pace = this.#paces.size === 0 ? undefined : this.#paces.get(`${zone} ${suspect} ${key}`)
    if (pace === undefined) return undefined
    const now = this.#clock()
    if (pace.until * 1000 <= now) return undefined
    const of = pace.uses[use]
    const passed = Math.max(0, now - of.at) / MINUTE_MS
    of.left = Math.min(pace.perMinute, of.left + passed * pace.perMinute)
    of.at = now
    if (of.left < 1) return tooFast(pace.perMinute)
    of.left -= 1
    return undefined
  }
}

function tooFast(perMinute: number): Refusal {
  return refusal(
    'too-many-requests',
    'Requests come faster here than is usual. Nothing was charged. Go on more slowly.',
    {
      check: 'standing',
      retryAfterSeconds: Math.ceil(60 / perMinute),
    },
  )
}

/** Creates what refuses an account that comes too fast. */
export function slowAccounts(slowdown: Slowdown): ResolveStanding {
  return (presented, { id }: Zone) =>
    presented &&
    mapTokens(presented, (proof) => {
      if (!proof.ok || proof.value.kind === 'receipt') return proof
      const tooMany = slowdown.judge(id, 'account', proof.value.accountHash)
      return tooMany === undefined ? proof : refusedTo(proof.value, tooMany)
    })
}

/** Creates what refuses a network's credentials that are not genuine once they come too fast. */
export function slowGuesses(
  slowdown: Slowdown,
  networkOf: (zone: Zone, clientAddress: string | undefined, now: number) => string | undefined,
): CompleteRefusal {
  return ({ refusal: why }, { zone, credential, clientAddress, exchange }) => {
    if (credential?.isVerified !== false) return why
    return slowdown.judge(zone.id, 'network', networkOf(zone, clientAddress(), exchange.now)) ?? why
  }
}
