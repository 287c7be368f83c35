import * as v from 'valibot'
import type { LogPolicy } from '../requestlog.ts'
import { seconds, secretName, whole } from './rules/values.ts'

const ACCOUNT_KEY_BYTES = 16
const SHARE = 'expected a share from 0 to 1'
const share = v.optional(v.pipe(v.number(SHARE), v.minValue(0, SHARE), v.maxValue(1, SHARE)))

/** The longest batch: Workers keep a request's work alive for half a minute after its response. */
const MAX_BATCH_SECONDS = 20
const MAX_BATCH_LINES = 500

/** The schema of `log`. */
export function logSchema(secrets: ReadonlyMap<string, string>) {
  return v.strictObject({
    accountKey: v.optional(secretName(secrets, ACCOUNT_KEY_BYTES)),
    sample: v.optional(v.strictObject({ serve: share, refuse: share, prefetch: share, preflight: share })),
    batch: v.optional(
      v.strictObject({
        lines: v.optional(whole(1, MAX_BATCH_LINES)),
        seconds: v.optional(seconds(0.01, MAX_BATCH_SECONDS)),
      }),
    ),
  })
}

type CheckedLog = v.InferOutput<ReturnType<typeof logSchema>>

/** Compiles which lines of the log are written, and when. Everything is written at once without options. */
export function compileLog({ sample = {}, batch }: CheckedLog = {}): LogPolicy {
  const { lines = 100, seconds: wait = 1 } = batch ?? {}
  return { sample, batch: batch && { lines, waitMs: wait * 1000 } }
}
