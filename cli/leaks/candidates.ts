/**
 * Where a copy of an article may be answered to those who have not paid: the paths, parameters, fields and methods of the
 * usual content management systems and of what is built around them.
 *
 * WordPress: `WP::$public_query_vars` (class-wp.php; a variable in a form or the query counts on any path), feeds and embeds
 * below each page (class-wp-rewrite.php), wp/v2 (rest-api.php), pages kept as files by WP Super Cache, W3 Total Cache and WP
 * Rocket. `redirect_canonical` leads `?p=` to the page, but neither a preview nor a POST. Ghost: the routers of
 * core/frontend/services/routing, the Content API, Markdown.
 */
import { at, type Candidate, folderOf, FORM, pathOf } from './candidate.ts'
import type { PageFacts } from './facts.ts'
import { fieldCandidates, formatCandidates, spellingCandidates } from './variants.ts'

/** Returns all candidates, the likeliest first. `phrase` is a part of the article to search for. */
export function candidatesOf(facts: PageFacts, phrase: string): Candidate[] {
  const all = [
    ...facts.named.map(({ kind, href }) => ({ kind, url: href })),
    ...byKind(facts, phrase),
    ...listCandidates(facts),
    ...spellingCandidates(facts),
    ...fieldCandidates(facts),
    ...formatCandidates(facts),
  ]
  return distinct(all)
}

/** Returns candidates with what is asked for twice left out. */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  const byRequest = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const key = JSON.stringify([candidate.url, candidate.method, candidate.headers, candidate.body])
    if (!byRequest.has(key)) byRequest.set(key, candidate)
  }
  return [...byRequest.values()]
}

function byKind(facts: PageFacts, phrase: string): Candidate[] {
  return [
    ...feedCandidates(facts),
    ...apiCandidates(facts, phrase),
    ...queryCandidates(facts),
    ...formCandidates(facts),
    ...ampCandidates(facts),
    ...searchCandidates(facts, phrase),
    ...fileCandidates(facts),
    ...embedCandidates(facts),
  ]
}

const FEEDS = [
  '/feed/',
  '/feed/atom/',
  '/feed/rdf/',
  '/feed/json/',
  '/rss/',
  '/rss',
  '/rss.xml',
  '/atom.xml',
  '/feed.xml',
]
const MORE_FEEDS = [
  '/feed.json',
  '/index.xml',
  '/comments/feed/',
  '/wp-rss2.php',
  '/wp-atom.php',
  '/feeds/all.atom.xml',
]

function feedCandidates(facts: PageFacts): Candidate[] {
  const base = pathOf(facts)
  return at(facts, 'feed', [
    ...FEEDS,
    '/?feed=rss2',
    '/?feed=atom',
    ...MORE_FEEDS,
    `${base}/feed/`,
    `${base}/feed/?withoutcomments=1`,
    `${folderOf(base)}rss/`,
    `${folderOf(base)}feed/`,
  ])
}

function apiCandidates(facts: PageFacts, phrase: string): Candidate[] {
  const { slug, id, apiKey } = facts
  const found = encodeURIComponent(phrase)
  const wordpress = [
    `/wp-json/wp/v2/posts?slug=${slug}`,
    `/wp-json/wp/v2/posts?per_page=20`,
    `/?rest_route=/wp/v2/posts&slug=${slug}`,
    `/index.php?rest_route=/wp/v2/posts&slug=${slug}`,
    `/wp-json/wp/v2/pages?slug=${slug}`,
    ...(id === undefined
      ? []
      : [
          `/wp-json/wp/v2/posts/${id}?_embed=1`,
          `/wp-json/wp/v2/posts/${id}/revisions`,
          `/wp-json/wp/v2/posts/${id}/autosaves`,
          `/wp-json/wp/v2/comments?post=${id}&_embed=1`,
        ]),
  ]
  const ghost =
    apiKey === undefined
      ? []
      : [
          `/ghost/api/content/posts/slug/${slug}/?key=${apiKey}&formats=html,plaintext`,
          `/ghost/api/content/posts/?key=${apiKey}&formats=plaintext&limit=15`,
          `/ghost/api/v3/content/posts/?key=${apiKey}`,
        ]
  return [
    ...at(facts, 'api', [...ghost, ...wordpress]),
    ...at(facts, 'api', [`/wp-json/wp/v2/posts?search=${found}`, `/wp-json/wp/v2/search?search=${found}&_embed=1`]).map(
      (candidate) => ({ ...candidate, echoes: phrase }),
    ),
  ]
}

