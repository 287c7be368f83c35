import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LeakReport } from '../../../cli/leaks/leaks.ts'
import { runCommandLine } from '../../../cli/program.ts'
import { open, shut } from '../../../tools/loopback.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf } from '../bundles.ts'
import { readPage } from '../docs/markdown.ts'
import { startForFile } from '../startforfile.ts'
import { createGhost, type GhostLeak } from './ghost.ts'
import { createWordpress, type WordpressLeak } from './wordpress.ts'

const SECRET = '0123456789abcdef0123456789abcdef'

const wordpress = createWordpress()
const ghost = createGhost()

async function start() {
  const folder = await mkdtemp(join(tmpdir(), 'faregate-leaks-'))
  const origins = { wordpress: await open(wordpress.server), ghost: await open(ghost.server) }
  const gate = (origin: string, recipe?: string) =>
    startWorkerd({
      module: bundleOf(import.meta.dirname),
      vars: { TOKEN_SECRET: SECRET, ORIGIN_URL: origin, ...(recipe !== undefined && { RECIPE: recipe }) },
    })
  const gates = {
    wordpress: { naive: await gate(origins.wordpress), closed: await gate(origins.wordpress, 'wordpress') },
    ghost: { naive: await gate(origins.ghost), closed: await gate(origins.ghost, 'ghost') },
  }
  const now = Math.floor(Date.now() / 1000)
  const names = { iss: 'https://billing.test', aud: 'https://site.test', sub: 'account-7' }
  const token = await sign(await secretKey(SECRET), { ...names, iat: now, exp: now + 3600, entitlements: ['premium'] })
  await writeFile(join(folder, 'token'), `${token}\n`, { mode: 0o600 })
  const stop = async (): Promise<void> => {
    for (const { naive, closed } of Object.values(gates)) await Promise.all([naive.stop(), closed.stop()])
    await Promise.all([shut(wordpress.server), shut(ghost.server)])
    await rm(folder, { recursive: true })
  }
  return { folder, origins, gates, token, stop }
}

const { folder, origins, gates, token } = await startForFile(start())

beforeEach(() => {
  wordpress.open.clear()
  ghost.open.clear()
})

interface Ran {
  readonly code: number
  readonly said: string
  readonly report: LeakReport
}

async function run(...args: string[]): Promise<Omit<Ran, 'report'>> {
  const lines: string[] = []
  const write = (line: string): void => void lines.push(line)
  const terminal = { env: {}, cwd: folder, isInteractive: false, print: write, complain: write }
  const code = await runCommandLine(args, terminal)
  return { code, said: lines.join('\n') }
}

/** Runs `faregate leaks --json` in this process. */
async function leaks(url: string, ...options: string[]): Promise<Ran> {
  const { code, said } = await run('leaks', url, '--json', ...options)
  const report: LeakReport = said.startsWith('{"outcome"') || said.startsWith('{"page"') ? JSON.parse(said) : undefined
  return { code, said, report }
}

const TOKEN = ['--token-file', 'token'] as const
const PAGE = '/articles/the-budget/'

/** Each leak with the kind it is told as, a part of where it is, and what closes it. */
const WORDPRESS: readonly (readonly [WordpressLeak, kind: string, where: string, closes: readonly string[]])[] = [
  [
    'feed',
    'feed',
    '/feed/',
    [
      "{ path: '/feed/*', requires: … }",
      "{ path: '/category/*', requires: … }",
      "{ path: '/*', query: { feed: true }, requires: … }",
    ],
  ],
  ['author-feed', 'feed', '/author/ann/feed/', ["{ path: '/author/*', requires: … }"]],
  ['api', 'api', '/wp-json/wp/v2/posts?slug=the-budget', ["{ path: '/wp-json/*', requires: … }"]],
  ['api-by-query', 'api', '/?rest_route=/wp/v2/posts', ["{ path: '/*', query: { rest_route: true }, requires: … }"]],
  [
    'preview',
    'query',
    '/?p=42&preview=true',
    ["{ path: '/*', query: { p: true }, requires: … }", "{ path: '/*', query: { name: true }, requires: … }"],
  ],
  ['form', 'form', '/', ["{ path: '/', free: true, methods: ['GET'] }"]],
  ['category', 'archive', '/category/news/', ["{ path: '/category/*', requires: … }"]],
  [
    'search',
    'search',
    '/?s=',
    ["{ path: '/*', query: { s: true }, requires: … }", "{ path: '/search/*', requires: … }"],
  ],
  ['kept-file', 'file', '/wp-content/cache/supercache/', ["{ path: '/wp-content/cache/*', requires: … }"]],
  ['amp', 'amp', '/?p=42&amp=1', ["{ path: '/*', query: { p: true }, requires: … }"]],
]

