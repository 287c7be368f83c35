import * as v from 'valibot'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { HS256_BYTES, safeUrl, secretValue } from '../config/rules/values.ts'
import { ALERT_NAMES, type AlertName, DEFAULT_THRESHOLDS, type Threshold, type Thresholds } from './rules/alert.ts'

/** Where alerts go. */
export interface AlertReceiver {
  /** https, or http on loopback. It takes an alert by answering 2xx; otherwise the same alert is sent again. */
  url: string
  /** Names the environment's secret that signs: at least 32 bytes. */
  secret: string
}

/** From when on something is an alert. What is left out is as it is by default. */
export interface AlertThreshold {
  /** The least number, whatever is usual. Of `sink-failing`: seconds. */
  atLeast?: number
  /** How many times the number of the same ten minutes last week. */
  timesUsual?: number
  /** The share of all requests, from 0 to 1. */
  share?: number
}

/** Who is told of what. */
export interface AlertsOptions {
  /** At most eight. */
  to: AlertReceiver[]
  /** The minutes for which something is beyond its threshold before its alert fires. Default: 2. */
  forMinutes?: number
  /** The minutes for which it is within again before the alert is resolved. Default: 5. */
  clearMinutes?: number
  /** Other thresholds, by alert; `false` switches one off. */
  thresholds?: { [Alert in AlertName]?: AlertThreshold | false }
  /** Where messages link to. Default: the dashboard, at its own host or the zone's first; these alerts if there is none. */
  link?: string
}

/** The checked options. */
export interface AlertTerms {
  readonly to: readonly { readonly url: string; readonly secret: string }[]
  readonly forMs: number
  readonly clearMs: number
  readonly thresholds: Thresholds
  readonly link: string | undefined
}

const MINUTE_MS = 60_000
const MOST_RECEIVERS = 8
const MOST_MINUTES = 24 * 60

const count = v.pipe(v.number('expected a number'), v.finite('expected a number'), v.minValue(1, 'expected at least 1'))
const share = v.pipe(v.number('expected a number'), v.minValue(0, 'expected 0 to 1'), v.maxValue(1, 'expected 0 to 1'))
const minutes = v.pipe(
  v.number('expected a number of minutes'),
  v.minValue(0, 'expected 0 or more'),
  v.maxValue(MOST_MINUTES, `expected ${MOST_MINUTES} minutes at most`),
)
const threshold = v.strictObject({
  atLeast: v.optional(count),
  timesUsual: v.optional(count),
  share: v.optional(share),
})
const ofAlert = v.optional(v.union([v.literal(false), threshold], 'expected thresholds, or false'))
const thresholds = v.strictObject(
  Object.fromEntries(ALERT_NAMES.map((name) => [name, ofAlert])) as Record<AlertName, typeof ofAlert>,
)

/** Wraps the options of alerts. */
export function alertOptions(options: unknown) {
  return pluginOptions(
    ({ secrets }) =>
      v.pipe(
        v.strictObject({
          to: v.pipe(
            v.array(v.strictObject({ url: safeUrl, secret: secretValue(secrets, HS256_BYTES) }), 'expected a list'),
            v.minLength(1, 'expected at least one'),
            v.maxLength(MOST_RECEIVERS, `expected ${MOST_RECEIVERS} at most`),
          ),
          forMinutes: v.optional(minutes, 2),
          clearMinutes: v.optional(minutes, 5),
          thresholds: v.optional(thresholds, {}),
          link: v.optional(safeUrl),
        }),
        v.transform(
          ({ to, forMinutes, clearMinutes, thresholds: given, link }): AlertTerms => ({
            to,
            forMs: forMinutes * MINUTE_MS,
            clearMs: clearMinutes * MINUTE_MS,
            thresholds: thresholdsOf(given),
            link,
          }),
        ),
      ),
    options,
  )
}

function thresholdsOf(given: v.InferOutput<typeof thresholds>): Thresholds {
  return Object.fromEntries(
    ALERT_NAMES.flatMap((name): readonly (readonly [AlertName, Threshold])[] => {
      const other = given[name]
      if (other === false) return []
      const set = Object.entries(other ?? {}).filter(([, value]) => value !== undefined)
      return [[name, { ...DEFAULT_THRESHOLDS[name], ...Object.fromEntries(set) }]]
    }),
  )
}
