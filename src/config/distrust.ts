import * as v from 'valibot'
import { type Distrust, joinDistrust, NO_DISTRUST } from '../access/distrust.ts'
import type { Issuer } from '../access/issuer.ts'
import { isThumbprint } from '../access/thumbprint.ts'
import { parseInstant } from '../core/instant.ts'

/** The most keys of one issuer that a configuration can name. */
const MOST_KEYS = 64

/** The options of an issuer for an emergency. */
export const distrustEntries = {
  distrusted: v.optional(
    v.pipe(
      v.array(v.custom<string>(isThumbprint, 'expected a thumbprint (RFC 7638): 43 characters of base64url')),
      v.maxLength(MOST_KEYS, `expected at most ${MOST_KEYS}`),
    ),
  ),
  revokedBefore: v.optional(
    v.custom<string>(
      (value) => typeof value === 'string' && parseInstant(value) !== undefined,
      'expected a date and time (RFC 3339) such as "2026-11-28T12:00:00Z"',
    ),
  ),
}

interface DistrustingOptions {
  readonly issuer: string
  readonly distrusted?: readonly string[] | undefined
  readonly revokedBefore?: string | undefined
}

/**
 * Adds to each issuer what the configuration of its zone makes void. A key that one issuer lists is distrusted in all of
 * them: it is stolen, whoever uses it.
 */
export function withDistrust(issuers: readonly Issuer[], distrust: Distrust): readonly Issuer[] {
  const { keys, revokedBefore } = distrust
  if (Object.keys(keys).length + Object.keys(revokedBefore).length === 0) return issuers
  return issuers.map((issuer) => ({ ...issuer, distrust }))
}

/** Compiles what the options of a zone's issuers make void. */
export function compileDistrust(options: readonly DistrustingOptions[]): Distrust {
  return options.map(distrustOf).reduce((one, other) => joinDistrust(one, other, Infinity), NO_DISTRUST)
}

function distrustOf({ issuer, distrusted = [], revokedBefore }: DistrustingOptions): Distrust {
  const before = revokedBefore === undefined ? undefined : parseInstant(revokedBefore)
  return {
    keys: Object.fromEntries(distrusted.map((thumbprint) => [thumbprint, 0])),
    revokedBefore: before === undefined ? {} : { [issuer]: before },
  }
}
