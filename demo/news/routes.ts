import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, Hono } from 'hono'
import { representation } from '../representation.ts'
import { articlePage } from './articlepage.ts'
import type { NewsLanguage, Section } from './article.ts'
import { articleOf } from './articles/index.ts'
import { feedOf } from './feed.ts'
import { freePage, missingPage } from './freepages.ts'
import { frontPage, sectionPage } from './front.ts'
import { reportOf, reportPage, sailings } from './harbour.ts'
import { pictureOf } from './pictures/index.ts'
import { NEWS_WORDS } from './words.ts'

const FRESH = 'public, max-age=60'
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#9c2a1f"/><path d="M14 40h36q-3 8-8 8H22q-5 0-8-8ZM22 26h20v10H22ZM36 14h6v10h-6Z" fill="#fdfaf3"/></svg>\n`

/** The newspaper: its pages, pictures and feeds. `site`: where its readers find it. */
export function newsRoutes(site: string): Hono {
  const app = new Hono()
  app.get('/', (c) => c.html(frontPage('en'), { headers: { 'cache-control': 'no-store' } }))
  app.get('/de', (c) => c.html(frontPage('de'), { headers: { 'cache-control': 'no-store' } }))
  app.get('/sections/:section', (c) => section(c, 'en'))
  app.get('/sections/:section/de', (c) => section(c, 'de'))
  app.get('/articles/:id{[0-9]{1,9}}', (c) => article(c, site))
  for (const file of ['news.css', 'paywall.css']) {
    app.get(`/${file}`, async (c) =>
      c.body(await styles(file), 200, { 'content-type': 'text/css', 'cache-control': FRESH }),
    )
  }
  app.get('/logo.svg', (c) => c.body(LOGO, 200, { 'content-type': 'image/svg+xml', 'cache-control': FRESH }))
  app.get('/images/:file{[a-z]+\\.svg}', picture)
  app.get('/rss.xml', (c) => feed(site, c, '/rss.xml', false))
  app.get('/feeds/all.xml', (c) => feed(site, c, '/feeds/all.xml', true))
  app.get('/api/sailings', (c) => c.json(sailings(), 200, { 'cache-control': 'no-store' }))
  app.get('/reports/:id', report)
  app.get('/free/:name{about|terms|privacy|imprint}', async (c) => {
    const found = freePage(c.req.param('name'))
    return found === undefined ? c.notFound() : c.html(found, { headers: { 'cache-control': FRESH } })
  })
  return app
}

function styles(file: string): Promise<string> {
  return readFile(join(import.meta.dirname, file), 'utf8')
}

async function article(c: Context, site: string) {
  const found = articleOf(c.req.param('id') ?? '')
  if (found === undefined) return c.html(missingPage(c.req.path), 404)
  return representation(c.req.raw, {
    text: String(await articlePage(found, site)),
    type: 'text/html; charset=utf-8',
    lastModified: found.published,
    cacheControl: FRESH,
  })
}

function section(c: Context, language: NewsLanguage) {
  const name = c.req.param('section') ?? ''
  if (!isSection(name)) return c.html(missingPage(c.req.path), 404)
  return c.html(sectionPage(name, language), { headers: { 'cache-control': FRESH } })
}

function isSection(name: string): name is Section {
  return Object.hasOwn(NEWS_WORDS.en.sections, name)
}

function picture(c: Context) {
  const drawn = pictureOf((c.req.param('file') ?? '').slice(0, -'.svg'.length))
  if (drawn === undefined) return c.notFound()
  return c.body(drawn, 200, { 'content-type': 'image/svg+xml', 'cache-control': FRESH })
}

function feed(site: string, c: Context, path: string, isWhole: boolean) {
  const type = 'application/rss+xml; charset=utf-8'
  return c.body(feedOf(site, path, isWhole), 200, { 'content-type': type, 'cache-control': FRESH })
}

/** A page for browsers, JSON for programs. */
function report(c: Context) {
  const id = c.req.param('id') ?? ''
  c.header('vary', 'accept')
  return c.req.header('accept')?.includes('text/html') === true ? c.html(reportPage(id)) : c.json(reportOf(id))
}
