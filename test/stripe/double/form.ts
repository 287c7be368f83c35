/**
 * Reads parameters as Stripe's API takes them, in a query or a form: `line_items[0][price]=…`, `expand[]=…`. A parameter that
 * the API does not know is an error, and so is one of another type.
 */
import { PARAMETERS } from './parameters.ts'
import { StripeProblem } from './problem.ts'

/** Parameters of a call, with their nesting undone. Lists are records by their index. */
export interface Params {
  readonly [name: string]: string | Params
}

interface Mutable {
  [name: string]: string | Mutable
}

type ParameterKind = 'text' | 'number' | 'boolean' | 'list' | 'any' | ParameterKinds
interface ParameterKinds {
  readonly [name: string]: ParameterKind
}

/** Undoes the nesting of names. */
export function readForm(pairs: URLSearchParams): Params {
  const all: Mutable = {}
  for (const [name, value] of pairs) {
    const [first = '', ...rest] = name.replaceAll(']', '').split('[')
    let place = all
    let key = first
    for (const next of rest) {
      const inner = place[key]
      const below: Mutable = typeof inner === 'object' ? inner : {}
      place[key] = below
      place = below
      key = next === '' ? String(Object.keys(below).length) : next
    }
    place[key] = value
  }
  return all
}

/** Throws Stripe's error for a parameter that the call does not take. */
export function checkParameters(call: string, params: Params): void {
  const known = PARAMETERS[call]
  check(params, known === undefined ? { expand: 'list' } : kindsOf(known), '')
}

const parsed = new Map<string, ParameterKinds>()

function kindsOf(written: string): ParameterKinds {
  const kinds = parsed.get(written) ?? parseKinds(written.matchAll(/(\w+)([#?*]|\[\])?(\()?|\)/g))
  parsed.set(written, kinds)
  return kinds
}

function parseKinds(words: Iterator<RegExpMatchArray>): ParameterKinds {
  const kinds: Record<string, ParameterKind> = {}
  for (let word = words.next(); word.done !== true; word = words.next()) {
    const [, name, mark, open] = word.value
    if (name === undefined) break
    kinds[name] = open === undefined ? (MARKS[mark ?? ''] ?? 'text') : parseKinds(words)
  }
  return kinds
}

const MARKS: Readonly<Record<string, ParameterKind>> = { '#': 'number', '?': 'boolean', '*': 'any', '[]': 'list' }

function check(params: Params, kinds: ParameterKinds, within: string): void {
  for (const [name, value] of Object.entries(params)) {
    const path = within === '' ? name : `${within}[${name}]`
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) throw unknownParameter(path)
    if (typeof kind === 'object') checkBelow(value, kind, path)
    else checkLeaf(value, kind, path)
  }
}

function checkBelow(value: string | Params, kinds: ParameterKinds, path: string): void {
  if (value === '') return
  if (typeof value === 'string') {
    // A time is a number, or a range of them.
    if (Object.hasOwn(kinds, 'gte')) return checkLeaf(value, 'number', path)
    throw invalid(path, 'Invalid object')
  }
  const isList = Object.keys(value).every((name) => /^\d+$/.test(name))
  if (!isList) return check(value, kinds, path)
  for (const [index, item] of Object.entries(value)) checkBelow(item, kinds, `${path}[${index}]`)
}

function checkLeaf(value: string | Params, kind: Exclude<ParameterKind, ParameterKinds>, path: string): void {
  if (kind === 'any') return
  if (kind === 'list') {
    if (typeof value !== 'string' && Object.keys(value).every((name) => /^\d+$/.test(name))) return
    throw invalid(path, 'Invalid array')
  }
  if (typeof value !== 'string') throw invalid(path, 'Invalid string')
  if (kind === 'number' && value !== '' && !/^-?\d+$/.test(value))
    throw invalid(path, 'Invalid integer', 'parameter_invalid_integer')
  if (kind === 'boolean' && value !== 'true' && value !== 'false') throw invalid(path, 'Invalid boolean')
}

function unknownParameter(param: string): StripeProblem {
  return new StripeProblem(400, { code: 'parameter_unknown', param, message: `Received unknown parameter: ${param}` })
}

function invalid(param: string, why: string, code?: string): StripeProblem {
  return new StripeProblem(400, { param, message: `${why}: ${param}`, ...(code === undefined ? {} : { code }) })
}

export function textParam(params: Params, name: string): string | undefined {
  const value = params[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberParam(params: Params, name: string): number | undefined {
  const value = textParam(params, name)
  return value === undefined ? undefined : Number(value)
}

export function belowParam(params: Params, name: string): Params {
  const value = params[name]
  return typeof value === 'object' ? value : {}
}

export function listParam(params: Params, name: string): readonly (string | Params)[] {
  return Object.values(belowParam(params, name))
}

/** Reads metadata: at most 50 names of 40 characters, with values of 500. */
export function metadataParam(params: Params, name = 'metadata'): Record<string, string> {
  const pairs = Object.entries(belowParam(params, name))
  if (pairs.length > 50) throw invalid(name, 'Metadata can have at most 50 keys')
  return Object.fromEntries(
    pairs.map(([key, value]) => {
      if (key.length > 40) throw invalid(`${name}[${key}]`, 'Metadata keys can have at most 40 characters')
      if (typeof value !== 'string') throw invalid(`${name}[${key}]`, 'Metadata values must be strings')
      if (value.length > 500) throw invalid(`${name}[${key}]`, 'Metadata values can have at most 500 characters')
      return [key, value]
    }),
  )
}

export function requiredParam(params: Params, name: string): string {
  const value = textParam(params, name)
  if (value === undefined) throw missing(name)
  return value
}

export function missing(param: string): StripeProblem {
  return new StripeProblem(400, { code: 'parameter_missing', param, message: `Missing required param: ${param}.` })
}

export function badParam(param: string, message: string, code?: string): StripeProblem {
  return new StripeProblem(400, { param, message, ...(code === undefined ? {} : { code }) })
}
