import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { transform } from 'esbuild'
import { Hono } from 'hono'
import { html } from 'hono/html'

/** Scripts and styles are files of this folder alone. The shop, which makes accounts here, is at another port. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The page on which a person talks to a model and sees what it costs: `/playground`, with its files. */
export function playgroundRoutes(shop: () => string = () => ''): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header('content-security-policy', POLICY)
    c.header('x-content-type-options', 'nosniff')
    c.header('referrer-policy', 'no-referrer')
    c.header('cache-control', 'no-store')
  })
  app.get('/', (c) => c.html(playgroundPage(shop())))
  app.get('/style.css', async (c) => c.body(await source('style.css'), 200, { 'content-type': 'text/css' }))
  for (const name of ['client.ts', 'view.ts', 'calls.ts']) {
    app.get(`/${name}`, async (c) => c.body(await script(name), 200, { 'content-type': 'text/javascript' }))
  }
  return app
}

/** Browsers run no types: they are taken out on the way. */
async function script(name: string): Promise<string> {
  return (await transform(await source(name), { loader: 'ts', target: 'es2022' })).code
}

function source(name: string): Promise<string> {
  return readFile(join(import.meta.dirname, name), 'utf8')
}

function playgroundPage(shop: string) {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="shop" content="${shop}">
<title>Faregate playground</title>
<link rel="stylesheet" href="/playground/style.css">
<script type="module" src="/playground/client.ts"></script>
<header>
  <h1>Playground</h1>
  <p>Every token is paid for from prepaid credit. The provider behind this gate is the demo’s own.</p>
</header>
<main>
  <section class="account" aria-labelledby="balance-label">
    <div>
      <h2 id="balance-label">Balance</h2>
      <output id="balance" aria-live="polite">…</output>
      <p id="account" class="quiet"></p>
    </div>
    <div class="buttons">
      <button id="top-up" type="button">Add 0.01 USD</button>
      <button id="renew" type="button" class="plain">New account</button>
    </div>
  </section>
  <form id="form">
    <fieldset id="providers"><legend>Provider</legend></fieldset>
    <div class="row">
      <label class="grow">Model <select id="model" required></select></label>
      <label>Max tokens <input id="most" type="number" min="1" max="4096" value="200" inputmode="numeric" required></label>
    </div>
    <label>Prompt <textarea id="prompt" rows="3" required>What does a word cost?</textarea></label>
    <div class="row end">
      <p id="quote" class="quiet" aria-live="polite"></p>
      <button id="stop" type="button" class="plain" hidden>Stop</button>
      <button id="send">Send</button>
    </div>
  </form>
  <section id="refusal" class="refusal" role="alert" hidden>
    <h2 id="refusal-title"></h2>
    <p id="refusal-text"></p>
    <button id="refusal-top-up" type="button">Add 0.01 USD, send again</button>
  </section>
  <section id="answer" class="answer" hidden>
    <h2>Answer</h2>
    <p id="text" aria-live="polite"></p>
    <dl id="facts"></dl>
  </section>
  <section id="calls" hidden>
    <h2>Calls</h2>
    <div class="table"><table>
      <thead><tr><th>Model<th class="number">Charged<th class="number">Balance</thead>
      <tbody id="rows"></tbody>
    </table></div>
  </section>
  <details>
    <summary>The same call in a terminal</summary>
    <pre id="curl" tabindex="0"></pre>
  </details>
  <details>
    <summary>Your own token</summary>
    <label>Token <textarea id="token" rows="3" spellcheck="false" autocomplete="off"></textarea></label>
    <button id="use" type="button" class="plain">Use it</button>
  </details>
</main>
</html>
`
}
