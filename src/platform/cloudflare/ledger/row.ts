/** Writes a row as JSON. A bigint becomes a string `n:…`, and a string with such a beginning is escaped. */

export function encodeRow(row: object): string {
  return JSON.stringify(row, (_key, value: unknown) => {
    if (typeof value === 'bigint') return `n:${value}`
    return typeof value === 'string' && TAGGED.test(value) ? `s:${value}` : value
  })
}

const TAGGED = /^[ns]:/

/** Reads a row that `encodeRow` wrote. */
export function parseRow(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'string') return value
    if (value.startsWith('n:')) return BigInt(value.slice(2))
    return value.startsWith('s:') ? value.slice(2) : value
  })
}
