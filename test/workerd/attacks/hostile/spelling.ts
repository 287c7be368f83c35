import { MAX_TOKEN_BYTES } from '../../../../src/tokens/jws.ts'
import { encode, signEncoded, signParts } from '../../../support/issuer.ts'
import { claims, goodToken, type Hostile, type Parties } from '../../../tokens/hostile/parties.ts'

const HEADER = '{"alg":"ES256","typ":"entitlement+jwt","kid":"es"}'
const CLAIMS = JSON.stringify(claims())

function malformed(name: string, token: Hostile['token']): Hostile {
  return { name, token, reason: 'credential-malformed', check: 'spelling' }
}

/** A good token, respelt by whoever carries it. */
function respelt(name: string, respell: (header: string, payload: string, signature: string) => string): Hostile {
  return malformed(name, async (parties) => {
    const [header = '', payload = '', signature = ''] = (await goodToken(parties)).split('.')
    return respell(header, payload, signature)
  })
}

/** White space splits a token in two before anyone reads it. */
function broken(name: string, respell: (header: string, payload: string, signature: string) => string): Hostile {
  const { check: _check, ...others } = respelt(name, respell)
  return others
}

/** A part in another alphabet or with padding, which its issuer signed as it stands. */
function signedAs(name: string, header: (text: string) => string, payload: (text: string) => string): Hostile {
  return malformed(name, ({ es }) => signEncoded(es, header(HEADER), payload(CLAIMS)))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** JSON with white space at its end until its base64url has unused bits: `extra` is 1 for two of them, 2 for four. */
function withUnusedBits(json: string, extra: 1 | 2): string {
  let text = json
  while ((text.length * 2) % 3 !== extra) text += ' '
  return text
}

/** Sets the unused bits of the last character, which decoders ignore. */
function setUnusedBits(part: string): string {
  const last = ALPHABET.indexOf(part.slice(-1))
  return part.slice(0, -1) + ALPHABET.charAt(last + 1)
}

const plain = (text: string): string => encode(text)
const padded = (text: string): string => btoa(text).replaceAll('+', '-').replaceAll('/', '_')
/** A claim whose base64 has `+` and `/` in it. */
const SLASHED = withUnusedBits('{"x":"???>>>~~~"}', 1)

const unusedBits: Hostile[] = ([1, 2] as const).flatMap((extra) => [
  signedAs(
    `unused bits in the header (${extra}), signed so`,
    (h) => setUnusedBits(encode(withUnusedBits(h, extra))),
    plain,
  ),
  signedAs(`unused bits in the payload (${extra}), signed so`, plain, (p) =>
    setUnusedBits(encode(withUnusedBits(p, extra))),
  ),
])

const canonical: Hostile[] = [
  ...unusedBits,
  respelt('unused bits in the signature', (h, p, s) => `${h}.${p}.${setUnusedBits(s)}`),
  respelt('a padded signature', (h, p, s) => `${h}.${p}.${s}==`),
  respelt('a signature padded by one', (h, p, s) => `${h}.${p}.${s}=`),
  respelt('escaped padding on the signature', (h, p, s) => `${h}.${p}.${s}%3D%3D`),
  signedAs('a padded header, signed so', (h) => padded(withUnusedBits(h, 1)), plain),
  signedAs('a padded payload, signed so', plain, (p) => padded(withUnusedBits(p, 2))),
  signedAs('a payload in base64 with + and /, signed so', plain, () => btoa(SLASHED).replaceAll('=', '')),
  signedAs('a header in base64 with + and /, signed so', () => btoa(SLASHED).replaceAll('=', ''), plain),
  respelt('a character too many in the header', (h, p, s) => `${h}${'A'.repeat(5 - (h.length % 4))}.${p}.${s}`),
  respelt('a quote before it', (h, p, s) => `"${h}.${p}.${s}"`),
  respelt('a tilde after it, as an SD-JWT has', (h, p, s) => `${h}.${p}.${s}~`),
  respelt('a semicolon after it', (h, p, s) => `${h}.${p}.${s};`),
  broken('white space inside', (h, p, s) => `${h}. ${p}.${s}`),
  broken('white space in the signature', (h, p, s) => `${h}.${p}.${s.slice(0, 9)} ${s.slice(9)}`),
  broken('a tab in the payload', (h, p, s) => `${h}.${p.slice(0, 9)}\t${p.slice(9)}.${s}`),
  respelt('escaped dots', (h, p, s) => `${h}%2E${p}%2E${s}`),
]

const parts: Hostile[] = [
  respelt('an empty header', (_h, p, s) => `.${p}.${s}`),
  respelt('an empty payload', (h, _p, s) => `${h}..${s}`),
  respelt('an empty signature', (h, p) => `${h}.${p}.`),
  respelt('two parts', (h, p) => `${h}.${p}`),
  respelt('one part', (h) => h),
  respelt('dots alone', () => '..'),
  respelt('one dot', () => '.'),
  respelt('four parts', (h, p, s) => `${h}.${p}.${s}.${s}`),
  respelt('a dot after it', (h, p, s) => `${h}.${p}.${s}.`),
  respelt('a dot before it', (h, p, s) => `.${h}.${p}.${s}`),
  respelt('the five parts of a JWE', (_h, p, s) => `${encode('{"alg":"dir","enc":"A128GCM"}')}..${s}.${p}.${s}`),
  respelt('another token at its end', (h, p, s) => `${h}.${p}.${s}.${h}.${p}.${s}`),
  respelt('a payload that is signed elsewhere', (h, _p, s) => `${h}..${s}`),
  respelt('the JSON serialisation in base64url', (h, p, s) =>
    encode(JSON.stringify({ protected: h, payload: p, signature: s })),
  ),
  respelt('the JSON serialisation, of two members', (h, p, s) => `{"payload":"${h}.${p}.${s}"}`),
  {
    name: 'the JSON serialisation, which has commas',
    token: async (parties) => {
      const [header, payload, signature] = (await goodToken(parties)).split('.')
      return JSON.stringify({ protected: header, payload, signature })
    },
    reason: 'credential-ambiguous',
  },
]

const BOM = new Uint8Array([0xef, 0xbb, 0xbf])
const bytes = (...pieces: (string | Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(pieces.flatMap((piece) => [...(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece)]))
const utf16 = (text: string): Uint8Array =>
  Uint8Array.from(Array.from(text).flatMap((character) => [character.charCodeAt(0), 0]))

type Content = readonly [name: string, content: string | Uint8Array]
const CONTENTS: readonly Content[] = [
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '1800000000'],
  ['a string', '"ES256"'],
  ['nothing but a space', ' '],
  ['an array', '[]'],
  ['no JSON', 'alg=ES256'],
  ['binary data', new Uint8Array([0, 1, 2, 3])],
  ['thousands of open brackets', '['.repeat(3000)],
  ['thousands of open objects', '{"a":'.repeat(900)],
]
/** Ways to spoil JSON that would be good. */
const SPOILT: readonly (readonly [name: string, spoil: (json: string) => string | Uint8Array])[] = [
  ['a byte order mark', (json) => bytes(BOM, json)],
  ['itself in an array', (json) => `[${json}]`],
  ['itself as a string', (json) => JSON.stringify(json)],
  ['more after its end', (json) => `${json}{}`],
  ['NUL at its end', (json) => `${json}\0`],
  ['a comment', (json) => `${json}//`],
  ['a trailing comma', (json) => `${json.slice(0, -1)},}`],
  ['single quotes', (json) => json.replaceAll('"', "'")],
  ['a bare NaN', (json) => `${json.slice(0, -1)},"x":NaN}`],
  ['a leading zero', (json) => `${json.slice(0, -1)},"x":01}`],
  ['a raw line feed in a string', (json) => `${json.slice(0, -1)},"x":"\n"}`],
  ['its last brace cut off', (json) => json.slice(0, -1)],
  ['UTF-16', (json) => utf16(json)],
  ['a byte that is not UTF-8', (json) => bytes(json.slice(0, -1), ',"x":"', [0xff], '"}')],
  ['overlong UTF-8', (json) => bytes(json.slice(0, -1), ',"x":"', [0xc0, 0xaf], '"}')],
  ['a surrogate in UTF-8', (json) => bytes(json.slice(0, -1), ',"x":"', [0xed, 0xa0, 0x80], '"}')],
  ['cut-off UTF-8', (json) => bytes(json.slice(0, -1), ',"x":"', [0xe2, 0x82], '"}')],
]

const contents: Hostile[] = [
  ...CONTENTS.flatMap(([name, content]) => [
    malformed(`${name} for a header`, ({ es }) => signParts(es, content, CLAIMS)),
    malformed(`${name} for a payload`, ({ es }) => signParts(es, HEADER, content)),
  ]),
  ...SPOILT.flatMap(([name, spoil]) => [
    malformed(`${name} in the header`, ({ es }) => signParts(es, spoil(HEADER), CLAIMS)),
    malformed(`${name} in the payload`, ({ es }) => signParts(es, HEADER, spoil(CLAIMS))),
  ]),
]

/** A good token of exactly so many characters. */
export async function tokenOfLength(parties: Parties, length: number): Promise<string> {
  const { length: least } = await goodToken(parties, { x: '' }, { x: '' })
  for (const inHeader of ['', 'x', 'xx', 'xxx']) {
    const about = Math.floor(((length - least) * 3) / 4)
    for (let more = about - 4; more <= about + 4; more++) {
      const token = await goodToken(parties, { x: 'x'.repeat(more) }, { x: inHeader })
      if (token.length === length) return token
    }
  }
  throw new Error(`no token has ${length} characters`)
}

const sizes: Hostile[] = [
  malformed('one byte over the largest size', (parties) => tokenOfLength(parties, MAX_TOKEN_BYTES + 1)),
  malformed('many claims, and a hundred kilobytes', (parties) => goodToken(parties, { x: 'x'.repeat(100_000) })),
  malformed('a large header', (parties) => goodToken(parties, {}, { x: 'x'.repeat(MAX_TOKEN_BYTES) })),
]

export const hostileSpellings: readonly Hostile[] = [...canonical, ...parts, ...contents, ...sizes]
