/** `GET /__faregate/anomalies`: what was not normal lately, for operators, and what of it stands on which evidence. */
import * as v from 'valibot'
import { createReader } from '../anomalies/read.ts'
import { type AnomalyPolicy, type AnomalyStep, ANOMALY_STEPS, DEFAULT_POLICY } from '../anomalies/rules/policy.ts'
import { applyWatch } from '../anomalies/rules/watchbook.ts'
import { SqlWatch } from '../anomalies/sqlwatch.ts'
import { createTraces } from '../anomalies/traces.ts'
import { createWatchLog } from '../anomalies/watcher.ts'
import type { ReadFound, AnomalyPlugin } from '../anomalies/plugin.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { DAY, HS256_BYTES, secretValue, whole } from '../config/rules/values.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Endpoint, type EndpointFactory, type EndpointRequest, READ } from '../endpoints/endpoint.ts'
import { authorise } from '../endpoints/operator.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import { createOperatorVerifier } from '../tokens/operator.ts'
import { VIEW } from './session.ts'

/** A signal that requests are watched for. */
export type WatchedSignal = 'hands' | 'spend' | 'rate' | 'reuse' | 'guessing' | 'revoked'

/** What is watched for, and what it would lead to. */
export interface AnomaliesOptions {
  /**
   * Names the environment's secret under which networks and tokens are hashed: at least 32 bytes, and of use for nothing else.
   * Under another secret everybody is a stranger for a day.
   */
  secret: string
  /** `observe`, the only one yet and the default: what was found is shown, and nobody is refused anything. */
  mode?: 'observe'
  /** The most that one signal alone would lead to, from `note` over `slow` and `ask` to `hold`. */
  act?: { [signal in WatchedSignal]?: 'note' | 'slow' | 'ask' | 'hold' }
  /** How long a hold would last (60 `minutes`), how many a zone would have in a day (`perDay`, 5), and how many independent signals it `needs` (2). */
  hold?: { minutes?: number; perDay?: number; needs?: number }
  /** An account known for so many days (30) with so many charges (20) would be asked to sign in where another would be held. */
  trusted?: { afterDays?: number; charges?: number }
  /** Accounts that are noted and no more: `plan:<plan>`, or `account:<hash>` as in the log. */
  exempt?: string[]
}

const SIGNAL_NAMES = ['hands', 'spend', 'rate', 'reuse', 'guessing', 'revoked'] as const satisfies WatchedSignal[]
const MOST_MINUTES = 7 * 24 * 60
const MOST_EXEMPT = 1000

/**
 * `GET /__faregate/anomalies`, for the token of an operator with the scope `view`: what was not normal lately, as JSON. With it,
 * lines of the log say from which network and with which token a request came, in hashes. The dashboard shows the same. See
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
    path: 'anomalies',
    needsAccountKey: true,
    faults,
    anomalies(bindings) {
      const checked = read(bindings)
      return createWatch(checked.secret, policyFrom(checked))
    },
    create(services): Endpoint {
      const verifyOperator = createOperatorVerifier(services)
      return {
        methods: READ,
        answer: async (asked, call) => {
          const { exchange, site, audit } = asked
          const refused = await authorise(exchange, site.zone, [VIEW], { verifyOperator }, call, audit)
          return refused === undefined ? show(asked, services.readFound) : err(refused)
        },
      }
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
    createWatcher: (platform) => ({
      traceRequest: createTraces(secret, platform),
      observe: platform.stores && createWatchLog(policy, platform.stores, platform),
    }),
    createReader: (stores) => createReader(policy, stores),
  }
}

async function show(
  { site: { zone } }: EndpointRequest,
  readFound: ReadFound | undefined,
): Promise<Result<Response, EndpointProblem>> {
  const found = await readFound?.(zone)
  return found?.ok === true ? ok(endpointAnswer({ mode: 'observe', ...found.value })) : err(UNAVAILABLE)
}

function schemaFor({ secrets }: Bindings) {
  const step = v.picklist(ANOMALY_STEPS, `expected one of ${ANOMALY_STEPS.join(', ')}`)
  return v.strictObject({
    secret: secretValue(secrets, HS256_BYTES),
    mode: v.optional(v.literal('observe', "expected 'observe': that the gate acts by itself is not available yet")),
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

function policyFrom({ act, hold, trusted, exempt }: v.InferOutput<ReturnType<typeof schemaFor>>): AnomalyPolicy {
  const named = Object.entries(act ?? {}).flatMap(([name, step]): [string, AnomalyStep][] =>
    step === undefined ? [] : [[name, step]],
  )
  const { seconds, perDay, needs } = DEFAULT_POLICY.hold
  return {
    mode: 'observe',
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

const UNAVAILABLE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'What was found cannot be read now. Nothing is shown, rather than less than there is.',
  fields: { 'retry-after': '5' },
}
