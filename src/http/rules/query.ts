/**
 * The parameters of a query as servers read them. They differ in how often they decode, whether case counts, what divides
 * parameters, and which of two counts; PHP reads `rest.route`, `rest_route[]` and `rest[route` as `rest_route`. A route that
 * names a parameter is meant by any of these spellings, and for sure only where there is one way to read it.
 */

import { decodeUtf8 } from '../../core/escapes.ts'
import { fold } from './pattern.ts'

/** A parameter that a route names. */
export interface Parameter {
  readonly name: string
  /** Undefined where any value will do. */
  readonly value: string | undefined
}

/** A parameter as it was sent. */
export interface Sent {
  /** All that its name could be taken for. */
  readonly names: readonly string[]
  /** As it was sent, `=` in the middle. */
  readonly piece: string
  /** False where not every server divides the query here. */
  readonly isWhole: boolean
}

const MAX_DEPTH = 3
const ESCAPES = /(?:%[0-9a-f]{2})+/gi
/** Those of ASCII, which are never a part of another character. */
const ASCII_ESCAPES = /%[0-7][0-9a-f]/gi

function decodeRun(escapes: string): string {
  return decodeUtf8(escapes) ?? escapes.replace(ASCII_ESCAPES, decodeURIComponent)
}

/** Decoded as often as any server does, and without what is set aside in a name or a number. */
function decoded(text: string): string {
  let rest = text.replaceAll('+', ' ')
  for (let depth = 0; depth < MAX_DEPTH && rest.includes('%'); depth++) {
    rest = rest.replace(ESCAPES, decodeRun)
  }
  // PHP ends a name at NUL; the rest is what a database's collation and a lookup that ignores case set aside.
  const [named = ''] = rest.split('\0', 1)
  return fold(named.normalize('NFKC')).trim()
}

const PLAIN_NAME = /^\w+$/

/** What PHP, and what others, make of a name. */
function namesOf(text: string): readonly string[] {
  if (PLAIN_NAME.test(text)) return [text.toLowerCase()]
  const name = decoded(text).replace(/^[?&;\s]+/, '')
  const bracket = name.indexOf('[')
  const underscored = name.replace(/[.\s[]/g, '_')
  return bracket > 0 ? [underscored, name.slice(0, bracket).replace(/[.\s]/g, '_')] : [underscored]
}

/** The parameters of a query without its `?`. */
export function readParameters(query: string): readonly Sent[] {
  return query.split('&').flatMap((part) => {
    const pieces = part.split(';')
    return pieces
      .filter((piece) => piece !== '')
      .map((piece) => ({ names: namesOf(halves(piece).name), piece, isWhole: pieces.length === 1 }))
  })
}

function halves(piece: string): { name: string; value: string } {
  const mark = piece.indexOf('=')
  return mark === -1 ? { name: piece, value: '' } : { name: piece.slice(0, mark), value: piece.slice(mark + 1) }
}

/** Decoded once, as every server does; undefined where that fails, or where another server divides the query elsewhere. */
function plainly({ piece, isWhole }: Sent): { name: string; value: string } | undefined {
  const { name, value } = halves(piece)
  try {
    return isWhole ? { name: decodeURIComponent(name), value: decodeURIComponent(value) } : undefined
  } catch {
    return undefined
  }
}

/** A parameter that a route names, with all that is compared. */
export interface WantedParameter extends Parameter {
  readonly names: readonly string[]
  readonly folded: string | undefined
}

/** Prepares what a route names. */
export function compileParameter({ name, value }: Parameter): WantedParameter {
  return { name, value, names: namesOf(name), folded: value === undefined ? undefined : decoded(value) }
}

/** True where the parameter is, by any reading, the one that a route names. */
function isNamed({ names }: Sent, wanted: WantedParameter): boolean {
  return names.some((name) => wanted.names.includes(name))
}

/** `1` is also `01`, and for PHP `1abc`. */
function hasValue({ piece }: Sent, { folded }: WantedParameter): boolean {
  if (folded === undefined) return true
  const value = decoded(halves(piece).value)
  return value === folded || (/^\d{1,15}$/.test(folded) && Number.parseInt(value, 10) === Number(folded))
}

/** How far a query has all that a route names: `sure` where every server reads it so, `maybe` where some could. */
export function findParameters(wanted: readonly WantedParameter[], sent: readonly Sent[]): 'sure' | 'maybe' | 'none' {
  let isSure = true
  for (const each of wanted) {
    const named = sent.filter((one) => isNamed(one, each))
    if (!named.some((one) => hasValue(one, each))) return 'none'
    const [only, ...others] = named
    const plain = only && others.length === 0 ? plainly(only) : undefined
    isSure &&= plain?.name === each.name && (each.value ?? plain.value) === plain.value
  }
  return isSure ? 'sure' : 'maybe'
}

/** True for a part of a query, between two `&`, that is by any reading one of these parameters. */
export function namesAny(part: string, wanted: readonly WantedParameter[]): boolean {
  return wanted.length > 0 && readParameters(part).some((one) => wanted.some((each) => isNamed(one, each)))
}

/** A parameter in another spelling (`%75tm_source`, `utm+source`) is the same parameter. */
export function parameterName(parameter: string): string {
  return bytesOf((parameter.split('=', 1)[0] ?? '').replaceAll('+', ' '))
}

/** A configured name as `parameterName` would give it. */
export function comparableName(name: string): string {
  return ASCII.test(name) ? name : bytesOf(encodeURIComponent(name))
}

const ASCII = /^[ -~]*$/

const ESCAPE = /%([0-9a-f]{2})/gi

/** What is escaped, with a character for each byte: of bytes that are not UTF-8 `decodeURIComponent` throws, at ten times the cost. */
function bytesOf(text: string): string {
  return text.includes('%')
    ? text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
}
