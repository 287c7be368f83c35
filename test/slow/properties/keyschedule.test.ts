import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RefreshPolicy } from '../../../src/access/issuer.ts'
import { makeKeys, type TestKey } from '../../support/issuer.ts'
import {
  delayed,
  createEndpoint,
  type Endpoint,
  type Found,
  skipTime,
  advanceTime,
  runUntilDone,
} from '../../tokens/endpoint.ts'

const supply: TestKey[] = await makeKeys(...Array.from({ length: 8 }, (_, index) => `key-${index}`))

/** What can happen to an issuer and its gate, and how long after what happened before. */
type Event = { readonly gapMs: number } & (
  | { readonly kind: 'publish' | 'withdraw' | 'fail' | 'recover' }
  | { readonly kind: 'forge'; readonly count: number }
  | { readonly kind: 'use' | 'misuse'; readonly which: number }
)

interface Published {
  readonly key: TestKey
  readonly since: number
  withdrawn: number | undefined
}

const policies: fc.Arbitrary<RefreshPolicy> = fc
  .record({ refreshMs: fc.integer({ min: 200, max: 2000 }), cooldown: fc.double({ min: 0.01, max: 1, noNaN: true }) })
  .map(({ refreshMs, cooldown }) => ({
    refreshMs,
    cooldownMs: Math.ceil(refreshMs * cooldown),
    staleMs: refreshMs * 3,
    timeoutMs: Math.ceil(refreshMs / 2),
  }))

function eventsOf(...kinds: Event['kind'][]): fc.Arbitrary<Event[]> {
  const gapMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 2500 }))
  const event = fc.record({
    gapMs,
    kind: fc.constantFrom(...kinds),
    count: fc.integer({ min: 1, max: 4 }),
    which: fc.nat(7),
  })
  return fc.array(event, { minLength: 5, maxLength: 40 })
}

/** One run of a schedule. Time passes for the gate in `pass`, and for all that waits with it. */
class Run {
  readonly #endpoint: Endpoint
  readonly #policy: RefreshPolicy
  readonly #published: Published[] = []
  readonly #pending: Promise<Found>[] = []
  readonly proper: Promise<Found>[] = []
  readonly withdrawn: Promise<Found>[] = []
  #isDown = false
  #forged = 0

  constructor(policy: RefreshPolicy, latencyMs: number) {
    this.#policy = policy
    this.#endpoint = createEndpoint(() => {
      if (this.#isDown) throw new Error('down')
      const keys = this.#published.filter(({ withdrawn }) => withdrawn === undefined).map(({ key }) => key.jwk)
      const answer = Response.json({ keys })
      return latencyMs === 0 ? answer : delayed(latencyMs, answer)
    }, policy)
    this.publish()
    skipTime(policy.refreshMs)
  }

  get fetches(): number {
    return this.#endpoint.fetched.length
  }

  publish(): void {
    const key = supply[this.#published.length]
    if (key !== undefined) this.#published.push({ key, since: Date.now(), withdrawn: undefined })
  }

  /** As a verifier does it: the generation first, and then the key. */
  #find(kid: string): Promise<Found> {
    this.#endpoint.generation()
    const found = this.#endpoint.find(kid)
    this.#pending.push(found)
    return found
  }

  async take(event: Event): Promise<void> {
    if (event.gapMs > 0) await advanceTime(event.gapMs)
    switch (event.kind) {
      case 'publish':
        return this.publish()
      case 'withdraw':
        return this.#withdraw()
      case 'fail':
        this.#isDown = true
        return
      case 'recover':
        this.#isDown = false
        return
      case 'forge':
        for (let count = 0; count < event.count; count++) void this.#find(`forged-${this.#forged++}`)
        return
      case 'use':
        return this.#use(event.which)
      case 'misuse':
        return this.#misuse(event.which)
    }
  }

  /** The oldest goes, once nothing is under way that was signed with it. */
  async #withdraw(): Promise<void> {
    await this.settle()
    const [oldest, next] = this.#published.filter(({ withdrawn }) => withdrawn === undefined)
    if (oldest !== undefined && next !== undefined) oldest.withdrawn = Date.now()
  }

  /** A key that was published one refresh interval ago, or longer, and is still. */
  #use(which: number): void {
    const due = Date.now() - this.#policy.refreshMs
    const ready = this.#published.filter(({ since, withdrawn }) => withdrawn === undefined && since <= due)
    const chosen = ready[which % ready.length]
    if (chosen !== undefined) this.proper.push(this.#find(chosen.key.kid))
  }

  /** A key that was withdrawn one refresh interval ago, or longer. */
  #misuse(which: number): void {
    const due = Date.now() - this.#policy.refreshMs
    const gone = this.#published.filter(({ withdrawn }) => withdrawn !== undefined && withdrawn <= due)
    const chosen = gone[which % gone.length]
    if (chosen !== undefined) this.withdrawn.push(this.#find(chosen.key.kid))
  }

  async settle(): Promise<void> {
    await runUntilDone(Promise.all([...this.#pending, ...this.#endpoint.behind]))
  }
}

async function runAll(policy: RefreshPolicy, latency: number, events: readonly Event[]): Promise<Run> {
  const run = new Run(policy, Math.floor(latency * Math.min(60, policy.timeoutMs)))
  for (const event of events) await run.take(event)
  await run.settle()
  return run
}

function reasonsOf(found: readonly Found[]): string[] {
  return found.filter((one) => !one.ok).map((one) => (one.ok ? '' : one.error.reason))
}

const latencies = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true }))
const MINUTE = 60_000

