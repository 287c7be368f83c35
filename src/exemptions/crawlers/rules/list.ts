import * as v from 'valibot'

/** The largest list that is read: the longest known has some hundreds. */
const MOST_RANGES = 20_000

const prefix = v.looseObject({ ipv4Prefix: v.optional(v.string()), ipv6Prefix: v.optional(v.string()) })
const list = v.looseObject({ prefixes: v.pipe(v.array(prefix), v.minLength(1), v.maxLength(MOST_RANGES)) })

/**
 * Reads a list of address ranges as operators of search engines publish it: `{"prefixes": [{"ipv4Prefix": "192.0.2.0/24"}, …]}`.
 * Throws Error on anything else.
 */
export function readRangeList(text: string): readonly string[] {
  const read = v.safeParse(list, parsed(text))
  if (!read.success) throw new Error('not a list of address ranges')
  return read.output.prefixes.map(({ ipv4Prefix, ipv6Prefix }) => {
    const range = ipv4Prefix ?? ipv6Prefix
    if (range === undefined) throw new Error('a prefix without a range')
    return range
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('not JSON')
  }
}
