import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose'
import { ASYMMETRIC_ALGORITHMS } from '../access/issuer.ts'
import { InvalidClaimsError } from './fault.ts'
import { systemClock } from './clock.ts'
import { type KeyTimes, publishedAt } from './rules/schedule.ts'

/**
 * A private key as a JWK (RFC 7517), with `kid` and `alg`, and the times of its use. It is JSON: keep the list of keys in
 * the store for secrets.
 */
export interface IssuerKey {
  /** The private key. `alg` is one that the gate allows its issuer: by default EdDSA, Ed25519, ES256, PS256 or RS256. */
  readonly jwk: Readonly<Record<string, unknown>>
  /**
   * The time from which the key signs, in seconds since 1970. It is published before. Publish a key at least as long before
   * as the gate keeps a key set (`refreshSeconds`, ten minutes). Default: it signs at once.
   */
  readonly notBefore?: number | undefined
  /**
   * The time from which the key is no longer published, in seconds since 1970. Default: a week and an hour after its
   * successor began to sign, or longer if its tokens may last longer.
   */
  readonly retireAt?: number | undefined
}

/** The algorithms that keys can be made for. */
export type KeyAlgorithmName = 'EdDSA' | 'ES256' | 'PS256' | 'RS256'

/**
 * Makes a new key: a list of one, to be kept as JSON. Its `kid` is its RFC 7638 thumbprint. `alg` is EdDSA (Ed25519) unless
 * given.
 *
 * @example
 * ```ts
 * import { createIssuer, generateKeys } from 'faregate/billing'
 *
 * const keys = await generateKeys() // JSON.stringify(keys) belongs in the store for secrets
 * export const billing = createIssuer({ issuer: 'https://billing.example.com', keys })
 * ```
 */
export async function generateKeys(alg: KeyAlgorithmName = 'EdDSA'): Promise<readonly IssuerKey[]> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const { ext: _ext, key_ops: _ops, ...jwk } = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return [{ jwk: { ...jwk, kid, alg, use: 'sig' } }]
}

/** What a rotation needs. Times are in seconds. */
export interface RotationOptions {
  /** How long the new key is published before it signs. Default one hour. */
  readonly leadSeconds?: number
  /** As given to `createIssuer`. Default one day. */
  readonly maxLifetimeSeconds?: number
  /** The present time: milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: number
}

const LEAD_SECONDS = 3600
export const DAY_SECONDS = 86_400

/**
 * Returns the keys after a rotation: `next` is published now and signs after `leadSeconds`; the others stay published until
 * what they signed has ended; those that have been retired by now are left out. Keep the list that is returned, and deploy
 * it everywhere before `leadSeconds` have passed.
 *
 * @example
 * ```ts
 * import { generateKeys, type IssuerKey, rotateKeys } from 'faregate/billing'
 *
 * export async function rotated(keys: readonly IssuerKey[]) {
 *   return rotateKeys(keys, await generateKeys())
 * }
 * ```
 */
export function rotateKeys(
  keys: readonly IssuerKey[],
  next: readonly IssuerKey[],
  { leadSeconds = LEAD_SECONDS, maxLifetimeSeconds = DAY_SECONDS, now = systemClock() }: RotationOptions = {},
): readonly IssuerKey[] {
  const seconds = Math.floor(now / 1000)
  const all = [...keys, ...next.map((key) => ({ ...key, notBefore: seconds + leadSeconds }))]
  const timed = all.map((key, index) => ({ key, ...timesOf(key, index) }))
  return publishedAt(timed, seconds, maxLifetimeSeconds).map(({ key }) => key)
}

/** A key that was checked, and what is needed to sign with it and to publish it. */
export interface CheckedKey extends KeyTimes {
  readonly alg: string
  readonly publicJwk: JWK
  /** Imports the key at its first use. */
  readonly signer: () => Promise<CryptoKey | Uint8Array>
}

/** Members of a public JWK (RFC 7518 §6, RFC 8037 §2). All others are left out, so that nothing private is published. */
const PUBLIC_MEMBERS: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['kty', 'crv', 'x', 'y']],
  ['OKP', ['kty', 'crv', 'x']],
  ['RSA', ['kty', 'n', 'e']],
])

/** Checks a key. Throws InvalidClaimsError with its fault. */
export function checkKey(key: IssuerKey, index: number): CheckedKey {
  const { jwk } = key
  const fault = (member: string, expected: string): InvalidClaimsError =>
    new InvalidClaimsError(`keys[${index}].jwk.${member}: expected ${expected}.`)
  const { kid, alg, kty, d } = jwk
  if (typeof kid !== 'string' || kid === '') throw fault('kid', 'a name for the key, such as its RFC 7638 thumbprint')
  const known = ASYMMETRIC_ALGORITHMS.find((name) => name === alg)
  if (known === undefined) throw fault('alg', `one of ${ASYMMETRIC_ALGORITHMS.join(', ')}`)
  const members = PUBLIC_MEMBERS.get(kty)
  if (members === undefined) throw fault('kty', 'EC, OKP or RSA')
  if (typeof d !== 'string') throw fault('d', 'the private part of the key')
  const publicJwk: JWK = {
    ...Object.fromEntries(members.map((name) => [name, jwk[name]])),
    kid,
    alg: known,
    use: 'sig',
  }
  let imported: Promise<CryptoKey | Uint8Array> | undefined
  const signer = (): Promise<CryptoKey | Uint8Array> => (imported ??= importJWK(jwk, known))
  return { ...timesOf(key, index), alg: known, publicJwk, signer }
}

function timesOf({ jwk, notBefore = 0, retireAt }: IssuerKey, index: number): KeyTimes {
  for (const [name, time] of Object.entries({ notBefore, retireAt }))
    if (time !== undefined && !Number.isFinite(time))
      throw new InvalidClaimsError(`keys[${index}].${name}: expected seconds since 1970.`)
  return { kid: String(jwk['kid']), notBefore, retireAt }
}
