/**
 * Keeps the address ranges of a crawler, as its operator publishes them.
 *
 * They are kept like the keys of an issuer: used without waiting while they are young, fetched anew behind a request before they
 * are old, used for a time longer if they cannot be had, and never fetched more often than the pause allows, whoever asks.
 */
import { type AddressRange, addressRange, isInRanges, isOfIpv4 } from '../../http/addressrange.ts'
import {
  type Backoff,
  isFetching,
  isResting,
  isWithin,
  NO_BACKOFF,
  tryFetch,
  tryFetchOrWait,
} from '../../http/backoff.ts'
import { download } from '../../http/download.ts'
import { logWarning } from '../../log.ts'
import type { Call, Platform } from '../../ports.ts'
import { readRangeList } from './rules/list.ts'

/** Address ranges in the notation of CIDR. Undefined while they cannot be had. */
export interface Ranges {
  /** Returns true if the address lies in one of them; undefined if they are not known. */
  has(address: string, call: Call): Promise<boolean | undefined>
}

const HOUR_MS = 3_600_000
const REFRESH_MS = 24 * HOUR_MS
const AHEAD_MS = 18 * HOUR_MS
const STALE_MS = 7 * 24 * HOUR_MS
const MAX_BYTES = 1024 * 1024
const POLICY = { cooldownMs: 5 * 60_000, timeoutMs: 5000 }

/** Returns true if the text is a range. */
export function isRange(text: string): boolean {
  return parsedRange(text) !== undefined
}

/** Returns ranges that never change. */
export function fixedRanges(texts: readonly string[]): Ranges {
  const ranges = texts.map(parsedRange).filter((range) => range !== undefined)
  return { has: (address) => Promise.resolve(isInRanges(address, ranges)) }
}

/** Returns the ranges that are published at a URL. */
export function publishedRanges(url: string, { clock, fetch }: Pick<Platform, 'clock' | 'fetch'>): Ranges {
  const state: Backoff & { copy?: { readonly ranges: readonly AddressRange[]; readonly asOf: number } } = {
    policy: POLICY,
    ...NO_BACKOFF,
  }
  const refresh = (): Promise<void> =>
    tryFetch(
      state,
      clock,
      async (asOf) => {
        const terms = { accept: 'application/json', timeoutMs: POLICY.timeoutMs, maxBytes: MAX_BYTES }
        state.copy = { ranges: readRanges(await download(fetch, url, terms)), asOf }
      },
      (message) => logWarning({ crawlerRanges: new URL(url).host, error: message }),
    )
  const isYoung = (ms: number): boolean => state.copy !== undefined && isWithin(ms, state.copy.asOf, clock())
  const mayFetch = (): boolean => !isResting(state, clock())
  return {
    async has(address, { waitUntil }) {
      if (!isYoung(REFRESH_MS)) {
        if (mayFetch()) await tryFetchOrWait(state, clock, refresh, waitUntil)
      } else if (!isYoung(AHEAD_MS) && mayFetch() && !isFetching(state, clock())) waitUntil(refresh())
      return state.copy !== undefined && isYoung(REFRESH_MS + STALE_MS)
        ? isInRanges(address, state.copy.ranges)
        : undefined
    },
  }
}

function readRanges(text: string): readonly AddressRange[] {
  return readRangeList(text).map((range) => {
    const parsed = parsedRange(range)
    if (parsed === undefined) throw new Error('a range that is none')
    return parsed
  })
}

/** Parses a range. One that holds more than the crawlers of anybody is taken for a mistake. */
function parsedRange(text: string): AddressRange | undefined {
  const range = addressRange(text)
  return range === undefined || range.bits < (isOfIpv4(range) ? 8 : 16) ? undefined : range
}
