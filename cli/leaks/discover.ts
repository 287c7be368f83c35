/** What answers name that may have a copy: feeds and lists of the front page, sitemaps, paths that robots.txt closes. */
import type { Candidate } from './candidate.ts'
import { readHtml } from './html.ts'

const MOST_PATHS = 10
const MOST_SITEMAPS = 4

/** Returns what the answer to a candidate makes worth asking for. */
export function discover({ kind, url }: Pick<Candidate, 'kind' | 'url'>, body: string): Candidate[] {
  const base = new URL(url)
  if (base.pathname === '/robots.txt') return fromRobots(base, body)
  if (kind === 'sitemap') return fromSitemap(base, body)
  if (kind === 'archive' && base.pathname === '/' && base.search === '') return fromFrontPage(base, body)
  return []
}

function fromRobots(base: URL, body: string): Candidate[] {
  const lines = body.split(/\r?\n/).slice(0, 500)
  const valuesOf = (name: string): string[] =>
    lines.flatMap((line) => {
      const mark = line.indexOf(':')
      return mark !== -1 && line.slice(0, mark).trim().toLowerCase() === name ? [line.slice(mark + 1).trim()] : []
    })
  const paths = [...valuesOf('disallow'), ...valuesOf('allow')].filter((path) => /^\/[^*$]+$/.test(path))
  return [
    ...within(base, 'sitemap', valuesOf('sitemap')).slice(0, MOST_SITEMAPS),
    ...within(base, 'robots', paths).slice(0, MOST_PATHS),
  ]
}

/** Returns the sitemaps that an index names. The pages that a sitemap names are not asked for. */
function fromSitemap(base: URL, body: string): Candidate[] {
  if (!/<sitemapindex\b/i.test(body.slice(0, 4000))) return []
  const named = [...body.matchAll(/<loc>([^<]{1,2000})<\/loc>/gi)].map(([, href = '']) => href.trim())
  return within(base, 'sitemap', named).slice(0, MOST_SITEMAPS)
}

function fromFrontPage(base: URL, body: string): Candidate[] {
  const { links } = readHtml(body)
  const feeds = links.filter(({ rel, type }) => rel.includes('alternate') && /rss|atom|feed|json/.test(type))
  return within(
    base,
    'feed',
    feeds.map(({ href }) => href),
  ).slice(0, MOST_PATHS)
}

function within(base: URL, kind: string, hrefs: readonly string[]): Candidate[] {
  return hrefs.flatMap((href) => {
    const url = URL.parse(href, base)
    return url?.origin === base.origin ? [{ kind, url: url.href }] : []
  })
}
