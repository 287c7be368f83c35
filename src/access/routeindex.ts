/**
 * Finds the patterns that a path may match, without trying all of them.
 *
 * A zone may have thousands of routes, and a request may match a handful. The patterns are kept as a tree of their segments,
 * so that a look-up follows the segments of the path. The tree only narrows the choice: who asks still tests each pattern
 * found. A segment whose case cannot be folded by itself therefore counts as `*`.
 */
import type { Pattern } from '../http/rules/pattern.ts'

/** Returns the entries whose patterns may match a path, in the order of the list indexed. `folded`: the path, case folded. */
export type FindEntries<E> = (folded: string) => readonly E[]

/** The patterns that begin with the segments leading here. Numbers are places in the list. */
interface IndexNode {
  readonly literals: Map<string, IndexNode>
  wildcard: IndexNode | undefined
  /** Patterns that end here. */
  readonly closed: number[]
  /** Patterns that match everything below. */
  readonly open: number[]
}

function newNode(): IndexNode {
  return { literals: new Map(), wildcard: undefined, closed: [], open: [] }
}

/** Indexes entries by their patterns. */
export function indexEntries<E extends { readonly pattern: Pattern }>(entries: readonly E[]): FindEntries<E> {
  const root = newNode()
  for (const [place, { pattern }] of entries.entries()) insert(root, pattern, place)
  return (folded) => {
    const places: number[] = []
    collect(root, folded, 1, places)
    const found: E[] = []
    for (const place of places.length > 1 ? places.sort((one, other) => one - other) : places) {
      const entry = entries[place]
      if (entry !== undefined) found.push(entry)
    }
    return found
  }
}

function insert(root: IndexNode, { segments, isOpen }: Pattern, place: number): void {
  const node = segments.reduce(childOf, root)
  ;(isOpen ? node.open : node.closed).push(place)
}

/** Returns the node that all spellings of a segment lead to. */
function childOf(node: IndexNode, spellings: readonly string[] | undefined): IndexNode {
  if (spellings === undefined) return (node.wildcard ??= newNode())
  const [first = ''] = spellings
  const child = node.literals.get(first) ?? newNode()
  for (const spelling of spellings) node.literals.set(spelling, child)
  return child
}

/** Adds the places of the patterns that match the path from `start` on. A slash at the end adds no segment. */
function collect(node: IndexNode, path: string, start: number, places: number[]): void {
  for (const place of node.open) places.push(place)
  if (start >= path.length) for (const place of node.closed) places.push(place)
  if (start > path.length) return
  const slash = path.indexOf('/', start)
  const end = slash === -1 ? path.length : slash
  const literal = node.literals.get(path.slice(start, end))
  if (literal !== undefined) collect(literal, path, end + 1, places)
  if (node.wildcard !== undefined) collect(node.wildcard, path, end + 1, places)
}
