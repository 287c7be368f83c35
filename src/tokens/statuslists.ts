/**
 * Looks up tokens in the status lists of their issuers (Token Status List): fetched, kept and refreshed by one isolate.
 *
 * A signed token cannot be taken back, so issuers publish revocations as bit lists of up to megabytes. A list is used
 * without waiting while it is young, and refreshed behind a request before it is old; its issuer states the time to live,
 * within our bounds. If the host is down, the old list serves for the `staleMs` of the policy; after that every token of
 * the list is refused with `standing-unavailable`. An older list never replaces a newer one. Memory is bounded, and lists
 * unused for long are dropped first.
 */

import { after, type Eventually } from '../core/eventually.ts'
import { type Distrust, isDistrusted } from '../access/distrust.ts'
import type { Issuer } from '../access/issuer.ts'
import { endMs, judgeLifetime } from '../access/lifetime.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { mapTokens, type Presented, type Proof, refusedTo, type TokenProof } from '../access/proof.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type StatusList, type StatusReference, statusAt, type TokenStatus } from '../access/statuslist.ts'
import type { Call, Clock, Keys, StatusLists, Platform } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import { MAX_LIST_TOKEN_BYTES, type PublishedList, verifyStatusList } from './statuslisttoken.ts'
import { tryFetch, tryFetchOrWait, type Backoff, isFetching, isResting, NO_BACKOFF, restMs } from '../http/backoff.ts'
import { download } from '../http/download.ts'
import type { Fetched } from '../http/rules/fetched.ts'

/** The memory of all lists of one isolate. Each also counts for its name and a kilobyte, which bounds their number. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024
const DEFAULT_TTL_SECONDS = 300
/**
 * The bounds of a time to live, whatever the issuer states: the host is not asked more often, and a revocation takes no
 * longer (Token Status List §11.5).
 */
const MIN_TTL_SECONDS = 5
const MAX_TTL_SECONDS = 12 * 3600
/** The fraction of its lifetime after which a list is refreshed behind a request. */
const REFRESH_AHEAD = 0.75

/** One version of a list. Times are in milliseconds. */
interface ListCopy {
  readonly list: StatusList
  /** The start of the fetch. */
  readonly asOf: number
  /** As stated by the issuer, in seconds. */
  readonly issuedAt: number
  readonly refreshAt: number
  readonly freshUntil: number
  /** The end of its use while no other can be had. */
  readonly usableUntil: number
  /** The RFC 7638 thumbprint of the key that signed it. */
  readonly signedBy: string | undefined
}

/** The state of one list in one isolate. */
interface ListState extends Backoff {
  readonly key: string
  readonly uri: string
  readonly policy: StatusReference['policy']
  copy: ListCopy | undefined
  /** The clock, at the last look. */
  seenAt: number
}

/** Called if a list could not be fetched. `message` holds no credential. */
export type ListFailure = (uri: string, message: string) => void

/** What an isolate knows of status lists. */
export interface KnownStatusLists {
  /** Returns all that were asked for, and are not forgotten. */
  known(): readonly (Fetched & { readonly uri: string })[]
}

