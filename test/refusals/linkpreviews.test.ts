import { describe, expect, it } from 'vitest'
import { refusal } from '../../src/core/problem.ts'
import { html } from '../../src/refusals/html.ts'
import { linkPreviews } from '../../src/refusals/linkpreviews.ts'
import { capture } from '../../src/http/capture.ts'
import { refuse, respond } from '../../src/refusals/respond.ts'
import type { ArticleFacts } from '../../src/access/article.ts'
import { ARTICLE, newspaper } from './newspaper.ts'

const SITE = newspaper({ refusals: [linkPreviews(), html()] })

/** How they call themselves, as their operators document it. */
const AGENTS = [
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Twitterbot/1.0',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
  'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
  'WhatsApp/2.23.20.0',
  'TelegramBot (like TwitterBot)',
  'Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)',
]

function unfurl(
  agent: string,
  article?: ArticleFacts,
  why = refusal('payment-required', 'Pay.'),
  method = 'GET',
): Response {
  const headers = { 'user-agent': agent, accept: '*/*' }
  const exchange = capture(new Request('https://a.test/articles/1', { method, headers }), 0)
  const route = SITE.zone.routes.entries[0]?.route
  return respond(refuse(why, exchange, { site: SITE, route, article }), 0, 0)
}

describe('a program that unfurls links', () => {
  it.each(AGENTS)('gets what is public of a page on sale, with 200: %s', async (agent) => {
    const response = unfurl(agent, ARTICLE)
    const text = await response.text()
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect([response.headers.get('www-authenticate'), response.headers.get('link')]).toEqual([null, null])
    expect(text).toContain(`<meta property="og:title" content="${ARTICLE.title}">`)
    expect(text).toContain('<meta property="og:site_name" content="The Daily Fare">')
    expect(text.length).toBeLessThan(4096)
    expect(text).not.toContain('5.00')
  })

  it('gets the name of the site if nothing is known of the page', async () => {
    expect(await unfurl('Twitterbot/1.0').text()).toContain('<title>The Daily Fare</title>')
  })

  it('gets the fields alone by HEAD', async () => {
    const response = unfurl('Twitterbot/1.0', ARTICLE, undefined, 'HEAD')
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it.each([
    ['not-found', 404],
    ['overloaded', 503],
    ['too-many-requests', 429],
  ] as const)('is told of %s as anybody else', (reason, status) => {
    expect(unfurl('Twitterbot/1.0', undefined, refusal(reason, 'No.')).status).toBe(status)
  })

  it('cannot be told what to write by a page', async () => {
    const hostile = { title: '"><script>alert(1)</script>', paragraphs: ['</title><b>'] }
    const text = await unfurl('Twitterbot/1.0', hostile).text()
    expect(text).not.toMatch(/<script|<b>/)
  })
})

it.each(['Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0', 'Googlebot/2.1', 'curl/8.5', 'GPTBot/1.1', 'x'.repeat(2000)])(
  'Nobody else is taken for one: %s',
  (agent) => expect(unfurl(agent, ARTICLE).status).toBe(402),
)