const GHOST: readonly (readonly [GhostLeak, kind: string, where: string, closes: readonly string[]])[] = [
  ['feed', 'feed', '/rss/', ["{ path: '/rss/*', requires: … }"]],
  ['tag-feed', 'feed', '/tag/news/rss/', ["{ path: '/tag/*', requires: … }"]],
  ['api', 'api', '/ghost/api/content/posts/', ["{ path: '/ghost/*', requires: … }"]],
  ['markdown', 'file', '/llms-full.txt', ["{ path: '/llms-full.txt', requires: … }"]],
]

describe('behind a gate that sells the path of articles alone', () => {
  it.each(WORDPRESS)(
    'WordPress leaks by its %s, which is found and nothing else is',
    async (leak, kind, where, closes) => {
      wordpress.open.add(leak)
      const { naive } = gates.wordpress
      const { code, report, said } = await leaks(`${naive.url}${PAGE}`, ...TOKEN)
      expect(code, said).toBe(1)
      expect(report.leaks.map((found) => found.kind)).toContain(kind)
      const found = report.leaks.find(({ url }) => url.startsWith(`${naive.url}${where}`))
      expect(found, said).toMatchObject({ kind, closes: closes[0] })
      expect(new Set(report.leaks.map((each) => each.closes))).toEqual(new Set(closes))
      expect(said).not.toContain(token)
    },
  )

  it.each(GHOST)('Ghost leaks by its %s, which is found and nothing else is', async (leak, kind, where, closes) => {
    ghost.open.add(leak)
    const { naive } = gates.ghost
    const { code, report, said } = await leaks(`${naive.url}${PAGE}`, ...TOKEN)
    expect(code, said).toBe(1)
    const found = report.leaks.find(({ url }) => url.startsWith(`${naive.url}${where}`))
    expect(found, said).toMatchObject({ kind, closes: closes[0] })
    expect(new Set(report.leaks.map((each) => each.closes))).toEqual(new Set(closes))
  })

  it.each(['wordpress', 'ghost'] as const)('%s leaks nothing by what all pages have', async (name) => {
    const { code, report, said } = await leaks(`${gates[name].naive.url}${PAGE}`, ...TOKEN)
    expect(report, said).toMatchObject({ outcome: 'none', leaks: [], failed: 0, untried: 0 })
    expect(report.sentences).toBe(5)
    expect(code).toBe(0)
  })
})

describe('behind the recipe', () => {
  it('WordPress leaks nothing, whatever it leaves open', async () => {
    for (const [leak] of WORDPRESS) wordpress.open.add(leak)
    const { code, report, said } = await leaks(`${gates.wordpress.closed.url}${PAGE}`, ...TOKEN)
    expect(report, said).toMatchObject({ outcome: 'none', leaks: [], failed: 0, untried: 0 })
    expect(code).toBe(0)
  })

  it('Ghost leaks nothing, whatever it leaves open', async () => {
    for (const [leak] of GHOST) ghost.open.add(leak)
    const { code, report, said } = await leaks(`${gates.ghost.closed.url}${PAGE}`, ...TOKEN)
    expect(report, said).toMatchObject({ outcome: 'none', leaks: [], failed: 0, untried: 0 })
    expect(code).toBe(0)
  })

  it('a theme that shows whole articles on the front page is told', async () => {
    wordpress.open.add('front-page')
    const { report } = await leaks(`${gates.wordpress.closed.url}${PAGE}`, ...TOKEN)
    expect(report.leaks.map(({ closes }) => closes)).toContain("{ path: '/', requires: … }")
  })

  it('WordPress is not told a parameter that no route names, on a free path', async () => {
    wordpress.asked.length = 0
    await (await fetch(`${gates.wordpress.closed.url}/?book=the-budget&utm_source=letter`)).text()
    await (await fetch(`${gates.wordpress.closed.url}/wp-includes/js/x.js?ver=3&book=the-budget`)).text()
    expect(wordpress.asked).toEqual(['/', '/wp-includes/js/x.js?ver=3'])
  })

  it.each<[string, number, RequestInit?]>([
    ['/', 200],
    ['/?utm_source=letter', 200],
    ['/about', 200],
    ['/robots.txt', 200],
    ['/wp-sitemap.xml', 200],
    ['/wp-content/uploads/2026/11/wall.jpg', 200],
    ['/wp-includes/js/jquery/jquery.min.js?ver=3.7.1', 200],
    ['/wp-cron.php?doing_wp_cron=1', 200],
    ['/wp-comments-post.php', 301, { method: 'POST', body: 'comment=good' }],
    ['/articles/the-budget/', 402],
    ['/feed/', 402],
    ['/wp-json/wp/v2/posts', 402],
    ['/wp-admin/', 402],
    ['/xmlrpc.php', 403],
  ])('WordPress answers a stranger at %s: %i', async (path, status, init) => {
    const response = await fetch(`${gates.wordpress.closed.url}${path}`, { redirect: 'manual', ...init })
    await response.body?.cancel()
    expect(response.status).toBe(status)
  })

  it.each([
    ['/articles/the-budget/', 200],
    ['/feed/', 200],
    ['/category/news/', 200],
    ['/?s=harbour&post_type=post', 200],
    ['/page/2/?s=harbour', 200],
    ['/?p=42', 301],
    ['/wp-json/wp/v2/posts', 403],
  ])('WordPress answers who paid at %s: %i', async (path, status) => {
    const response = await fetch(`${gates.wordpress.closed.url}${path}`, {
      redirect: 'manual',
      headers: { authorization: `Bearer ${token}` },
    })
    await response.body?.cancel()
    expect(response.status).toBe(status)
  })

  it.each([
    ['/', 200],
    ['/tag/news/', 200],
    ['/content/images/wall.jpg', 200],
    ['/rss/', 402],
    ['/ghost/api/content/posts/', 402],
  ])('Ghost answers a stranger at %s: %i', async (path, status) => {
    const response = await fetch(`${gates.ghost.closed.url}${path}`, { redirect: 'manual' })
    await response.body?.cancel()
    expect(response.status).toBe(status)
  })
})

