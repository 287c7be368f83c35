import type { Check, Reason } from '../../src/core/problem.ts'
import type { BillingIssuer } from '../../src/billing/index.ts'
import { encode, KEYS, type Members, publicJwk, SECRET, type Signer } from './signing.ts'

export const ISSUER = 'https://billing.example.com'
export const AUDIENCE = 'https://www.example.com'
export const STATUS_URI = `${ISSUER}/status/1`
/** When the vectors are judged, in seconds since 1970. */
export const NOW = 1_800_000_000

/** A token that the gate accepts. */
export interface AcceptedCase {
  readonly name: string
  readonly by: Signer
  readonly method: Exclude<keyof BillingIssuer, 'jwks' | 'jwksResponse' | 'statusListResponse'>
  /** What `faregate/billing` is asked to sign. */
  readonly input: Members
  /** Claims that it would not write, or writes otherwise: they replace its own. */
  readonly claims?: Members
  readonly header?: Members
  /** What the gate takes it for. */
  readonly means: Members
  readonly now?: number
}

/** A token that the gate refuses. */
export interface RefusedCase {
  readonly name: string
  /** Default: the Ed25519 key. */
  readonly by?: Signer
  /** Laid over good claims; undefined removes one. */
  readonly claims?: Members
  /** The whole payload, in place of claims. */
  readonly payload?: string
  readonly header?: Members
  /** Spoils the token once it is signed. */
  readonly spoil?: (token: string) => string
  readonly refused: readonly [reason: Reason, check: Check | undefined]
  readonly now?: number
}

/** The vectors of one kind of token. */
export interface Kind {
  readonly file: string
  readonly kind: 'entitlement' | 'payment' | 'event' | 'operator' | 'statuslist'
  readonly typ: string
  readonly description: string
  /** The claims that a refused case changes. */
  readonly good: Members
  readonly accepted: readonly AcceptedCase[]
  readonly refused: readonly RefusedCase[]
  /** True if the issuer signs with the secret. */
  readonly isSecret?: boolean
  /** An identity provider whose accounts the issuer speaks for. */
  readonly speaksFor?: string
}

/** The part of a token by its place. */
const part = (token: string, at: number): string => token.split('.')[at] ?? ''

/** Replaces a part of a token. */
export function withPart(token: string, at: 0 | 1 | 2, change: (text: string) => string): string {
  return token
    .split('.')
    .map((text, index) => (index === at ? change(text) : text))
    .join('.')
}

const NOT_SIGNED = ['credential-invalid', 'signature'] as const
const MISSPELT = ['credential-malformed', 'spelling'] as const
const UNKNOWN_KEY = ['credential-invalid', 'key'] as const

/** What no kind of token may be, whatever it claims. */
export const HOSTILE: readonly RefusedCase[] = [
  { name: 'is signed by another key of the same name', by: 'forger', refused: NOT_SIGNED },
  {
    name: 'is signed by a key that its header brings along',
    by: 'forger',
    header: { jwk: publicJwk('forger') },
    refused: NOT_SIGNED,
  },
  {
    name: 'names a key set of its own',
    by: 'forger',
    header: { jku: 'https://evil.example/jwks.json', kid: 'evil' },
    refused: UNKNOWN_KEY,
  },
  { name: 'names a key that nobody published', header: { kid: 'other' }, refused: UNKNOWN_KEY },
  {
    name: 'names another key of the issuer than the one that signed',
    header: { kid: 'es256', alg: 'ES256' },
    refused: NOT_SIGNED,
  },
  {
    name: 'is signed with HS256, with the public key as the secret',
    by: { secret: JSON.stringify(publicJwk('ed25519')) },
    header: { alg: 'HS256' },
    refused: ['credential-invalid', 'algorithm'],
  },
  {
    name: 'has the algorithm "none", and a signature all the same',
    header: { alg: 'none' },
    refused: ['credential-invalid', 'algorithm'],
  },
  { name: 'is not signed', header: { alg: 'none' }, spoil: (token) => withPart(token, 2, () => ''), refused: MISSPELT },
  {
    name: 'was changed after it was signed',
    spoil: (token) => withPart(token, 1, (text) => encode(decode(text).replace(`"iat":${NOW}`, `"iat":${NOW - 1}`))),
    refused: NOT_SIGNED,
  },
  { name: 'has a signature cut short', spoil: (token) => token.slice(0, -6), refused: NOT_SIGNED },
  { name: 'has padding', spoil: (token) => `${token}==`, refused: MISSPELT },
  {
    name: 'is spelt with other unused bits',
    spoil: (token) => withPart(token, 2, (text) => `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : nextOf(text)}`),
    refused: MISSPELT,
  },
  { name: 'has white space', spoil: (token) => `${token}\n`, refused: MISSPELT },
  { name: 'has a fourth part', spoil: (token) => `${token}.${part(token, 2)}`, refused: MISSPELT },
  { name: 'has a payload that is no object', payload: '["premium"]', refused: MISSPELT },
  {
    name: 'has a critical header parameter',
    header: { crit: ['exp'], exp: NOW },
    refused: ['credential-invalid', 'header'],
  },
  { name: 'has the type JWT', header: { typ: 'JWT' }, refused: ['credential-invalid', 'type'] },
  { name: 'has no type', header: { typ: undefined }, refused: ['credential-invalid', 'type'] },
  { name: 'is of another issuer', claims: { iss: `${ISSUER}/` }, refused: ['credential-invalid', 'issuer'] },
  { name: 'has no issuer', claims: { iss: undefined }, refused: ['credential-invalid', 'issuer'] },
]

