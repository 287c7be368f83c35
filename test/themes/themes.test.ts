import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { html, linkPreviews, markdown, plainText } from '../../src/index.ts'
import { ok } from '../../src/core/result.ts'
import { PreviewWorld } from '../workerd/previews/world.ts'
import type { ThemePage } from './page.ts'

const PAGES: readonly ThemePage[] = JSON.parse(inject('themePages'))
const MARKS = { marker: 'members-only', until: '[id^="more-"]' }

/** Ways in which an operator finds the text of an article. */
const selected = (page: ThemePage) => [page.article, 'main', 'body']

/** The cards of Ghost's editor that a page shows as a box of their own. */
const CARDS =
  'audio bookmark button callout code cta embed file gallery header image product signup toggle video'.split(' ')

/** Those who are refused, each in another way of writing. */
const ASKING = {
  browser: { accept: 'text/html' },
  program: { accept: 'application/json' },
  reader: { accept: 'text/plain' },
  model: { accept: 'text/markdown' },
  unfurling: { accept: '*/*', 'user-agent': 'facebookexternalhit/1.1' },
}

beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined)) // that no ledger is there
afterEach(() => void vi.restoreAllMocks())

function createWorld(page: ThemePage, select: string): PreviewWorld {
  const refusals = [linkPreviews(), html(), plainText(), markdown()]
  const world = new PreviewWorld({ preview: { ...MARKS, select, paragraphs: 20, maxBytes: 4000 }, refusals })
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'max-age=60' }
  world.origin = () => ok({ response: new Response(page.html, { headers }) })
  return world
}

/** Returns what everybody who is refused is told, by status, in fields and bodies. */
async function toldBy(world: PreviewWorld): Promise<{ readonly statuses: readonly number[]; readonly text: string }> {
  const statuses: number[] = []
  const told: string[] = []
  for (const fields of Object.values(ASKING)) {
    for (const method of ['GET', 'HEAD']) {
      const response = await world.app('/articles/1', { method, fields })
      statuses.push(response.status)
      told.push(Array.from(response.headers, (pair) => pair.join(': ')).join('\n'), await response.text())
    }
  }
  return { statuses, text: told.join('\n') }
}

it.each([
  ['.entry-content', 3, 18],
  ['.gh-content', 2, 16],
])('real themes wrote articles with a paid part (text in %s)', (article, themes, articles) => {
  const pages = PAGES.filter((page) => page.article === article && page.html.includes('CANARY'))
  expect(pages.length).toBe(articles)
  expect(new Set(pages.map(({ theme }) => theme)).size).toBe(themes)
})

it.each(['casper', 'source'])(
  'what %s was tested with has the cards of Ghost, and the text in descriptions',
  (theme) => {
    const written = PAGES.filter((page) => page.theme === theme)
    const text = written.map((page) => page.html).join('\n')
    const cards = Array.from(text.matchAll(/class="[^"]*\bkg-(\w+)-card[ "]/g), ([, name]) => name)
    expect(new Set(cards)).toEqual(new Set(CARDS))
    expect(text).toContain('CANARY for those who pay')
    expect(written.filter(({ html: page }) => /<meta name="description" content="[^"]*CANARY/.test(page))).not.toEqual(
      [],
    )
    expect(
      written.filter(({ html: page }) => /<script type="application\/ld\+json">[^<]*CANARY/.test(page)),
    ).not.toEqual([])
  },
)

describe.each(PAGES.map((page) => [page.name, page] as const))('%s', (_name, page) => {
  it.each(selected(page))('nothing paid is in any answer, whoever asks (text in %s)', async (select) => {
    const world = createWorld(page, select)
    const { statuses, text } = await toldBy(world)
    expect(statuses).toEqual([402, 402, 402, 402, 402, 402, 402, 402, 200, 200])
    expect(`${text}${JSON.stringify(world.lines)}`).not.toContain('CANARY')
    expect(text).toContain(`The bridge: ${page.kind}`)
  })

  it('what stands before the mark is shown, and who has paid gets the page as the theme wrote it', async () => {
    const world = createWorld(page, page.article)
    const { text } = await toldBy(world)
    expect(text.includes('The FREE part of the bridge.')).toBe(page.kind !== 'unmarked')
    const paid = await world.app('/articles/1', { fields: await world.token() })
    expect([paid.status, await paid.text()]).toEqual([200, page.html])
  })
})
