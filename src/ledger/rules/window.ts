/**
 * The boundaries of a limit's window, as pure arithmetic on time.
 *
 * Fixed windows are aligned to an anchor, or to 1970, rather than to first use: everyone who asks when a quota resets gets
 * the same answer from the time alone, and nothing has to be stored for it. Months are months of UTC, and a window that
 * begins on the 31st begins on the last day of shorter months. Sliding windows are counted in sixtieths, so that their size
 * is bounded; usage may count up to a sixtieth too long, and never too short.
 */
import { DAY_MS, dayOfMonth, monthAround } from './calendar.ts'
import type { Limit } from '../../access/limit.ts'

/**
 * A limit's window without its quota. Usage is counted for each span, so that it survives a change of plan. Limits with the
 * same boundaries, such as a day and 86400 seconds, share one.
 */
export type WindowSpan =
  | { readonly kind: 'every'; readonly lengthMs: number; readonly offsetMs: number }
  | { readonly kind: 'month'; readonly day: number; readonly offsetMs: number }
  | { readonly kind: 'sliding'; readonly lengthMs: number; readonly widthMs: number }

/** The longest month: a quota that slides over it holds in every month. */
const MONTH_MS = 31 * DAY_MS

/** By how much a clock may run back. */
export const CLOCK_SLACK_MS = 60_000

/** The number of parts in which a sliding window is counted. */
const PARTS = 60

/** Returns the span of a limit, aligned to its anchor or to 1970. */
export function windowSpanOf({ window, kind, anchor = 0 }: Limit): WindowSpan {
  const length = window === 'P1M' ? undefined : window === 'P1D' ? DAY_MS : window * 1000
  if (kind === 'sliding') {
    const lengthMs = length ?? MONTH_MS
    return { kind, lengthMs, widthMs: Math.ceil(lengthMs / PARTS) }
  }
  if (length === undefined) return { kind: 'month', ...dayOfMonth(anchor * 1000) }
  return { kind: 'every', lengthMs: length, offsetMs: (anchor * 1000) % length }
}

/** Spells a span as text: equal for equal spans, and without spaces. */
export function spanKey(span: WindowSpan): string {
  switch (span.kind) {
    case 'every':
      return `every:${span.lengthMs}+${span.offsetMs}`
    case 'month':
      return `month:${span.day}+${span.offsetMs}`
    case 'sliding':
      return `sliding:${span.lengthMs}`
  }
}

/** Returns the longest time that usage matters. */
export function lengthOf(span: WindowSpan): number {
  return span.kind === 'month' ? MONTH_MS : span.lengthMs
}

/** Returns the start of the part that contains an instant. */
export function startOf(span: WindowSpan, time: number): number {
  switch (span.kind) {
    case 'every':
      return aligned(time, span.lengthMs, span.offsetMs)
    case 'month':
      return monthAround(time, span.day, span.offsetMs).start
    case 'sliding':
      return aligned(time, span.widthMs, 0)
  }
}

function aligned(time: number, lengthMs: number, offsetMs: number): number {
  return Math.floor((time - offsetMs) / lengthMs) * lengthMs + offsetMs
}

/**
 * Returns the time at which the part that begins at `start` stops counting. A part of a sliding window counts until its last
 * unit is a whole window old: a unit may count up to a sixtieth of the window too long, never too short.
 */
export function countsUntil(span: WindowSpan, start: number): number {
  switch (span.kind) {
    case 'every':
      return start + span.lengthMs
    case 'month':
      return monthAround(start, span.day, span.offsetMs).end
    case 'sliding':
      return start + span.widthMs + span.lengthMs
  }
}
