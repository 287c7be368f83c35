/** Ways to write one character, one slash or one dot, that some server reads back as what was meant. */

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0')

/** `a` as `%61`. */
export function escaped(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${hexOf(byte)}`).join('')
}

/** The escape of an escape, so many times deep. */
export function nested(text: string, depth: number): string {
  let written = escaped(text)
  for (let level = 1; level < depth; level++) written = written.replaceAll('%', '%25')
  return written
}

/** Each character of ASCII in two and three bytes, which UTF-8 forbids. */
function overlong(character: string): string[] {
  const code = character.charCodeAt(0)
  const last = 0x80 | (code & 0x3f)
  return [
    `%${hexOf(0xc0 | (code >> 6))}%${hexOf(last)}`,
    `%e0%${hexOf(0x80 | (code >> 6))}%${hexOf(last)}`,
    `%f0%80%${hexOf(0x80 | (code >> 6))}%${hexOf(last)}`,
  ]
}

/** `%u002f`, which was never a standard. */
function percentU(character: string): string {
  return `%u00${hexOf(character.charCodeAt(0))}`
}

/** Everything that may stand for one character. */
export function waysToWrite(character: string): string[] {
  const once = escaped(character)
  const mixed = once.replace(/[a-f]/, (digit) => digit.toUpperCase())
  const deep = [nested(character, 2), nested(character, 3), `%25${mixed.slice(1)}`, `%%${once.slice(1)}`]
  const halves = `%${escaped(once.charAt(1))}${once.slice(2)}`
  return [once, mixed, once.toUpperCase(), ...deep, halves, ...overlong(character), percentU(character)]
}

/** Compatible, accented and look-alike letters, each as its own UTF-8 and escaped. */
export function likenesses(character: string): string[] {
  const code = character.charCodeAt(0)
  const isLetter = /[a-z]/.test(character)
  const found = [String.fromCodePoint(code + 0xfee0)]
  if (isLetter) {
    const index = code - 0x61
    for (const start of [0x24d0, 0x24b6, 0x1d41a, 0x1d4d0, 0x1d5ba, 0x1f130, 0x249c])
      found.push(String.fromCodePoint(start + index))
    for (const mark of ['\u0301', '\u0308', '\u0327', '\u20dd']) found.push(`${character}${mark}`.normalize('NFC'))
  }
  if (character === 's') found.push('\u017f')
  if (character === 'i') found.push('\u0131', '\u0130', '\u2170')
  if (character === 'm') found.push('\u217f')
  if (character === 'r') found.push('\u1d63')
  if (character === '1') found.push('\u00b9', '\u2460', '\u2081')
  if (character === '/') found.push('\u2215', '\u2044', '\u29f8')
  if (character === '.') found.push('\u2024')
  return found.flatMap((likeness) => [likeness, escaped(likeness)])
}

export const SLASHES = [
  '/',
  '%2f',
  '%2F',
  '%252f',
  '%25252f',
  '\\',
  '%5c',
  '%5C',
  '%255c',
  '%c0%af',
  '%e0%80%af',
  '%u002f',
  '%ef%bc%8f',
  '／',
  '%e2%88%95',
  '//',
  '/;/',
  '%bg%qf',
] as const

export const DOTS = ['.', '%2e', '%2E', '%252e', '%25252e', '%c0%ae', '%e0%80%ae', '%u002e', '．', '%e2%80%a4'] as const

/** What some server ignores behind a name, or before it. */
export const JUNK = [
  '%20',
  '%20%20',
  '%09',
  '%0a',
  '%0d',
  '%0d%0a',
  '%0b',
  '%0c',
  '%00',
  '%7f',
  '%85',
  '%c2%85',
  '%1f',
  '%a0',
  '%c2%a0',
  '%e2%80%8b',
  '%e2%80%8c',
  '%e2%80%8d',
  '%e2%80%8e',
  '%e2%81%a0',
  '%ef%bb%bf',
  '%c2%ad',
  '%cd%8f',
  '%e1%85%9f',
  '%e3%85%a4',
  '%ef%b8%8f',
  '%e3%80%80',
  '%e2%80%a8',
  '%e2%80%83',
  '\u200b',
  '\ufeff',
  '\u00ad',
  '\u00a0',
  '%2520',
  '%2500',
  '%2509',
  '%250a',
  '+',
  '%2b',
  '%252b',
  '.',
  '..',
  '...',
  '%2e',
  '%2e%2e',
  '%252e',
  '%20.',
  '.%20',
  '. .',
  '%00.',
  ';',
  ';x',
  ';x=1',
  ';jsessionid=0',
  ';a=b;c=d',
  '%3b',
  '%3Bx',
  '%253b',
  '%253bx',
  ';.',
  ';%2e',
  ':',
  '::$DATA',
  '::$data',
  '%3a%3a$DATA',
  '%3a%3a%24DATA',
  '%253a%253a$DATA',
  ':$i30:$INDEX_ALLOCATION',
  ':x',
  ':x:$DATA',
  '~',
  '~1',
  '!',
  '*',
  "'",
  '"',
  '%22',
  ',',
  '&',
  '=',
  '$',
  '@',
  '%40',
  '|',
  '%7c',
  '<',
  '>',
  '%3c',
  '%3e',
  '^',
  '`',
  '{',
  '}',
  '[',
  ']',
  '%',
  '%2',
  '%zz',
  '%u',
  '%u0000',
  '%c0%80',
  '%e0%80%80',
  '%ff',
  '%ed%a0%80',
  '%f8%80%80%80%80',
  '\u0301',
  '%cc%81',
] as const

/** What some server takes for a format, an index page, or the start of another part of the target. */
export const ENDINGS = [
  '/',
  '//',
  '/.',
  '/./',
  '/..',
  '/x/..',
  '/%2e',
  '/%2e%2e',
  '/%2e/',
  '%2f',
  '%2F',
  '%252f',
  '%5c',
  '%255c',
  '\\',
  '\\.',
  '.json',
  '.html',
  '.htm',
  '.xml',
  '.txt',
  '.php',
  '.asp',
  '.do',
  '.css',
  '.js',
  '.png',
  '.JSON',
  '.json/',
  '.json%00',
  '.a.b',
  '.a.b.c.d',
  '.a.b.c.d.e',
  '.a.b.c.d.e.f.g',
  '%2ejson',
  '%252ejson',
  '.%6ason',
  '%20.json',
  '+.json',
  '.json%20',
  ';.json',
  ';x.json',
  '.json;x',
  '%00.json',
  '%00.html',
  '%3b.json',
  '/.json',
  '/;x',
  '/;.css',
  '%3f.css',
  '%23.css',
  '::$DATA.json',
  '%e2%80%8b.json',
  '%c2%a0.json',
  '.json.',
  '..json',
  '. .json',
  '.%e2%80%8bjson',
  '?',
  '?x',
  '?.json',
  '?/../../free',
  '%3f',
  '%3fx',
  '%3Fx=1',
  '%253f',
  '%253fx',
  '#',
  '#x',
  '%23',
  '%23x',
  '%2523x',
  '?;',
  ';?x',
  '%3b%3f',
  '%26',
  '%26x=1',
  '/index.html',
  '/index.htm',
  '/index.php',
  '/default.aspx',
  '/INDEX.HTML',
  '/index%2ehtml',
  '/index.html;x',
  '/index.html%20',
  '//index.html',
  '/./index.html',
] as const
