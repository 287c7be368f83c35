import { setTimeout as sleep } from 'node:timers/promises'
import { upgradeWebSocket } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { streamSSE } from 'hono/streaming'
import { type Listening, listen } from './listen.ts'
import { page } from './page.ts'
import { playgroundRoutes } from './playground/page.ts'
import { representation } from './representation.ts'

/** Long ago and fixed, so that a restarted origin confirms what a cache already has. */
const published = new Date('2026-10-01T08:00:00Z')
const maxSlowSeconds = 60
const maxLargeBytes = 2 ** 30
const chunk = new Uint8Array(64 * 1024).fill(0x2e)

/** A small site to sell: it knows nothing of payment, and trusts that only paid requests reach its paid paths. */
export function startOrigin(options: { readonly port?: number } = {}): Promise<Listening> {
  return listen(options.port ?? 0, originApp)
}

function originApp(): Hono {
  const app = new Hono()
  let requests = 0
  // Unchanged on a second answer, it shows that the gate answered from its shared copy.
  app.use(async (c, next) => {
    requests += 1
    const count = String(requests)
    await next()
    c.header('demo-origin-request', count)
  })
  app.get('/', home)
  addFree(app)
  addArticles(app)
  addApi(app)
  app.route('/playground', playgroundRoutes())
  app.get('/reports/:id', (c) => c.json({ report: c.req.param('id'), figures: [3, 1, 4, 1, 5, 9] }))
  return app
}

function home(c: Context) {
  return c.html(
    page(
      'The Daily Fare',
      html`<ul>
        <li><a href="/free/about">About us</a>: free</li>
        <li><a href="/articles/1">Article 1</a>, <a href="/articles/2">article 2</a>: for subscribers to Premium</li>
        <li><a href="/api/echo">The API</a>: for the API plan</li>
        <li><a href="/reports/1">Report 1</a>: sold one at a time</li>
        <li><a href="/playground">Playground</a>: language models, paid by the token</li>
      </ul>
      ${received(c)}`,
    ),
    { headers: { 'cache-control': 'no-store' } },
  )
}

/** So that anyone can see that no credential gets this far. */
function received(c: Context) {
  const lines = [...c.req.raw.headers].map(([name, value]) => `${name}: ${value}`)
  return html`<h2>What the origin received</h2><pre tabindex="0">${c.req.method} ${c.req.path}\n${lines.join('\n')}</pre>`
}

async function echo(c: Context) {
  const url = new URL(c.req.url)
  const body = ['GET', 'HEAD'].includes(c.req.method) ? undefined : await c.req.text()
  const headers = Object.fromEntries(c.req.raw.headers)
  c.header('cache-control', 'no-store')
  return c.json({ method: c.req.method, path: url.pathname, query: url.search.slice(1), headers, body })
}

function addFree(app: Hono): void {
  app.all('/free/echo', (c) => echo(c))
  app.get('/free/slow', (c) => slow(c))
  app.get('/free/failing', failing)
  app.get('/free/*', (c) => c.html(page(c.req.path, received(c)), { headers: { 'cache-control': 'no-store' } }))
}

function addArticles(app: Hono): void {
  app.get('/articles/slow', (c) => slow(c))
  app.get('/articles/failing', failing)
  app.get('/articles/:id{[0-9]{1,9}}', async (c) => {
    const id = c.req.param('id')
    const paragraph = `This is what readers of article ${id} pay for. `.repeat(12)
    const body = html`${Array.from({ length: 12 }, () => html`<p>${paragraph}</p>`)}<p><a href="/">Home</a></p>`
    return representation(c.req.raw, {
      text: String(await page(`Article ${id}`, body)),
      type: 'text/html; charset=utf-8',
      lastModified: published,
      cacheControl: 'public, max-age=60',
    })
  })
}

function addApi(app: Hono): void {
  app.get('/api/stream', stream)
  app.get('/api/large', large)
  app.get(
    '/api/socket',
    upgradeWebSocket(() => ({
      onMessage({ data }, socket) {
        if (typeof data === 'string' || data instanceof ArrayBuffer) socket.send(data)
      },
    })),
  )
  app.all('/api/*', (c) => echo(c))
}

async function slow(c: Context) {
  const seconds = wholeNumber(c, 'seconds', 2, maxSlowSeconds)
  if (seconds === undefined) return c.text(`seconds: expected 0 to ${maxSlowSeconds}\n`, 400)
  await sleep(seconds * 1000)
  return c.html(page('Slow', html`<p>This took ${seconds} seconds.</p>`), {
    headers: { 'cache-control': 'public, max-age=60' },
  })
}

function failing(c: Context) {
  return c.html(page('Failing', html`<p>This page always fails.</p>`), 500)
}

/** Server-Sent Events: one a second, the first at once. */
function stream(c: Context) {
  const events = wholeNumber(c, 'n', 5, 3600)
  if (events === undefined) return c.text('n: expected 0 to 3600\n', 400)
  return streamSSE(c, async (sse) => {
    for (let event = 1; event <= events && !sse.aborted; event += 1) {
      if (event > 1) await sse.sleep(1000)
      await sse.writeSSE({ id: String(event), data: JSON.stringify({ event, of: events }) })
    }
  })
}

function large(c: Context) {
  const bytes = wholeNumber(c, 'bytes', 2 ** 20, maxLargeBytes)
  if (bytes === undefined) return c.text(`bytes: expected 0 to ${maxLargeBytes}\n`, 400)
  let left = bytes
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left > 0) controller.enqueue(chunk.slice(0, left))
      left -= Math.min(left, chunk.length)
      if (left === 0) controller.close()
    },
  })
  return c.body(body, { headers: { 'content-type': 'application/octet-stream', 'content-length': String(bytes) } })
}

/** A whole number from the query, or undefined when it is not one from 0 to `max`. */
function wholeNumber(c: Context, name: string, fallback: number, max: number): number | undefined {
  const text = c.req.query(name)
  if (text === undefined) return fallback
  const value = Number(text)
  return /^\d+$/.test(text) && value <= max ? value : undefined
}
