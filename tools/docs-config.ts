/**
 * The reference of the configuration, from the docblocks of its options. The native TypeScript has no API to ask, so this
 * reads the declarations as the formatter leaves them: an interface ends with a brace at the start of a line, and each
 * member is indented by two spaces more than what it belongs to.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const src = resolve(import.meta.dirname, '../src')

interface Member {
  readonly name: string
  readonly type: string
  readonly text: string
}

interface Declaration {
  readonly name: string
  readonly text: string
  /** What an interface extends, or a type alias is. */
  readonly of: string
  readonly members: readonly Member[]
}

const DOC = String.raw`(?:/\*\*((?:(?!\*/)[\s\S])*)\*/\n)?`
const INTERFACE = new RegExp(
  String.raw`^${DOC}export interface (\w+)(?:\s+extends\s+([^{]+?))?\s*\{\n([\s\S]*?)^\}`,
  'gm',
)
const ALIAS = new RegExp(String.raw`^${DOC}export type (\w+) =([\s\S]*?)(?=\n\n|\n?$(?![\s\S]))`, 'gm')
const FUNCTION = new RegExp(String.raw`^${DOC}export function (\w+)\(([\s\S]*?)\n?\): `, 'gm')

function sources(): string[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(src, file), 'utf8'))
}

/** The sentences of a docblock, without its tags. */
function sentences(doc: string | undefined): string {
  const [said = ''] = (doc ?? '').split(/^\s*\*\s*@/m)
  return said
    .split('\n')
    .map((line) => line.trim().replace(/^\*\s?/, ''))
    .join(' ')
    .trim()
    .replaceAll(/\s+/g, ' ')
}

/** Members at this depth; those of an object that is written out come under the name of what has it. */
function membersOf(body: string, indent: string, before = ''): Member[] {
  const found: Member[] = []
  const member = new RegExp(
    String.raw`^${indent}(?:/\*\*((?:(?!\*/)[\s\S])*)\*/\n${indent})?(?:readonly )?(\w+\??): (\{\n[\s\S]*?^${indent}\}|[^\n]+)$`,
    'gm',
  )
  for (const [, doc, name = '', type = ''] of body.matchAll(member)) {
    const text = sentences(doc)
    if (!type.startsWith('{\n')) found.push({ name: before + name, type, text })
    else found.push(...membersOf(type, `${indent}  `, `${before}${name.replace('?', '')}.`))
  }
  return found
}

/** The arms of a union that are described one by one. */
function armsOf(alias: string): Member[] {
  return Array.from(alias.matchAll(/^ {2}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {2}\| (.+)$/gm), ([, doc, arm = '']) => ({
    name: '',
    type: arm.replaceAll('readonly ', ''),
    text: sentences(doc),
  }))
}

