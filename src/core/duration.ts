const DURATION = /^P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/

/** Parses a duration of days, hours, minutes and seconds (ISO 8601-1 §5.5.2), as `PT1H`, into seconds; undefined if malformed. */
export function parseDuration(text: string): number | undefined {
  const match = text === 'P' ? null : DURATION.exec(text)
  if (match === null) return undefined
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
}
