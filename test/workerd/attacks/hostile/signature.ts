import { base64url } from 'jose'
import { encode, secretKey, sign, signParts, type TestKey, useFor } from '../../../support/issuer.ts'
import {
  claims,
  goodToken,
  type Hostile,
  NEWS,
  type Parties,
  SECRET,
  SHARED,
  SHOP,
} from '../../../tokens/hostile/parties.ts'

/** The token with its signature changed. */
export function resign(token: string, change: (signature: Uint8Array) => Uint8Array | readonly number[]): string {
  const end = token.lastIndexOf('.') + 1
  return token.slice(0, end) + encode(Uint8Array.from(change(base64url.decode(token.slice(end)))))
}

function forged(name: string, token: Hostile['token'], check: Hostile['check'] = 'signature'): Hostile {
  return { name, token, reason: 'credential-invalid', check }
}

/** A good token of the party, its signature changed. */
function changed(
  name: string,
  party: 'es' | 'ed' | 'rsa' | 'pss',
  change: (signature: Uint8Array) => Uint8Array | readonly number[],
): Hostile {
  return forged(`${party}: ${name}`, async (parties) => resign(await sign(parties[party], claims()), change))
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n

export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)
}

export function toBytes(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(length * 2, '0')
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16),
  )
}

/** The other signature that ECDSA takes for the same bytes: (r, n − s). */
export function mirrored(signature: Uint8Array): Uint8Array {
  const s = toNumber(signature.slice(32))
  return Uint8Array.from([...signature.slice(0, 32), ...toBytes(P256_ORDER - s, 32)])
}

/** RFC 3279 §2.2.3, as TLS and X.509 have it; JWS has the two numbers side by side (RFC 7518 §3.4). */
function der(signature: Uint8Array): number[] {
  const integer = (bytes: Uint8Array): number[] => {
    const digits = toBytes(toNumber(bytes), 1)
    const positive = (digits[0] ?? 0) > 127 ? [0, ...digits] : [...digits]
    return [2, positive.length, ...positive]
  }
  const inner = [...integer(signature.slice(0, 32)), ...integer(signature.slice(32))]
  return [0x30, inner.length, ...inner]
}

function reversed(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes).reverse()
}

const zeros = (length: number) => (): Uint8Array => new Uint8Array(length)
const order = toBytes(P256_ORDER, 32)
const one = toBytes(1n, 32)

const ecdsa: Hostile[] = [
  changed('r = s = 0 (CVE-2022-21449)', 'es', zeros(64)),
  changed('r = 0', 'es', (s) => [...zeros(32)(), ...s.slice(32)]),
  changed('s = 0', 'es', (s) => [...s.slice(0, 32), ...zeros(32)()]),
  changed('r = s = n', 'es', () => [...order, ...order]),
  changed('r = s = 1', 'es', () => [...one, ...one]),
  changed('r = n', 'es', (s) => [...order, ...s.slice(32)]),
  changed('all ones', 'es', () => new Uint8Array(64).fill(255)),
  changed('r and s changed over', 'es', (s) => [...s.slice(32), ...s.slice(0, 32)]),
  changed('DER', 'es', der),
  changed('cut short by one byte', 'es', (s) => s.slice(0, -1)),
  changed('cut to half', 'es', (s) => s.slice(0, 32)),
  changed('a byte more', 'es', (s) => [...s, 0]),
  changed('r and s with a leading zero each', 'es', (s) => [0, ...s.slice(0, 32), 0, ...s.slice(32)]),
  changed('twice', 'es', (s) => [...s, ...s]),
  changed('one byte', 'es', () => [0]),
]

const others: Hostile[] = [
  changed('zeros', 'ed', zeros(64)),
  changed('S + L, which is not canonical (RFC 8032 §5.1.7)', 'ed', (s) => [
    ...s.slice(0, 32),
    ...reversed(toBytes(toNumber(reversed(s.slice(32))) + ED25519_ORDER, 32)),
  ]),
  changed('R of small order and S = 0', 'ed', () => [1, ...zeros(63)()]),
  changed('cut short by one byte', 'ed', (s) => s.slice(0, -1)),
  changed('a byte more', 'ed', (s) => [...s, 0]),
  changed('zeros', 'rsa', zeros(256)),
  changed('one', 'rsa', () => [...zeros(255)(), 1]),
  changed('cut short by one byte', 'rsa', (s) => s.slice(0, -1)),
  changed('a leading zero', 'rsa', (s) => [0, ...s]),
  changed('zeros', 'pss', zeros(256)),
  changed('cut short by one byte', 'pss', (s) => s.slice(0, -1)),
  forged('rsa: s + n, which is the same number modulo n', async ({ rsa }) => {
    const n = toNumber(base64url.decode(String(rsa.jwk['n'])))
    return resign(await sign(rsa, claims()), (s) => toBytes(toNumber(s) + n, 256))
  }),
]

async function spki(key: TestKey): Promise<Uint8Array> {
  const { alg: _alg, use: _use, ...jwk } = key.jwk
  const algorithm =
    jwk['kty'] === 'RSA' ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' }
  const imported = await crypto.subtle.importKey('jwk', { kty: String(jwk['kty']), ...jwk }, algorithm, true, [
    'verify',
  ])
  const exported = await crypto.subtle.exportKey('spki', imported)
  if (!(exported instanceof ArrayBuffer)) throw new Error('no SPKI')
  return new Uint8Array(exported)
}

