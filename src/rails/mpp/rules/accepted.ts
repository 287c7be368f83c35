const MAX_CHARACTERS = 1024
const RANGE = /^([a-z]+|\*)(?:\/([a-z]+|\*))?$/
const PARAMETER = /^(q|intent)=([a-z]+|\*|[01](?:\.\d{0,3})?)$/

interface Range {
  readonly method: string
  readonly intent: string
  /** 0 to 1. */
  readonly weight: number
}

/** What a challenge is chosen by. */
interface Acceptable {
  readonly method: string
  readonly intent: string
}

/**
 * Leaves out, by `Accept-Payment`, what the client cannot pay with, and puts what it prefers first. Returns all of them if the
 * field is absent, malformed, or leaves none.
 */
export function acceptedBy<T extends Acceptable>(field: string | null, all: readonly T[]): readonly T[] {
  const ranges = field === null ? undefined : readRanges(field)
  if (ranges === undefined) return all
  const weighed = all.map((one) => ({ one, weight: weightOf(one, ranges) })).filter(({ weight }) => weight > 0)
  if (weighed.length === 0) return all
  return weighed.toSorted((first, second) => second.weight - first.weight).map(({ one }) => one)
}

/** Reads `stripe/charge;q=0.5, tempo/*`, and the other spelling in use, `stripe;intent=charge`. Undefined if it is malformed. */
function readRanges(field: string): readonly Range[] | undefined {
  if (field.length > MAX_CHARACTERS) return undefined
  const ranges: Range[] = []
  for (const element of field.toLowerCase().split(',')) {
    const range = readRange(element.split(';').map((part) => part.trim()))
    if (range === undefined) return undefined
    ranges.push(range)
  }
  return ranges
}

function readRange([name = '', ...parameters]: readonly string[]): Range | undefined {
  const range = RANGE.exec(name)
  if (range === null) return undefined
  const [, method = '*', given = '*'] = range
  let [intent, weight] = [given, 1]
  for (const parameter of parameters) {
    const [, key, value = ''] = PARAMETER.exec(parameter) ?? []
    if (key === undefined) return undefined
    if (key === 'intent') intent = value
    else weight = Number(value)
  }
  return weight >= 0 && weight <= 1 ? { method, intent, weight } : undefined
}

/** Returns the weight that the most exact range gives; 0 if none fits. */
function weightOf({ method, intent }: Acceptable, ranges: readonly Range[]): number {
  let best: { readonly weight: number; readonly exactness: number } | undefined
  for (const range of ranges) {
    const fits = range.method === '*' || range.method === method
    if (!fits || (range.intent !== '*' && range.intent !== intent)) continue
    const exactness = (range.method === '*' ? 0 : 2) + (range.intent === '*' ? 0 : 1)
    if (best === undefined || exactness > best.exactness) best = { weight: range.weight, exactness }
  }
  return best?.weight ?? 0
}
