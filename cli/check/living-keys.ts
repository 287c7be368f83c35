/**
 * Asks a deployed gate which API keys live under which generation of its secret. Without that nobody can tell whether a
 * generation may go: keys have no end of their own.
 */
import { readFileSync } from 'node:fs'
import { isSafeUrl } from '../../src/config/rules/values.ts'
import type { Compiled } from '../../src/config/config.ts'

/** A gate to be asked, and the file with an operator's token of the scope `keys`. */
export interface AskedGate {
  /** Its origin: `https://www.example.com`. */
  readonly url: string
  readonly tokenFile: string
}

/** The most keys that one fault names. */
const MOST_NAMED = 5
const TIMEOUT_MS = 15_000

/** Returns a fault for each generation that keys live under and that the configuration lacks, or why it is not known. */
export async function livingKeyFaults(compiled: Compiled, { url, tokenFile }: AskedGate): Promise<readonly string[]> {
  if (!isSafeUrl(url)) return [`--gate: expected an https URL (http only on loopback)`]
  try {
    const answer = await fetch(new URL('/__faregate/keys', url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
      },
      body: '{"action":"zone"}',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (!answer.ok) return [`--gate: ${url} answered ${answer.status} to the question which keys live`]
    const found: unknown = await answer.json()
    return isLiving(found) ? missing(compiled, found) : [`--gate: ${url} answered something else than a list of keys`]
  } catch (error) {
    // The cause of a failed fetch may quote what was sent.
    return [`--gate: could not ask ${url}: ${error instanceof Error ? error.name : 'something failed'}`]
  }
}

interface Living {
  readonly generations: Readonly<Record<string, number>>
  readonly keys: readonly { readonly id: string; readonly generations: readonly number[] }[]
}

function isLiving(value: unknown): value is Living {
  return (
    typeof value === 'object' &&
    value !== null &&
    'generations' in value &&
    'keys' in value &&
    Array.isArray(value.keys)
  )
}

/** The generations of `secrets.gate` in a configuration. */
export function generationsOf({ sites }: Compiled): readonly number[] {
  const all = Array.from(sites.values(), ({ zone }) => zone.gateKeys?.secrets ?? []).flat()
  return [...new Set(all.map(({ generation }) => generation))].toSorted((one, other) => other - one)
}

function missing(compiled: Compiled, { generations, keys }: Living): string[] {
  const known = generationsOf(compiled)
  return Object.entries(generations)
    .filter(([generation, count]) => count > 0 && !known.includes(Number(generation)))
    .map(([generation, count]) => {
      const under = keys.filter((key) => key.generations.includes(Number(generation))).map(({ id }) => id)
      const more = under.length > MOST_NAMED ? ' and more' : ''
      const named = under.slice(0, MOST_NAMED).join(', ')
      return `secrets.gate: ${count} ${count === 1 ? 'key lives' : 'keys live'} under generation ${generation}, which is missing here: ${named}${more}. Rotate them first`
    })
}
