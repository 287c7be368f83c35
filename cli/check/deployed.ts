/**
 * What is deployed, as far as it must not change unnoticed: the ids of zones and the jurisdictions of ledgers, in a file
 * beside the configuration. Nobody but its owner knows what is deployed: a check compares with what was last recorded.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Compiled } from '../../src/config/config.ts'
import { generationsOf } from './living-keys.ts'
import type { LedgerPlace } from '../../src/ledger/rules/place.ts'
import type { Zone } from '../../src/zone.ts'

/** The jurisdictions are `none` where ledgers may be anywhere. */
interface Deployed {
  /** Of receipts and payments. */
  readonly shared: string
  /** By the zone's id. */
  readonly zones: Readonly<Record<string, { readonly name: string; readonly jurisdiction: string }>>
  /** The generations of `secrets.gate`; absent in a record from before there were any. */
  readonly generations?: readonly number[]
}

const FILE = 'faregate.deployed.json'

function zonesOf({ sites }: Compiled): readonly Zone[] {
  return [...new Map(Array.from(sites.values(), ({ zone }) => [zone.id, zone])).values()]
}

const jurisdictionOf = ({ jurisdiction }: LedgerPlace): string => jurisdiction ?? 'none'

function deployedBy(compiled: Compiled): Deployed {
  const zones = zonesOf(compiled)
  const [first] = zones
  const named = zones.map(({ id, name, places }) => [id, { name, jurisdiction: jurisdictionOf(places.own) }] as const)
  const generations = generationsOf(compiled)
  return { shared: jurisdictionOf(first?.places.shared ?? {}), zones: Object.fromEntries(named), generations }
}

/** Records this configuration as what is deployed. Returns what was done, in words. */
export function recordDeployed(compiled: Compiled, configFile: string): string {
  const file = join(dirname(configFile), FILE)
  writeFileSync(file, `${JSON.stringify(deployedBy(compiled), null, 2)}\n`)
  return `recorded in ${FILE}: commit it with the configuration that is deployed`
}

/** Returns what a deploy of this configuration would leave behind, one warning each; undefined if nothing is recorded. */
export function deployedWarnings(compiled: Compiled, configFile: string): readonly string[] | undefined {
  const file = join(dirname(configFile), FILE)
  if (!existsSync(file)) return undefined
  const before: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!isDeployed(before)) return [`${FILE} holds something else than --record writes`]
  return compared(before, deployedBy(compiled))
}

function isDeployed(value: unknown): value is Deployed {
  return typeof value === 'object' && value !== null && 'shared' in value && 'zones' in value
}

function compared(before: Deployed, now: Deployed): string[] {
  const warnings = Object.entries(before.zones).flatMap(([id, { name, jurisdiction }]) => {
    const after = now.zones[id]
    const called = name === id ? `the zone "${id}"` : `the zone "${name}" (id "${id}")`
    if (after === undefined)
      return [
        `${called} is deployed, and here no zone has that id: its accounts, with their credit, quotas and holds, its copies and its purges would be left behind. If it has another name now, give that zone id: '${id}'`,
      ]
    return after.jurisdiction === jurisdiction
      ? []
      : [moved(`the accounts of ${called}`, jurisdiction, after.jurisdiction)]
  })
  const isShared = before.shared === now.shared
  return [
    ...warnings,
    ...(isShared ? [] : [moved('receipts and payments, spent ones too,', before.shared, now.shared)]),
    ...retired(before, now),
  ]
}

function retired({ generations = [] }: Deployed, now: Deployed): string[] {
  return generations
    .filter((generation) => now.generations?.includes(generation) !== true)
    .map(
      (generation) =>
        `the generation ${generation} of secrets.gate is deployed, and is missing here: every API key and everything else that was made under it would be refused. POST /__faregate/keys {"action":"zone","generation":${generation}} lists those keys, and check with --gate <url> --operator-token <file> asks which are left`,
    )
}

function moved(what: string, before: string, after: string): string {
  return `${what} have their ledgers in the jurisdiction ${before}, not ${after}: it is fixed at the first deploy, and in another one all ledgers are empty`
}

export const UNRECORDED = `Nothing is recorded of what is deployed, so it cannot be told whether a zone's id or a jurisdiction has changed: --record writes ${FILE}.`

/** Returns what an operator should know of the places of a zone's ledgers. */
export function placeNotes({ places: { own, shared } }: Zone, takesReceipts: boolean): string[] {
  const [mine, theirs] = [jurisdictionOf(own), jurisdictionOf(shared)]
  return [
    ...(mine === 'none'
      ? []
      : [`ledgers of accounts are in the jurisdiction ${mine}, which is fixed at the first deploy`]),
    ...(mine === theirs || !takesReceipts
      ? []
      : [`ledgers of receipts and payments are in the jurisdiction ${theirs}: they are the whole configuration's`]),
  ]
}
