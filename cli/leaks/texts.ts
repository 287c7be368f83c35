/**
 * Reads every text that an answer carries, whatever its format, and whatever is wrapped in what: HTML in JSON in a script,
 * HTML in a CDATA section of a feed, entities that were escaped twice.
 */
import { Parser } from 'htmlparser2'
import { readHtml } from './html.ts'

/** How deep texts may be wrapped. */
const MAX_DEPTH = 4
const MARKUP = /<[a-z!/][^<>]*>|&(?:#\d+|#x[\da-f]+|[a-z][a-z\d]*);/i

/** Returns the texts of an answer. */
export function textsOf(body: string, contentType: string): string[] {
  if (/\bjson\b/i.test(contentType)) return jsonTexts(body, MAX_DEPTH) ?? looseTexts(body, MAX_DEPTH)
  if (/\b(?:rss|atom|rdf|xml)\b/i.test(contentType) && !/html/i.test(contentType)) return xmlTexts(body, MAX_DEPTH)
  if (/^\s*(?:<\?xml|<rss\b|<feed\b|<urlset\b)/i.test(body)) return xmlTexts(body, MAX_DEPTH)
  return looseTexts(body, MAX_DEPTH)
}

/** Returns what stands in a document without being seen. */
export function unseenTexts(unseen: readonly string[]): string[] {
  return unseen.flatMap((text) => looseTexts(text, MAX_DEPTH - 1))
}

/** Reads text of an unknown kind. */
function looseTexts(text: string, depth: number): string[] {
  if (depth === 0 || text.trim() === '') return [text]
  const json = jsonTexts(text, depth)
  if (json !== undefined) return json
  const found = MARKUP.test(text) ? htmlTexts(text, depth) : [text]
  const plain = unescaped(text)
  return plain === text ? found : [...found, ...looseTexts(plain, depth - 1)]
}

function htmlTexts(html: string, depth: number): string[] {
  const { blocks, unseen } = readHtml(html)
  const seen = blocks.map(({ text }) => text)
  // Entities that were escaped twice are entities still.
  const again = seen.filter((text) => MARKUP.test(text)).flatMap((text) => looseTexts(text, depth - 1))
  return [seen.join('\n'), ...again, ...unseen.flatMap((text) => looseTexts(text, depth - 1))]
}

function xmlTexts(xml: string, depth: number): string[] {
  const texts: string[] = []
  let text = ''
  const flush = (): void => {
    if (text.trim() !== '') texts.push(text)
    text = ''
  }
  const parser = new Parser(
    {
      onopentag: (_name, attributes) => {
        flush()
        texts.push(...Object.values(attributes).filter((value) => value.length > 30))
      },
      onclosetag: flush,
      ontext: (more) => {
        text += more
      },
      oncomment: (comment) => texts.push(comment),
    },
    { xmlMode: true },
  )
  parser.end(xml)
  flush()
  return texts.flatMap((one) => looseTexts(one, depth - 1))
}

function jsonTexts(json: string, depth: number): string[] | undefined {
  if (!/^\s*[[{"]/.test(json)) return undefined
  try {
    return stringsIn(JSON.parse(json)).flatMap((text) => looseTexts(text, depth - 1))
  } catch {
    return undefined
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(stringsIn)
}

/** Resolves the escapes of strings in scripts. */
function unescaped(text: string): string {
  return text
    .replace(/\\u\{?([\da-f]{4,6})\}?/gi, (all, hex: string) => codePoint(hex) ?? all)
    .replace(/\\x([\da-f]{2})/gi, (all, hex: string) => codePoint(hex) ?? all)
    .replace(/\\[nrt]/g, ' ')
    .replace(/\\(["'/\\])/g, '$1')
}

function codePoint(hex: string): string | undefined {
  const point = Number.parseInt(hex, 16)
  return point <= 0x10ffff ? String.fromCodePoint(point) : undefined
}