async function pem(key: TestKey): Promise<string> {
  const lines = btoa(String.fromCharCode(...(await spki(key)))).match(/.{1,64}/g) ?? []
  return ['-----BEGIN PUBLIC KEY-----', ...lines, '-----END PUBLIC KEY-----', ''].join('\n')
}

type Secret = readonly [form: string, secret: (key: TestKey) => string | Uint8Array | Promise<string | Uint8Array>]
const PUBLIC_FORMS: readonly Secret[] = [
  ['PEM', pem],
  ['PEM without its last line feed', async (key) => (await pem(key)).trimEnd()],
  ['DER', spki],
  ['JWK', (key) => JSON.stringify(key.jwk)],
  ['JWK Set', (key) => JSON.stringify({ keys: [key.jwk] })],
]

/** The public key taken for a secret (RFC 8725 §2.1). */
const confusedSecrets: Hostile[] = (['es', 'rsa', 'ed'] as const).flatMap((party) =>
  PUBLIC_FORMS.filter(([form]) => party !== 'ed' || form.startsWith('JWK')).map(([form, secret]) =>
    forged(
      `HS256 over the public key of ${party} as ${form}`,
      async (parties) => sign(await secretKey(await secret(parties[party]), party), claims()),
      'algorithm',
    ),
  ),
)

const confused: Hostile[] = [
  forged('alg RS256 and the kid of an EC key', ({ es }) => sign(es, claims(), { alg: 'RS256' }), 'key'),
  forged('alg PS256 and the kid of an EC key', ({ es }) => sign(es, claims(), { alg: 'PS256' }), 'key'),
  forged('alg EdDSA and the kid of an EC key', ({ es }) => sign(es, claims(), { alg: 'EdDSA' }), 'key'),
  forged('alg ES256 and the kid of an RSA key', ({ rsa }) => sign(rsa, claims(), { alg: 'ES256' }), 'key'),
  forged('alg ES256 and the kid of an Ed25519 key', ({ ed }) => sign(ed, claims(), { alg: 'ES256' }), 'key'),
  forged('alg ES256 and the kid of a P-384 key', ({ p384 }) => sign(p384, claims(), { alg: 'ES256' }), 'key'),
  forged('alg ES384 and a P-384 key', ({ p384 }) => sign(p384, claims()), 'algorithm'),
  forged('alg PS256 over an RS256 signature', ({ rsa }) => sign(rsa, claims(), { alg: 'PS256' })),
  forged('alg RS256 over a PS256 signature', async ({ rsa }) =>
    sign(await useFor(rsa, 'PS256'), claims(), { alg: 'RS256' }),
  ),
  forged(
    'alg RS256 and a key published for PS256',
    async ({ pss }) => sign(await useFor(pss, 'RS256'), claims()),
    'key',
  ),
  forged('alg RS256 over an RS384 signature', async ({ rsa }) =>
    sign(await useFor(rsa, 'RS384'), claims(), { alg: 'RS256' }),
  ),
  forged('no kid where two keys fit', async ({ pss }) => sign(pss, claims(), { kid: undefined }), 'key'),
  forged('a key published for encryption', ({ encryption }) => sign(encryption, claims()), 'key'),
  forged('a key published with its private part', ({ leaked }) => sign(leaked, claims()), 'key'),
  forged('the secret of no one', async () => sign(await secretKey('secret'), claims({ iss: SHARED }))),
  forged('the secret and a byte more', async () => sign(await secretKey(`${SECRET}\n`), claims({ iss: SHARED }))),
  forged('HS256 cut to 128 bits', async ({ shared }) =>
    resign(await sign(shared, claims({ iss: SHARED })), (s) => s.slice(0, 16)),
  ),
]

const transplanted: Hostile[] = [
  forged("a forger's signature under a good kid", ({ forger }) => sign(forger, claims())),
  forged("a forger's signature and no kid", ({ forger }) => sign(forger, claims(), { kid: undefined })),
  forged('the signature of other claims', async (parties) => {
    const [token, other] = await Promise.all([goodToken(parties), goodToken(parties, { sub: 'another' })])
    return token.slice(0, token.lastIndexOf('.')) + other.slice(other.lastIndexOf('.'))
  }),
  forged('the payload of a token for this zone in one for another', async (parties) => {
    const [header, , signature] = (await goodToken(parties, { aud: SHOP })).split('.')
    return [header, (await goodToken(parties, { aud: NEWS })).split('.')[1], signature].join('.')
  }),
  forged('a signature of its payload alone', async ({ es }: Parties) => {
    const payload = encode(JSON.stringify(claims()))
    const [, , signature] = (await signParts(es, '', JSON.stringify(claims()))).split('.')
    return `${encode('{"alg":"ES256","typ":"entitlement+jwt","kid":"es"}')}.${payload}.${signature}`
  }),
]

export const hostileSignatures: readonly Hostile[] = [
  ...ecdsa,
  ...others,
  ...confusedSecrets,
  ...confused,
  ...transplanted,
]
