/** Text that stands in the source as it is: a call, or a name. */
export class Code {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const LINE_WIDTH = 110
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** Returns a value as TypeScript, on one line if it fits. `depth`: how far its closing bracket is indented. */
export function sourceOf(value: unknown, depth = 0): string {
  if (value instanceof Code) return value.text
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return String(value)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  const members = (inner: number): string[] =>
    Array.isArray(value)
      ? value.map((each) => sourceOf(each, inner))
      : Object.entries(value).flatMap(([key, each]) =>
          each === undefined ? [] : [`${keyOf(key)}: ${sourceOf(each, inner)}`],
        )
  const space = open === '{' ? ' ' : ''
  const flat = `${open}${space}${members(0).join(', ')}${space}${close}`
  if (!flat.includes('\n') && depth * 2 + flat.length <= LINE_WIDTH - depth) return flat
  const indent = '  '.repeat(depth + 1)
  return `${open}\n${members(depth + 1)
    .map((each) => `${indent}${each},\n`)
    .join('')}${'  '.repeat(depth)}${close}`
}

function keyOf(key: string): string {
  return IDENTIFIER.test(key) ? key : quoted(key)
}

function quoted(text: string): string {
  // JSON's escapes are those of a string in single quotes, but for the quotes.
  return `'${JSON.stringify(text).slice(1, -1).replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`)}'`
}