function queryCandidates(facts: PageFacts): Candidate[] {
  const { slug, id } = facts
  const numbered =
    id === undefined
      ? []
      : [
          `/?p=${id}`,
          `/?p=${id}&preview=true`,
          `/?page_id=${id}&preview=true`,
          `/?p=${id}&feed=rss2&withoutcomments=1`,
          `/?p=${id}&embed=true`,
          `/?attachment_id=${id}`,
          `/index.php?p=${id}&preview=true`,
          `/wp-content/?p=${id}&preview=true`,
        ]
  const named = [`/?name=${slug}`, `/?name=${slug}&preview=true`, `/?pagename=${slug}`, `/?attachment=${slug}`]
  return at(facts, 'query', [...numbered, ...named])
}

function formCandidates({ page, slug, id }: PageFacts): Candidate[] {
  const bodies = [...(id === undefined ? [] : [`p=${id}`]), `name=${slug}`]
  return bodies.map((body) => ({ kind: 'form', url: `${page.origin}/`, method: 'POST', headers: FORM, body }))
}

function ampCandidates(facts: PageFacts): Candidate[] {
  const base = pathOf(facts)
  const byId = facts.id === undefined ? [] : [`/?p=${facts.id}&amp=1`]
  return at(facts, 'amp', [
    ...byId,
    `${base}/amp/`,
    `${base}?amp=1`,
    `${base}?amp`,
    `/amp${base}`,
    `${base}.amp`,
    `${base}?outputType=amp`,
  ])
}

function searchCandidates(facts: PageFacts, phrase: string): Candidate[] {
  const found = encodeURIComponent(phrase)
  const paths = [`/?s=${found}`, `/search/${found}/`, `/search?q=${found}`, `/?s=${found}&feed=rss2`]
  return at(facts, 'search', paths).map((candidate) => ({ ...candidate, echoes: phrase }))
}

/** Pages that caching plugins keep as files, and exports. */
function fileCandidates(facts: PageFacts): Candidate[] {
  const base = `${facts.page.hostname}${pathOf(facts)}`
  return at(facts, 'file', [
    `/wp-content/cache/supercache/${base}/index.html`,
    `/wp-content/cache/supercache/${base}/index-https.html`,
    `/wp-content/cache/supercache/${base}/index-https.html.gz`,
    `/wp-content/cache/page_enhanced/${base}/_index.html`,
    `/wp-content/cache/page_enhanced/${base}/_index_ssl.html`,
    `/wp-content/cache/page_enhanced/${base}/_index_ssl.html_gzip`,
    `/wp-content/cache/wp-rocket/${base}/index-https.html`,
    `/wp-content/cache/all${pathOf(facts)}/index.html`,
    '/llms-full.txt',
    '/llms.txt',
  ])
}

function embedCandidates(facts: PageFacts): Candidate[] {
  const base = pathOf(facts)
  const page = encodeURIComponent(facts.page.href)
  return at(facts, 'embed', [
    `${base}/embed/`,
    `${base}?embed=true`,
    `/wp-json/oembed/1.0/embed?url=${page}`,
    `/oembed?url=${page}&format=json`,
  ])
}

function listCandidates(facts: PageFacts): Candidate[] {
  const { date, page } = facts
  const dated =
    date === undefined
      ? []
      : [`/${date.year}/`, `/${date.year}/${date.month}/`, `/?m=${date.year}${date.month}`, `/?year=${date.year}`]
  const lists = facts.lists.flatMap((href): Candidate[] => {
    const base = href.replace(/\/?$/, '/')
    return [
      { kind: 'archive', url: href },
      { kind: 'feed', url: `${base}feed/` },
      { kind: 'feed', url: `${base}rss/` },
    ]
  })
  return [
    ...at(facts, 'archive', ['/', '/page/1/', '/page/2/', '/blog/', '/archive/', '/news/', folderOf(pathOf(facts))]),
    ...at(facts, 'archive', [...dated, '/?author=1', '/?cat=1', '/?post_type=post', '/?paged=1']),
    ...lists,
    ...[
      '/sitemap.xml',
      '/wp-sitemap.xml',
      '/news-sitemap.xml',
      '/sitemap-news.xml',
      '/sitemap-posts.xml',
      '/robots.txt',
    ].map((path) => ({ kind: 'sitemap', url: `${page.origin}${path}` })),
  ]
}

/** Returns candidates at another host, by which the origin may be reached past the gate. */
export function candidatesAlso({ page }: PageFacts, origins: readonly string[]): Candidate[] {
  return origins.flatMap((origin) =>
    [`${page.pathname}${page.search}`, '/', '/feed/', '/rss/'].map((path) => ({
      kind: 'host',
      url: new URL(path, origin).href,
    })),
  )
}

/** Returns candidates at web archives. */
export function candidatesElsewhere({ page }: PageFacts): Candidate[] {
  return [`https://web.archive.org/web/2id_/${page.href}`, `https://archive.ph/newest/${page.href}`].map((url) => ({
    kind: 'external',
    url,
  }))
}
