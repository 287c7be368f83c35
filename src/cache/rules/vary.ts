import { isFieldName, trimOws } from '../../http/rules/fields.ts'

/** What a stored response was selected by: field names in lower case, each with its normalised value (RFC 9111 §4.1). */
export type Selection = readonly (readonly [name: string, value: string])[]

/** Reads one header field; null when it is absent. */
export type ReadField = (name: string) => string | null

/** No honest field has more; each name is looked up for every request that asks for the same. */
const MAX_NAMES = 64
/** Longer fields are not read, but compared as they are. */
const MAX_CHARACTERS = 4096

/**
 * The names in a `Vary` field, in lower case and sorted. Undefined when it holds `*`, what is no name, or more than can be
 * looked up: no other request may be answered.
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

/** The selecting fields of a request, for these names. */
export function select(names: readonly string[], read: ReadField): Selection {
  return names.map((name) => [name, normalise(name, read(name))] as const)
}

/** Shown in place of bytes that are no UTF-8: of two values that hold it, no one can say that they are the same. */
export const UNREADABLE = '\uFFFD'

/** True when a request with these fields may be answered from what was selected so. */
export function isSelected(selection: Selection, read: ReadField): boolean {
  return selection.every(([name, value]) => normalise(name, read(name)) === value && !value.includes(UNREADABLE))
}

/** Absent is not the same as empty. */
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

/** RFC 9110 §12.4.2; what has no weight, or one that is not a weight, has 1. */
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

/** Languages by preference; those of equal weight by name, so that two spellings of one wish are one. */
export function normaliseLanguage(field: string): string {
  if (field.length > MAX_CHARACTERS) return field
  return weighted(field)
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight || (one.value < other.value ? -1 : 1))
    .map(({ value }) => value)
    .join(',')
}

/** What servers compress with; the rest of what a client lists makes no difference to them. */
const CODINGS = ['br', 'gzip', 'zstd'] as const

/**
 * The codings that a client takes, of those that servers use: a few variants of each page, not one for every browser. None
 * where the field is too long to read.
 */
export function normaliseEncoding(field: string | null): string {
  if (field === null || field.length > MAX_CHARACTERS) return ''
  const listed = weighted(field)
  const weightOf = (coding: string): number =>
    (listed.find(({ value }) => value === coding) ?? listed.find(({ value }) => value === '*'))?.weight ?? 0
  return CODINGS.filter((coding) => weightOf(coding) > 0).join(', ')
}
