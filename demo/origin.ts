import { setTimeout as sleep } from 'node:timers/promises'
import { upgradeWebSocket } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { streamSSE } from 'hono/streaming'
import { type Listening, listen } from './listen.ts'
import { missingPage, plainPage } from './news/freepages.ts'
import { newsRoutes } from './news/routes.ts'
import { playgroundRoutes } from './playground/page.ts'

const maxSlowSeconds = 60
const maxLargeBytes = 2 ** 30
const chunk = new Uint8Array(64 * 1024).fill(0x2e)

/** A newspaper to sell: it knows nothing of payment, and trusts that only paid requests reach its paid paths. */
export function startOrigin(options: OriginOptions = {}): Promise<Listening> {
  return listen(options.port ?? 0, (url) => originApp(options.site ?? url, options.shop))
}

export interface OriginOptions {
  readonly port?: number
  /** Where the paper's readers find it: the gate's URL. Default: the origin's own. */
  readonly site?: string
  /** Returns the URL of the billing backend, which starts later: the playground makes its accounts there. */
  readonly shop?: () => string
}

function originApp(site: string, shop?: () => string): Hono {
  const app = new Hono()
  let requests = 0
  // Unchanged on a second answer, it shows that the gate answered from its shared copy.
  app.use(async (c, next) => {
    requests += 1
    const count = String(requests)
    await next()
    c.header('demo-origin-request', count)
  })
  // What a test needs of an origin comes first, then the paper.
  app.get('/articles/slow', (c) => slow(c))
  app.get('/articles/failing', failing)
  app.route('/playground', playgroundRoutes(shop))
  app.route('/', newsRoutes(site))
  app.notFound((c) => c.html(missingPage(c.req.path), 404))
  addFree(app)
  addApi(app)
  return app
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
  app.get('/free/*', (c) =>
    c.html(plainPage(c.req.path, received(c), c.req.path), { headers: { 'cache-control': 'no-store' } }),
  )
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
  return c.html(plainPage('Slow', html`<p>This took ${seconds} seconds.</p>`, c.req.path), {
    headers: { 'cache-control': 'public, max-age=60' },
  })
}

function failing(c: Context) {
  return c.html(plainPage('Failing', html`<p>This page always fails.</p>`, c.req.path), 500)
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
