import type { Limit } from '../access/limit.ts'
import type { IssuedCredential } from '../ledger/rules/credentials.ts'

/** A key as its owner and operators see it, without its secret. */
export interface KeyView {
  readonly id: string
  readonly name: string
  readonly created: string
  readonly createdBy: string
  readonly expires: string | null
  readonly isDisabled: boolean
  readonly plan: string | null
  readonly entitlements: readonly string[]
  readonly limits: readonly LimitView[]
  readonly accountLimits: readonly LimitView[]
  /** A day of UTC. Charges say it exactly. */
  readonly lastUsed: string | null
  /** The secrets that are good, the latest first. */
  readonly secrets: readonly { readonly generation: number; readonly until: string | null }[]
}

type LimitView = Omit<Limit, 'quota' | 'of' | 'anchor'> & { readonly quota: number; readonly anchor: string | null }

const DAY_MS = 86_400_000

export function describeKey(key: IssuedCredential): KeyView {
  const { id, name, createdAt, createdBy, expires, isDisabled, plan, entitlements, limits, accountLimits } = key
  return {
    id,
    name,
    created: instantOf(createdAt),
    createdBy,
    expires: expires === undefined ? null : instantOf(expires),
    isDisabled: isDisabled === true,
    plan: plan ?? null,
    entitlements,
    limits: limits.map(describeLimit),
    accountLimits: accountLimits.map(describeLimit),
    lastUsed: key.lastUsedDay === undefined ? null : instantOf(key.lastUsedDay * DAY_MS).slice(0, 10),
    secrets: key.secrets.map(({ generation, until }) => ({
      generation,
      until: until === undefined ? null : instantOf(until),
    })),
  }
}

function describeLimit({ name, quota, unit, window, kind, anchor }: Limit): LimitView {
  const begins = anchor === undefined ? null : instantOf(anchor * 1000)
  return { name, quota: Number(quota), unit, window, kind, anchor: begins }
}

function instantOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** One key in the list of a zone. */
interface ListedKey {
  readonly id: string
  readonly issuer: string
  readonly account: string
  readonly generations: readonly number[]
  readonly isDisabled: boolean
}

/** The keys of a zone that are not past, and how many live under each generation of the gate's secret. */
export interface ZoneKeysView {
  readonly generations: Readonly<Record<string, number>>
  readonly keys: readonly ListedKey[]
}

/** Describes the list of a zone. `generation`: only keys that live under it are listed. */
export function describeZoneKeys(
  listed: readonly IssuedCredential[],
  generation: number | undefined,
  now: number,
): ZoneKeysView {
  const living = listed.filter(({ expires }) => expires === undefined || expires > now)
  const counts = new Map<number, number>()
  const keys = living.flatMap(({ id, name, secrets, isDisabled }): ListedKey[] => {
    const good = secrets.filter(({ until }) => until === undefined || until > now)
    const generations = [...new Set(good.map((secret) => secret.generation))]
    for (const one of generations) counts.set(one, (counts.get(one) ?? 0) + 1)
    const [issuer = '', account = ''] = ownerIn(name)
    const isShown = generation === undefined || generations.includes(generation)
    return isShown ? [{ id, issuer, account, generations, isDisabled: isDisabled === true }] : []
  })
  const sorted = [...counts].toSorted(([one], [other]) => other - one)
  return { generations: Object.fromEntries(sorted.map(([one, count]) => [String(one), count])), keys }
}

function ownerIn(name: string): readonly string[] {
  const owner: unknown = JSON.parse(name)
  return Array.isArray(owner) ? owner.map(String) : []
}