function declarations(): Map<string, Declaration> {
  const found = new Map<string, Declaration>()
  for (const source of sources()) {
    for (const [, doc, name = '', of = '', body = ''] of source.matchAll(INTERFACE))
      found.set(name, { name, text: sentences(doc), of, members: membersOf(body, '  ') })
    for (const [, doc, name = '', alias = ''] of source.matchAll(ALIAS)) {
      const [type = '', body] = alias.split(/ & \{\n/, 2)
      const members = body === undefined ? armsOf(alias) : membersOf(body, '  ')
      found.set(name, { name, text: sentences(doc), of: type.trim().replaceAll(/\s+/g, ' '), members })
    }
  }
  return found
}

const WORD = /\b[A-Z]\w+\b/g

/** The declarations that lead from the first to all that can be written in it, each after what names it first. */
function reachable(first: readonly string[], all: ReadonlyMap<string, Declaration>): Declaration[] {
  const found = new Map<string, Declaration>()
  const visit = (name: string): void => {
    const declaration = all.get(name)
    if (declaration === undefined || found.has(name) || name in PLUGINS) return
    found.set(name, declaration)
    for (const text of [...declaration.members.map(({ type }) => type), declaration.of])
      for (const [word] of text.matchAll(WORD)) visit(word)
  }
  for (const name of first) visit(name)
  return [...found.values()]
}

/** What a plug-in is to the gate is described where plug-ins are. */
const PLUGINS: Readonly<Record<string, string>> = {
  Rail: 'rail',
  Meter: 'meter',
  RefusalFormat: 'refusal-format',
  UsageSink: 'usage-sink',
  EventSource: 'event-source',
  LoginPlugin: 'login',
  EndpointFactory: 'endpoint',
}

/** In a table, where a bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** A type, which leads to what is described here: each of a union's own, else the first that it names. */
function linked(type: string, known: ReadonlySet<string>): string {
  const arms = type.split(' | ')
  if (arms.length > 1 && arms.every((arm) => known.has(arm)))
    return `${arms
      .slice(0, -1)
      .map((arm) => linkTo(arm))
      .join(', ')} or ${linkTo(arms.at(-1) ?? '')}`
  const target = (type.match(WORD) ?? []).find((word) => known.has(word) || word in PLUGINS)
  return target === undefined ? `\`${type}\`` : linkTo(target, type)
}

function linkTo(name: string, shown = name): string {
  const page = PLUGINS[name]
  return `[\`${shown}\`](${page === undefined ? `#${name.toLowerCase()}` : `extending/${page}.md`})`
}

function section({ name, text, of, members }: Declaration, known: ReadonlySet<string>): string {
  const rows = members.map((member) => {
    const type = linked(member.type, known)
    return `| ${cell(member.name === '' ? type : `\`${member.name}\`: ${type}`)} | ${cell(member.text)} |`
  })
  const table = rows.length === 0 ? '' : ['| | |', '|---|---|', ...rows].join('\n')
  return [`### \`${name}\``, text, alsoOf(of, rows.length > 0, known), table].filter((part) => part !== '').join('\n\n')
}

/** What a declaration is or has besides its own members. */
function alsoOf(of: string, hasRows: boolean, known: ReadonlySet<string>): string {
  // A union whose arms are rows.
  if (of === '' || of.startsWith('/**')) return ''
  const bases = hasRows ? Array.from(of.matchAll(BASE)).filter(([, base = '']) => known.has(base)) : []
  if (bases.length === 0) return `${linked(of, known)}${hasRows ? ', with:' : ''}`
  const all = bases.map(
    ([, base = '', left]) => linkTo(base) + (left === undefined ? '' : ` (without ${namesIn(left)})`),
  )
  return `Also what ${all.join(' and ')} ${all.length > 1 ? 'have' : 'has'}.`
}

/** A type that an interface extends, and the members that it leaves out. */
const BASE = /\b([A-Z]\w+)\b(?:, ('\w+'(?: \| '\w+')*)>)?/g

function namesIn(list: string): string {
  return Array.from(list.matchAll(/'(\w+)'/g), ([, name = '']) => `\`${name}\``).join(', ')
}

interface Exported {
  readonly name: string
  readonly from: string
  readonly text: string
  /** Its parameters, as they are written. */
  readonly given: string
}

/** Where functions are exported for a configuration, and by which name of the package. */
const INDEXES = [
  ['index.ts', 'faregate'],
  ['stripe/index.ts', 'faregate/stripe'],
] as const

function exportedFunctions(): Exported[] {
  const documented = new Map(
    sources().flatMap((source) =>
      Array.from(source.matchAll(FUNCTION), ([, doc, name = '', given = '']) => [name, { doc, given }] as const),
    ),
  )
  return INDEXES.flatMap(([file, from]) =>
    exportedNames(file).flatMap((name) => {
      const known = documented.get(name)
      return known === undefined ? [] : [{ name, from, text: sentences(known.doc), given: known.given }]
    }),
  )
}

/** What a module of `src` exports from others that is no type. */
export function exportedNames(file: string): string[] {
  const lists = readFileSync(join(src, file), 'utf8').matchAll(/^export \{([^}]*)\}/gm)
  return Array.from(lists, ([, list = '']) => list.replaceAll(/\btype \w+/g, '').match(/\w+/g) ?? []).flat()
}

function functionRow({ name, from, text, given }: Exported, known: ReadonlySet<string>): string {
  const type = (given.match(WORD) ?? []).find((word) => known.has(word))
  const options = type === undefined ? '' : ` Options: ${linkTo(type)}.`
  return `| \`${name}(${argumentsOf(given)})\` | ${from === 'faregate' ? '' : `From \`${from}\`. `}${cell(text)}${options} |`
}

/** What has to be given, by name. */
function argumentsOf(given: string): string {
  const [, required = ''] = /ProviderOptions & \{([^}]*)\}/.exec(given) ?? []
  const names = Array.from(required.matchAll(/(\w+): /g), ([, name = '']) => name)
  if (names.length > 0) return `{ ${names.join(', ')}, … }`
  if (given.trim() === '') return ''
  return given.includes('= {}') ? '{ … }' : (/^\s*(\w+)\??:/.exec(given)?.[1] ?? '{ … }')
}

export function configurationReference(): string {
  const functions = exportedFunctions()
  const first = functions.flatMap(({ given }) => given.match(WORD) ?? []).filter((name) => name.endsWith('Options'))
  const sections = reachable(['Options', 'SingleZoneOptions', ...first], declarations())
  const known = new Set(sections.map(({ name }) => name))
  return [
    '## Options',
    'An option without `?` is required.',
    ...sections.map((each) => section(each, known)),
    '## Functions',
    'What `faregate` exports beside types.',
    ['| | |', '|---|---|', ...functions.map((each) => functionRow(each, known))].join('\n'),
  ].join('\n\n')
}
