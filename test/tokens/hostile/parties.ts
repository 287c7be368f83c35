import { bearer } from '../../../src/rails/bearer.ts'
import type { Check, Reason } from '../../../src/core/problem.ts'
import type { Compiled } from '../../../src/config/config.ts'
import type { Options } from '../../../src/config/options.ts'
import { compiled } from '../../support/compiled.ts'
import { makeKey, secretKey, sign, type TestKey } from '../../support/issuer.ts'

/** Who signs in the tables of hostile tokens, and for whom. Seconds since 1970. */
export const NOW = 1_800_000_000
export const BILLING = 'https://billing.example'
export const IDENTITY = 'https://identity.example'
export const SHARED = 'https://shared.example'
export const NEWS = 'https://news.example'
export const SHOP = 'https://shop.example'
export const SECRET = 'fedcba9876543210fedcba9876543210'
export const ACCOUNT_KEY = 'a key for hashing accounts'
/** Stands in every good token, and may stand in no answer and no log. */
export const ACCOUNT = 'account-5e1f0c2b'

export interface Parties {
  readonly es: TestKey
  readonly ed: TestKey
  /** Published without `alg`: it may sign RS256 and PS256. */
  readonly rsa: TestKey
  /** Published for PS256 alone. */
  readonly pss: TestKey
  readonly p384: TestKey
  /** Published with `use: enc`. */
  readonly encryption: TestKey
  /** Published with its private part. */
  readonly leaked: TestKey
  /** Nobody's key, under the `kid` of a good one. */
  readonly forger: TestKey
  readonly identity: TestKey
  readonly shared: TestKey
}

export async function makeParties(): Promise<Parties> {
  const [es, ed, rsa, pss, p384, encryption, leaked, forger, identity, shared] = await Promise.all([
    makeKey('ES256', 'es'),
    makeKey('EdDSA', 'ed', {}),
    makeKey('RS256', 'rsa', {}),
    makeKey('PS256', 'pss'),
    makeKey('ES384', 'p384'),
    makeKey('ES256', 'encryption', { use: 'enc' }),
    makeKey('ES256', 'leaked'),
    makeKey('ES256', 'es'),
    makeKey('ES256', 'identity'),
    secretKey(SECRET),
  ])
  return { es, ed, rsa, pss, p384, encryption, leaked, forger, identity, shared }
}

/** Claims that open the paid page of the news zone, until something is laid over them. */
export function claims(over: Record<string, unknown> = {}): Record<string, unknown> {
  return { iss: BILLING, aud: NEWS, sub: ACCOUNT, iat: NOW - 60, exp: NOW + 3600, entitlements: ['premium'], ...over }
}

/** A good token, and what makes it bad. Undefined removes a member. */
export function goodToken({ es }: Parties, over = {}, header = {}): Promise<string> {
  return sign(es, claims(over), header)
}

/** A token that must be refused. `check` is the one that must fail, where the token itself is at fault. */
export interface Hostile {
  readonly name: string
  readonly token: (parties: Parties) => string | Promise<string>
  readonly reason: Reason
  readonly check?: Check
}

export function options(parties: Parties): Options {
  const { es, ed, rsa, pss, p384, encryption, leaked, identity } = parties
  const keys = [es, ed, rsa, pss, p384, encryption].map((key) => key.jwk)
  const issuers = [
    { issuer: BILLING, keys: [...keys, leaked.privateJwk] },
    { issuer: SHARED, secret: 'SHARED_SECRET' },
    {
      issuer: IDENTITY,
      keys: [identity.jwk],
      algorithms: ['ES256'],
      types: { entitlement: ['at+jwt', 'JWT'] },
      claims: { entitlements: 'scope', plan: 'tier', standing: 'account_status' },
      maxLifetimeSeconds: 3600,
    },
  ]
  const remedies = { documentation: 'https://billing.example/problems', checkout: 'https://billing.example/checkout' }
  const routes = [
    { path: '/paid/*', requires: 'premium' },
    { path: '/api/*', requires: 'premium', cache: 'off' as const },
    { path: '/free/*', free: true as const },
  ]
  return {
    log: { accountKey: 'ACCOUNT_KEY' },
    zones: [
      {
        name: 'news',
        hosts: ['news.example', 'localhost'],
        audience: NEWS,
        issuers,
        rails: [bearer()],
        routes,
        unmatched: 'closed',
        remedies,
      },
      {
        name: 'shop',
        hosts: ['shop.example'],
        audience: SHOP,
        issuers,
        rails: [bearer()],
        routes,
        unmatched: 'closed',
        remedies,
      },
    ],
  }
}

/** Their options, with the secrets that these name. */
export function compiledFor(given: Options): Compiled {
  return compiled(
    given,
    {
      SHARED_SECRET: SECRET,
      ACCOUNT_KEY,
      GATE_SECRET: 'the secret of the gate, long enough',
      STRIPE_KEY: `sk ${SECRET}`,
    },
    false,
  )
}
