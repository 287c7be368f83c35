/** Says what closes a leak: a route where one does, and else what to change. */
import type { Candidate } from './candidate.ts'

/** Parameters by which WordPress chooses what it shows, on any path; the one that tells most is first. */
const CHOOSING = [
  'rest_route',
  'feed',
  's',
  'p',
  'page_id',
  'name',
  'pagename',
  'attachment_id',
  'attachment',
  'm',
  'year',
  'author',
  'cat',
  'post_type',
  'paged',
]

/** Returns the route that closes what was found at a candidate, or a sentence where no route does. */
export function closingOf({ kind, url, method, headers = {} }: Candidate, page: URL): string {
  const { pathname, searchParams } = new URL(url)
  switch (kind) {
    case 'external':
      return 'ask the archive to remove it; no route reaches there'
    case 'host':
      return 'let the origin answer the gate alone: origin.sign, or a firewall (docs/origins.md)'
    case 'page':
      return 'cut the text where the teaser is made, not in the browser'
    case 'form':
      return `{ path: ${quote(pathname)}, free: true, methods: ['GET'] }`
    case 'fields':
      return `decide ${quote(pathname)} at the gate, whatever ${method ?? Object.keys(headers).join(', ')} says`
    default: {
      const chosen = CHOOSING.find((name) => searchParams.has(name))
      if (chosen !== undefined) return `{ path: '/*', query: { ${chosen}: true }, requires: … }`
      return `{ path: ${quote(pattern(pathname, page))}, requires: … }`
    }
  }
}

/** Folders whose whole content has the same terms. */
const FOLDERS =
  /^\/(?:wp-json|wp-content\/cache|category|tag|author|feed|rss|amp|print|ghost|search|page|index\.php|\d{4})(?=\/|$)/

function pattern(pathname: string, page: URL): string {
  const own = page.pathname.replace(/\/+$/, '')
  if (pathname === own || pathname.startsWith(`${own}/`)) return `${own.replace(/(?<=\/[^/]+)\/[^/]*$/, '')}/*`
  const folder = FOLDERS.exec(pathname)?.[0]
  if (folder !== undefined) return `${folder}/*`
  return pathname.replace(/(?<=.)\/$/, '')
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}
