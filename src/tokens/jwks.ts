/**
 * Finds the keys of issuers: fetched, kept and refreshed by one isolate.
 *
 * Nearly every request verifies against a key set that is already here, so a copy is used without waiting while it is
 * young, and refreshed behind a request before it is old. A token may also name a key published a moment ago: an unknown
 * `kid` leads to a fetch, at most one in each cool-down, so that forged tokens cannot make the gate hammer an issuer. If
 * the issuer is down, the old copy serves for `staleMs` longer; after that the answer is `keys-unavailable`. A key
 * removed by its issuer is trusted until the next fetch. Every change of the set is a new generation, so that verdicts
 * remembered under the old set are dropped.
 */

import { after, type Eventually } from '../core/eventually.ts'
import type { Issuer, KeySource, RefreshPolicy } from '../access/issuer.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Call, FoundKeys, Keys, Platform, WantedKey } from '../ports.ts'
import {
  tryFetch,
  tryFetchOrWait,
  type Backoff,
  isFetching,
  isResting,
  isWithin,
  NO_BACKOFF,
  restMs,
} from '../http/backoff.ts'
import { download } from '../http/download.ts'
import type { Fetched } from '../http/rules/fetched.ts'
import { createKeySet, type KeySet, MAX_TRIED, parseJwks } from './keyset.ts'
import { secretThumbprint } from '../access/thumbprint.ts'

const MAX_JWKS_BYTES = 256 * 1024
/** The fraction of the refresh interval after which a copy is refreshed behind a request. */
const REFRESH_AHEAD = 0.75

/** One version of an issuer's key set. */
interface KeysCopy {
  readonly generation: number
  readonly text: string
  readonly keys: KeySet
  /** The start of the fetch: keys published before it are in the copy. */
  readonly asOf: number
}

/** The state of one issuer's keys in one isolate. */
interface KeyState extends Backoff {
  readonly url: string
  readonly policy: RefreshPolicy
  copy: KeysCopy | undefined
  /** The clock, at the last look. */
  seenAt: number
}

/** Called if an issuer's keys could not be fetched. `message` holds no credential. */
export type KeyFailure = (url: string, message: string) => void

/** The parts of the platform that fetch keys, and a listener for failures. */
interface KeyFetching extends Pick<Platform, 'clock' | 'fetch'> {
  readonly onFailure: KeyFailure
}

/** What an isolate knows of the keys of issuers. */
export interface KnownKeys {
  /** Returns what is known of an issuer's keys; undefined if they are not fetched, or nobody has asked for them. */
  known(issuer: Issuer): Fetched | undefined
}

/** Creates the keys of all issuers for one isolate. */
export function createKeys(
  { clock, fetch }: Pick<Platform, 'clock' | 'fetch'>,
  onFailure: KeyFailure,
): Keys & KnownKeys {
  const fetching: KeyFetching = { clock, fetch, onFailure }
  const states = new WeakMap<KeySource, KeyState>()
  const fixed = new WeakMap<KeySource, KeySet>()
  const secrets = new WeakMap<KeySource, Result<FoundKeys, Refusal>>()
  return {
    generation(issuer, now, waitUntil) {
      if (issuer.keys.kind !== 'url') return 0
      const state = stateOf(states, issuer.keys)
      // A request that waited for something is behind the others; the clock has not run back.
      noteClock(state, now < state.seenAt ? clock() : now)
      return usableGeneration(state, now, (due) => waitUntil(refresh(due, fetching)))
    },
    find(issuer, wanted, call) {
      const { keys } = issuer
      if (keys.kind === 'secret') return findSecret(secrets, keys)
      if (keys.kind === 'inline') return findFixed(fixed, keys, wanted)
      const state = stateOf(states, keys)
      const now = clock()
      noteClock(state, now)
      const at = usableGeneration(state, now, (due) => call.waitUntil(refresh(due, fetching)))
      const known = at === undefined ? undefined : state.copy?.keys.known(wanted)
      // Returns a key used before at once. `findFetched` handles everything that may have to wait.
      if (at !== undefined && known !== undefined) return ok({ keys: known, generation: at })
      return findFetched(state, at !== undefined, wanted, call, fetching)
    },
    known({ keys }) {
      const state = states.get(keys)
      return state && fetchedOf(state)
    },
  }
}

function fetchedOf({ copy, policy, failedAt }: KeyState): Fetched {
  const freshUntil = (copy?.asOf ?? 0) + policy.refreshMs
  return { asOf: copy?.asOf, freshUntil, usableUntil: freshUntil + policy.staleMs, failedAt }
}

function stateOf(states: WeakMap<KeySource, KeyState>, source: KeySource & { kind: 'url' }): KeyState {
  const known = states.get(source)
  if (known !== undefined) return known
  const { url, policy } = source
  const state: KeyState = { url, policy, copy: undefined, seenAt: Number.NEGATIVE_INFINITY, ...NO_BACKOFF }
  states.set(source, state)
  return state
}

/**
 * Notes the clock. If it ran back, the age of the copy is unknown: the copy is taken to be due for a refresh, and usable
 * for `staleMs` if no other can be had.
 */
function noteClock(state: KeyState, now: number): void {
  const { copy, seenAt, policy } = state
  state.seenAt = now
  if (now >= seenAt || copy === undefined) return
  state.copy = { ...copy, asOf: Math.min(copy.asOf, now - policy.refreshMs) }
}

/**
 * Returns the generation if the copy may be used without waiting: while it is young, and while the issuer is known to be
 * down. Starts a refresh behind the request if one is due.
 */
