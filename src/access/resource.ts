import { compilePattern, fold, isPathPattern, type Pattern } from '../http/rules/pattern.ts'
import type { Interpretation } from '../http/rules/interpretations.ts'
import { readTarget, spell, type Target } from '../http/rules/target.ts'

/** The paths that a receipt was sold for. */
export interface Resource {
  readonly pattern: Pattern
  /** The pattern up to its last `*`, or all of it, as a canonical path; undefined where there is an earlier `*`. */
  readonly fixed: string | undefined
  readonly isOpen: boolean
}

const MAX_CHARACTERS = 1024

/** Compiles a path pattern such as `/reports/*`; undefined when a route could not have it. */
export function compileResource(text: string): Resource | undefined {
  if (text.length > MAX_CHARACTERS || !isPathPattern(text)) return undefined
  const isOpen = text.endsWith('/*')
  return { pattern: compilePattern(text), fixed: fixedPart(isOpen ? text.slice(0, -2) : text), isOpen }
}

function fixedPart(path: string): string | undefined {
  if (path === '' || path.includes('*')) return undefined
  const target = readTarget(path, '')
  if (!target.ok) return undefined
  return target.value.path.length > 1 ? target.value.path.replace(/\/$/, '') : target.value.path
}

/** An honest path that was sold has fewer, and each costs as much as a target. */
const MAX_OTHERS = 16

/** Segments that every server reads alike. */
const PLAIN_REST = /^(?:\/[a-z0-9_~-]+)*\/?$/

/**
 * True where the resource covers the target however a server behind the gate might read it. A path that is spelt as it was
 * sold (`/reports/q3.pdf`, which some read as `/reports/q3`) is covered whatever is made of it: so is what was sold.
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

/** Of the canonical path alone: `/reports//..`, as it was sent, has more. */
function readingsOf(path: string): readonly Interpretation[] {
  const target = readTarget(path, '')
  return target.ok ? target.value.interpretations : []
}

/** In any spelling of theirs. */
function isSubset(some: readonly Interpretation[], all: readonly Interpretation[]): boolean {
  const paths = new Set(all.flatMap(({ path }) => [path, spell(path)]))
  return some.every(({ path }) => paths.has(spell(path)))
}

/** As written, and as a server reads it that does not tell case apart. */
function matches({ exact, folded }: Pattern, path: string): boolean {
  return exact.test(path) && folded.test(fold(path))
}
