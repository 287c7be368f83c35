/** Writes the usage under limits, and what billing is told of it, as plain values. */
import type { LimitCrossing } from '../rules/record.ts'
import type { Series, WatchedQuota } from '../rules/series.ts'

export type PlainSeries = Omit<Series, 'parts' | 'watched'> & {
  readonly parts: readonly (readonly [number, string])[]
  readonly watched?: readonly (readonly [quota: string, told: number, from: number, until: number])[]
}

export type PlainCrossing = Omit<LimitCrossing, 'quota' | 'used'> & Readonly<Record<'quota' | 'used', string>>

export function encodeSeries({ watched, ...series }: Series): PlainSeries {
  const parts = series.parts.map(([start, units]) => [start, String(units)] as const)
  return watched === undefined ? { ...series, parts } : { ...series, parts, watched: watched.map(encodeWatched) }
}

function encodeWatched({ quota, told, from, until }: WatchedQuota): readonly [string, number, number, number] {
  return [String(quota), told, from, until]
}

export function decodeSeries({ watched, ...plain }: PlainSeries): Series {
  const parts = plain.parts.map(([start, units]) => [start, BigInt(units)] as const)
  return watched === undefined ? { ...plain, parts } : { ...plain, parts, watched: watched.map(decodeWatched) }
}

function decodeWatched([quota, told, from, until]: readonly [string, number, number, number]): WatchedQuota {
  return { quota: BigInt(quota), told, from, until }
}

export function encodeCrossing({ quota, used, ...crossing }: LimitCrossing): PlainCrossing {
  return { ...crossing, quota: String(quota), used: String(used) }
}

export function decodeCrossing({ quota, used, ...crossing }: PlainCrossing): LimitCrossing {
  return { ...crossing, quota: BigInt(quota), used: BigInt(used) }
}
