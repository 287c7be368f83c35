/**
 * An origin that answers as Ghost does, with a collection of the permalink `/articles/{slug}/`. The feed is that of
 * services/rss/generate-feed.js, the head that of helpers/ghost_head.js with the key of the Content API, the answer of that
 * API as https://ghost.org/docs/content-api/ shows it.
 */
import { createServer, type Server } from 'node:http'
import { type Article, ARTICLES, asHtml, COLOPHON, excerptOf, NEWSLETTER } from './articles.ts'

/** What the origin leaves open. */
export type GhostLeak = 'feed' | 'tag-feed' | 'api' | 'markdown'

const KEY = '22444f78447824223cefc48062'

export interface Ghost {
  readonly server: Server
  readonly open: Set<GhostLeak>
}

type Sent = readonly [status: number, type: string, text: string]

export function createGhost(): Ghost {
  const open = new Set<GhostLeak>()
  const server = createServer(({ url = '/', headers }, response) => {
    const site = `http://${String(headers['x-forwarded-host'] ?? headers.host)}`
    const [status, type, text] = answer(new URL(url, site), site, open)
    response.writeHead(status, { 'content-type': type }).end(text)
  })
  return { server, open }
}

function answer({ pathname, searchParams }: URL, site: string, open: ReadonlySet<GhostLeak>): Sent {
  const path = pathname.replace(/\/$/, '')
  const slug = /^\/articles\/([^/]+)$/.exec(path)?.[1]
  const article = ARTICLES.find((each) => each.slug === slug)
  if (article !== undefined)
    return page(
      site,
      article.title,
      `<article class="gh-content">${asHtml(article)}<aside>${NEWSLETTER}</aside></article>`,
    )
  if (path === '/rss') return feed(open.has('feed'))
  if (path === '/tag/news/rss') return feed(open.has('tag-feed'))
  if (/^\/ghost\/api\/(?:v\d\/)?content\/posts/.test(path))
    return api(open.has('api') && searchParams.get('key') === KEY)
  if (path === '/llms-full.txt' && open.has('markdown'))
    return [200, 'text/markdown', ARTICLES.flatMap(({ paragraphs }) => paragraphs).join('\n\n')]
  if (path === '' || path === '/tag/news' || path === '/author/ann') return page(site, 'News', listed())
  if (path === '/content/images/wall.jpg') return [200, 'image/jpeg', 'a picture']
  return [404, 'text/html', `<html><body><p>Page not found</p><p>${COLOPHON}</p></body></html>`]
}

function listed(): string {
  return ARTICLES.map((each) => `<a href="/articles/${each.slug}/">${each.title}</a><p>${excerptOf(each)}</p>`).join('')
}

function page(site: string, title: string, content: string): Sent {
  const head = `<meta name="generator" content="Ghost 6.0">
    <link rel="alternate" type="application/rss+xml" title="News" href="${site}/rss/">
    <script defer src="/portal.min.js" data-ghost="${site}/" data-key="${KEY}" data-api="${site}/ghost/api/content/"></script>`
  const body = `<main>${content}</main><a href="/tag/news/">News</a><a href="/author/ann/">Ann</a>
    <a href="/articles/the-budget/">The budget</a><a href="/articles/the-harbour/">The harbour</a><p>${COLOPHON}</p>`
  return [
    200,
    'text/html; charset=utf-8',
    `<!doctype html><html lang="en"><head><title>${title}</title>${head}</head><body>${body}</body></html>`,
  ]
}

function feed(isWhole: boolean): Sent {
  const items = ARTICLES.map((each: Article) => {
    const text = isWhole ? asHtml(each) : excerptOf(each)
    return `<item><title><![CDATA[${each.title}]]></title><content:encoded><![CDATA[${text}]]></content:encoded></item>`
  })
  return [
    200,
    'application/rss+xml; charset=utf-8',
    `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0">${items.join('')}</rss>`,
  ]
}

function api(isOpen: boolean): Sent {
  if (!isOpen) return [401, 'application/json', '{"errors":[{"type":"UnauthorizedError"}]}']
  return [
    200,
    'application/json; charset=utf-8',
    JSON.stringify({ posts: ARTICLES.map((each) => ({ slug: each.slug, html: asHtml(each) })) }),
  ]
}
