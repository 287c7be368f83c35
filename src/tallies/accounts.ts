/** Names and opens the accounts in the lists of those near a limit. */
import { base64url } from 'jose'
import { windowSecondsOf } from '../access/limit.ts'
import { createAccountHash } from '../log.ts'
import { err, ok, type Result } from '../core/result.ts'
import { withTimeout } from '../http/timeout.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import { newestGateKey } from '../secrets/gatekeys.ts'
import { seal, type SealKind, unseal } from '../secrets/sealed.ts'
import type { Zone } from '../zone.ts'
import type { NearAccount } from './plugin.ts'
import { payerOfRecord } from './rules/money.ts'
import { compareNear, MAX_NEAR, type NearLimit, type NearLimits } from './rules/nearlimits.ts'
import type { ApplyTally, TallyStores } from './rules/stores.ts'
import { SHARDS, shardOf, zoneTalliesOf } from './zones.ts'

const SEALED: SealKind = { use: 'near-limits', typ: 'near-limit+jwt' }
const READ_MS = 5000

/**
 * Returns what to list for a record that says how much of a limit is used; undefined for one of a receipt, which is its bearer's,
 * and in a zone without the gate's secret. `accountKey`: the key of the log's hashes; without it they are the gate's own.
 */
export async function nearLimitOf(
  { facts, limit }: LedgerRecord,
  { id, gateKeys }: Pick<Zone, 'id' | 'gateKeys'>,
  accountKey: string | undefined,
): Promise<NearLimit | undefined> {
  const { issuer, account } = facts
  if (limit === undefined || gateKeys === undefined || typeof issuer !== 'string' || typeof account !== 'string')
    return undefined
  const hash = createAccountHash(accountKey ?? base64url.encode(newestGateKey(gateKeys, 'near-limits', id).bytes))
  const { name, key, currency, window, kind, threshold, used, quota, from, resetsAt } = limit
  return {
    hash: await hash(id, issuer, account),
    sealed: await seal({ issuer, account }, SEALED, gateKeys, id),
    limit: name,
    ...(key !== undefined && { key }),
    ...(currency !== undefined && { currency }),
    window,
    kind,
    threshold,
    used: String(used),
    quota: String(quota),
    resetsAt,
    // A sliding window has no end: its share is told anew once it has passed as a whole.
    until: kind === 'sliding' ? from + windowSecondsOf(window) * 1000 : resetsAt,
  }
}

/** Returns the accounts nearest to a limit, of all objects. Error: one did not answer, so that the list would lack some. */
export async function readNearLimits(
  stores: TallyStores | undefined,
  zone: Zone,
  { hash, most }: { readonly hash?: string; readonly most: number },
): Promise<Result<NearLimits, 'tallies-unavailable'>> {
  if (stores === undefined) return UNAVAILABLE
  const { id, place } = zoneTalliesOf(zone)
  const asked = Array.from({ length: SHARDS }, (_, shard) => nearIn(stores(id, shard, place), hash, most))
  const limits: NearLimit[] = []
  let count = 0
  for (const answer of await Promise.all(asked)) {
    if (answer === undefined) return UNAVAILABLE
    limits.push(...answer.limits)
    count += answer.count
  }
  return ok({ limits: limits.sort(compareNear).slice(0, most), count })
}

const UNAVAILABLE = err('tallies-unavailable' as const)

async function nearIn(apply: ApplyTally, hash: string | undefined, most: number): Promise<NearLimits | undefined> {
  const command = { kind: 'near', most, ...(hash !== undefined && { hash }) } as const
  const answer = await withTimeout(
    apply(command).catch(() => undefined),
    READ_MS,
  )
  return answer?.ok === true ? answer.near : undefined
}

/** Returns the account of a hash, if it is listed; undefined if not, or if its name was sealed under a secret that is gone. */
export async function findNear(
  stores: TallyStores | undefined,
  zone: Zone,
  hash: string,
): Promise<Result<NearAccount | undefined, 'tallies-unavailable'>> {
  const found = await readNearLimits(stores, zone, { hash, most: 1 })
  if (!found.ok) return found
  const [near] = found.value.limits
  return ok(near && (await opened(near, zone)))
}

async function opened({ sealed }: NearLimit, { id, gateKeys }: Zone): Promise<NearAccount | undefined> {
  const named = gateKeys && (await unseal(sealed, SEALED, gateKeys, id))
  if (typeof named !== 'object' || named === null || !('issuer' in named && 'account' in named)) return undefined
  const { issuer, account } = named
  return typeof issuer === 'string' && typeof account === 'string' ? { issuer, account } : undefined
}

/**
 * Takes an account off the lists, under whatever hash it is there, and forgets how far its records were added up. Returns false
 * if it is not known that this was done.
 */
export async function forgetNear(
  stores: TallyStores | undefined,
  zone: Zone,
  { issuer, account }: NearAccount,
): Promise<boolean> {
  // Without a store nothing was listed.
  if (stores === undefined) return true
  const payer = payerOfRecord({ facts: { zone: zone.name, issuer, account } })
  const { id, place } = zoneTalliesOf(zone)
  const apply = stores(id, shardOf(payer), place)
  const listed = await nearIn(apply, undefined, MAX_NEAR)
  if (listed === undefined) return false
  const hashes = new Set<string>()
  for (const near of listed.limits) {
    const named = await opened(near, zone)
    if (named?.issuer === issuer && named.account === account) hashes.add(near.hash)
  }
  const forgotten = await withTimeout(
    apply({ kind: 'forget', payer, hashes: [...hashes] }).catch(() => undefined),
    READ_MS,
  )
  return forgotten?.ok === true
}
