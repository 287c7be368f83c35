/**
 * What a page tells of itself, from which the addresses of its other copies are made: number, slug, date, feeds, the lists it
 * stands in.
 */
import type { HtmlDocument, HtmlLink } from './html.ts'

export interface PageFacts {
  readonly page: URL
  /** The last segment of the path. */
  readonly slug: string
  /** The number by which WordPress knows the page. */
  readonly id: string | undefined
  readonly isGhost: boolean
  /** The key of Ghost's Content API, which stands in every page. */
  readonly apiKey: string | undefined
  readonly date: { readonly year: string; readonly month: string; readonly day: string } | undefined
  /** Feeds, AMP, oEmbed and other copies that the page names. */
  readonly named: readonly { readonly kind: string; readonly href: string }[]
  /** Lists that the page stands in: categories, tags, authors. */
  readonly lists: readonly string[]
  /** Other pages that look like this one. */
  readonly siblings: readonly string[]
}

/** Reads the facts from the documents of a page: that of readers who paid, and that of those who have not. */
export function factsOf(page: URL, documents: readonly HtmlDocument[]): PageFacts {
  const links = documents.flatMap((document) => document.links)
  const metas = (name: string): string | undefined =>
    documents.map((document) => document.metas.get(name)).find((content) => content !== undefined)
  const own = sameSite(page, links)
  return {
    page,
    slug: page.pathname.split('/').findLast((segment) => segment !== '') ?? '',
    id: idOf(documents, links),
    isGhost: /\bghost\b/i.test(metas('generator') ?? ''),
    apiKey: documents.flatMap(({ keys }) => keys)[0],
    date: dateOf(metas('article:published_time') ?? page.pathname),
    named: own.flatMap((link) => namedBy(link)),
    lists: unique(own.filter(({ href, rel }) => isList(href, rel)).map(({ href }) => href)).slice(0, 6),
    siblings: unique(
      own.filter(({ element, href }) => element === 'a' && isSibling(page, href)).map(({ href }) => href),
    ),
  }
}

/** Returns the links within the site, with whole addresses and without fragments. */
function sameSite(page: URL, links: readonly HtmlLink[]): HtmlLink[] {
  return links.flatMap((link) => {
    const url = URL.parse(link.href, page)
    if (url === null || url.origin !== page.origin) return []
    url.hash = ''
    return [{ ...link, href: url.href }]
  })
}

function idOf(documents: readonly HtmlDocument[], links: readonly HtmlLink[]): string | undefined {
  const shortlink = links.find(({ rel }) => rel.includes('shortlink'))?.href ?? ''
  const api = links.find(({ element, type }) => element === 'link' && type === 'application/json')?.href ?? ''
  const classes = documents.flatMap(({ bodyClasses }) => bodyClasses).join(' ')
  return (
    /[?&]p=(\d+)/.exec(shortlink)?.[1] ??
    /\/posts\/(\d+)$/.exec(api)?.[1] ??
    /\b(?:postid-|post-|page-id-)(\d+)\b/.exec(classes)?.[1]
  )
}

function dateOf(text: string): PageFacts['date'] {
  const [, year, month, day] = /(?:^|\/)(20\d\d|19\d\d)[/-](\d\d)(?:[/-](\d\d))?/.exec(text) ?? []
  return year === undefined || month === undefined ? undefined : { year, month, day: day ?? '' }
}

const FEED = /^application\/(?:rss|atom|rdf|feed)\+(?:xml|json)$/

function namedBy({ rel, type, href, element }: HtmlLink): PageFacts['named'] {
  if (element !== 'link') return []
  if (rel.includes('amphtml')) return [{ kind: 'amp', href }]
  if (rel.includes('alternate') && FEED.test(type)) return [{ kind: 'feed', href }]
  if (rel.includes('alternate') && type.endsWith('+oembed')) return [{ kind: 'embed', href }]
  if (rel.includes('alternate') && type !== '') return [{ kind: 'copy', href }]
  if (rel.includes('shortlink')) return [{ kind: 'query', href }]
  if (rel.includes('print') || rel.includes('manifest')) return [{ kind: 'copy', href }]
  return []
}

function isList(href: string, rel: readonly string[]): boolean {
  const { pathname } = new URL(href)
  return (
    rel.includes('tag') ||
    rel.includes('author') ||
    rel.includes('category') ||
    /^\/(?:category|tag|author|topics?|section)\/[^/]+\/?$/.test(pathname)
  )
}

/** Returns true for another page in the same folder. */
function isSibling(page: URL, href: string): boolean {
  const { pathname, search } = new URL(href)
  const folder = (path: string): string => path.replace(/\/$/, '').replace(/[^/]*$/, '')
  const isSame = pathname.replace(/\/$/, '') === page.pathname.replace(/\/$/, '')
  return search === '' && pathname !== '/' && !isSame && folder(pathname) === folder(page.pathname)
}

export function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
