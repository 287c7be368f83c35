import { bearer } from '../../src/rails/bearer.ts'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compile } from '../../src/config/config.ts'
import type { OriginOptions, RouteOptions } from '../../src/config/options.ts'
import { checkOrigins } from '../../cli/check/check-origin.ts'
import { open, shut } from '../../tools/loopback.ts'
import { type Sample, signsOf } from '../../cli/check/teaser.ts'

const root = join(import.meta.dirname, '../..')
const SECRET = 'c2VjcmV0LW9mLXRoZS1nYXRl'
const WORDS = 'word '.repeat(300)

const ARTICLE = `<html><body><h1>Title</h1><p>${WORDS}</p></body></html>`
const TEASER = '<html><body><h1>Title</h1><p>It began in</p><div class="box paywall">Subscribe</div></body></html>'

/** What was asked, in order. */
const seen: { url: string; headers: IncomingHttpHeaders }[] = []

const site = createServer(({ url = '', headers }, response) => {
  seen.push({ url, headers })
  const html = (text: string): void => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(text)
  }
  if (url === '/login-first') response.writeHead(302, { location: '/wp-login.php?redirect_to=%2F' }).end()
  else if (url === '/moved') response.writeHead(301, { location: 'https://www.site.test/moved' }).end()
  else if (url === '/refused') response.writeHead(403).end()
  else if (url === '/missing') response.writeHead(404).end()
  else if (url === '/articles/known') html(headers['x-reader-key'] === SECRET ? ARTICLE : TEASER)
  else if (url === '/articles/teaser') html(TEASER)
  else html(ARTICLE)
})
let url: string

beforeAll(async () => {
  url = await open(site)
})
afterAll(() => shut(site))
beforeEach(() => {
  seen.length = 0
})

const sold = (path: string): RouteOptions => ({ path, requires: 'premium' })

function zoneOf(origin: Partial<OriginOptions>, routes: RouteOptions[]) {
  return {
    name: 'site',
    hosts: ['www.site.test', 'site.test'],
    audience: 'https://site.test',
    issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
    origin: { servers: [{ url }], ...origin },
    rails: [bearer()],
    routes,
    unmatched: 'free' as const,
    remedies: { documentation: 'https://billing.test/problems' },
  }
}

async function check(routes: RouteOptions[], given: string[] = [], origin: Partial<OriginOptions> = {}, key = SECRET) {
  const env = { TOKEN_SECRET: '0123456789abcdef0123456789abcdef', READER_KEY: key }
  const compiled = compile({ zones: [zoneOf(origin, routes)] }, env, { needsOrigin: true })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const found = await checkOrigins(compiled.value, given, (value) => value === 'x'.repeat(64))
  return found.map(({ isWarning, line }) => (isWarning ? `warning: ${line}` : line))
}

