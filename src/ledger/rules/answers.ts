/**
 * Answers that a ledger keeps beside its charges: what a request under an idempotency key was answered, for when the request
 * is sent again, and what waits for the settlement of a payment.
 *
 * Every written and every deleted row is billed, so an answer is one row, and is never deleted by itself. Answers kept in
 * the same hours form a segment, which is dropped as a whole: once the last of its answers has expired, or if room is needed
 * for newer ones. So a ledger has a few segments, and at most 16 MiB in all of them. Answers are independent of the book:
 * they are named by the charge that they belong to, and whoever loses them loses no money.
 */
import { DAY_MS } from './calendar.ts'

/** `replay`: for the same request again. `settlement`: until the payment of the request is settled. */
export type AnswerPurpose = 'replay' | 'settlement'

/** The name of a kept answer. */
export interface AnswerName {
  /** The id of the charge that the answer belongs to. */
  readonly charge: string
  readonly purpose: AnswerPurpose
}

/** An answer without the fields that are written anew for each response. */
export interface KeptAnswer {
  readonly status: number
  readonly fields: readonly AnswerField[]
  /** As it was sent, content coding included. Null if the answer had no content. */
  readonly body: Uint8Array | null
}

export interface AnswerField {
  readonly name: string
  readonly value: string
}

export interface KeepAnswerCommand extends AnswerName {
  /** The time for which the answer is found, in milliseconds; at most a day. */
  readonly keepMs: number
  readonly answer: KeptAnswer
}

export interface AnswerRow extends AnswerName {
  /** Milliseconds since 1970. */
  readonly expires: number
  readonly bytes: number
  readonly answer: KeptAnswer
}

/** The answers of one ledger. A segment is named by its beginning, in milliseconds since 1970. */
export interface KeptAnswers {
  /** The beginnings of all segments, oldest first. */
  readonly segments: readonly number[]
  /** Returns the size of the newest segment. */
  newestSize(): SegmentSize
  find(segment: number, name: AnswerName): AnswerRow | undefined
}

export interface SegmentSize {
  readonly answers: number
  readonly bytes: number
}

/** A segment to drop, or a row to write. The first row of a segment begins it. */
export type AnswerChange =
  | { readonly kind: 'drop'; readonly segment: number }
  | { readonly kind: 'put'; readonly segment: number; readonly row: AnswerRow }

/** The time for which an answer is kept. */
export const ANSWER_MS = DAY_MS
export const MAX_ANSWER_BODY_BYTES = 1024 * 1024
/** The most bytes of an answer's fields. */
export const MAX_ANSWER_FIELDS_BYTES = 32 * 1024
/** The bytes that a row takes beside body and fields. */
const ROW_BYTES = 128

const MAX_SEGMENT_BYTES = 4 * 1024 * 1024
/** A ledger that is opened counts the answers of its newest segment. */
const MAX_SEGMENT_ANSWERS = 1024
/** The time for which answers are added to a segment. All segments together span more than a day. */
const SEGMENT_MS = 8 * 60 * 60_000
const MAX_SEGMENTS = 4

/** Returns the bytes of an answer's fields. Bytes beyond ASCII are counted as three. */
export function fieldBytes({ fields }: Pick<KeptAnswer, 'fields'>): number {
  return fields.reduce((sum, { name, value }) => sum + name.length + bytesOfText(value) + 4, 0)
}

function bytesOfText(text: string): number {
  return /^[\x20-\x7e\t]*$/.test(text) ? text.length : 3 * text.length
}

/** Throws if an answer is too large: only a bug of ours can send one, as the sender stops collecting earlier. */
export function checkAnswer({ answer, keepMs }: KeepAnswerCommand): void {
  const isSmall =
    (answer.body?.byteLength ?? 0) <= MAX_ANSWER_BODY_BYTES && fieldBytes(answer) <= MAX_ANSWER_FIELDS_BYTES
  if (!isSmall || !(keepMs > 0)) throw new RangeError('an answer that no ledger keeps')
}

/** Keeps an answer. Drops what has expired, and the oldest segment if there is no room. */
export function keepAnswer(answers: KeptAnswers, command: KeepAnswerCommand, now: number): readonly AnswerChange[] {
  const { charge, purpose, keepMs, answer } = command
  const bytes = ROW_BYTES + charge.length + fieldBytes(answer) + (answer.body?.byteLength ?? 0)
  const row = { charge, purpose, expires: now + Math.min(keepMs, ANSWER_MS), bytes, answer }
  const newest = answers.segments.at(-1)
  if (newest !== undefined && hasRoom(answers, newest, bytes, now)) {
    const old = endedSegments(answers, now)
    return [...old.map(dropped), { kind: 'put', segment: newest, row }]
  }
  const old = new Set([...endedSegments(answers, now), ...answers.segments.slice(0, 1 - MAX_SEGMENTS)])
  // Two segments may begin in the same millisecond.
  const segment = Math.max(now, (newest ?? 0) + 1)
  return [...Array.from(old, dropped), { kind: 'put', segment, row }]
}

function hasRoom(answers: KeptAnswers, newest: number, bytes: number, now: number): boolean {
  if (now >= newest + SEGMENT_MS) return false
  const size = answers.newestSize()
  return size.answers < MAX_SEGMENT_ANSWERS && size.bytes + bytes <= MAX_SEGMENT_BYTES
}

/** Returns an answer that has not expired, or undefined. */
export function findAnswer(answers: KeptAnswers, name: AnswerName, now: number): KeptAnswer | undefined {
  for (const segment of answers.segments.toReversed()) {
    const found = answers.find(segment, name)
    if (found !== undefined) return found.expires > now ? found.answer : undefined
  }
  return undefined
}

/** Drops the segments in which every answer has expired. */
export function dropEnded(answers: KeptAnswers, now: number): readonly AnswerChange[] {
  return endedSegments(answers, now).map(dropped)
}

/** Drops all answers, as an erased ledger does. */
export function dropAll({ segments }: KeptAnswers): readonly AnswerChange[] {
  return segments.map(dropped)
}

/** Returns the time to drop the oldest segment, in milliseconds since 1970; undefined if there is none. */
export function answersEnd({ segments: [oldest] }: KeptAnswers): number | undefined {
  return oldest === undefined ? undefined : endOfSegment(oldest)
}

function endedSegments({ segments }: KeptAnswers, now: number): readonly number[] {
  return segments.filter((segment) => endOfSegment(segment) <= now)
}

function endOfSegment(segment: number): number {
  return segment + SEGMENT_MS + ANSWER_MS
}

function dropped(segment: number): AnswerChange {
  return { kind: 'drop', segment }
}
