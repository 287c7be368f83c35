/** What the demo's commands read alike. */

/** A mistake in the command line: worth one line, not a stack. */
export class UsageError extends Error {}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

export function durationSeconds(option: string, text: string): number {
  const [, amount, unit = ''] = /^([+-]?\d+)([smhd])$/.exec(text) ?? []
  const seconds = Number(amount) * (unitSeconds[unit] ?? Number.NaN)
  if (!Number.isSafeInteger(seconds)) throw new UsageError(`${option}: expected 30s, 15m, 1h or 1d, not "${text}"`)
  return seconds
}

/** `parseArgs` takes `-1h` for options, so a negative duration is joined to the name of its option. */
export function joinNegative(args: readonly string[], names: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const name = joined.at(-1)
    if (name !== undefined && names.includes(name) && /^-\d/.test(arg)) joined.splice(-1, 1, `${name}=${arg}`)
    else joined.push(arg)
  }
  return joined
}

export function listOf(text: string): string[] {
  return text.split(',').filter((name) => name !== '')
}
