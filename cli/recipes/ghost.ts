/**
 * Ghost, as its own source has it: the routers (core/frontend/services/routing: collections with `page/:page` and `rss`,
 * taxonomies, previews, email, gift links), the site's mounts (core/frontend/web/site.js), feeds
 * (services/rss/generate-feed.js: the whole article in `content:encoded`), Markdown (routing/controllers/entry/markdown.ts),
 * and the Content API, whose key stands in every page (helpers/ghost_head.js).
 */
import type { Recipe } from './recipe.ts'

/** Paths of an origin that runs Ghost. */
export const ghost: Recipe = {
  name: 'ghost',
  title: 'Ghost',
  articles: ['/*'],
  groups: [
    {
      what: 'lists',
      why: 'The front page, tags and authors show titles and excerpts. If your theme shows {{content}} in them, sell them.',
      terms: 'free',
      paths: ['/', '/page/*', '/tag/*', '/author/*'],
      passes: [],
    },
    {
      what: 'feeds',
      why: 'Feeds have whole articles in content:encoded: of the site, of each tag and author, and of collections.',
      terms: 'sold',
      paths: ['/rss/*', '/feed/*', '/tag/*/rss/*', '/tag/*/feed/*', '/author/*/rss/*', '/author/*/feed/*'],
    },
    {
      what: 'looks and pictures',
      why: 'The theme, scripts and pictures.',
      terms: 'free',
      paths: ['/assets/*', '/public/*', '/content/images/*'],
      passes: ['v'],
    },
    {
      what: 'media and files',
      why: 'Audio, video and downloads that articles have.',
      terms: 'sold',
      paths: ['/content/media/*', '/content/files/*'],
    },
    {
      what: 'files for robots',
      why: 'They name pages, and show nothing of them.',
      terms: 'free',
      paths: [
        '/robots.txt',
        '/favicon.ico',
        '/favicon.png',
        '/.well-known/*',
        '/sitemap.xml',
        '/sitemap.xsl',
        '/sitemap-posts.xml',
        '/sitemap-pages.xml',
        '/sitemap-tags.xml',
        '/sitemap-authors.xml',
      ],
      passes: [],
    },
    {
      what: 'Content API and admin',
      why: 'The API has every article whole, for a key that stands in every page. The search of Ghost reads it too, and finds nothing.',
      terms: 'staff',
      paths: ['/ghost/*'],
    },
    {
      what: 'previews',
      why: 'Whole articles for whoever has the address: drafts, and what was sent by email.',
      terms: 'staff',
      paths: ['/p/*', '/email/*'],
    },
    {
      what: 'gift links',
      why: 'Gift links of Ghost show a whole article past the gate.',
      terms: 'closed',
      paths: ['/g/*'],
    },
    {
      what: 'Markdown',
      why: 'Articles for language models: each as its path with .md, and all of them in one file.',
      terms: 'sold',
      paths: ['/llms.txt', '/llms-full.txt'],
    },
    {
      what: 'members and comments',
      why: 'Sign-in of members and their comments. None of it has articles.',
      terms: 'free',
      paths: ['/members/*'],
      methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'],
    },
    {
      what: 'links in emails',
      why: 'Counted links, which redirect.',
      terms: 'free',
      paths: ['/r/*', '/unsubscribe'],
      methods: ['GET', 'POST'],
    },
    {
      what: 'webmentions',
      why: 'Other sites report links by it. It shows nothing.',
      terms: 'free',
      paths: ['/webmentions/receive'],
      methods: ['POST'],
    },
  ],
}
