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

/** Whoever listens to plain http has what is sent, so it is sent no further than this machine. */
export function endpointAt(site: string, path: string): URL {
  const url = URL.parse(site)
  const isHere = url !== null && /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere))) {
    throw new UsageError(`--url: expected https (http only on loopback), not "${site}"`)
  }
  return new URL(path, url)
}

/** Posts, and says in a line when nobody is there. */
export async function post(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<Response> {
  try {
    return await fetch(url, { method: 'POST', redirect: 'manual', headers, body })
  } catch (error) {
    throw new Error(`${url.origin} cannot be reached: ${messageOf(causeOf(error))}`, { cause: error })
  }
}

/** A member of the JSON that a gate answers with, where it is text. */
export function memberOf(text: string, name: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    const member: unknown = typeof answer === 'object' && answer !== null ? Reflect.get(answer, name) : undefined
    return typeof member === 'string' ? member : undefined
  } catch {
    return undefined
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? error) : error
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // An attempt at two addresses fails without a message of its own.
  return error.message === '' && 'code' in error ? String(error.code) : error.message
}
