/** The page itself, asked for in other ways. */
import { at, type Candidate, FORM, pathOf } from './candidate.ts'
import type { PageFacts } from './facts.ts'

/** The same page by other spellings of its path. */
export function spellingCandidates(facts: PageFacts): Candidate[] {
  const base = pathOf(facts)
  const first = base.slice(1, 2)
  return at(facts, 'spelling', [
    facts.page.pathname.endsWith('/') ? base : `${base}/`,
    `${base}.html`,
    `${base}.md`,
    `${base}/index.html`,
    `${base}.json`,
    `/index.php${base}/`,
    `/${base}`,
    base.toUpperCase(),
    `/%${first.codePointAt(0)?.toString(16) ?? '61'}${base.slice(2)}`,
    `${base}/1/`,
    `${base};x`,
    `${base}%2f`,
  ])
}

const AGENTS = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'facebookexternalhit/1.1',
  'Twitterbot/1.0',
  'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)',
]

/** The same page with other fields, and the front page with fields that name another target to some servers. */
export function fieldCandidates({ page }: PageFacts): Candidate[] {
  const own: Record<string, string>[] = [
    ...AGENTS.map((agent) => ({ 'user-agent': agent })),
    { referer: 'https://www.google.com/' },
    { referer: 'https://t.co/x' },
    ...['application/json', 'text/markdown', 'application/rss+xml', 'text/plain'].map((accept) => ({ accept })),
    { range: 'bytes=0-1048575' },
    { 'accept-encoding': 'identity' },
    { 'x-requested-with': 'XMLHttpRequest' },
    { 'sec-purpose': 'prefetch' },
    { 'x-forwarded-for': '127.0.0.1' },
  ]
  const target = `${page.pathname}${page.search}`
  const front = ['x-original-url', 'x-rewrite-url', 'x-forwarded-uri'].map((name) => ({ [name]: target }))
  return [
    ...own.map((headers) => ({ kind: 'fields', url: page.href, headers })),
    { kind: 'fields', url: page.href, method: 'POST', headers: FORM, body: '' },
    ...front.map((headers) => ({ kind: 'fields', url: `${page.origin}/`, headers })),
  ]
}

const FORMATS = [
  'print=1',
  'print=true',
  'output=1',
  'format=html',
  'format=json',
  'format=amp',
  'view=print',
  'view=full',
]
const MORE_FORMATS = [
  'json=1',
  'page=all',
  'single=1',
  'share=email',
  'replytocom=1',
  'preview=true',
  '_escaped_fragment_=',
]

/** The same page with parameters that ask for another look of it. */
export function formatCandidates(facts: PageFacts): Candidate[] {
  const base = pathOf(facts)
  return at(facts, 'format', [
    ...FORMATS.map((query) => `${base}?${query}`),
    `${base}/print/`,
    `/print${base}`,
    ...MORE_FORMATS.map((query) => `${base}?${query}`),
  ])
}
