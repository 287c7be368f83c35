import type { Zone } from '../zone.ts'
import { carryOutAll } from './acting.ts'
import type { Watcher, WatcherPlatform } from './plugin.ts'
import type { AnomalyPolicy } from './rules/policy.ts'
import { slowAccounts, Slowdown, slowGuesses } from './slowdown.ts'
import { Subjects } from './subjects.ts'
import { createTraces } from './traces.ts'
import { createWatchLog } from './watcher.ts'

const DAY_MS = 86_400_000

/** Creates what watches the requests of one isolate and, if the policy says so, acts on what is found. */
export function createWatcher(secret: string, policy: AnomalyPolicy, platform: WatcherPlatform): Watcher {
  const { stores } = platform
  if (policy.mode === 'act' && stores !== undefined) return createActing(secret, policy, { ...platform, stores })
  const { traceRequest, networkOf } = createTraces(secret, platform)
  return { traceRequest, trips: { networkOf }, observe: stores && createWatchLog(policy, stores, platform) }
}

function createActing(
  secret: string,
  policy: AnomalyPolicy,
  platform: WatcherPlatform & { readonly stores: NonNullable<WatcherPlatform['stores']> },
): Watcher {
  const { stores, targets, clock } = platform
  const subjects = new Subjects()
  const slowdown = new Slowdown(clock)
  const spent = new Map<string, number>()
  const { traceRequest, hashNetwork, networkOf } = createTraces(secret, platform, (...seen) =>
    subjects.remember(...seen),
  )
  const onSpent = (zone: string, day: number): void => void spent.set(zone, day)
  const acting = { stores, targets, subjects, perDay: policy.hold.perDay, onSpent }
  return {
    traceRequest,
    trips: { networkOf, acting: { slow: ({ id }, network) => slowdown.judge(id, 'network', network, 'trips') } },
    observe: createWatchLog(policy, stores, platform, async ({ acts, slowed }, zone) => {
      slowdown.slow(zone.id, slowed)
      await carryOutAll(acts, zone, acting)
    }),
    slowing: { resolve: slowAccounts(slowdown), complete: slowGuesses(slowdown, hashNetwork) },
    conditionsOf: ({ id }: Pick<Zone, 'id'>) =>
      spent.get(id) === Math.floor(clock() / DAY_MS) ? [{ name: 'holds-spent', of: '' }] : [],
  }
}
