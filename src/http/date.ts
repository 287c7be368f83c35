/** The second, since 1970, for which `text` and `stamp` were formatted. */
let second = Number.NaN
let text = ''
/** RFC 3339, without its milliseconds. */
let stamp = ''

/** Formats milliseconds since 1970 for the `Date` field (RFC 9110 §5.6.7). Formats anew once a second. */
export function dateText(ms: number): string {
  formatSecond(ms)
  return text
}

/** Formats milliseconds since 1970 by RFC 3339, in UTC and with milliseconds. */
export function timeText(ms: number): string {
  formatSecond(ms)
  return `${stamp}${String(Math.floor(ms) - second * 1000).padStart(3, '0')}Z`
}

function formatSecond(ms: number): void {
  const wanted = Math.floor(ms / 1000)
  if (wanted === second) return
  second = wanted
  const date = new Date(wanted * 1000)
  text = date.toUTCString()
  stamp = date.toISOString().slice(0, -'000Z'.length)
}

/** Returns a time as RFC 3339 writes it, in UTC. `seconds` since 1970. */
export function instantText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
