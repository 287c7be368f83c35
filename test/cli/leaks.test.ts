import { describe, expect, it } from 'vitest'
import type { Answer, Asker } from '../../cli/leaks/ask.ts'
import type { Candidate } from '../../cli/leaks/candidate.ts'
import { candidatesElsewhere, candidatesOf } from '../../cli/leaks/candidates.ts'
import { closingOf } from '../../cli/leaks/closing.ts'
import { discover } from '../../cli/leaks/discover.ts'
import { factsOf } from '../../cli/leaks/facts.ts'
import { readHtml } from '../../cli/leaks/html.ts'
import { findLeaks, type LeakReport, type LeakSearch } from '../../cli/leaks/leaks.ts'
import { articleSentences, sentencesIn } from '../../cli/leaks/sentences.ts'
import { textsOf } from '../../cli/leaks/texts.ts'
import { findSentences, shinglesOf, wordsIn } from '../../cli/leaks/words.ts'

const SENTENCE =
  'The auditor’s first letter — a “friendly” one — lay unopened under the lighthouse keeper’s photograph.'
const OTHER = 'Nobody on the council remembers who signed the third invoice, or on which of the two evenings.'

/** How many words of the sentence an answer has. */
function wordsFound(body: string, type: string, sentence = SENTENCE): number {
  return findSentences(sentencesIn([sentence]), shinglesOf([textsOf(body, type).join('\n')]))?.words ?? 0
}

const WHOLE = wordsIn(SENTENCE).length
const ENTITIES =
  'The auditor&#8217;s first letter &mdash; a &ldquo;friendly&rdquo; one &#x2014; lay&nbsp;unopened under the light&shy;house keeper&rsquo;s photograph.'

