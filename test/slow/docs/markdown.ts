import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export const root = join(import.meta.dirname, '../../..')

/** A fenced block: ```` ```ts zone ```` has the language `ts` and the kind `zone`. */
export interface Block {
  /** `docs/tokens.md:12`. */
  readonly where: string
  readonly language: string
  readonly kind: string
  readonly text: string
}

export interface Heading {
  readonly level: number
  /** As it is written, with its backticks. */
  readonly text: string
  /** As GitHub names it. */
  readonly anchor: string
}

export interface Page {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  /** The lines outside of blocks, joined. */
  readonly prose: string
  readonly blocks: readonly Block[]
  readonly headings: readonly Heading[]
}

const FOLDERS = ['docs', 'examples']
const LOOSE = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md']

/** Every page that is committed. */
export function readPages(): Page[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => join(folder, name))
      .toSorted(),
  )
  return [...LOOSE, ...inFolders].map(readPage)
}

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8')
  const prose: string[] = []
  const blocks: Block[] = []
  let open: { fence: string; info: string; line: number; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^(```+)(.*)$/.exec(line)
    if (open === undefined) {
      if (fence === null) prose.push(line)
      else open = { fence: fence[1] ?? '', info: (fence[2] ?? '').trim(), line: index + 1, lines: [] }
    } else if (line === open.fence) {
      const [language = '', kind = ''] = open.info.split(' ')
      blocks.push({ where: `${path}:${open.line}`, language, kind, text: `${open.lines.join('\n')}\n` })
      open = undefined
    } else open.lines.push(line)
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: a block that does not end`)
  return { path, text, prose: prose.join('\n'), blocks, headings: headingsOf(prose) }
}

function headingsOf(lines: readonly string[]): Heading[] {
  const seen = new Map<string, number>()
  return lines.flatMap((line) => {
    const [, marks = '', text = ''] = /^(#{1,6}) (.+)$/.exec(line) ?? []
    if (marks === '') return []
    const slug = slugOf(text)
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return [{ level: marks.length, text, anchor: before === 0 ? slug : `${slug}-${before}` }]
  })
}

/** As GitHub makes the anchor of a heading. */
function slugOf(text: string): string {
  return text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
}

export interface Link {
  readonly href: string
  readonly page: Page
}

/** The links of a page's prose, without those in code. */
export function linksOf(page: Page): Link[] {
  const prose = page.prose.replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, '.'))
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, href = '']) => ({ href, page }))
}

/** Why a link within the repository leads nowhere; undefined where it does not. */
export function brokenLink({ href, page }: Link, pages: readonly Page[]): string | undefined {
  if (/^(?:https?|mailto):/.test(href)) return undefined
  const [path = '', anchor] = href.split('#', 2)
  const target = path === '' ? page.path : normalize(join(dirname(page.path), path))
  if (!existsSync(join(root, target))) return `${page.path}: ${href}: there is no ${target}`
  if (anchor === undefined) return undefined
  const to = pages.find((other) => other.path === target)
  return to?.headings.some((heading) => heading.anchor === anchor)
    ? undefined
    : `${page.path}: ${href}: no heading of ${target} is "${anchor}"`
}
