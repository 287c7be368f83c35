/** The orders that a zone's bulletin carries in its head: posted with their record, and read back. */
import type { Act } from '../ledger/rules/audit.ts'
import type { BulletinStore } from '../ports.ts'
import type { Zone } from '../zone.ts'
import { withTimeout } from '../http/timeout.ts'
import type { BulletinHead, HeadOrder } from './rules/bulletin.ts'
import { DISTRUST_FORMAT, type KnownBulletin, readDelta, type Version } from './rules/delta.ts'

/** The time limit of a read. */
export const TIMEOUT_MS = 2000

/**
 * Posts an order, calls `apply` for it to hold here, and returns the head that the store has then; undefined if that is not
 * known. A store of an earlier version takes the post and leaves the order out.
 */
export async function postOrder(
  order: HeadOrder,
  act: Act,
  { standing: { longestTokenSeconds } }: Zone,
  store: BulletinStore,
  known: KnownBulletin,
  apply: () => void,
): Promise<BulletinHead | undefined> {
  const command = { entries: [], ...order, longestTokenSeconds, epoch: crypto.randomUUID() }
  const posted = await answerOf(() => store.post(command, act))
  if (posted?.ok !== true) return undefined
  apply()
  const since = versionOf(known)
  const answer = await answerOf(() => store.delta(since))
  return answer?.ok === true ? readDelta(answer.value, since)?.head : undefined
}

/** Returns the version that a reader has. */
export function versionOf({ head: { epoch, version } }: KnownBulletin): Version {
  return { epoch, version, format: DISTRUST_FORMAT }
}

/** Returns the store's answer, or undefined if none comes in time. */
export async function answerOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await withTimeout(ask(), TIMEOUT_MS)
  } catch {
    return undefined
  }
}
