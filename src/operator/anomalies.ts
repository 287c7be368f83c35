/** `/__faregate/anomalies`: what was not normal lately, for operators, what it stands on, and their word on it. */
import * as v from 'valibot'
import { forgetAccount, settleFinding } from '../anomalies/acting.ts'
import { createWatcher } from '../anomalies/createwatcher.ts'
import { createReader } from '../anomalies/read.ts'
import { type AnomalyPolicy, type AnomalyStep, ANOMALY_STEPS, DEFAULT_POLICY } from '../anomalies/rules/policy.ts'
import { applyWatch } from '../anomalies/rules/watchbook.ts'
import { SqlWatch } from '../anomalies/sqlwatch.ts'
import type { AnomalyPlugin } from '../anomalies/plugin.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { DAY, HS256_BYTES, secretValue, whole } from '../config/rules/values.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import { operatorEndpoint } from '../endpoints/operator.ts'
import { zoneTalliesOf } from '../tallies/zones.ts'
import { createAnomalyAction } from './anomalyorder.ts'

/** A signal that requests are watched for. */
export type WatchedSignal = 'hands' | 'spend' | 'rate' | 'reuse' | 'guessing' | 'revoked' | 'declines' | 'trips'

/** What is watched for, and what it would lead to. */
export interface AnomaliesOptions {
  /**
   * Names the environment's secret under which networks and tokens are hashed: at least 32 bytes, and of use for nothing else.
   * Under another secret everybody is a stranger for a day.
   */
  secret: string
  /** `observe`, the default: what was found is shown, and nobody is refused anything. `act`: the steps are taken. Rehearse on your own log before: docs/anomalies.md. */
  mode?: 'observe' | 'act'
  /** The most that one signal alone leads to, from `note` over `slow` and `ask` to `hold`. */
  act?: { [signal in WatchedSignal]?: 'note' | 'slow' | 'ask' | 'hold' }
  /** How long a hold lasts that nobody confirms (60 `minutes`), how many a zone has in a day (`perDay`, 5), and how many independent signals it `needs` (2). */
  hold?: { minutes?: number; perDay?: number; needs?: number }
  /** An account known for so many days (30) with so many charges (20) is asked to sign in where another would be held. */
  trusted?: { afterDays?: number; charges?: number }
  /** Accounts that are noted and no more: `plan:<plan>`, or `account:<hash>` as in the log. */
  exempt?: string[]
}

const SIGNAL_NAMES = [
  'hands',
  'spend',
  'rate',
  'reuse',
  'guessing',
  'revoked',
  'declines',
  'trips',
] as const satisfies WatchedSignal[]
const MOST_MINUTES = 7 * 24 * 60
const MOST_EXEMPT = 1000

/**
 * `GET /__faregate/anomalies`, for the token of an operator with the scope `view`: what was not normal lately, as JSON. `POST`
 * with the scope `hold`: `{"lift": "<reference>"}` ends a hold that the gate has placed by itself, and what led to it is not
 * listened to for a week; `{"confirm": "<reference>"}` has it last until it is lifted. With this endpoint, lines of the log say from which network and with which token a request came, in hashes. The dashboard shows the same. See
 * docs/operating.md#what-is-not-normal.
 *
 * @example
 * ```ts options
 * log: { accountKey: 'ACCOUNT_HASH_KEY' },
 * endpoints: [anomalies({ secret: 'ANOMALY_SALT' })],
 * ```
 */
export function anomalies(options: AnomaliesOptions): EndpointFactory {
  const { faults, read } = pluginOptions(schemaFor, options)
  return {
    ...operatorEndpoint('hold', createAnomalyAction, 'anomalies'),
    needsAccountKey: true,
    faults,
    anomalies(bindings) {
      const checked = read(bindings)
      return createWatch(checked.secret, policyFrom(checked))
    },
  }
}

function createWatch(secret: string, policy: AnomalyPolicy): AnomalyPlugin {
  return {
    keeping: {
      open(sql) {
        const storage = new SqlWatch(sql)
        return (command, now) => applyWatch(storage, command, now)
      },
    },
    createWatcher: (platform) => createWatcher(secret, policy, platform),
    createReader: (stores) => createReader(policy, stores),
    createForgetter: (stores) => async (zone, account) =>
      stores === undefined || forgetAccount(account, zoneTalliesOf(zone), stores),
    createSettler:
      (stores) =>
      async (zone, { suspect, key, reference }, as) => {
        if (stores === undefined || reference === undefined) return false
        const settled = await settleFinding({ suspect, key, reference, as }, zoneTalliesOf(zone), stores)
        return settled !== undefined
      },
  }
}

function schemaFor({ secrets }: Bindings) {
  const step = v.picklist(ANOMALY_STEPS, `expected one of ${ANOMALY_STEPS.join(', ')}`)
  return v.strictObject({
    secret: secretValue(secrets, HS256_BYTES),
    mode: v.optional(v.picklist(['observe', 'act'], "expected 'observe' or 'act'")),
    act: v.optional(v.strictObject(v.entriesFromList(SIGNAL_NAMES, v.optional(step)))),
    hold: v.optional(
      v.strictObject({
        minutes: v.optional(whole(1, MOST_MINUTES)),
        perDay: v.optional(whole(0, 1000)),
        needs: v.optional(whole(2, 3)),
      }),
    ),
    trusted: v.optional(
      v.strictObject({ afterDays: v.optional(whole(1, 3650)), charges: v.optional(whole(1, 1_000_000)) }),
    ),
    exempt: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.regex(/^(?:plan|account):./, 'expected plan:<plan> or account:<hash>'))),
        v.maxLength(MOST_EXEMPT, `expected at most ${MOST_EXEMPT}`),
      ),
    ),
  })
}

function policyFrom({ mode, act, hold, trusted, exempt }: v.InferOutput<ReturnType<typeof schemaFor>>): AnomalyPolicy {
  const named = Object.entries(act ?? {}).flatMap(([name, step]): [string, AnomalyStep][] =>
    step === undefined ? [] : [[name, step]],
  )
  const { seconds, perDay, needs } = DEFAULT_POLICY.hold
  return {
    mode: mode ?? 'observe',
    act: { ...DEFAULT_POLICY.act, ...Object.fromEntries(named) },
    hold: {
      seconds: hold?.minutes === undefined ? seconds : hold.minutes * 60,
      perDay: hold?.perDay ?? perDay,
      needs: hold?.needs ?? needs,
    },
    trusted: {
      afterSeconds: trusted?.afterDays === undefined ? DEFAULT_POLICY.trusted.afterSeconds : trusted.afterDays * DAY,
      charges: trusted?.charges ?? DEFAULT_POLICY.trusted.charges,
    },
    exempt: new Set(exempt),
  }
}
