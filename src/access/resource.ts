import { compilePattern, fold, isPathPattern, type Pattern } from '../http/rules/pattern.ts'
import type { Interpretation } from '../http/rules/interpretations.ts'
import { readTarget, spell, type Target } from '../http/rules/target.ts'

/** The paths that a receipt was sold for. */
export interface Resource {
  readonly pattern: Pattern
  /** The pattern up to its final `*`, or the whole pattern, as a canonical path. Undefined if an earlier `*` exists. */
  readonly fixed: string | undefined
  readonly isOpen: boolean
}

const MAX_CHARACTERS = 1024

/** Compiles a path pattern such as `/reports/*`. Undefined if no route could have it. */
export function compileResource(text: string): Resource | undefined {
  if (text.length > MAX_CHARACTERS || !isPathPattern(text)) return undefined
  const isOpen = text.endsWith('/*')
  return { pattern: compilePattern(text), fixed: fixedPart(isOpen ? text.slice(0, -2) : text), isOpen }
}

/** Returns the pattern for people; undefined if it has a `*` before its end. */
export function resourceText({ fixed, isOpen }: Resource): string | undefined {
  return fixed === undefined ? undefined : `${fixed}${isOpen ? '/*' : ''}`
}

function fixedPart(path: string): string | undefined {
  if (path === '' || path.includes('*')) return undefined
  const target = readTarget(path, '')
  if (!target.ok) return undefined
  return target.value.path.length > 1 ? target.value.path.replace(/\/$/, '') : target.value.path
}

/** An honest sold path has fewer interpretations, and each costs as much as a target. */
const MAX_OTHERS = 16

/** Segments that every server interprets alike. */
const PLAIN_REST = /^(?:\/[a-z0-9_~-]+)*\/?$/

/**
 * Returns true if the resource covers the target in every interpretation that a server behind the gate might use. A path
 * spelt as it was sold (`/reports/q3.pdf`, to some servers `/reports/q3`) is covered in all interpretations: the sold path
 * had the same ones.
 */
export function coversTarget(resource: Resource, target: Target): boolean {
  if (!matches(resource.pattern, target.path)) return false
  const others = target.interpretations.filter(({ path }) => !matches(resource.pattern, path))
  if (others.length === 0) return true
  return others.length <= MAX_OTHERS && isAsSold(resource, target.path) && isSubset(others, readingsOf(target.path))
}

function isAsSold({ fixed, isOpen }: Resource, path: string): boolean {
  if (fixed === undefined || !path.startsWith(fixed)) return false
  const rest = path.slice(fixed.length)
  return isOpen ? PLAIN_REST.test(rest) : rest === ''
}

/** Returns the interpretations of the canonical path alone: a path as sent, such as `/reports//..`, has more. */
function readingsOf(path: string): readonly Interpretation[] {
  const target = readTarget(path, '')
  return target.ok ? target.value.interpretations : []
}

/** Compares the paths in every spelling. */
function isSubset(some: readonly Interpretation[], all: readonly Interpretation[]): boolean {
  const paths = new Set(all.flatMap(({ path }) => [path, spell(path)]))
  return some.every(({ path }) => paths.has(spell(path)))
}

/** Matches a path as written, and as a server without case distinction reads it. */
function matches({ exact, folded }: Pattern, path: string): boolean {
  return exact.test(path) && folded.test(fold(path))
}