describe('a sentence is found', () => {
  it.each([
    ['as it is', SENTENCE, 'text/plain'],
    [
      'with other quotes and dashes',
      `The auditor's first letter - a "friendly" one - lay unopened under the lighthouse keeper's photograph`,
      'text/plain',
    ],
    ['with entities', `<p>${ENTITIES}</p>`, 'text/html'],
    [
      'across elements',
      `<p>The auditor’s <b>first</b> l<i>et</i>ter — a “friendly” one —<br>lay unopened under <a href="/x">the lighthouse</a> keeper’s photograph.</p>`,
      'text/html',
    ],
    [
      'in CDATA of a feed',
      `<rss><item><content:encoded><![CDATA[<p>${ENTITIES}</p>]]></content:encoded></item></rss>`,
      'application/rss+xml',
    ],
    [
      'escaped in a feed',
      `<feed><content type="html">&lt;p&gt;${ENTITIES.replaceAll('&', '&amp;')}&lt;/p&gt;</content></feed>`,
      'application/atom+xml',
    ],
    [
      'in JSON',
      JSON.stringify({ content: { rendered: `<p>${ENTITIES}</p>` } }).replaceAll('/', '\\/'),
      'application/json',
    ],
    [
      'in JSON of escapes',
      JSON.stringify([SENTENCE]).replace(
        /[^ -~]/g,
        (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
      ),
      'application/json',
    ],
    [
      'in JSON-LD',
      `<script type="application/ld+json">${JSON.stringify({ articleBody: SENTENCE })}</script>`,
      'text/html',
    ],
    [
      'in strings of a script',
      `<script>self.__next_f.push([1,"\\u003cp\\u003e${SENTENCE.replaceAll('“', '\\"')}\\u003c/p\\u003e"])</script>`,
      'text/html',
    ],
    ['in an attribute', `<meta property="og:description" content="${ENTITIES}">`, 'text/html'],
    ['in a comment', `<!-- <p>${SENTENCE}</p> -->`, 'text/html'],
    [
      'in Markdown',
      `> The auditor's **first** letter — a "friendly" one —\n> lay unopened under the _lighthouse_ keeper's photograph.`,
      'text/markdown',
    ],
    [
      'in a feed that is called HTML',
      `<?xml version="1.0"?><rss><description><![CDATA[${ENTITIES}]]></description></rss>`,
      'text/html',
    ],
  ])('%s', (_name, body, type) => {
    expect(wordsFound(body, type)).toBe(WHOLE)
  })

  it('by what is left of it where it is cut, if that is eight words at least', () => {
    const cut = (count: number): string => `${SENTENCE.split(' ').slice(0, count).join(' ')} [&hellip;]`
    expect(wordsFound(cut(12), 'text/html')).toBe(wordsIn(cut(12).replace(/ \[.*$/, '')).length)
    expect(wordsFound(cut(6), 'text/html')).toBe(0)
  })

  it('in scripts without spaces', () => {
    const text = '検査官の最初の手紙は灯台守の写真の下に開かれないまま置かれていたという。'
    expect(wordsFound(`<p>${text}</p>`, 'text/html', text)).toBeGreaterThan(20)
    expect(wordsFound(`<p>${text.slice(0, 8)}</p>`, 'text/html', text)).toBe(0)
  })

  it('not by words alone, in another order', () => {
    expect(wordsFound(SENTENCE.split(' ').toReversed().join(' '), 'text/plain')).toBe(0)
  })
})

describe('the sentences of a page', () => {
  it('are those of the article, without menus, forms, comments and what is hidden', () => {
    const html = `<body><nav><p>${OTHER} One.</p></nav><main><article><p>${SENTENCE}</p><p>Short one.</p>
      <form><p>${OTHER} Two.</p></form><div hidden><p>${OTHER} Three.</p></div></article>
      <section id="comments"><article><p>${OTHER} Four.</p></article></section></main><p>${OTHER} Five.</p></body>`
    expect(articleSentences(readHtml(html)).map(({ text }) => text)).toEqual([SENTENCE])
  })

  it('are all that are not around it where no article is marked', () => {
    const html = `<div><p>${SENTENCE}</p></div><footer>${OTHER}</footer>`
    expect(articleSentences(readHtml(html)).map(({ text }) => text)).toEqual([SENTENCE])
  })
})

const PAGE = new URL('https://site.test/articles/a/')
const HEAD = `<head><link rel="alternate" type="application/rss+xml" href="/news.rss"><link rel="amphtml" href="/fast/a">
  <link rel="shortlink" href="https://site.test/?p=42"><link rel="alternate" type="application/rss+xml" href="https://other.test/feed">
  <meta property="article:published_time" content="2026-11-28T10:00:00Z"><script data-key="k1" src="/portal.js"></script></head>`

describe('the places to look at', () => {
  const document = readHtml(
    `<html lang="en">${HEAD}<body><a rel="tag" href="/t/x/">x</a><a href="/articles/b/">b</a></body></html>`,
  )
  const facts = factsOf(PAGE, [document])

  it('are made of what the page tells of itself', () => {
    expect(facts).toMatchObject({
      slug: 'a',
      id: '42',
      apiKey: 'k1',
      date: { year: '2026', month: '11', day: '28' },
      lists: ['https://site.test/t/x/'],
      siblings: ['https://site.test/articles/b/'],
    })
    expect(facts.named.map(({ href }) => href)).toEqual([
      'https://site.test/news.rss',
      'https://site.test/fast/a',
      'https://site.test/?p=42',
    ])
  })

  it('are each asked for once, within the site', () => {
    const candidates = candidatesOf(facts, 'a few words')
    const requests = candidates.map((candidate) => JSON.stringify(candidate))
    expect(new Set(requests).size).toBe(requests.length)
    expect(candidates.length).toBeLessThan(200)
    expect(new Set(candidates.map(({ url }) => new URL(url).origin))).toEqual(new Set(['https://site.test']))
    expect(candidatesElsewhere(facts).map(({ url }) => new URL(url).host)).toEqual(['web.archive.org', 'archive.ph'])
  })

  it('are more where answers name more', () => {
    const robots =
      'User-agent: *\nDisallow: /private/\nDisallow: /*.php$\nSitemap: https://site.test/s.xml\nSitemap: https://other.test/s.xml'
    expect(discover({ kind: 'sitemap', url: 'https://site.test/robots.txt' }, robots).map(({ url }) => url)).toEqual([
      'https://site.test/s.xml',
      'https://site.test/private/',
    ])
    const index = '<sitemapindex><sitemap><loc> https://site.test/s-1.xml </loc></sitemap></sitemapindex>'
    expect(discover({ kind: 'sitemap', url: 'https://site.test/s.xml' }, index)).toEqual([
      { kind: 'sitemap', url: 'https://site.test/s-1.xml' },
    ])
    expect(discover({ kind: 'archive', url: 'https://site.test/' }, HEAD).map(({ url }) => url)).toEqual([
      'https://site.test/news.rss',
    ])
  })
})

describe('what closes a leak', () => {
  it.each<[Candidate, string]>([
    [{ kind: 'feed', url: 'https://site.test/feed/atom/' }, "{ path: '/feed/*', requires: … }"],
    [{ kind: 'feed', url: 'https://site.test/news.rss' }, "{ path: '/news.rss', requires: … }"],
    [{ kind: 'embed', url: 'https://site.test/articles/a/embed/' }, "{ path: '/articles/*', requires: … }"],
    [{ kind: 'format', url: 'https://site.test/articles/a?print=1' }, "{ path: '/articles/*', requires: … }"],
    [{ kind: 'query', url: 'https://site.test/?p=42' }, "{ path: '/*', query: { p: true }, requires: … }"],
    [{ kind: 'form', url: 'https://site.test/', method: 'POST' }, "{ path: '/', free: true, methods: ['GET'] }"],
    [
      { kind: 'fields', url: PAGE.href, headers: { 'user-agent': 'x' } },
      "decide '/articles/a/' at the gate, whatever user-agent says",
    ],
    [
      { kind: 'host', url: 'https://origin.test/' },
      'let the origin answer the gate alone: origin.sign, or a firewall (docs/origins.md)',
    ],
  ])('%j', (candidate, closes) => {
    expect(closingOf(candidate, PAGE)).toBe(closes)
  })
})

/** A site of fixed answers, by path and query; what is not listed is not found. */
function site(pages: Readonly<Record<string, Answer | string>>, paid: string, sibling?: string): Asker {
  let asked = 0
  return {
    ask: ({ url }, credential) => {
      asked += 1
      const { pathname, search } = new URL(url)
      const opened = credential === undefined ? undefined : url === PAGE.href ? paid : sibling
      const found = opened ?? pages[`${pathname}${search}`]
      const answer = typeof found === 'string' ? { status: 200, url, contentType: 'text/html', body: found } : found
      return Promise.resolve(answer ?? { status: 404, url, contentType: 'text/html', body: '<p>Not found</p>' })
    },
    asked: () => asked,
    isSpent: () => false,
  }
}

const SEARCH: LeakSearch = { page: PAGE, article: { credential: { cookie: 'a=b' } }, also: [], external: false }
const ARTICLE = `<html><body><article><p>${SENTENCE}</p><p>${OTHER}</p></article></body></html>`

function refused(body: string): Answer {
  return { status: 402, url: PAGE.href, contentType: 'text/html', body }
}

function found(pages: Readonly<Record<string, Answer | string>>, paid = ARTICLE): Promise<LeakReport> {
  return findLeaks(SEARCH, site({ [PAGE.pathname]: refused('<p>Subscribe</p>'), ...pages }, paid))
}

describe('a search for leaks', () => {
  it('takes what the teaser shows for no secret, and finds the rest', async () => {
    const teaser = { [PAGE.pathname]: refused(`<p>${SENTENCE.slice(0, 60)}…</p>`) }
    expect(await found({ ...teaser, '/feed/': `<p>${SENTENCE}</p>` })).toMatchObject({ outcome: 'none', sentences: 1 })
    expect(await found({ ...teaser, '/feed/': `<p>${OTHER}</p>` })).toMatchObject({ outcome: 'leaks', sentences: 1 })
  })

  it.each([
    ['JSON-LD', `<script type="application/ld+json">{"articleBody": ${JSON.stringify(OTHER)}}</script>`],
    ['an element that is hidden', `<div style="display: none"><p>${OTHER}</p></div>`],
    ['a field of a meta element', `<meta name="description" content="${OTHER}">`],
  ])('finds in the unpaid page what stands there unseen, in %s', async (_name, unseen) => {
    const { leaks } = await found(
      { [PAGE.pathname]: refused(`<p>${SENTENCE}</p>${unseen}`) },
      `<article><p>${SENTENCE}</p><p>${OTHER}</p></article>`,
    )
    expect(leaks).toMatchObject([{ kind: 'page', url: PAGE.href, sentences: 1 }])
  })

  it('finds an article that is whole in the refusal', async () => {
    expect(await found({ [PAGE.pathname]: refused(ARTICLE) })).toMatchObject({
      leaks: [{ kind: 'page', sentences: 2 }],
    })
  })

  it('takes what another paid page has too for no secret, unless that page is a copy', async () => {
    const link = '<a href="/articles/b">b</a>'
    const sibling = (text: string) => ({ '/articles/b': { ...refused(text), url: 'https://site.test/articles/b' } })
    const looked = async (text: string) =>
      (await findLeaks(SEARCH, site({ [PAGE.pathname]: refused(''), ...sibling('') }, `${ARTICLE}${link}`, text)))
        .sentences
    expect(await looked(`<p>${OTHER}</p><p>Another story.</p>`)).toBe(1)
    expect(await looked('<p>Another story.</p>')).toBe(2)
    expect(await looked(ARTICLE)).toBe(2)
  })

  it('takes no search page that repeats what was searched for', async () => {
    const phrase = encodeURIComponent(wordsIn(OTHER).slice(0, 6).join(' '))
    const echo = `<h1>Results for ${OTHER}</h1><p>Nothing was found.</p>`
    expect(await found({ [`/?s=${phrase}`]: echo })).toMatchObject({ outcome: 'none' })
    expect(await found({ [`/?s=${phrase}`]: `${echo}<p>${SENTENCE}</p>` })).toMatchObject({ outcome: 'leaks' })
  })

  it('cannot tell of a page without a sentence of its own, or of a site that does not answer', async () => {
    const down: Answer = { status: 503, url: PAGE.href, contentType: 'text/plain', body: '' }
    const all = candidatesOf(factsOf(PAGE, []), '').map(({ url }) => new URL(url))
    const pages = Object.fromEntries(all.map(({ pathname, search }) => [`${pathname}${search}`, down]))
    expect(await found({}, '<article><p>Too short.</p></article>')).toMatchObject({ outcome: 'unknown' })
    expect(await found({ ...pages, [PAGE.pathname]: refused('') })).toMatchObject({ outcome: 'unknown' })
  })

  it('shows a few words of a sentence, and no more', async () => {
    const { leaks } = await found({ '/feed/': ARTICLE })
    expect(leaks[0]?.first).toBe('The auditor’s first letter — …')
  })
})
