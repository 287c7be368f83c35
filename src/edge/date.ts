/** The second that `text` is of. */
let second = Number.NaN
let text = ''

/** A time in milliseconds since 1970 as `Date` has it (RFC 9110 §5.6.7). Formatted once in a second. */
export function dateText(ms: number): string {
  const wanted = Math.floor(ms / 1000)
  if (wanted !== second) {
    second = wanted
    text = new Date(wanted * 1000).toUTCString()
  }
  return text
}
