import type { JsonEdit } from '../llm/rules/request.ts'
import { SERVICE_TIERS, type ServiceTier } from '../llm/rules/tokenusage.ts'
import { set } from './edits.ts'
import { notSold, type RequestMembers } from './members.ts'

/**
 * How an API spells service tiers. Of several spellings of one tier the first is written. A spelling that is missing is refused if
 * it is asked for, and costs the reservation if it served.
 */
export type TierSpellings = Readonly<Record<string, ServiceTier | 'auto'>>

/** Returns the tier that `service_tier` asks for; undefined for an API without tiers, whatever it asks for. */
export function askedTier(members: RequestMembers, spellings: TierSpellings): ServiceTier | 'auto' | undefined {
  const asked = members.text('service_tier')
  if (asked === undefined || Object.keys(spellings).length === 0) return undefined
  const tier = Object.hasOwn(spellings, asked) ? spellings[asked] : undefined
  if (tier === undefined) members.refuse(notSold('That "service_tier" is not sold here'))
  return tier
}

/** Returns the edit that asks for a tier; none if the API has no such tier. */
export function tierEdits(spellings: TierSpellings, tier: ServiceTier | undefined): readonly JsonEdit[] {
  const spelled = Object.keys(spellings).find((name) => spellings[name] === tier)
  return tier === undefined || spelled === undefined ? [] : [set('service_tier', spelled)]
}

/** Returns the tier that served; undefined if none is named or the API has none, and `unknown` for one that has no rates here. */
export function servedTier(spellings: TierSpellings, served: unknown): ServiceTier | 'unknown' | undefined {
  if (typeof served !== 'string' || Object.keys(spellings).length === 0) return undefined
  const tier = Object.hasOwn(spellings, served) ? spellings[served] : undefined
  return SERVICE_TIERS.find((name) => name === tier) ?? 'unknown'
}
