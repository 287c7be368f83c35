/**
 * Hashes a text to two 32-bit lanes, multiplied and mixed as cyrb53 does: fast, and not secret. Anyone can make two texts
 * with the same hash.
 */
export function hashLanes(text: string): readonly [low: number, high: number] {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    low = Math.imul(low ^ unit, 0x9e3779b1)
    high = Math.imul(high ^ unit, 0x5f356495)
  }
  low = mix(low) ^ mix(high ^ (high >>> 13))
  high = mix(high) ^ mix(low ^ (low >>> 13))
  return [low >>> 0, high >>> 0]
}

/** The finish of MurmurHash3: every bit of the outcome depends on every bit of the input. */
function mix(lane: number): number {
  const once = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}
