import { html } from 'hono/html'

/** A whole HTML page. What is interpolated into `html` is escaped, the title here too. */
export function page(title: string, body: unknown) {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0 }
  main { max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
  a { color: #1a4fa3 }
  pre, textarea { width: 100%; overflow-x: auto; background: #f4f4f4; padding: .5rem; box-sizing: border-box }
  label, button, input { margin-right: .5rem }
  button, input { font: inherit; padding: .5rem .9rem; min-height: 2.75rem; box-sizing: border-box }
  @media (prefers-color-scheme: dark) {
    body { color: #eee; background: #16181c }
    a { color: #8ab4f8 }
    pre, textarea { background: #2a2d33 }
  }
</style>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`
}
