/**
 * Which variant of a response a request selects (RFC 9111 §4.1).
 *
 * `Vary` names request fields, and two requests get the same copy only if those fields match. Browsers write the same
 * preference in hundreds of spellings, so values are normalised before comparison: content codings are reduced to those that
 * servers use, languages to an ordered list, and white space is removed. Absent and empty stay apart. Values that cannot be
 * read never match.
 */
import { isFieldName, trimOws } from '../../http/rules/fields.ts'

/** The request fields that selected a stored response: lower-case names with normalised values (RFC 9111 §4.1). */
export type Selection = readonly (readonly [name: string, value: string])[]

/** Reads one header field; null if it is absent. */
export type ReadField = (name: string) => string | null

/** Honest fields name fewer; each name costs a look-up for every request of the same key. */
const MAX_NAMES = 64
/** Longer values are compared as they are, without normalisation. */
const MAX_CHARACTERS = 4096

/**
 * Returns the names in a `Vary` field, in lower case and sorted. Undefined if no other request may be answered: the field
 * holds `*`, an invalid name, or too many names.
 */
export function varyNames(field: string | null): readonly string[] | undefined {
  if (field === null) return []
  if (field.length > MAX_CHARACTERS) return undefined
  const names = new Set(
    field
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
  )
  return names.size > MAX_NAMES || names.has('*') || ![...names].every(isFieldName) ? undefined : [...names].toSorted()
}

/** Returns the selecting fields of a request, for these names. */
export function select(names: readonly string[], read: ReadField): Selection {
  return names.map((name) => [name, normalise(name, read(name))] as const)
}

/** Stands for bytes that are not UTF-8. Two values that contain it cannot be compared. */
export const UNREADABLE = '\uFFFD'

/** Returns true if a request with these fields selects the response with this selection. */
export function isSelected(selection: Selection, read: ReadField): boolean {
  return selection.every(([name, value]) => normalise(name, read(name)) === value && !value.includes(UNREADABLE))
}

/** Normalises one value. Keeps absent and empty apart. */
function normalise(name: string, value: string | null): string {
  if (name === 'accept-encoding') return normaliseEncoding(value)
  if (value === null) return '-'
  if (name === 'accept-language') return `=${normaliseLanguage(value)}`
  return `=${value.split(',').map(trimOws).join(',')}`
}

interface Weighted {
  readonly value: string
  readonly weight: number
}

/** Parses weights (RFC 9110 §12.4.2); a missing or invalid weight is 1. */
function weighted(field: string): Weighted[] {
  return field
    .split(',')
    .map((part) => {
      const [value = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      const weight = quality === undefined ? 1 : Number(quality)
      return { value, weight: Number.isFinite(weight) ? weight : 1 }
    })
    .filter(({ value }) => value !== '')
}

/** Returns the languages by preference, those of equal weight by name: two spellings of one preference become one. */
export function normaliseLanguage(field: string): string {
  if (field.length > MAX_CHARACTERS) return field
  return weighted(field)
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight || (one.value < other.value ? -1 : 1))
    .map(({ value }) => value)
    .join(',')
}

/** The codings that servers use; other codings that a client lists make no difference. */
const CODINGS = ['br', 'gzip', 'zstd'] as const

/**
 * Returns the codings that a client accepts, of those that servers use: a few variants for each page, instead of one for
 * each browser. Empty if the field is too long to read.
 */
export function normaliseEncoding(field: string | null): string {
  if (field === null || field.length > MAX_CHARACTERS) return ''
  const listed = weighted(field)
  const weightOf = (coding: string): number =>
    (listed.find(({ value }) => value === coding) ?? listed.find(({ value }) => value === '*'))?.weight ?? 0
  return CODINGS.filter((coding) => weightOf(coding) > 0).join(', ')
}
