/**
 * The single steps by which servers, frameworks and the stores behind them turn a request target into the name of a
 * page. Written from what such software does, not from what the gate expects of it.
 */
export type Step = (path: string) => string

const PERCENT = 0x25

function hexDigit(code: number | undefined): number {
  if (code === undefined) return Number.NaN
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN
}

/** The path in UTF-8, with every valid escape decoded once. */
function bytesOf(path: string): Uint8Array {
  const sent = Buffer.from(path)
  if (!sent.includes(PERCENT)) return sent
  let length = 0
  for (let at = 0; at < sent.length; at++) {
    const byte = sent[at] ?? 0
    const value = byte === PERCENT ? hexDigit(sent[at + 1]) * 16 + hexDigit(sent[at + 2]) : Number.NaN
    const isEscape = !Number.isNaN(value)
    sent[length++] = isEscape ? value : byte
    if (isEscape) at += 2
  }
  return sent.subarray(0, length)
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 as old decoders read it: lead and continuation bytes are never checked, so that `c0 af` is a slash. */
function overlong(path: string): string {
  const bytes = bytesOf(path)
  let text = ''
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0
    const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0
    let point = more === 0 ? lead : lead & (0x3f >> more)
    for (let left = more; left > 0; left--) point = (point << 6) | ((bytes[++at] ?? 0) & 0x3f)
    text += point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point)
  }
  return text
}

/** RFC 3986 §5.2.4, character by character. */
function resolveDots(path: string): string {
  let input = path
  let output = ''
  while (input !== '') {
    if (input.startsWith('/../') || input === '/..') {
      input = `/${input.slice(4)}`
      output = output.slice(0, Math.max(0, output.lastIndexOf('/')))
    } else if (input.startsWith('/./') || input === '/.') {
      input = `/${input.slice(3)}`
    } else {
      const next = input.indexOf('/', 1)
      const segment = next === -1 ? input : input.slice(0, next)
      output += segment
      input = input.slice(segment.length)
    }
  }
  return output
}

const inSegments =
  (step: Step): Step =>
  (path) =>
    path.split('/').map(step).join('/')

/** Windows' conversion to code pages 1252, 932 and 949, which picks the letter that looks most alike. */
const BEST_FIT: Readonly<Record<string, string>> = {
  '∕': '/',
  '⁄': '/',
  '∖': '\\',
  '¥': '\\',
  '₩': '\\',
  ı: 'i',
  ſ: 's',
  '․': '.',
}

export const STEPS = {
  decode: (path) => utf8.decode(bytesOf(path)),
  latin1: (path) => Buffer.from(bytesOf(path)).toString('latin1'),
  overlong,
  percentU: (path) =>
    path.replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  lower: (path) => path.toLowerCase(),
  upperThenLower: (path) => path.toUpperCase().toLowerCase(),
  turkish: (path) => path.replaceAll('\u0130', 'i').toLowerCase(),
  dots: resolveDots,
  dotsFromTheRight: (path) => path.replace(/\/[^/]+\/\.\.(?=\/|$)/, '').replace(/\/\.(?=\/|$)/g, ''),
  slashes: (path) => path.replace(/\/+/g, '/'),
  backslashes: (path) => path.replaceAll('\\', '/'),
  parameters: inSegments((segment) => segment.split(';', 1)[0] ?? ''),
  cutAtSemicolon: (path) => path.split(';', 1)[0] ?? '',
  cutAtQuery: (path) => path.split('?', 1)[0] ?? '',
  cutAtFragment: (path) => path.split('#', 1)[0] ?? '',
  cutAtNul: (path) => path.split('\0', 1)[0] ?? '',
  cutAtLine: (path) => path.split(/[\r\n]/, 1)[0] ?? '',
  format: (path) => path.replace(/\.[^./]+\/?$/, ''),
  everyFormat: (path) => path.replace(/(?<=[^/])\.[^/]*\/?$/, ''),
  trailingDots: inSegments((segment) => (/^\.{1,2}$/.test(segment) ? segment : segment.replace(/[. ]+$/, ''))),
  trim: inSegments((segment) => segment.trim()),
  trimAll: (path) => path.trim(),
  controls: (path) => path.replace(/\p{Cc}/gu, ''),
  stream: inSegments((segment) => segment.replace(/:.*$/s, '')),
  compatibility: (path) => path.normalize('NFKC'),
  unaccented: (path) => path.normalize('NFKD').replace(/\p{M}/gu, ''),
  ignorable: (path) => path.replace(/\p{Default_Ignorable_Code_Point}/gu, ''),
  bestFit: (path) => path.replace(/[∕⁄∖¥₩ıſ․]/g, (character) => BEST_FIT[character] ?? character),
  plus: (path) => path.replaceAll('+', ' '),
  authority: (path) => path.replace(/^(?:[a-z]+:)?\/\/[^/]*/i, ''),
  whatwg: (path) => URL.parse(path, 'http://origin')?.pathname ?? path,
  frontController: (path) => path.replace(/^\/(?:[^/]+\/)*index\.php(?=\/)/i, ''),
  directoryIndex: (path) => path.replace(/\/(?:index|default)\.(?:html?|php|aspx?|jsp)$/i, '/'),
  leadingSlash: (path) => (path.startsWith('/') ? path : `/${path}`),
} satisfies Record<string, Step>

export type StepName = keyof typeof STEPS