/** A line that is shown, where `…` stands for anything. */
function pattern(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

describe('the command', () => {
  it('answers as the documentation shows', async () => {
    wordpress.open.add('feed').add('preview')
    const page = readPage('docs/leaks.md')
    const [command = '', ...shown] = page.blocks.flatMap(({ text }) => text.trimEnd().split('\n'))
    const args = command.replace('$ npx faregate ', '').replace('https://www.example.com', gates.wordpress.naive.url)
    const { said } = await run(...args.split(' '))
    const lines = said.replaceAll(gates.wordpress.naive.url, 'https://www.example.com').split('\n')
    let at = -1
    for (const line of shown) {
      at = lines.findIndex((each, index) => index > at && pattern(line).test(each))
      expect(at, `${line}\nin\n${said}`).not.toBe(-1)
    }
  })

  it('takes the text of the page in place of a credential', async () => {
    const text = 'What the council decided that evening, behind a door that should have been open, is told here.'
    await writeFile(join(folder, 'text'), text)
    wordpress.open.add('feed')
    const { code, report } = await leaks(`${gates.wordpress.naive.url}${PAGE}`, '--text', 'text')
    expect(code).toBe(1)
    expect(report.leaks[0]).toMatchObject({ sentences: 1, first: 'What the council decided that …' })
  })

  it('finds an origin that answers past the gate', async () => {
    const { report } = await leaks(`${gates.wordpress.closed.url}${PAGE}`, ...TOKEN, '--also', origins.wordpress)
    expect(report.leaks).toMatchObject([{ kind: 'host', url: `${origins.wordpress}${PAGE}`, sentences: 5 }])
  })

  it('cannot tell of a page that is not paid, or not there', async () => {
    expect(await leaks(`${gates.wordpress.naive.url}/about`, ...TOKEN)).toMatchObject({ code: 3 })
    const open = await leaks(`${origins.wordpress}${PAGE}`, ...TOKEN)
    expect(open).toMatchObject({
      code: 3,
      report: { reason: 'the page is not paid: without a credential it shows the same text' },
    })
    expect(await leaks(`${gates.wordpress.naive.url}/articles/none/`, ...TOKEN)).toMatchObject({ code: 3 })
  })

  it('makes no more requests than it may, and says what it left out', async () => {
    const { report } = await leaks(`${gates.wordpress.naive.url}${PAGE}`, ...TOKEN, '--most', '20')
    expect(report.requests).toBe(20)
    expect(report.untried).toBeGreaterThan(50)
  })

  it.each([
    [['http://site.test/', '--token-file', 'token'], 'a credential is sent over https only (http on loopback)'],
    [['https://site.test/'], 'give one of --token-file, --cookie-file and --text'],
    [['ftp://site.test/', '--token-file', 'token'], 'the page: expected a URL, not "ftp://site.test/"'],
  ])('says what is wrong with %j', async ([url = '', ...options], message) => {
    const { code, said } = await leaks(url, ...options)
    expect(code).toBe(2)
    expect(JSON.parse(said)).toEqual({ error: message })
  })
})
