/**
 * Seeded random numbers and hash texts. They stand on integer arithmetic, division and square roots alone, which IEEE 754
 * rounds in one way: the same seed gives the same numbers on every machine.
 */

/** A source of random numbers. */
export interface Random {
  /** From 0 to 1, which is excluded. */
  next(): number
  /** From 0 to `below`, which is excluded. */
  int(below: number): number
  between(from: number, to: number): number
  isBy(chance: number): boolean
  pick<const L extends readonly [unknown, ...unknown[]]>(list: L): L[number]
  /** A count near `mean`, which scatters as counts of independent things do. */
  about(mean: number): number
  /** A number of a heavy tail (Pareto, α = 2): `least` or more, one in a hundred above ten times that; `most` at most. */
  heavy(least: number, most: number): number
  uuid(): string
}

type State = readonly [number, number, number, number]

/** Mixes a text into 128 bits (after "cyrb", public domain). */
function mix(text: string): State {
  let [a, b, c, d] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    a = b ^ Math.imul(a ^ code, 597_399_067)
    b = c ^ Math.imul(b ^ code, 2_869_860_233)
    c = d ^ Math.imul(c ^ code, 951_274_213)
    d = a ^ Math.imul(d ^ code, 2_716_044_179)
  }
  a = Math.imul(c ^ (a >>> 18), 597_399_067)
  b = Math.imul(d ^ (b >>> 22), 2_869_860_233)
  c = Math.imul(a ^ (c >>> 17), 951_274_213)
  d = Math.imul(b ^ (d >>> 19), 2_716_044_179)
  return [(a ^ b ^ c ^ d) >>> 0, (b ^ a) >>> 0, (c ^ a) >>> 0, (d ^ a) >>> 0]
}

const codesOf = (characters: string): readonly number[] => Array.from(characters, (one) => one.charCodeAt(0))
const BASE64URL = codesOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const HEX = codesOf('0123456789abcdef')
const DASH = '-'.charCodeAt(0)

/**
 * Returns 16 characters of base64url for a text, as a keyed hash of 96 bits has. Made of codes at once: a text that is put
 * together piece by piece keeps its pieces.
 */
export function hashText(text: string): string {
  const [, ...words] = mix(text)
  const codes: number[] = []
  for (const word of words)
    for (let shift = 0; shift < 30; shift += 6) codes.push(BASE64URL[(word >>> shift) & 63] ?? DASH)
  // Three words have fifteen characters of six bits.
  const [more] = mix(`${text}.`)
  codes.push(BASE64URL[more & 63] ?? DASH)
  return String.fromCharCode(...codes)
}

/** Creates a source of random numbers ("sfc32", public domain) for a text. */
export function createRandom(text: string): Random {
  let [a, b, c, d] = mix(text)
  const word = (): number => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) word()
  const next = (): number => word() / 4_294_967_296
  const between = (from: number, to: number): number => from + next() * (to - from)
  return {
    next,
    int: (below) => Math.floor(next() * below),
    between,
    isBy: (chance) => next() < chance,
    pick: (list) => list[Math.floor(next() * list.length)],
    about: (mean) => {
      // Three numbers from -1 to 1 have a variance of 1 together.
      const scatter = between(-1, 1) + between(-1, 1) + between(-1, 1)
      return Math.max(0, Math.floor(mean + scatter * Math.sqrt(mean) + next()))
    },
    heavy: (least, most) => Math.min(most, least / Math.sqrt(1 - next())),
    uuid: () => uuidOf([word(), word(), word(), word()]),
  }
}

function uuidOf(words: State): string {
  const codes: number[] = []
  for (const word of words) for (let shift = 28; shift >= 0; shift -= 4) codes.push(HEX[(word >>> shift) & 15] ?? DASH)
  codes[12] = HEX[4] ?? DASH
  codes[16] = HEX[10] ?? DASH
  for (const at of [20, 16, 12, 8]) codes.splice(at, 0, DASH)
  return String.fromCharCode(...codes)
}
