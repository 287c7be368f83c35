/**
 * Returns the score of a server for a key; the server with the highest score wins. Each server gets a share of all keys
 * by its weight, and if one comes or goes, only its own keys move (weighted rendezvous hashing).
 */
export function affinity(key: string, server: string, weight: number): number {
  return -weight / Math.log(unitHash(`${server}\n${key}`))
}

/**
 * Hashes to a number between 0 and 1, both excluded. Two 32-bit lanes, multiplied and mixed as cyrb53 does: fast, not
 * secret.
 */
function unitHash(text: string): number {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    low = Math.imul(low ^ unit, 0x9e3779b1)
    high = Math.imul(high ^ unit, 0x5f356495)
  }
  low = mix(low) ^ mix(high ^ (high >>> 13))
  high = mix(high) ^ mix(low ^ (low >>> 13))
  return ((low >>> 0) * 2 ** 20 + (high >>> 12) + 0.5) / 2 ** 52
}

/** The finish of MurmurHash3: every bit of the outcome depends on every bit of the input. */
function mix(lane: number): number {
  const once = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}
