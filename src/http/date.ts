/** The second that both texts are of. */
let second = Number.NaN
let text = ''
/** Without its milliseconds. */
let stamp = ''

/** A time in milliseconds since 1970 as `Date` has it (RFC 9110 §5.6.7). Formatted once in a second. */
export function dateText(ms: number): string {
  turnTo(ms)
  return text
}

/** The same as RFC 3339 has it, in UTC and with milliseconds. */
export function timeText(ms: number): string {
  turnTo(ms)
  return `${stamp}${String(Math.floor(ms) - second * 1000).padStart(3, '0')}Z`
}

function turnTo(ms: number): void {
  const wanted = Math.floor(ms / 1000)
  if (wanted === second) return
  second = wanted
  const date = new Date(wanted * 1000)
  text = date.toUTCString()
  stamp = date.toISOString().slice(0, -'000Z'.length)
}
