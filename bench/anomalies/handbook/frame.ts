/** Columns of a table that pandas has pickled. */
import { Made, type Pickled, readPickle } from './pickle.ts'

/** All that such a table is made of. */
const NAMES = new Set([
  'pandas.core.frame.DataFrame',
  'pandas.core.internals.managers.BlockManager',
  'pandas.core.indexes.base._new_Index',
  'pandas.core.indexes.base.Index',
  'pandas.core.indexes.numeric.Int64Index',
  'numpy.core.multiarray._reconstruct',
  'numpy.ndarray',
  'numpy.dtype',
  'builtins.slice',
])

/** Returns the columns that are numbers, or texts of numbers, by their names. */
export function readColumns(bytes: Uint8Array): ReadonlyMap<string, readonly number[]> {
  const table = madeOf(readPickle(bytes, NAMES), 'DataFrame')
  const manager = madeOf(mapOf(table.state).get('_data'), 'BlockManager')
  const stored = mapOf(mapOf(listOf(manager.state)[3]).get('0.14.1'))
  const [axis] = listOf(stored.get('axes'))
  const names = namesOf(axis)
  const columns = new Map<string, readonly number[]>()
  for (const block of listOf(stored.get('blocks'))) {
    const values = arrayOf(mapOf(block).get('values'))
    for (const [row, at] of placesOf(mapOf(block).get('mgr_locs')).entries()) {
      const name = names[at]
      if (name !== undefined) columns.set(name, rowOf(values, row))
    }
  }
  return columns
}

interface PickledArray {
  readonly shape: readonly number[]
  readonly isByColumn: boolean
  readonly values: readonly number[]
}

/** NumPy's state of an array: version, shape, type, order and content. */
function arrayOf(pickled: Pickled | undefined): PickledArray {
  const [, shape, type, isByColumn, content] = listOf(madeOf(pickled, '_reconstruct').state)
  const [code] = madeOf(type, 'dtype').from
  return {
    shape: listOf(shape).map(Number),
    isByColumn: isByColumn === true,
    values: numbersOf(code, content ?? null),
  }
}

function numbersOf(type: Pickled | undefined, content: Pickled): number[] {
  if (type === 'O8') return listOf(content).map(Number)
  if (!(content instanceof Uint8Array)) throw new Error('an array without content')
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  const count = content.byteLength / 8
  if (type === 'f8') return Array.from({ length: count }, (_, index) => view.getFloat64(index * 8, true))
  if (type === 'i8' || type === 'M8')
    return Array.from({ length: count }, (_, index) => Number(view.getBigInt64(index * 8, true)))
  throw new Error('an array of a type that is not known')
}

function rowOf({ shape, isByColumn, values }: PickledArray, row: number): number[] {
  const [rows = 0, columns = 0] = shape
  return Array.from({ length: columns }, (_, at) => values[isByColumn ? at * rows + row : row * columns + at] ?? NaN)
}

/** The names are texts, so their array is read as it is. */
function namesOf(axis: Pickled | undefined): string[] {
  const made = madeOf(axis, '_new_Index')
  const state = madeOf(mapOf(made.from[1]).get('data'), '_reconstruct').state
  const content = listOf(state)[4]
  return listOf(content).map((name) => (typeof name === 'string' ? name : ''))
}

/** Which columns a block has: a range, or their numbers. */
function placesOf(pickled: Pickled | undefined): number[] {
  if (pickled instanceof Made && pickled.name.endsWith('slice')) {
    const [from = 0, until = 0, step = 1] = pickled.from.map(Number)
    return Array.from({ length: Math.ceil((until - from) / step) }, (_, index) => from + index * step)
  }
  return [...arrayOf(pickled).values]
}

function madeOf(pickled: Pickled | undefined, name: string): Made {
  if (pickled instanceof Made && pickled.name.endsWith(`.${name}`)) return pickled
  throw new Error(`expected a ${name}`)
}

function mapOf(pickled: Pickled | undefined): ReadonlyMap<Pickled, Pickled> {
  if (pickled instanceof Map) return pickled
  throw new Error('expected a dictionary')
}

function listOf(pickled: Pickled | undefined): readonly Pickled[] {
  if (Array.isArray(pickled)) return pickled
  throw new Error('expected a list')
}