function usableGeneration(state: KeyState, now: number, refreshBehind: (state: KeyState) => void): number | undefined {
  const { copy, policy } = state
  if (copy === undefined) return undefined
  const age = now - copy.asOf
  if (age < policy.refreshMs * REFRESH_AHEAD) return copy.generation
  if (age < policy.refreshMs) {
    if (mayFetch(state, now)) refreshBehind(state)
    return copy.generation
  }
  if (state.failedAt === undefined || age >= policy.refreshMs + policy.staleMs) return undefined
  if (!isResting(state, now) && !isFetching(state, now)) refreshBehind(state)
  return copy.generation
}

/** Returns true if a fetch may start: at most one in each cool-down, however many unknown `kid`s are presented. */
function mayFetch(state: KeyState, now: number): boolean {
  return !isFetching(state, now) && !isWithin(state.policy.cooldownMs, state.attemptedAt, now)
}

/** Finds a key, and fetches if necessary. `isUsable`: the copy may be used without waiting, but may lack the key. */
async function findFetched(
  state: KeyState,
  isUsable: boolean,
  wanted: WantedKey,
  call: Call,
  fetching: KeyFetching,
): Promise<Result<FoundKeys, Refusal>> {
  const { policy } = state
  const { clock } = fetching
  const isOld = (): boolean => state.copy === undefined || clock() - state.copy.asOf >= policy.refreshMs
  const update = (): Promise<void> => tryFetchOrWait(state, clock, () => refresh(state, fetching), call.waitUntil)

  if (!isUsable && !isResting(state, clock())) await update()
  let found = await resolveIn(state, wanted, clock())
  if (found === 'absent' && (mayFetch(state, clock()) || isFetching(state, clock()))) {
    await update()
    found = await resolveIn(state, wanted, clock())
  }
  if (found === 'ambiguous') return ambiguous(wanted)
  if (found !== 'absent' && found !== 'none') return ok(found)
  if (found === 'none' || isOld())
    return err(
      refusal('keys-unavailable', "The keys of the token's issuer cannot be had at the moment.", {
        check: 'key',
        retryAfterSeconds: Math.ceil(restMs(state) / 1000),
      }),
    )
  return NO_SUCH_KEY
}

const NO_SUCH_KEY = err(
  refusal('credential-invalid', 'The issuer of the token has no such key ("kid").', { check: 'key' }),
)

function ambiguous({ kid }: WantedKey): Result<never, Refusal> {
  return kid === undefined ? SEVERAL_FIT : TOO_MANY_FIT
}

const SEVERAL_FIT = err(
  refusal('credential-invalid', 'The token has no "kid", and its issuer has several keys that fit.', { check: 'key' }),
)
const TOO_MANY_FIT = err(
  refusal('credential-invalid', `The issuer of the token has more than ${MAX_TRIED} keys of one "kid" that fit.`, {
    check: 'key',
  }),
)

/** Looks the key up in the copy. `none`: no usable copy. `absent`: the copy lacks the key. */
async function resolveIn(
  state: KeyState,
  wanted: WantedKey,
  now: number,
): Promise<FoundKeys | 'none' | 'absent' | 'ambiguous'> {
  const { copy, policy } = state
  if (copy === undefined || now - copy.asOf >= policy.refreshMs + policy.staleMs) return 'none'
  const keys = await copy.keys.resolve(wanted)
  return typeof keys === 'string' ? keys : { keys, generation: copy.generation }
}

function findSecret(
  memory: WeakMap<KeySource, Result<FoundKeys, Refusal>>,
  source: KeySource & { kind: 'secret' },
): Result<FoundKeys, Refusal> {
  const known = memory.get(source)
  if (known !== undefined) return known
  const { bytes } = source
  const found = ok({ keys: [{ key: bytes, thumbprint: secretThumbprint(bytes) }], generation: 0 })
  memory.set(source, found)
  return found
}

function findFixed(
  memory: WeakMap<KeySource, KeySet>,
  source: KeySource & { kind: 'inline' },
  wanted: WantedKey,
): Eventually<Result<FoundKeys, Refusal>> {
  const keys = memory.get(source) ?? createKeySet(source.keys)
  memory.set(source, keys)
  return after(keys.known(wanted) ?? keys.resolve(wanted), (found) => {
    if (found === 'ambiguous') return ambiguous(wanted)
    return found === 'absent' ? NO_SUCH_KEY : ok({ keys: found, generation: 0 })
  })
}

/** Fetches the keys into `state`. Never throws: a failure is noted in `state`. */
function refresh(state: KeyState, { clock, fetch, onFailure }: KeyFetching): Promise<void> {
  const fetchKeys = async (asOf: number): Promise<void> => {
    const { timeoutMs } = state.policy
    const text = await download(fetch, state.url, { accept: 'application/json', timeoutMs, maxBytes: MAX_JWKS_BYTES })
    state.copy = nextCopy(state.copy, text, asOf)
    state.seenAt = Math.max(state.seenAt, asOf) // the clock may have run back since then
  }
  return tryFetch(state, clock, fetchKeys, (message) => onFailure(state.url, message))
}

/** Returns the next copy; of the same generation if the text is the same. Throws on anything but a JWK Set. */
function nextCopy(last: KeysCopy | undefined, text: string, asOf: number): KeysCopy {
  if (last !== undefined && last.text === text) return { ...last, asOf }
  return { generation: (last?.generation ?? 0) + 1, text, keys: parseJwks(text), asOf }
}