describe('whatever is forged, published, withdrawn and used, and whenever', () => {
  it(
    'a key published one refresh interval before its first use is never refused, nor one withdrawn as long ago used',
    async () => {
      let uses = 0
      let misuses = 0
      const events = eventsOf('publish', 'forge', 'forge', 'use', 'use', 'withdraw', 'misuse')
      await fc.assert(
        fc.asyncProperty(policies, latencies, events, async (policy, latency, schedule) => {
          const run = await runAll(policy, latency, schedule)
          expect(reasonsOf(await Promise.all(run.proper))).toEqual([])
          expect((await Promise.all(run.withdrawn)).filter((found) => found.ok)).toEqual([])
          uses += run.proper.length
          misuses += run.withdrawn.length
        }),
        { numRuns: 150 },
      )
      // A property that was never put to the question would hold as well.
      expect(uses).toBeGreaterThan(100)
      expect(misuses).toBeGreaterThan(10)
    },
    MINUTE,
  )

  it(
    'such a key may be unavailable while the issuer is down, but is never refused',
    async () => {
      const events = eventsOf('publish', 'forge', 'use', 'use', 'fail', 'recover')
      await fc.assert(
        fc.asyncProperty(policies, latencies, events, async (policy, latency, schedule) => {
          const run = await runAll(policy, latency, schedule)
          const reasons = reasonsOf(await Promise.all(run.proper))
          expect(reasons.filter((reason) => reason !== 'keys-unavailable')).toEqual([])
        }),
        { numRuns: 150 },
      )
    },
    MINUTE,
  )

  it(
    'the issuer is asked at most once in each cool-down',
    async () => {
      const events = eventsOf('publish', 'forge', 'forge', 'use', 'fail', 'recover')
      await fc.assert(
        fc.asyncProperty(policies, events, async (policy, schedule) => {
          const run = await runAll(policy, 0, schedule)
          const spent = schedule.reduce((sum, { gapMs }) => sum + gapMs, 0)
          // Keys that have aged out are fetched whenever that is, beside the one fetch that a cool-down allows.
          const most = 2 + Math.ceil((spent + 2000) / policy.cooldownMs) + Math.ceil((spent + 2000) / policy.refreshMs)
          expect(run.fetches).toBeLessThanOrEqual(most)
        }),
        { numRuns: 100 },
      )
    },
    MINUTE,
  )
})
