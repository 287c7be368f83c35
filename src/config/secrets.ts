import * as v from 'valibot'
import type { GateKeys, GateSecret } from '../secrets/gatekeys.ts'
import type { Fault } from './rules/fault.ts'
import { secretName, whole } from './rules/values.ts'
import { listAt, memberAt } from './unchecked.ts'

/** The least length of the gate's secret: that of the keys derived from it. */
const GATE_BYTES = 32
/** Values that are made under the secret have one byte for its generation. */
const MAX_GENERATION = 255
const MAX_GENERATIONS = 8

export interface GenerationOptions {
  generation: number
  secret: string
}

/** The schema of `secrets`. */
export function secretsSchema(secrets: ReadonlyMap<string, string>) {
  const name = secretName(secrets, GATE_BYTES)
  const generations = v.pipe(
    v.array(v.strictObject({ generation: whole(1, MAX_GENERATION), secret: name })),
    v.minLength(1, 'expected at least one'),
    v.maxLength(MAX_GENERATIONS, `expected at most ${MAX_GENERATIONS}`),
    v.check(isNewestFirst, 'expected each generation once, the newest first'),
    v.check(
      (list) => !isRepeated(list.map(({ secret }) => secrets.get(secret))),
      'expected another secret for each generation: under the same one a new generation changes nothing',
    ),
  )
  const gate = v.lazy((given): v.GenericSchema<unknown, string | GenerationOptions[]> => {
    return Array.isArray(given) ? generations : name
  })
  return v.strictObject({ gate: v.optional(gate) })
}

function isNewestFirst(list: GenerationOptions[]): boolean {
  return list.every(({ generation }, at) => at === 0 || generation < (list[at - 1]?.generation ?? 0))
}

function isRepeated(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length
}

type CheckedSecrets = v.InferOutput<ReturnType<typeof secretsSchema>>

/** Compiles the gate's secret. A bare name is generation 1. Undefined if there is none. */
export function compileGateKeys(
  { gate }: CheckedSecrets = {},
  secrets: ReadonlyMap<string, string>,
): GateKeys | undefined {
  if (gate === undefined) return undefined
  const given = typeof gate === 'string' ? [{ generation: 1, secret: gate }] : gate
  const [newest, ...older] = given.map(
    ({ generation, secret }): GateSecret => ({ generation, bytes: new TextEncoder().encode(secrets.get(secret)) }),
  )
  return newest && { secrets: [newest, ...older], derived: new Map() }
}

/** Returns the faults of plug-ins that need the gate's secret, in a configuration without it. */
export function missingGateFaults(options: unknown): Fault[] {
  if (memberAt(memberAt(options, 'secrets'), 'gate') !== undefined) return []
  const plugins = [
    ...listAt(options, 'zones').flatMap((zone, index) =>
      ['rails', 'exemptions'].flatMap((kind) =>
        listAt(zone, kind).map((plugin, at) => [plugin, `zones[${index}].${kind}[${at}]`] as const),
      ),
    ),
    ...listAt(options, 'zones').flatMap((zone, index) =>
      listAt(zone, 'routes').map(
        (route, at) => [memberAt(route, 'protocol'), `zones[${index}].routes[${at}].protocol`] as const,
      ),
    ),
    ...listAt(options, 'endpoints').map((endpoint, at) => [endpoint, `endpoints[${at}]`] as const),
  ]
  const needing = plugins.find(([plugin]) => memberAt(plugin, 'needsGateKey') === true)
  return needing === undefined ? [] : [{ path: 'secrets.gate', message: `is missing: ${needing[1]} needs it` }]
}

/** Returns the faults of endpoints that tell accounts apart, in a configuration whose log has none. */
export function missingAccountKeyFaults(options: unknown): Fault[] {
  if (memberAt(memberAt(options, 'log'), 'accountKey') !== undefined) return []
  const at = listAt(options, 'endpoints').findIndex((endpoint) => memberAt(endpoint, 'needsAccountKey') === true)
  return at === -1 ? [] : [{ path: 'log.accountKey', message: `is missing: endpoints[${at}] needs it` }]
}
