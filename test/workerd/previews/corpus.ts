import type { PreviewOptions } from '../../../src/config/options.ts'

/** A page as a system would write it. Its public part is `Free sentence.`, and each of its paid parts has the word CANARY. */
export interface CorpusPage {
  readonly name: string
  readonly preview: PreviewOptions
  readonly html: string
  /** False if nothing of its text can be shown. Default: true. */
  readonly isShown?: false
}

const FREE = 'Free sentence.'
const CANARY = 'CANARY hides in this paid sentence.'
const TITLE = '<title>The title</title><meta property="og:title" content="The title">'

const document = (head: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8">${TITLE}${head}</head><body>${body}</body></html>`
const ld = (value: object): string => `<script type="application/ld+json">${JSON.stringify(value)}</script>`

const GHOST: PreviewOptions = { select: '.gh-content', marker: 'members-only', paragraphs: 3 }
const MORE: PreviewOptions = { select: '.entry-content', marker: 'more', paragraphs: 3 }
const WALL: PreviewOptions = { select: 'article', until: '.paywall', paragraphs: 3 }
const MARK: PreviewOptions = { select: 'article', marker: 'paid', paragraphs: 3 }
const FIRST: PreviewOptions = { select: 'article', paragraphs: 1 }

export const CORPUS: readonly CorpusPage[] = [
  {
    name: 'Ghost: a theme like Casper, with structured data and social cards made from the whole text',
    preview: GHOST,
    html: document(
      `<meta name="description" content="${CANARY}"><meta property="og:description" content="${CANARY}">
<meta name="twitter:description" content="${CANARY}"><meta name="twitter:label1" content="CANARY">
${ld({ '@type': 'Article', headline: 'The title', description: CANARY, articleBody: CANARY })}`,
      `<main class="gh-main"><article class="gh-article post"><header><h1>The title</h1><p class="gh-article-excerpt">${CANARY}</p></header>
<section class="gh-content gh-canvas"><p>${FREE}</p><!--members-only--><p>${CANARY}</p></section></article></main>`,
    ),
  },
  {
    name: 'Ghost: cards with captions, galleries and bookmarks on both sides of the mark',
    preview: GHOST,
    html: document(
      '',
      `<section class="gh-content"><figure class="kg-card kg-image-card"><img src="/1.jpg" alt="CANARY" srcset="/CANARY.jpg 600w"><figcaption>CANARY</figcaption></figure>
<p>${FREE}</p><!--members-only--><figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="/CANARY"><div class="kg-bookmark-title">CANARY</div></a></figure><p>${CANARY}</p></section>`,
    ),
  },
  {
    name: 'Ghost: a card of HTML that was pasted with a second mark in it',
    preview: GHOST,
    html: document(
      '',
      `<section class="gh-content"><p>${FREE}</p><!--members-only--><!--kg-card-begin: html--><div><!--members-only--><p>${CANARY}</p></div><!--kg-card-end: html--></section>`,
    ),
  },
  {
    name: 'WordPress: a classic theme with the anchor of the more tag',
    preview: { select: '.entry-content', until: '[id^="more-"]', paragraphs: 3 },
    html: document(
      '<meta name="generator" content="WordPress 6.8">',
      `<article id="post-7" class="post-7 post"><div class="entry-content"><p>${FREE}</p><p><span id="more-7"></span>${CANARY}</p><p>${CANARY}</p></div></article>`,
    ),
  },
  {
    name: 'WordPress: a block theme with the comment of the more block, and the graph of an SEO plug-in',
    preview: MORE,
    html: document(
      `<meta property="og:description" content="${CANARY}">${ld({
        '@graph': [
          { '@type': 'Article', wordCount: 900, articleBody: CANARY },
          { '@type': 'WebPage', description: CANARY },
        ],
      })}`,
      `<main class="wp-block-group"><div class="entry-content wp-block-post-content"><p class="wp-block-paragraph">${FREE}</p><!--more--><p>${CANARY}</p></div></main>`,
    ),
  },
  {
    name: 'WordPress: related posts, an author box and comments of readers beside the article',
    preview: MORE,
    html: document(
      '',
      `<div class="entry-content"><p>${FREE}</p><!--more--><p>${CANARY}</p></div><div class="author-box"><p>CANARY</p></div>
<section id="comments"><ol><li><p>CANARY</p></li></ol></section><aside><p>CANARY</p></aside>`,
    ),
  },
  {
    name: 'WordPress: pagination, where the second page is in the source as well',
    preview: { select: '.entry-content', until: '.wp-block-group.is-paid', paragraphs: 3 },
    html: document(
      '',
      `<div class="entry-content"><p>${FREE}</p><div class="wp-block-group is-paid" style="display:none"><p>${CANARY}</p></div></div>`,
    ),
  },
  {
    name: 'Next: the data of the page as JSON beside it (pages router)',
    preview: WALL,
    html: document(
      '',
      `<div id="__next"><article><p>${FREE}</p><div class="paywall"><p>${CANARY}</p></div></article></div>
<script id="__NEXT_DATA__" type="application/json">${JSON.stringify({ props: { pageProps: { body: `<p>${CANARY}</p>` } } })}</script>`,
    ),
  },
  {
    name: 'Next: the flight data that streams in (app router), and a part that is put in place later',
    preview: WALL,
    html: document(
      '',
      `<article><p>${FREE}</p><!--$?--><template id="B:0"></template><div class="paywall"></div><!--/$--></article>
<script>self.__next_f.push([1,"5:[\\"$\\",\\"p\\",null,{\\"children\\":\\"${CANARY}\\"}]"])</script><div hidden id="S:0"><p>${CANARY}</p></div>`,
    ),
  },
  {
    name: 'Nuxt: the state in a function call, and comments of its renderer',
    preview: WALL,
    html: document(
      '',
      `<article><!--[--><p>${FREE}</p><!--]--><div class="paywall">${CANARY}</div></article><script>window.__NUXT__=(function(a){return {body:a}}("${CANARY}"))</script>`,
    ),
  },
  {
    name: 'SvelteKit and Remix: data in scripts and in attributes of islands',
    preview: WALL,
    html: document(
      '',
      `<article><p>${FREE}</p><astro-island props='{"body":"${CANARY}"}'></astro-island><div class="paywall"></div></article>
<script type="application/json" data-sveltekit-fetched>{"body":"${CANARY}"}</script><script>window.__remixContext={"a":"${CANARY}"}</script>`,
    ),
  },
  {
    name: 'AMP: sections for subscribers, and the boilerplate',
    preview: { select: 'article', until: '[subscriptions-section="content"]', paragraphs: 3 },
    html: document(
      '<style amp-boilerplate>body{visibility:hidden}</style><noscript><style amp-boilerplate>body{visibility:visible}</style></noscript>',
      `<article><p>${FREE}</p><section subscriptions-section="content"><p>${CANARY}</p></section><section subscriptions-section="content-not-granted"><p>CANARY of the offer</p></section></article>`,
    ),
  },
  {
    name: 'structured data: paywalled parts by class, within the article',
    preview: WALL,
    html: document(
      '',
      `<article>${ld({ '@type': 'NewsArticle', isAccessibleForFree: false, articleBody: CANARY, hasPart: { cssSelector: '.paywall' } })}<p>${FREE}</p><div class="paywall"><p>${CANARY}</p></div></article>`,
    ),
  },
  {
    name: 'microdata and RDFa: the text in attributes',
    preview: WALL,
    html: document(
      '',
      `<article itemscope itemtype="https://schema.org/Article"><meta itemprop="articleBody" content="${CANARY}"><p itemprop="description" content="${CANARY}">${FREE}</p><div class="paywall" itemprop="articleBody">${CANARY}</div></article>`,
    ),
  },
  {
    name: 'comments: the paid part commented out, and drafts',
    preview: MARK,
    html: document(
      `<!-- ${CANARY} -->`,
      `<article><!-- draft: ${CANARY} --><p>${FREE}<!-- ${CANARY} --></p><!--paid--><!-- <p>${CANARY}</p> --></article>`,
    ),
  },
  {
    name: 'data attributes, titles, alternative texts and sources of pictures',
    preview: MARK,
    html: document(
      '',
      `<article data-body="${CANARY}"><p title="${CANARY}" data-full="${CANARY}">${FREE}<img src="/CANARY.png" srcset="/CANARY.png 2x" alt="CANARY" longdesc="CANARY"></p><!--paid--><p>${CANARY}</p></article>`,
    ),
  },
  {
    name: 'a text with line breaks in place of paragraphs',
    preview: MARK,
    html: document('', `<article><div>CANARY<br>CANARY</div><p>${FREE}</p><!--paid-->CANARY<br>CANARY</article>`),
  },
  {
    name: 'nested marks: in another article within the article',
    preview: MARK,
    html: document(
      '',
      `<article><p>${FREE}</p><article><!--paid--><p>${CANARY}</p></article><p>${CANARY}</p></article>`,
    ),
  },
  {
    name: 'a mark that only looks like one, in a script and in an attribute, before the true one',
    preview: MARK,
    html: document(
      '',
      `<article><p>${FREE}</p><script>"<!--paid-->"</script><i title="<!--paid-->"></i><!-- paid --><p>${CANARY}</p></article>`,
    ),
  },
  {
    name: 'a mark that is missing',
    preview: MARK,
    html: document('', `<article><p>${CANARY}</p></article>`),
    isShown: false,
  },
  {
    name: 'a mark that is spelled wrongly',
    preview: MARK,
    html: document('', `<article><p>CANARY</p><!--paid content--><p>${CANARY}</p></article>`),
    isShown: false,
  },
  {
    name: 'broken: paragraphs and blocks that are never closed',
    preview: MARK,
    html: document('', `<article><div><section><p>${FREE}<p><!--paid--><p>${CANARY}<div>${CANARY}`),
  },
  {
    name: 'broken: the article is closed too soon, and goes on',
    preview: FIRST,
    html: document(
      '',
      `<article><p>${FREE}</p></article><p>${CANARY}</p></article><article><p>${CANARY}</p></article>`,
    ),
  },
  {
    name: 'broken: elements that overlap around the mark',
    preview: MARK,
    html: document('', `<article><p>${FREE}</p><b><i></b><!--paid--></i><p>${CANARY}</p></div></span></article>`),
  },
  {
    name: 'broken: a comment that is never closed swallows the rest',
    preview: MARK,
    html: document('', `<article><p>CANARY</p><!-- paid <p>${CANARY}</p></article>`),
    isShown: false,
  },
  {
    name: 'broken: a second document within the first',
    preview: MARK,
    html: document(
      '',
      `<article><p>${FREE}</p><!--paid--><html><head><meta property="og:description" content="${CANARY}"><title>CANARY</title></head><body><p>${CANARY}</p></body></html></article>`,
    ),
  },
  {
    name: 'a shadow tree that is declared, and a slot',
    preview: MARK,
    html: document(
      '',
      `<article><the-wall><template shadowrootmode="open"><p>${CANARY}</p><slot></slot></template></the-wall><p>${FREE}</p><!--paid--><p>${CANARY}</p></article>`,
    ),
  },
  {
    name: 'frames with documents of their own, forms with values',
    preview: MARK,
    html: document(
      '',
      `<article><iframe srcdoc="<p>${CANARY}</p>"></iframe><form><input value="CANARY"><textarea><p>${CANARY}</p></textarea><p>CANARY</p></form><p>${FREE}</p><!--paid--></article>`,
    ),
  },
  {
    name: 'drawings and formulas with text in them',
    preview: MARK,
    html: document(
      '',
      `<article><svg><title>CANARY</title><text>CANARY</text><foreignObject><p>${CANARY}</p></foreignObject></svg><math><annotation-xml encoding="text/html"><p>${CANARY}</p></annotation-xml></math><p>${FREE}</p><!--paid--><p>${CANARY}</p></article>`,
    ),
  },
  {
    name: 'text that a stylesheet would blur, after the first paragraph',
    preview: FIRST,
    html: document(
      '<style>.blurred{filter:blur(8px)}</style>',
      `<article><p>${FREE}</p><p class="blurred">${CANARY}</p><p class="blurred" aria-hidden="true">${CANARY}</p></article>`,
    ),
  },
  {
    name: 'a player of audio with its transcript, details and footnotes',
    preview: MARK,
    html: document(
      '',
      `<article><figure><audio src="/CANARY.mp3"></audio><figcaption><p>CANARY</p></figcaption></figure><aside><details><summary>Transcript</summary><p>${CANARY}</p></details></aside><p>${FREE}</p><!--paid--><section class="footnotes"><p>${CANARY}</p></section></article>`,
    ),
  },
  {
    name: 'Drupal: the body field and its summary',
    preview: { select: '.field--name-body', until: '.field--name-field-paid', paragraphs: 3 },
    html: document(
      `<meta name="description" content="${CANARY}">`,
      `<article role="article"><div class="field field--name-body"><p>${FREE}</p><div class="field field--name-field-paid"><p>${CANARY}</p></div></div></article>`,
    ),
  },
  {
    name: 'Hugo: a summary divider, and an index for a search in the browser',
    preview: { select: 'main', marker: 'more', paragraphs: 3 },
    html: document(
      '',
      `<main><p>${FREE}</p><!--more--><p>${CANARY}</p></main><script type="application/json" id="search">[{"content":"${CANARY}"}]</script><link rel="prefetch" href="/index.json?q=CANARY">`,
    ),
  },
]
