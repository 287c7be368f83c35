/** Adds to a fault what was probably meant: the option or name that is spelt almost so, and what an option looks like. */
import { inspect } from 'node:util'
import type { Fault } from '../../src/config/rules/fault.ts'
import { SHAPES } from './shapes.ts'

/** Of all options, by where they are, `zones[].routes[].price`: what each may be, as the schema has it. */
export type OptionTree = ReadonlyMap<string, readonly object[]>

/** Values by which a choice that the schema makes by what it is given shows its arms. */
const PROBES: readonly unknown[] = [{}, '', { binding: '' }, { url: '' }]

/** Every option of a schema of valibot. */
export function optionTree(schema: object): OptionTree {
  const tree = new Map<string, object[]>()
  const visit = (node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null) return
    tree.set(place, [...(tree.get(place) ?? []), node])
    for (const [key, inner] of innerOf(node)) visit(inner, `${place}${place === '' ? key.replace(/^\./, '') : key}`)
  }
  visit(schema, '')
  return tree
}

/** What is inside, with what it adds to the place. */
function innerOf(node: object): [string, unknown][] {
  const { type, entries, item, wrapped, getter, options, value } = node as Record<string, unknown>
  if (type === 'strict_object') return Object.entries(entries ?? {}).map(([key, inner]) => [`.${key}`, inner])
  if (type === 'array') return [['[]', item]]
  if (type === 'record') return [['{}', value]]
  if (type === 'union' && Array.isArray(options)) return options.map((inner) => ['', inner])
  if (type === 'lazy' && typeof getter === 'function') return PROBES.map((probe) => ['', getter(probe)])
  return wrapped === undefined ? [] : [['', wrapped]]
}

/** The message with what helps. `names`: of variables, secrets and bindings. */
export function explained({ path, message }: Fault, tree: OptionTree, names: readonly string[]): string {
  const place = path.replace(/\[\d+\]/g, '[]')
  if (message === 'is not an option here') return `${message}${meant(place, tree)}`
  const [, absent] = /^the environment has no .* of the name "(.*)"$/.exec(message) ?? []
  if (absent !== undefined) return `${message}${didYouMean(closest(absent, names))}`
  const shape = /^(?:is missing|expected an object|expected a list)$/.test(message) ? shapeOf(place) : undefined
  if (shape === undefined) return message
  return `${message === 'is missing' ? 'is missing: expected one' : message} such as ${shape}`
}

function meant(place: string, tree: OptionTree): string {
  const [, parent = '', key = ''] = /^(?:(.*)\.)?([^.]*)$/.exec(place) ?? []
  const start = parent === '' ? '' : `${parent}.`
  const here = [...tree.keys()].filter((each) => each.startsWith(start)).map((each) => each.slice(start.length))
  const near = closest(
    key,
    here.filter((each) => /^\w+$/.test(each)),
  )
  if (near !== undefined) return didYouMean(near)
  const elsewhere = [...tree.keys()].find((each) => each.endsWith(`.${key}`) && key !== '')
  return elsewhere === undefined ? '' : `: it belongs at ${elsewhere}`
}

function didYouMean(name: string | undefined): string {
  return name === undefined ? '' : `: did you mean "${name}"?`
}

/** What a wrong option should look like, as it is written; undefined where its message says that itself. */
export function shapeOf(place: string): string | undefined {
  const parts = place.split('.')
  const [last = ''] = parts.slice(-1)
  const shape = SHAPES[parts.slice(-2).join('.')] ?? SHAPES[last]
  const element = last.endsWith('[]') ? SHAPES[last.slice(0, -2)] : undefined
  const shown = shape ?? (Array.isArray(element) ? element[0] : undefined)
  return shown === undefined ? undefined : inspect(shown, { breakLength: Number.POSITIVE_INFINITY, depth: null })
}

/** The word that is nearest, if it is near: a third of its letters may be wrong. */
export function closest(given: string, words: readonly string[]): string | undefined {
  const near = words
    .map((word) => ({ word, distance: distance(given.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, distance: far }) => far <= Math.max(1, Math.floor(Math.max(given.length, word.length) / 3)))
  return near.toSorted((one, other) => one.distance - other.distance)[0]?.word
}

/** Letters that are missing, too many, wrong, or in the place of their neighbour (Damerau and Levenshtein). */
function distance(one: string, other: string): number {
  let [before, last]: number[][] = [[], Array.from({ length: other.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1]
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const at = (list: readonly number[] | undefined, index: number): number =>
        list?.[index] ?? Number.POSITIVE_INFINITY
      row.push(
        Math.min(
          at(last, j) + 1,
          at(row, j - 1) + 1,
          at(last, j - 1) + (isSame ? 0 : 1),
          isSwap ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    ;[before, last] = [last, row]
  }
  return last?.[other.length] ?? 0
}
