/**
 * WordPress, as its own source has it: `WP::$public_query_vars` and `WP::parse_request` (class-wp.php), `WP_Rewrite`
 * (class-wp-rewrite.php), feeds (feed-rss2.php), embeds (embed.php), the REST API (rest-api.php), sitemaps
 * (class-wp-sitemaps.php).
 *
 * `parse_request` reads each of its variables from the body of a form first, then from the query, then from the path. So any
 * path that WordPress answers shows any article, to `?p=42` and to a POST of `p=42`: free paths take GET alone, and pass on no
 * parameter that is not listed here. Of the parameters, those have routes that readers who paid need, or that show one article
 * on a path that somebody opens later; two of them in one query are ambiguous, and refused.
 */
import type { Recipe } from './recipe.ts'

/** Paths and parameters of an origin that runs WordPress. */
export const wordpress: Recipe = {
  name: 'wordpress',
  title: 'WordPress',
  articles: ['/*'],
  groups: [
    {
      what: 'front page',
      why: 'The front page is free. Some themes show whole articles there (Twenty Twenty-Five does): set it to show excerpts.',
      terms: 'free',
      paths: ['/'],
      passes: [],
    },
    {
      what: 'looks and pictures',
      why: 'Themes, scripts and pictures. Uploads are for everyone: files that you sell need a route of their own.',
      terms: 'free',
      paths: ['/wp-content/themes/*', '/wp-content/plugins/*', '/wp-content/uploads/*', '/wp-includes/*'],
      passes: ['ver'],
    },
    {
      what: 'merged scripts',
      why: 'Scripts and styles that caching plugins merge (Autoptimize, WP Rocket).',
      terms: 'free',
      paths: ['/wp-content/cache/autoptimize/*', '/wp-content/cache/min/*'],
      passes: ['ver'],
    },
    {
      what: 'the rest of wp-content',
      why: 'Caching plugins keep whole pages there as files (cache/supercache, cache/page_enhanced, cache/wp-rocket), others backups and logs.',
      terms: 'closed',
      paths: ['/wp-content/*'],
    },
    {
      what: 'files for robots',
      why: 'They name pages, and show nothing of them. A sitemap has 2,000 pages: add -2 and so on for more.',
      terms: 'free',
      paths: [
        '/robots.txt',
        '/favicon.ico',
        '/ads.txt',
        '/.well-known/*',
        '/sitemap.xml',
        '/wp-sitemap.xml',
        '/wp-sitemap.xsl',
        '/wp-sitemap-index.xsl',
        '/wp-sitemap-posts-post-1.xml',
        '/wp-sitemap-posts-page-1.xml',
        '/wp-sitemap-taxonomies-category-1.xml',
        '/wp-sitemap-taxonomies-post_tag-1.xml',
        '/wp-sitemap-users-1.xml',
        '/sitemap_index.xml',
        '/main-sitemap.xsl',
        '/post-sitemap.xml',
        '/page-sitemap.xml',
        '/category-sitemap.xml',
        '/post_tag-sitemap.xml',
        '/author-sitemap.xml',
      ],
      passes: [],
    },
    {
      what: 'feeds',
      why: 'Feeds have whole articles in content:encoded, unless the reading settings say "excerpt".',
      terms: 'sold',
      paths: [
        '/feed/*',
        '/comments/*',
        '/rss/*',
        '/rss2/*',
        '/rdf/*',
        '/atom/*',
        '/wp-feed.php',
        '/wp-rss.php',
        '/wp-rss2.php',
        '/wp-rdf.php',
        '/wp-atom.php',
        '/wp-commentsrss2.php',
      ],
    },
    {
      what: 'archives',
      why: 'Lists of articles by category, tag, author, date, search: many themes show articles whole, and each has feeds below it.',
      terms: 'sold',
      paths: ['/category/*', '/tag/*', '/type/*', '/author/*', '/date/*', '/search/*', '/page/*'],
    },
    {
      what: 'one article by query',
      why: 'Each of these shows an article on any path that WordPress answers. Short links are ?p=.',
      terms: 'sold',
      parameters: ['p', 'page_id', 'name', 'pagename', 'attachment', 'attachment_id', 'subpost', 'subpost_id'],
    },
    {
      what: 'search and feeds by query',
      why: 'Lists and feeds on any path. Other parameters that make lists (?cat=, ?m=, ?author=) reach WordPress on no free path.',
      terms: 'sold',
      parameters: ['s', 'feed'],
      on: ['/page/*'],
    },
    {
      what: 'REST API',
      why: 'wp/v2/posts has every article whole in content.rendered, by id, slug and search. Open what a plugin of yours needs, by its namespace.',
      terms: 'staff',
      paths: ['/wp-json/*'],
      parameters: ['rest_route'],
    },
    {
      what: 'editors',
      why: 'The editor, and admin-ajax.php, by which plugins load more articles. Better: another host name for editors, which readers do not have.',
      terms: 'staff',
      paths: ['/wp-admin/*', '/wp-login.php', '/wp-signup.php', '/wp-activate.php'],
    },
    {
      what: 'comments',
      why: 'The form of comments. It answers with a redirect, and shows nothing.',
      terms: 'free',
      paths: ['/wp-comments-post.php'],
      methods: ['POST'],
    },
    {
      what: 'scheduler',
      why: 'WordPress calls it to publish what is due. It prints nothing.',
      terms: 'free',
      paths: ['/wp-cron.php'],
      methods: ['GET', 'POST'],
    },
    {
      what: 'old interfaces',
      why: 'Nobody needs them through the gate.',
      terms: 'closed',
      paths: [
        '/xmlrpc.php',
        '/wp-trackback.php',
        '/wp-mail.php',
        '/wp-links-opml.php',
        '/wp-config.php',
        '/wp-load.php',
        '/readme.html',
        '/license.txt',
      ],
    },
  ],
}
