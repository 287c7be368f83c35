import { hashLanes } from '../../core/hash.ts'

/**
 * Returns the score of a server for a key; the server with the highest score wins. Each server gets a share of all keys
 * by its weight, and if one comes or goes, only its own keys move (weighted rendezvous hashing).
 */
export function affinity(key: string, server: string, weight: number): number {
  return -weight / Math.log(unitHash(`${server}\n${key}`))
}

/** Hashes to a number between 0 and 1, both excluded. Fast, not secret. */
function unitHash(text: string): number {
  const [low, high] = hashLanes(text)
  return (low * 2 ** 20 + (high >>> 12) + 0.5) / 2 ** 52
}
