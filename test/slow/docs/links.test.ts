import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { brokenLink, linksOf, type Page, readPages, root } from './markdown.ts'

const pages = readPages()
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts,
)

describe('the pages of the documentation', () => {
  it('link to pages and headings that are there', () => {
    const links = pages.flatMap(linksOf)
    expect(links.length).toBeGreaterThan(100)
    expect(links.flatMap((link) => brokenLink(link, pages) ?? [])).toEqual([])
  })

  it('are all listed in docs/README.md', () => {
    const index = pages.find(({ path }) => path === 'docs/README.md')
    const listed = new Set((index === undefined ? [] : linksOf(index)).map(({ href }) => `docs/${href}`))
    const own = pages.filter(({ path }) => path.startsWith('docs/') && path !== 'docs/README.md')
    expect(own.map(({ path }) => path).filter((path) => !listed.has(path))).toEqual([])
  })

  it('are two links from the README at most', () => {
    const targets = (from: readonly Page[]): Set<string> =>
      new Set(
        from.flatMap(linksOf).map(({ href, page }) => normalize(join(dirname(page.path), href.split('#', 1)[0] ?? ''))),
      )
    const named = (paths: ReadonlySet<string>): Page[] => pages.filter(({ path }) => paths.has(path))
    const first = named(targets(pages.filter(({ path }) => path === 'README.md')))
    const found = new Set(['README.md', ...first.map(({ path }) => path), ...targets(first)])
    expect(pages.map(({ path }) => path).filter((path) => !found.has(path))).toEqual([])
  })

  it('are linked to from a page that is no list of pages', () => {
    const lists = ['README.md', 'docs/README.md']
    const linked = new Set(
      pages.flatMap((page) =>
        lists.includes(page.path)
          ? []
          : linksOf(page).map(({ href }) => normalize(join(dirname(page.path), href.split('#', 1)[0] ?? ''))),
      ),
    )
    const own = pages.filter(({ path }) => path.startsWith('docs/') && !lists.includes(path))
    expect(own.map(({ path }) => path).filter((path) => !linked.has(path))).toEqual([])
  })

  it('name no script that package.json does not have', () => {
    const named = pages.flatMap(({ path, text }) =>
      Array.from(text.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/g), (match) => ({
        path,
        script: match[1] ?? match[2] ?? '',
      })),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(({ script }) => !scripts.includes(script))).toEqual([])
  })

  it('explain what an isolate is, or link to where that is explained, before they speak of it', () => {
    const silent = pages
      .filter(({ path }) => path.startsWith('docs/') || path === 'README.md')
      .filter(({ prose }) => /\bisolates?\b/.test(prose))
      .filter(({ prose, headings }) => {
        if (headings.some(({ anchor }) => anchor === 'isolate')) return false
        const [before = ''] = prose.split(/\bisolates?\b/, 1)
        const here = prose.slice(before.length)
        return !before.endsWith('[') || !/^isolates?\]\((?:\.\.\/|docs\/)*architecture\.md#isolate\)/.test(here)
      })
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('have a README of one screen of ideas and links', () => {
    expect(readFileSync(join(root, 'README.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(151)
  })
})

describe('the configuration to begin with', () => {
  it.each(['README.md', 'faregate.config.ts', 'demo/faregate.config.ts'])(
    'has its result written in %s, so that an editor underlines a misspelt option',
    (name) => {
      const text = readFileSync(join(root, name), 'utf8')
      expect(text.match(/defineConfig\(\(\w*\)(?:: Options)? =>/g)).toEqual(['defineConfig((env): Options =>'])
    },
  )
})