function decode(text: string): string {
  return Buffer.from(text, 'base64url').toString()
}

/** The next letter of base64url: other unused bits, where there are any. */
function nextOf(text: string): string {
  return { Q: 'R', g: 'h', w: 'x' }[text.at(-1) ?? ''] ?? '-'
}

/** What refuses all tokens of this kind that are to end. */
export const UNTIMELY: readonly RefusedCase[] = [
  { name: 'has expired', now: NOW + 3606, refused: ['credential-expired', 'time'] },
  { name: 'is of the future', claims: { iat: NOW + 6, exp: NOW + 600 }, refused: ['credential-not-yet-valid', 'time'] },
  { name: 'is not valid yet', claims: { nbf: NOW + 6 }, refused: ['credential-not-yet-valid', 'time'] },
  { name: 'has no end', claims: { exp: undefined }, refused: ['credential-invalid', 'lifetime'] },
  { name: 'has an end in words', claims: { exp: String(NOW + 600) }, refused: ['credential-invalid', 'lifetime'] },
  { name: 'has no beginning', claims: { iat: undefined }, refused: ['credential-invalid', 'lifetime'] },
  { name: 'ends before it begins', claims: { exp: NOW - 600 }, refused: ['credential-invalid', 'lifetime'] },
]

/** What refuses a token for another site. */
export const ELSEWHERE: readonly RefusedCase[] = [
  {
    name: 'is for another site',
    claims: { aud: 'https://other.example' },
    refused: ['credential-invalid', 'audience'],
  },
  {
    name: 'is for a site of nearly the same name',
    claims: { aud: `${AUDIENCE}/` },
    refused: ['credential-invalid', 'audience'],
  },
  { name: 'is for nobody', claims: { aud: undefined }, refused: ['credential-invalid', 'audience'] },
]

/** The gate's configuration for the vectors, and all that is public or, in vectors, secret. */
export function gateOf({ isSecret = false, speaksFor }: Pick<Kind, 'isSecret' | 'speaksFor'>) {
  const source = isSecret ? { secret: 'BILLING_SECRET' } : { keys: PUBLIC }
  const others = speaksFor === undefined ? {} : { speaksFor: [speaksFor] }
  const billing = { issuer: ISSUER, ...source, ...others, statusLists: { allow: [`${ISSUER}/status/*`] } }
  const identity = { issuer: speaksFor, keys: [publicJwk('forger')], types: { entitlement: 'at+jwt' } }
  return {
    audience: AUDIENCE,
    issuers: speaksFor === undefined ? [billing] : [billing, identity],
    operators: [{ issuer: ISSUER, ...source }],
  }
}

const PUBLIC = (['ed25519', 'es256', 'rs256'] as const).map(publicJwk)

/** What signs, to be known to whoever tries a signer of their own. */
export function keysOf(isSecret: boolean): Members {
  return isSecret ? { secret: SECRET } : { ed25519: KEYS.ed25519, es256: KEYS.es256, rs256: KEYS.rs256 }
}