/** Creates the status lists of one isolate. */
export function createStatusLists(
  keys: Keys,
  platform: Pick<Platform, 'clock' | 'fetch'>,
  onFailure: ListFailure,
): StatusLists & KnownStatusLists {
  const { clock } = platform
  const states = new LruCache<ListState>(MAX_MEMORY_BYTES, ({ copy }) => copy?.list.bytes.byteLength ?? 0)
  const keyOf = createKeyOf()

  function refresh(state: ListState, reference: StatusReference, call: Call, distrust?: Distrust): Promise<void> {
    const { uri } = reference
    const fetchList = async (asOf: number): Promise<void> => {
      const verify = (text: string): ReturnType<typeof verifyStatusList> =>
        verifyStatusList(text, reference, keys, { now: clock(), waitUntil: call.waitUntil }, distrust)
      const copy = await fetchCopy(reference, asOf, platform.fetch, verify)
      // Neither a host nor an overtaken fetch may undo a revocation.
      const held = states.get(state.key)?.copy ?? state.copy
      if (held !== undefined && copy.issuedAt < held.issuedAt)
        throw new Error('an older list than the one that is held')
      states.delete(state.key) // with its size at the time it was added
      state.copy = copy
      state.seenAt = Math.max(state.seenAt, asOf) // the clock may have run back since then
      states.set(state.key, state)
    }
    return tryFetch(state, clock, fetchList, (message) => onFailure(uri, message))
  }

  return {
    of(reference, call, distrust) {
      const key = keyOf(reference)
      const now = clock()
      const state = states.get(key) ?? newState(key, reference, now)
      if (state.attemptedAt === NO_BACKOFF.attemptedAt) states.set(key, state)
      noteClock(state, now)
      if (distrust !== undefined && isDistrusted(distrust, state.copy?.signedBy)) state.copy = undefined
      const copy = usableCopy(state, now, () => call.waitUntil(refresh(state, reference, call, distrust)))
      if (copy !== undefined) return readStatus(copy, reference.idx)
      return awaitStatus(state, reference.idx, clock, () =>
        tryFetchOrWait(state, clock, () => refresh(state, reference, call, distrust), call.waitUntil),
      )
    },
    known: () =>
      states.values().map(({ uri, copy, failedAt }) => {
        const { asOf, freshUntil = 0, usableUntil = 0 } = copy ?? {}
        return { uri, asOf, freshUntil, usableUntil, failedAt }
      }),
  }
}

function newState(key: string, { uri, policy }: StatusReference, now: number): ListState {
  return { key, uri, policy, copy: undefined, seenAt: now, ...NO_BACKOFF }
}

/** Returns the key of a list. Two issuer entries may name one URI and have different keys, so each gets its own copy. */
function createKeyOf(): (reference: StatusReference) => string {
  const numbers = new WeakMap<Issuer, number>()
  let count = 0
  return ({ issuer, uri }) => {
    const number = numbers.get(issuer) ?? count++
    numbers.set(issuer, number)
    return `${number} ${uri}`
  }
}

/**
 * Notes the clock. If it ran back, the age of the list is unknown: the list is taken to be due for a refresh, and usable
 * for `staleMs` if no other can be had.
 */
function noteClock(state: ListState, now: number): void {
  const { copy, seenAt, policy } = state
  state.seenAt = now
  if (now >= seenAt || copy === undefined) return
  const usableUntil = Math.min(copy.usableUntil, now + policy.staleMs)
  state.copy = { ...copy, refreshAt: now, freshUntil: now, usableUntil }
}

/** Returns the copy if it may be used without waiting: while it is young, and while its host is known to be down. */
function usableCopy(state: ListState, now: number, refreshBehind: () => void): ListCopy | undefined {
  const { copy } = state
  if (copy === undefined) return undefined
  if (now >= copy.freshUntil && (state.failedAt === undefined || now >= copy.usableUntil)) return undefined
  if (now >= copy.refreshAt && !isResting(state, now) && !isFetching(state, now)) refreshBehind()
  return copy
}

async function awaitStatus(
  state: ListState,
  idx: number,
  clock: Clock,
  update: () => Promise<void>,
): Promise<Result<TokenStatus, Refusal>> {
  if (!isResting(state, clock())) await update()
  const { copy } = state
  if (copy !== undefined && clock() < copy.usableUntil) return readStatus(copy, idx)
  const detail = "Whether the token was revoked cannot be known: its issuer's status list cannot be had at the moment."
  const retryAfterSeconds = Math.max(1, Math.ceil(restMs(state) / 1000))
  return err(refusal('standing-unavailable', detail, { check: 'standing', retryAfterSeconds }))
}

