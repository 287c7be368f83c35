/**
 * An origin that answers as WordPress does. The order in which variables are read is that of `WP::parse_request`
 * (class-wp.php): form, query, path. `redirect_canonical` (canonical.php) leads a GET of `?p=` to the page, unless it is a
 * preview. The feed is that of feed-rss2.php, the Atom feed that of feed-atom.php, the answer of the API that of
 * class-wp-rest-posts-controller.php, the file of a kept page lies where WP Super Cache puts it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Article, ARTICLES, asHtml, COLOPHON, excerptOf, NEWSLETTER } from './articles.ts'

/** What the origin leaves open. Each is what WordPress or a usual plugin does; the rest it keeps to itself. */
export type WordpressLeak =
  | 'feed'
  | 'author-feed'
  | 'api'
  | 'api-by-query'
  | 'preview'
  | 'form'
  | 'category'
  | 'search'
  | 'kept-file'
  | 'amp'
  | 'front-page'

export interface Wordpress {
  readonly server: Server
  /** What is open now. */
  readonly open: Set<WordpressLeak>
  /** The targets that it was asked for. */
  readonly asked: string[]
}

export function createWordpress(): Wordpress {
  const open = new Set<WordpressLeak>()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    void formOf(request).then((form) => new Visit(request, response, form, open).answer())
  })
  return { server, open, asked }
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return new URLSearchParams(request.headers['content-type'] === 'application/x-www-form-urlencoded' ? text : '')
}

