/**
 * Looks at the sums of a zone once a minute, in the first of the objects that keep them, and tells of what is beyond its
 * threshold.
 *
 * What is to be told is stored before anyone is told, so that nothing is lost with the object; each message has an id, by
 * which a receiver drops what it has. No request waits for any of this.
 */
import { timeText } from '../http/date.ts'
import { readTallies } from '../tallies/read.ts'
import { atWorkIn, conditionsIn, type TallyStorage } from '../tallies/rules/book.ts'
import { bucketStart, MINUTE_MS } from '../tallies/rules/buckets.ts'
import { Tally } from '../tallies/rules/tally.ts'
import type { WatchingObject, WatchPlatform, WatchTallies } from '../tallies/watch.ts'
import type { Zone } from '../zone.ts'
import { createReceivers } from './deliver.ts'
import type { AlertTerms } from './options.ts'
import { type AlertName, type AlertFinding, findingOf, OF_CONDITIONS } from './rules/alert.ts'
import { findInConditions, findInSums, WATCHED_BY, type WatchedSums } from './rules/findings.ts'
import { messageOf, WINDOW_MINUTES } from './rules/message.ts'
import { type Waiting, withMessages } from './rules/outbox.ts'
import { type AlertState, knownStates, nextStates } from './rules/states.ts'
import { isProvidedIn } from './provided.ts'

const WEEK_MS = 7 * 24 * 3_600_000
/** Nobody looks any more when nobody was at work for so long, nothing fires and nothing waits to be told. */
const IDLE_MS = 30 * MINUTE_MS

/** What is kept of the alerts of a zone. */
export interface KeptAlerts {
  readonly states: readonly AlertState[]
  readonly waiting: readonly Waiting[]
  /** When it was last looked, in milliseconds since 1970. */
  readonly at: number
}

/** Creates what looks at the zones of a configuration. */
export function createWatch(platform: WatchPlatform, given: AlertTerms): WatchTallies {
  const zones = new Map(Array.from(platform.sites.values(), ({ zone }) => [zone.id, zone]))
  const receivers = createReceivers(given, platform)
  return async (object) => {
    const { storage, transact } = object
    const zone = zones.get(atWorkIn(storage)?.zone ?? '')
    if (zone === undefined) return false
    const sums = await sumsOf(zone, platform)
    const terms = { ...given, link: given.link ?? linkTo(zone, platform) }
    const kept = transact(() => look(storage, zone, sums, platform.clock(), terms, [...receivers.keys()]))
    const told = kept.waiting.map(async (waiting) => {
      const after = (await receivers.get(waiting.receiver)?.(waiting)) ?? waiting
      if (after !== waiting) transact(() => keepWaiting(storage, after))
    })
    await Promise.all(told)
    return isNeeded(object, platform.clock())
  }
}

/** Reads the last ten minutes, and the same of last week. Undefined if an object did not answer. */
async function sumsOf(zone: Zone, { stores, clock }: WatchPlatform): Promise<WatchedSums | undefined> {
  const to = bucketStart('minute', clock(), 'UTC') + MINUTE_MS
  const from = to - WINDOW_MINUTES * MINUTE_MS
  const query = { resolution: 'minute', by: WATCHED_BY, moneyBy: [], isSeries: false } as const
  const [now, lastWeek] = await Promise.all([
    readTallies(stores, zone, { ...query, from, to }),
    readTallies(stores, zone, { ...query, by: [], from: from - WEEK_MS, to: to - WEEK_MS }),
  ])
  if (!now.ok || !lastWeek.ok) return undefined
  return {
    now: now.value.buckets.get(from) ?? new Tally(),
    lastWeek: lastWeek.value.buckets.get(from - WEEK_MS) ?? new Tally(),
  }
}

function look(
  storage: TallyStorage,
  zone: Zone,
  sums: WatchedSums | undefined,
  now: number,
  { thresholds, link, ...hysteresis }: AlertTerms & { readonly link: string },
  receivers: readonly string[],
): KeptAlerts {
  const kept = keptAlerts(storage.state('watched'))
  const found: readonly AlertFinding[] = [
    ...findInConditions(conditionsIn(storage), thresholds, now),
    ...(sums === undefined
      ? findingOf({ alert: 'sums-unread', observed: 1 }, thresholds)
      : findInSums(sums, thresholds, isProvidedIn(zone))),
  ]
  const isUnknown = (alert: AlertName): boolean =>
    sums === undefined && alert !== 'sums-unread' && !OF_CONDITIONS.includes(alert)
  const { states, changes } = nextStates(kept.states, found, hysteresis, now, isUnknown)
  const messages = changes.map((change) => messageOf(change, { zone: zone.name, id: zone.id, link, instant: timeText }))
  const next = { states, waiting: withMessages(kept.waiting, messages, receivers), at: now }
  storage.putState('watched', JSON.stringify(next satisfies KeptAlerts))
  return next
}

/** Returns the URL of the dashboard, on its own host if it has one; of the alerts where there is no dashboard. */
function linkTo({ hosts }: Zone, { endpoints }: WatchPlatform): string {
  const dashboard = endpoints.find(({ path }) => path === 'operator')
  return `https://${dashboard?.host ?? hosts[0] ?? ''}/__faregate/${dashboard?.path ?? 'alerts'}`
}

/** Reads what is kept of alerts. */
export function keptAlerts(text: string | undefined): KeptAlerts {
  if (text === undefined) return { states: [], waiting: [], at: 0 }
  const kept = JSON.parse(text) as KeptAlerts
  return { ...kept, states: knownStates(kept.states) }
}

function keepWaiting(storage: TallyStorage, after: Waiting): void {
  const kept = keptAlerts(storage.state('watched'))
  const waiting = kept.waiting.map((one) => (one.receiver === after.receiver ? after : one))
  storage.putState('watched', JSON.stringify({ ...kept, waiting } satisfies KeptAlerts))
}

function isNeeded({ storage }: WatchingObject, now: number): boolean {
  const { states, waiting } = keptAlerts(storage.state('watched'))
  const isIdle = now - (atWorkIn(storage)?.at ?? 0) >= IDLE_MS
  return !isIdle || states.length > 0 || waiting.some(({ messages }) => messages.length > 0)
}
