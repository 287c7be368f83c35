/**
 * Changes JSON in place, as bytes.
 *
 * A request that is written anew is another request: its members change their order, its numbers their form, and the provider's
 * prompt cache, which compares beginnings, misses. So the gate cuts and inserts, and every other byte stays as it came. The bytes
 * have been read by `parseStrictJson` before: they are JSON, and no name is in an object twice.
 */
import { joinBytes } from '../../../core/bytes.ts'
import type { JsonEdit } from './request.ts'

/**
 * Returns the bytes with all edits made, in order, in one pass over the bytes. A value in the way of a path, such as `null`, is
 * replaced by an object. An element of an array is named by its position in the array as it came, or by the length of the array to
 * append. Throws RangeError for a position beyond. Without edits the bytes themselves are returned.
 */
export function applyEdits(bytes: Uint8Array<ArrayBuffer>, edits: readonly JsonEdit[]): Uint8Array<ArrayBuffer> {
  if (edits.length === 0) return bytes
  const root: EditNode = { text: undefined, isRemoved: false, below: new Map() }
  for (const edit of edits) plan(root, edit)
  const walk: Walk = { bytes, splices: [] }
  editValue(walk, afterSpace(bytes, 0), root)
  return spliced(walk)
}

/** What is to become of a value, and of the values in it. */
interface EditNode {
  /** The text to put in place of the value. */
  text: string | undefined
  isRemoved: boolean
  readonly below: Map<string | number, EditNode>
}

function createNode(): EditNode {
  return { text: undefined, isRemoved: false, below: new Map() }
}

/** Adds an edit to those planned before, as if they had been made. */
function plan(root: EditNode, { path, text }: JsonEdit): void {
  let node = root
  for (const [index, step] of path.entries()) {
    if (node.text !== undefined) {
      node.text = decoder.decode(
        applyEdits(new Uint8Array(encoder.encode(node.text)), [{ path: path.slice(index), text }]),
      )
      return
    }
    if (node.isRemoved) {
      if (text === undefined) return
      // Nothing of the old value is left.
      Object.assign(node, { isRemoved: false, text: '{}' })
      plan(node, { path: path.slice(index), text })
      return
    }
    const next = node.below.get(step) ?? createNode()
    node.below.set(step, next)
    node = next
  }
  node.text = text
  node.isRemoved = text === undefined
  node.below.clear()
}

/** Bytes that are walked through once, and what is put in place of spans of them, in order. */
interface Walk {
  readonly bytes: Uint8Array
  readonly splices: { readonly from: number; readonly to: number; readonly text: string }[]
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function spliced({ bytes, splices }: Walk): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = []
  let at = 0
  for (const { from, to, text } of splices) {
    pieces.push(bytes.subarray(at, from), encoder.encode(text))
    at = to
  }
  return joinBytes([...pieces, bytes.subarray(at)])
}

/** Returns the position after the value that begins at `at`. */
function editValue(walk: Walk, at: number, node: EditNode): number {
  const { bytes, splices } = walk
  if (node.text === undefined) {
    if (node.below.size === 0) return afterValue(bytes, at)
    const isArray = bytes[at] === OPEN_ARRAY && [...node.below.keys()].every((step) => typeof step === 'number')
    if (isArray || bytes[at] === OPEN_OBJECT) return editContainer(walk, at, node)
  }
  const end = afterValue(bytes, at)
  const text = textOf(node)
  if (text !== undefined) splices.push({ from: at, to: end, text })
  return end
}

/** Edits the members of an object or the elements of an array. Returns the position after it. */
function editContainer(walk: Walk, at: number, { below }: EditNode): number {
  const { bytes, splices } = walk
  const close = bytes[at] === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY
  const missing = new Map(below)
  let [end, isAnyKept, position] = [at + 1, false, 0]
  let begin = afterSpace(bytes, end)
  while (begin < bytes.length && bytes[begin] !== close) {
    const [step, valueAt] = close === CLOSE_ARRAY ? ([position, begin] as const) : memberAt(bytes, begin)
    const node = below.get(step)
    missing.delete(step)
    position++
    if (node?.isRemoved === true) {
      const from = isAnyKept ? end : begin
      end = afterValue(bytes, valueAt)
      begin = afterComma(bytes, end)
      splices.push({ from, to: isAnyKept || bytes[begin] === close ? end : begin, text: '' })
    } else {
      end = node === undefined ? afterValue(bytes, valueAt) : editValue(walk, valueAt, node)
      begin = afterComma(bytes, end)
      isAnyKept = true
    }
  }
  const added = close === CLOSE_ARRAY ? elements(missing, position) : members(missing)
  if (added.length > 0) splices.push({ from: end, to: end, text: `${isAnyKept ? ',' : ''}${added.join(',')}` })
  return begin + 1
}

/** Returns the text that a node makes of nothing; undefined if it only removes. */
function textOf({ text, below }: EditNode): string | undefined {
  if (text !== undefined) return text
  const added = members(below)
  return added.length === 0 ? undefined : `{${added.join(',')}}`
}

function members(missing: EditNode['below']): string[] {
  const added: string[] = []
  for (const [step, node] of missing) {
    const text = textOf(node)
    if (text === undefined) continue
    if (typeof step === 'number') throw new RangeError(`no array has the position ${step}`)
    added.push(`${JSON.stringify(step)}:${text}`)
  }
  return added
}

function elements(missing: EditNode['below'], length: number): string[] {
  const added: string[] = []
  for (const [step, node] of missing) {
    const text = textOf(node)
    if (text === undefined) continue
    if (step !== length + added.length) throw new RangeError(`the array has no position ${step}`)
    added.push(text)
  }
  return added
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

function afterSpace(bytes: Uint8Array, at: number): number {
  let next = at
  while ((bytes[next] ?? QUOTE) <= 0x20) next++
  return next
}

/** Returns where the next member begins, or where the container ends. */
function afterComma(bytes: Uint8Array, at: number): number {
  const next = afterSpace(bytes, at)
  return bytes[next] === COMMA ? afterSpace(bytes, next + 1) : next
}

/** Returns the name of a member and where its value begins. */
function memberAt(bytes: Uint8Array, at: number): readonly [name: string, value: number] {
  const end = afterString(bytes, at)
  const text = decoder.decode(bytes.subarray(at, end))
  const name: string = text.includes('\\') ? JSON.parse(text) : text.slice(1, -1)
  return [name, afterSpace(bytes, afterSpace(bytes, end) + 1)]
}

function afterString(bytes: Uint8Array, begin: number): number {
  for (let end = bytes.indexOf(QUOTE, begin + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let escapes = 0
    while (bytes[end - 1 - escapes] === BACKSLASH) escapes++
    if (escapes % 2 === 0) return end + 1
  }
  return bytes.length
}

function afterValue(bytes: Uint8Array, begin: number): number {
  const first = bytes[begin]
  if (first === QUOTE) return afterString(bytes, begin)
  return first === OPEN_OBJECT || first === OPEN_ARRAY ? afterContainer(bytes, begin) : afterScalar(bytes, begin)
}

function afterContainer(bytes: Uint8Array, begin: number): number {
  let depth = 0
  for (let at = begin; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = afterString(bytes, at) - 1
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return at + 1
  }
  return bytes.length
}

function afterScalar(bytes: Uint8Array, begin: number): number {
  let at = begin + 1
  for (let byte = bytes[at]; byte !== undefined && byte > 0x20; byte = bytes[++at])
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) break
  return at
}