/** Fetches and verifies a list. Throws, with a message fit for the log, if there is none to be had. */
async function fetchCopy(
  reference: StatusReference,
  asOf: number,
  fetch: Platform['fetch'],
  verify: (text: string) => ReturnType<typeof verifyStatusList>,
): Promise<ListCopy> {
  const { uri, policy } = reference
  const accept = 'application/statuslist+jwt'
  const text = await download(fetch, uri, { accept, timeoutMs: policy.timeoutMs, maxBytes: MAX_LIST_TOKEN_BYTES })
  const published = await verify(text.trim())
  if (!published.ok) throw new Error(published.error)
  return copyOf(published.value, asOf, policy.staleMs)
}

/**
 * Computes the times of a copy. `exp` ends it in any case: an expired list must not be relied upon (Token Status List
 * §13.7).
 */
function copyOf(published: PublishedList, asOf: number, staleMs: number): ListCopy {
  const { list, issuedAt, expires, ttlSeconds, signedBy } = published
  const ttl = Math.min(MAX_TTL_SECONDS, Math.max(MIN_TTL_SECONDS, ttlSeconds ?? DEFAULT_TTL_SECONDS))
  const end = expires === undefined ? Number.POSITIVE_INFINITY : endMs(expires)
  const freshUntil = Math.min(asOf + ttl * 1000, end)
  const refreshAt = asOf + (freshUntil - asOf) * REFRESH_AHEAD
  return { list, asOf, issuedAt, refreshAt, freshUntil, usableUntil: Math.min(freshUntil + staleMs, end), signedBy }
}

const KNOWN: Record<TokenStatus, Result<TokenStatus, Refusal>> = {
  valid: ok('valid'),
  invalid: ok('invalid'),
  suspended: ok('suspended'),
}
const BEYOND = err(
  refusal('credential-invalid', 'The token names a place ("idx") that its status list does not have.', {
    check: 'standing',
  }),
)

function readStatus(copy: ListCopy, idx: number): Result<TokenStatus, Refusal> {
  const status = statusAt(copy.list, idx)
  return status === undefined ? BEYOND : KNOWN[status]
}

const REVOKED = refusal('subscription-inactive', 'The token was revoked by its issuer.', { check: 'standing' })
const SUSPENDED = refusal('security-hold', 'The token is suspended by its issuer. Support can lift that.', {
  check: 'standing',
})

/**
 * Returns the refusal of a verified proof by its issuer's status list, or undefined. A proof without a status costs
 * nothing. No list is fetched for a proof out of its time: `decide` refuses it. Errors of `of` are refusals too.
 */
export function revocationOf(
  proof: Proof,
  lists: StatusLists,
  call: Call,
  distrust?: Distrust,
): Eventually<Refusal | undefined> {
  const { status } = proof
  if (status === undefined || judgeLifetime(proof, call.now) !== undefined) return undefined
  return after(lists.of(status, call, distrust), (found) => {
    if (!found.ok) return found.error
    return found.value === 'valid' ? undefined : found.value === 'suspended' ? SUSPENDED : REVOKED
  })
}

/** Returns true if a status list may say more about one of the proofs. */
export function isAnyListed(presented: Presented | undefined): presented is Presented {
  return presented !== undefined && presented.some(({ proof }) => isListed(proof))
}

/** Returns the presented proofs, with those revoked since they were signed turned into refusals. */
export function withStatus(
  presented: Presented,
  lists: StatusLists,
  call: Call,
  distrust: Distrust | undefined,
): Eventually<Presented> {
  return mapTokens(presented, (proof) => checkRevocation(proof, lists, call, distrust))
}

function isListed(verified: Result<Proof, Refusal>): boolean {
  return verified.ok && verified.value.status !== undefined
}

function checkRevocation<P extends TokenProof>(
  verified: Result<P, Refusal>,
  lists: StatusLists,
  call: Call,
  distrust: Distrust | undefined,
): Eventually<Result<P, Refusal>> {
  if (!verified.ok) return verified
  return after(revocationOf(verified.value, lists, call, distrust), (refused) =>
    refused === undefined ? verified : refusedTo(verified.value, refused),
  )
}
