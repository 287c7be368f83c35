/**
 * Where in a TOML file something is set, so that a fault of wrangler.toml is told with its line. Wrangler reads the file and
 * keeps no lines, so the text is searched for tables and keys. It finds what is written as wrangler.toml usually is, and
 * else the nearest table around it.
 */

const TABLE = /^\s*\[(\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/
const KEY = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/

/** What is set at one line: the keys that lead there, with the number of the element in a list of tables. */
interface Setting {
  readonly line: number
  readonly keys: readonly string[]
}

/** The line, from 1, of the last of these keys that is found. Undefined where not even the first one is. */
export function lineOf(toml: string, keys: readonly string[]): number | undefined {
  const settings = settingsIn(toml)
  for (let length = keys.length; length > 0; length--) {
    const found = settings.find((setting) => startsWith(setting.keys, keys.slice(0, length)))
    if (found !== undefined)
      return length < keys.length ? (elementLine(toml, found.line, keys[length]) ?? found.line) : found.line
  }
  return undefined
}

/** True where a table or a key says something of this, or of what is in it. */
export function isSet(toml: string, keys: readonly string[]): boolean {
  return settingsIn(toml).some((setting) => startsWith(setting.keys, keys))
}

function settingsIn(toml: string): Setting[] {
  const settings: Setting[] = []
  const elements = new Map<string, number>()
  let table: readonly string[] = []
  for (const [index, text] of toml.split('\n').entries()) {
    const [, list, name] = TABLE.exec(text) ?? []
    const [, key] = KEY.exec(text) ?? []
    if (name !== undefined) {
      const element = (elements.get(name) ?? -1) + 1
      elements.set(name, element)
      table = [...keysOf(name), ...(list === '' ? [] : [`${element}`])]
      settings.push({ line: index + 1, keys: table })
    } else if (key !== undefined) settings.push({ line: index + 1, keys: [...table, ...keysOf(key)] })
  }
  return settings
}

function keysOf(dotted: string): string[] {
  return (dotted.match(/[\w-]+|"[^"]*"|'[^']*'/g) ?? []).map((key) => key.replace(/^["']|["']$/g, ''))
}

function startsWith(keys: readonly string[], start: readonly string[]): boolean {
  return start.every((key, index) => keys[index] === key)
}

/** Of a list over several lines, one element to a line: the line of an element. */
function elementLine(toml: string, line: number, element: string | undefined): number | undefined {
  const lines = toml.split('\n')
  if (element === undefined || !/^\d+$/.test(element) || !/=\s*\[\s*(?:#.*)?$/.test(lines[line - 1] ?? ''))
    return undefined
  const elements = lines
    .map((text, index) => ({ text: text.trim(), line: index + 1 }))
    .filter((each) => each.line > line && each.text !== '' && !each.text.startsWith('#'))
  const end = elements.findIndex(({ text }) => text.startsWith(']'))
  return elements.slice(0, Math.max(end, 0))[Number(element)]?.line
}
