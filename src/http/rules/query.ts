/**
 * Reads the parameters of a query in all the ways servers do.
 *
 * Servers differ: in how often they decode, in folding case, in the characters that divide parameters, in which of two
 * counts. PHP reads `rest.route`, `rest_route[]` and `rest[route` as `rest_route`. A route that names a parameter may be
 * meant by any of these spellings. It is meant for sure only if there is one way to read the query. `findParameters`
 * tells the two apart, and routing takes the stricter route in doubt.
 */

import { decodeUtf8 } from '../../core/escapes.ts'
import { fold } from './pattern.ts'

/** A parameter that a route names. */
export interface Parameter {
  readonly name: string
  /** Undefined if any value will do. */
  readonly value: string | undefined
}

/** A parameter of a request, as sent. */
export interface SentParameter {
  /** Every name that some server could read. */
  readonly names: readonly string[]
  /** The whole parameter as sent, `=` included. */
  readonly piece: string
  /** False if some servers divide the query within this part. */
  readonly isWhole: boolean
}

const MAX_DEPTH = 3
const ESCAPES = /(?:%[0-9a-f]{2})+/gi
/** Escapes of ASCII characters. They are never part of another character. */
const ASCII_ESCAPES = /%[0-7][0-9a-f]/gi

function decodeRun(escapes: string): string {
  return decodeUtf8(escapes) ?? escapes.replace(ASCII_ESCAPES, decodeURIComponent)
}

/** Decodes as often as any server does, and removes characters that servers ignore in a name or a number. */
function decoded(text: string): string {
  let rest = text.replaceAll('+', ' ')
  for (let depth = 0; depth < MAX_DEPTH && rest.includes('%'); depth++) {
    rest = rest.replace(ESCAPES, decodeRun)
  }
  // PHP ends a name at NUL. A database's collation and a lookup that ignores case set aside the rest.
  const [named = ''] = rest.split('\0', 1)
  return fold(named.normalize('NFKC')).trim()
}

const PLAIN_NAME = /^\w+$/

/** Returns the names that PHP and other servers read. */
function namesOf(text: string): readonly string[] {
  if (PLAIN_NAME.test(text)) return [text.toLowerCase()]
  const name = decoded(text).replace(/^[?&;\s]+/, '')
  const bracket = name.indexOf('[')
  const underscored = name.replace(/[.\s[]/g, '_')
  return bracket > 0 ? [underscored, name.slice(0, bracket).replace(/[.\s]/g, '_')] : [underscored]
}

/** Reads the parameters of a query without its `?`. */
export function readParameters(query: string): readonly SentParameter[] {
  return query.split('&').flatMap((part) => {
    const pieces = part.split(';')
    return pieces
      .filter((piece) => piece !== '')
      .map((piece) => ({ names: namesOf(splitParameter(piece).name), piece, isWhole: pieces.length === 1 }))
  })
}

function splitParameter(piece: string): { name: string; value: string } {
  const mark = piece.indexOf('=')
  return mark === -1 ? { name: piece, value: '' } : { name: piece.slice(0, mark), value: piece.slice(mark + 1) }
}

/**
 * Decodes once, as every server does. Returns undefined if decoding fails, or if some servers divide the query
 * differently.
 */
function decodeOnce({ piece, isWhole }: SentParameter): { name: string; value: string } | undefined {
  const { name, value } = splitParameter(piece)
  try {
    return isWhole ? { name: decodeURIComponent(name), value: decodeURIComponent(value) } : undefined
  } catch {
    return undefined
  }
}

/** A parameter that a route names, prepared for comparison. */
export interface WantedParameter extends Parameter {
  readonly names: readonly string[]
  readonly folded: string | undefined
}

export function compileParameter({ name, value }: Parameter): WantedParameter {
  return { name, value, names: namesOf(name), folded: value === undefined ? undefined : decoded(value) }
}

/** Returns true if some server reads `sent` as the parameter that a route names. */
function isNamed({ names }: SentParameter, wanted: WantedParameter): boolean {
  return names.some((name) => wanted.names.includes(name))
}

/** Returns true if some server reads the wanted value. `1` is also `01`, and for PHP `1abc`. */
function hasValue({ piece }: SentParameter, { folded }: WantedParameter): boolean {
  if (folded === undefined) return true
  const value = decoded(splitParameter(piece).value)
  return value === folded || (/^\d{1,15}$/.test(folded) && Number.parseInt(value, 10) === Number(folded))
}

/** Returns `sure` if every server finds all parameters of a route in the query, `maybe` if some could, else `none`. */
export function findParameters(
  wanted: readonly WantedParameter[],
  sent: readonly SentParameter[],
): 'sure' | 'maybe' | 'none' {
  let isSure = true
  for (const each of wanted) {
    const named = sent.filter((one) => isNamed(one, each))
    if (!named.some((one) => hasValue(one, each))) return 'none'
    const [only, ...others] = named
    const plain = only && others.length === 0 ? decodeOnce(only) : undefined
    isSure &&= plain?.name === each.name && (each.value ?? plain.value) === plain.value
  }
  return isSure ? 'sure' : 'maybe'
}

/** Returns true for a part of a query, between two `&`, that some server reads as one of these parameters. */
export function namesAny(part: string, wanted: readonly WantedParameter[]): boolean {
  return wanted.length > 0 && readParameters(part).some((one) => wanted.some((each) => isNamed(one, each)))
}

/** Returns the name of a parameter, decoded: another spelling (`%75tm_source`, `utm+source`) is the same parameter. */
export function parameterName(parameter: string): string {
  return bytesOf((parameter.split('=', 1)[0] ?? '').replaceAll('+', ' '))
}

/** Returns a configured name in the form of `parameterName`. */
export function comparableName(name: string): string {
  return ASCII.test(name) ? name : bytesOf(encodeURIComponent(name))
}

const ASCII = /^[ -~]*$/

const ESCAPE = /%([0-9a-f]{2})/gi

/**
 * Decodes escapes to one character for each byte. `decodeURIComponent` throws on bytes that are not UTF-8, at ten times
 * the cost.
 */
function bytesOf(text: string): string {
  return text.includes('%')
    ? text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
}
