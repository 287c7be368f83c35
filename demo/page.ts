import { html } from 'hono/html'

/** A whole HTML page. What is interpolated into `html` is escaped, the title here too. */
export function page(title: string, body: unknown) {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }
  pre, textarea { width: 100%; overflow-x: auto; background: #f4f4f4; padding: .5rem; box-sizing: border-box }
  label, button { margin-right: .5rem }
</style>
<h1>${title}</h1>
${body}
</html>
`
}
