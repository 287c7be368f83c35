import * as v from 'valibot'
import { isLoopback } from '../../http/rules/exchange.ts'

/**
 * The longest time, in seconds, for which a client may keep a paid response without asking: a revocation takes effect within
 * it.
 */
export const REVOCATION_BOUND_SECONDS = 5
/** In seconds. */
export const HOUR = 3600
export const DAY = 86_400

export const text = v.pipe(v.string('expected a string'), v.nonEmpty('expected a string that is not empty'))
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])$/

/** The name of a host, as a request is compared with it. */
export const hostName = v.pipe(text, v.regex(HOST, 'expected a host name in lower case, without port'))

/** One name or several; parsed as a list. */
export const names = v.pipe(
  v.union(
    [
      v.pipe(
        text,
        v.transform((name) => [name]),
      ),
      v.pipe(v.array(text), v.minLength(1, 'expected at least one')),
    ],
    'expected a string or a list of strings',
  ),
)

export function seconds(least: number, most: number): v.GenericSchema<number> {
  const message = `expected a number of seconds from ${least} to ${most}`
  return v.pipe(v.number(message), v.finite(message), v.minValue(least, message), v.maxValue(most, message))
}

export function whole(least: number, most: number): v.GenericSchema<number> {
  const message = `expected a whole number from ${least} to ${most}`
  return v.pipe(
    v.number(message),
    v.check((value) => Number.isInteger(value) && value >= least && value <= most, message),
  )
}

/** Returns true for https, and for http on loopback: keys fetched over plain http may be an attacker's. */
export function isSafeUrl(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
}

export const safeUrl = v.pipe(text, v.check(isSafeUrl, 'expected an https URL (http only on loopback)'))

/** A URL that paths can be appended to. */
export const baseUrl = v.pipe(
  safeUrl,
  v.check(
    (value) => !isSafeUrl(value) || !/[?#@]/.test(value),
    'expected no query, fragment or credentials in the URL',
  ),
)

/** The least length of a token: no service issues shorter ones. */
export const TOKEN_BYTES = 16

/** The least length of the key (RFC 7518 §3.2). */
export const HS256_BYTES = 32

/** Matches words of letters, with a few digits at the end of a word. Keys and tokens do not look like that. */
const NAME =
  /^(?!(?:[sprw]k|whsec|fg|gh[a-z]|xox[a-z])[_-])[A-Za-z]{1,20}\d{0,4}(?:[_-](?:[A-Za-z]{1,20}\d{0,4}|\d{1,3}))*$/
const MIXED = /[a-z][A-Z]{2}|[A-Z]{2}[a-z]|(?:[a-z][A-Z].*){4}/

/**
 * Returns a name for a message. The user may have written the secret itself in place of its name, and no message quotes a
 * secret.
 */
export function shownName(name: string): string {
  const isName = name.length <= 64 && NAME.test(name) && !MIXED.test(name)
  return isName ? JSON.stringify(name) : 'that is written here: it looks like no name, and is not shown'
}

/** The name of a secret that the environment has, with at least `least` bytes. */
export function secretName(secrets: ReadonlyMap<string, string>, least: number): v.GenericSchema<string> {
  return v.pipe(
    text,
    v.check(
      (name) => secrets.has(name),
      (issue) => `the environment has no secret of the name ${shownName(issue.input)}`,
    ),
    v.check(
      (name) => !secrets.has(name) || new TextEncoder().encode(secrets.get(name)).length >= least,
      `expected the secret to have at least ${least} bytes`,
    ),
  )
}

/** The same, parsed as the secret itself. */
export function secretValue(secrets: ReadonlyMap<string, string>, least: number): v.GenericSchema<string> {
  return v.pipe(
    secretName(secrets, least),
    v.transform((name) => secrets.get(name) ?? ''),
  )
}