/** Rewrite rules, as `WP_Rewrite` makes them for the permalinks `/articles/%postname%/`. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^feed\/(?:(feed|rdf|rss|rss2|atom)\/?)?$/, 'feed=$1'],
  [/^articles\/([^/]+)\/feed\/?$/, 'name=$1&feed=comments'],
  [/^articles\/([^/]+)\/amp\/?$/, 'name=$1&amp=1'],
  [/^articles\/([^/]+)\/?$/, 'name=$1'],
  [/^category\/([^/]+)\/?$/, 'category_name=$1'],
  [/^category\/([^/]+)\/feed\/?$/, 'category_name=$1&feed=feed'],
  [/^author\/([^/]+)\/?$/, 'author_name=$1'],
  [/^author\/([^/]+)\/feed\/?$/, 'author_name=$1&feed=atom'],
  [/^search\/(.+?)\/?$/, 's=$1'],
  [/^page\/(\d+)\/?$/, 'paged=$1'],
  [/^about\/?$/, 'pagename=about'],
]

class Visit {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #open: ReadonlySet<WordpressLeak>
  readonly #url: URL
  readonly #site: string
  readonly #variables: URLSearchParams

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    form: URLSearchParams,
    open: ReadonlySet<WordpressLeak>,
  ) {
    this.#request = request
    this.#response = response
    this.#open = open
    this.#site = `http://${String(request.headers['x-forwarded-host'] ?? request.headers.host)}`
    this.#url = new URL(request.url ?? '/', this.#site)
    const path = decodeURIComponent(this.#url.pathname)
      .replace(/^\/+/, '')
      .replace(/^index\.php\/?/, '')
    this.#variables = new URLSearchParams(rewritten(path))
    for (const source of [this.#url.searchParams, form])
      for (const [name, value] of source) this.#variables.set(name, value)
  }

  answer(): void {
    const { pathname } = this.#url
    const route = /^\/wp-json(\/.*)$/.exec(pathname)?.[1]
    if (route !== undefined) return this.#api(route, this.#open.has('api'))
    const byQuery = this.#variables.get('rest_route')
    if (byQuery !== null) return this.#api(byQuery, this.#open.has('api-by-query'))
    const kept = /^\/wp-content\/cache\/supercache\/[^/]+\/articles\/([^/]+)\/index\.html$/.exec(pathname)?.[1]
    if (kept !== undefined) return this.#keptFile(kept)
    const file = FILES[pathname]
    if (file !== undefined) return this.#send(200, ...file)
    if (pathname === '/wp-comments-post.php') return this.#redirect(`${this.#site}/articles/`)
    if (this.#variables.has('feed')) return this.#feed()
    const article = this.#singular()
    return article === undefined ? this.#list() : this.#single(article)
  }

  #singular(): Article | undefined {
    const id = Number(this.#variables.get('p'))
    const name = this.#variables.get('name')
    return ARTICLES.find((article) => article.id === id || article.slug === name)
  }

  #single(article: Article): void {
    const own = `/articles/${article.slug}/`
    const isForm = this.#request.method === 'POST'
    const isOther = !this.#url.pathname.startsWith('/articles/')
    if (isOther && !this.#isOpenElsewhere(isForm)) return this.#redirect(`${this.#site}${own}`)
    this.#page(
      200,
      article.title,
      `<article class="post"><div class="entry-content">${asHtml(article)}${note}</div></article>`,
      article,
    )
  }

  #isOpenElsewhere(isForm: boolean): boolean {
    if (isForm) return this.#open.has('form')
    if (this.#variables.has('amp')) return this.#open.has('amp')
    return this.#variables.get('preview') === 'true' && this.#open.has('preview')
  }

  #list(): void {
    const { pathname } = this.#url
    const searched = this.#variables.get('s')
    if (searched !== null) return this.#articles(`Results for ${escapeText(searched)}`, this.#open.has('search'))
    if (this.#variables.has('category_name')) return this.#articles('News', this.#open.has('category'))
    if (this.#variables.has('author_name')) return this.#articles('Ann', false)
    if (this.#variables.get('pagename') === 'about') return this.#page(200, 'About', `<p>${NEWSLETTER}</p>`)
    if (pathname === '/' || this.#variables.has('paged')) return this.#articles('Home', this.#open.has('front-page'))
    this.#page(404, 'Not found', '<p>Nothing here.</p>')
  }

  #articles(title: string, isWhole: boolean): void {
    const items = ARTICLES.map((article) => {
      const text = isWhole ? asHtml(article) : `<p>${excerptOf(article)}</p>`
      return `<h2><a href="/articles/${article.slug}/">${article.title}</a></h2>${text}`
    })
    this.#page(200, title, items.join('\n'))
  }

  #page(status: number, title: string, content: string, article?: Article): void {
    const links = [
      `<link rel="alternate" type="application/rss+xml" href="${this.#site}/feed/">`,
      ...(article === undefined
        ? []
        : [
            `<link rel="alternate" type="application/json" href="${this.#site}/wp-json/wp/v2/posts/${article.id}">`,
            `<link rel="shortlink" href="${this.#site}/?p=${article.id}">`,
          ]),
    ]
    const body = `<main><h1>${title}</h1>${content}</main>
      <a href="/category/news/" rel="category tag">News</a> <a href="/author/ann/" rel="author">Ann</a>
      <a href="/articles/the-budget/">The budget</a> <a href="/articles/the-harbour/">The harbour</a>
      <div class="colophon">${COLOPHON}</div>`
    const html = `<!doctype html><html lang="en"><head><title>${title}</title>${links.join('')}</head><body>${body}</body></html>`
    this.#send(status, 'text/html; charset=UTF-8', html)
  }

  #feed(): void {
    const isAuthors = this.#variables.has('author_name')
    const isWhole = !this.#variables.has('name') && this.#open.has(isAuthors ? 'author-feed' : 'feed')
    if (isAuthors) return this.#atom(isWhole)
    const items = ARTICLES.map((article) => {
      const encoded = isWhole ? `<content:encoded><![CDATA[${asHtml(article)}]]></content:encoded>` : ''
      return `<item><title>${article.title}</title><link>${this.#site}/articles/${article.slug}/</link>
        <description><![CDATA[${excerptOf(article)}]]></description>${encoded}</item>`
    })
    this.#send(
      200,
      'application/rss+xml; charset=UTF-8',
      `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>${items.join('')}</channel></rss>`,
    )
  }

  #atom(isWhole: boolean): void {
    const entries = ARTICLES.map((article) => {
      const text = escapeText(isWhole ? asHtml(article) : excerptOf(article))
      return `<entry><title type="html">${article.title}</title><content type="html">${text}</content></entry>`
    })
    this.#send(
      200,
      'application/atom+xml; charset=UTF-8',
      `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">${entries.join('')}</feed>`,
    )
  }

  #api(route: string, isOpen: boolean): void {
    if (!isOpen) return this.#send(401, 'application/json', '{"code":"rest_not_logged_in","data":{"status":401}}')
    const slug = this.#variables.get('slug')
    const id = Number(/\/posts\/(\d+)/.exec(route)?.[1])
    const posts = ARTICLES.filter(
      (article) => (slug === null || article.slug === slug) && (!id || article.id === id),
    ).map((article) => ({
      id: article.id,
      slug: article.slug,
      content: { rendered: asHtml(article), protected: false },
    }))
    // PHP escapes what is not ASCII, and slashes.
    const json = JSON.stringify(posts).replaceAll('/', '\\/')
    this.#send(200, 'application/json; charset=UTF-8', json)
  }

  #keptFile(slug: string): void {
    const article = this.#open.has('kept-file') ? ARTICLES.find((each) => each.slug === slug) : undefined
    if (article === undefined) return this.#send(404, 'text/plain', '')
    this.#send(200, 'text/html', `<html><body><main>${asHtml(article)}</main></body></html>`)
  }

  #redirect(location: string): void {
    this.#response.writeHead(301, { location }).end()
  }

  #send(status: number, type: string, text: string): void {
    this.#response.writeHead(status, { 'content-type': type }).end(text)
  }
}

const note = `<div class="newsletter">${NEWSLETTER}</div>`

const FILES: Readonly<Record<string, readonly [type: string, text: string]>> = {
  '/robots.txt': ['text/plain', 'User-agent: *\nDisallow: /wp-admin/\nSitemap: /wp-sitemap.xml\n'],
  '/wp-sitemap.xml': [
    'application/xml',
    '<sitemapindex><sitemap><loc>/wp-sitemap-posts-post-1.xml</loc></sitemap></sitemapindex>',
  ],
  '/wp-sitemap-posts-post-1.xml': ['application/xml', '<urlset><url><loc>/articles/the-budget/</loc></url></urlset>'],
  '/wp-content/uploads/2026/11/wall.jpg': ['image/jpeg', 'a picture'],
  '/wp-includes/js/jquery/jquery.min.js': ['text/javascript', 'jQuery()'],
  '/wp-cron.php': ['text/html', ''],
}

function rewritten(path: string): string {
  for (const [rule, query] of RULES) {
    const found = rule.exec(path)
    if (found !== null) return query.replace('$1', encodeURIComponent(found[1] ?? ''))
  }
  return ''
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