describe('a sample of a paid route', () => {
  it.each<[string, string]>([
    ['/login-first', 'warning: site /login-first: it redirects to /wp-login.php?redirect_to=%2F'],
    ['/moved', 'warning: site /moved: it redirects to itself: see origin.host'],
    ['/refused', 'warning: site /refused: the origin refuses it (403)'],
    ['/missing', 'warning: site /missing: answered 404: try another path'],
    ['/articles/teaser', 'warning: site /articles/teaser: it has a paywall of the origin\'s own ("paywall")'],
    ['/whole', 'site /whole: 200, 301 words, no sign of a teaser'],
  ])('at the path of its route, %s', async (path, line) => {
    expect(await check([sold(path)])).toEqual([line])
  })

  it('is asked for as the gate asks for a copy', async () => {
    await check([sold('/whole')], [], { sign: { key: 'TOKEN_SECRET' }, servers: [{ url: `${url}/base/` }] })
    const [asked] = seen
    expect(asked?.url).toBe('/base/whole')
    expect(asked?.headers).toMatchObject({
      host: new URL(url).host,
      'user-agent': 'Faregate',
      'accept-encoding': 'identity',
      'x-forwarded-host': 'www.site.test',
      'faregate-assertion': expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    expect(asked?.headers['authorization'] ?? asked?.headers['cookie']).toBeUndefined()
    await check([sold('/whole')], [], { host: 'zone' })
    expect(seen.at(-1)?.headers.host).toBe(`www.site.test:${new URL(url).port}`)
  })

  it('is given for a route with a placeholder, as a path or a URL; without one the route is named', async () => {
    const routes = [
      sold('/articles/*'),
      { path: '/free/*', free: true as const },
      { ...sold('/off/*'), cache: 'off' as const },
    ]
    expect(await check(routes)).toEqual(['site /articles/*: no sample, so give the path of a page: --fetch /…'])
    const given = [
      '/articles/1',
      'https://site.test/articles/2?a=1',
      'https://other.test/articles/3',
      '/free/1',
      '/off/1',
    ]
    const good = '200, 301 words, no sign of a teaser'
    expect(await check(routes, given)).toEqual([`site /articles/1: ${good}`, `site /articles/2?a=1: ${good}`])
    expect(seen.map((asked) => asked.url)).toEqual(['/articles/1', '/articles/2?a=1'])
  })

  it('has the fields by which the origin knows the gate, and tells where they open nothing', async () => {
    const fields = { 'x-reader-key': { secret: 'READER_KEY' } }
    const routes = [sold('/articles/*')]
    const of = (path: string, key?: string) => check(routes, [path], { fields }, key)
    expect(await of('/articles/known')).toEqual(['site /articles/known: 200, 301 words, no sign of a teaser'])
    expect(await of('/articles/1')).toEqual(['warning: site /articles/1: origin.fields make no difference to it'])
    expect(await of('/articles/known', 'x'.repeat(64))).toEqual([
      'warning: site /articles/known: the secret of x-reader-key is not set here, so it was not sent',
      'warning: site /articles/known: it has a paywall of the origin\'s own ("paywall")',
    ])
  })

  it('that cannot be had is told, and so is a site without a server by URL', async () => {
    const [line] = await check([sold('/whole')], [], { servers: [{ url: 'http://127.0.0.1:1' }] })
    expect(line).toBe('warning: site /whole: could not be fetched (ECONNREFUSED)')
  })
})

describe('the signs of a teaser', () => {
  const html = (text: string, rest: Partial<Sample> = {}): Sample => ({
    status: 200,
    location: undefined,
    contentType: 'text/html; charset=utf-8',
    text,
    ...rest,
  })

  it.each<[string, string, RegExp]>([
    ['a form to sign in', '<form><input name="p" type="password"></form>', /password/],
    ['a refresh to one', '<meta http-equiv="refresh" content="0; url=/login?to=%2F">', /leads on to \/login/],
    [
      'its own word count',
      `{"@type":"Article","wordCount":"900"} <body>${'word '.repeat(90)}</body>`,
      /has 900 words, and has 90/,
    ],
    [
      'structured data',
      `<script type="application/ld+json">{"isAccessibleForFree": false}</script>${WORDS}`,
      /isAccessibleForFree/,
    ],
    [
      'structured data as text',
      `<script type="application/ld+json">{"isAccessibleForFree":"False"}</script>`,
      /isAccessibleForFree/,
    ],
    ['microdata', '<meta itemprop="isAccessibleForFree" content="false">', /isAccessibleForFree/],
    ['a class of Ghost', '<aside class="gh-post-upgrade-cta">', /gh-post-upgrade-cta/],
    ['a class of WordPress', '<div class="a wc-memberships-restriction-message b">', /wc-memberships/],
    ['an id', '<div id="paywall">', /paywall/],
  ])('are %s', (_name, text, sign) => {
    expect(signsOf(html(text)).join()).toMatch(sign)
  })

  it.each<[string, Sample]>([
    ['an article', html(ARTICLE)],
    ['an article about a paywall', html(`<body><p>The paywall, a login and a password</p>${WORDS}</body>`)],
    ['an article with its word count', html(`{"wordCount":300}<body>${WORDS}</body>`)],
    ['what is free to read', html(`{"isAccessibleForFree":true}<body>${WORDS}</body>`)],
    ['data', html('{"class":"paywall"}', { contentType: 'application/json' })],
  ])('are not in %s', (_name, sample) => {
    expect(signsOf(sample)).toEqual([])
  })
})

describe('npm run check:config -- --fetch', () => {
  it('takes a file and paths, warns, and never shows a secret', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faregate-'))
    try {
      const file = join(folder, 'faregate.config.ts')
      const fields = { 'x-reader-key': { secret: 'READER_KEY' } }
      const zone = JSON.stringify({ ...zoneOf({ fields }, [sold('/articles/*')]), rails: undefined })
      const source = JSON.stringify(join(root, 'src/index.ts'))
      await writeFile(
        file,
        `import { bearer } from ${source}\nexport default { zones: [{ ...${zone}, rails: [bearer()] }] }\n`,
      )
      const env = { ...process.env, TOKEN_SECRET: '0123456789abcdef0123456789abcdef', READER_KEY: SECRET }
      const args = [join(root, 'cli/main.ts'), 'check', file, '--fetch', '/articles/teaser', '/articles/known']
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, env })
      expect(stdout).toContain('The configuration has no faults.')
      expect(stdout).toContain('site /articles/known: 200, 301 words')
      expect(stderr).toContain('warning: site /articles/teaser: it has a paywall')
      expect(stdout + stderr).not.toContain(SECRET)
      seen.length = 0
      await promisify(execFile)(process.execPath, args.slice(0, 2), { cwd: root, env })
      expect(seen).toEqual([])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
