import { html as markup } from 'hono/html'

/** Markup whose values are escaped. */
export type Markup = ReturnType<typeof markup>

/** Writes a page without outside resources. Nothing in `body` may have to be awaited. */
export function pageOf(title: string, body: Markup, refresh?: PageRefresh): string {
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
${refresh === undefined ? '' : markup`<meta http-equiv="refresh" content="${String(refresh.seconds)}; url=${refresh.url}">\n`}<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`
  return page instanceof Promise ? title : page.toString()
}

/** Where a page goes by itself, without a script. */
export interface PageRefresh {
  readonly seconds: number
  /** Without white space, quotes and semicolons: an encoded URL has none. */
  readonly url: string
}

/** Returns the `Content-Security-Policy` of a page. */
export function pagePolicy(formActions: readonly string[], scripts: readonly string[] = []): string {
  const scriptSources = scripts.length === 0 ? '' : `script-src ${scripts.join(' ')}; `
  const actions = formActions.length === 0 ? "'none'" : formActions.join(' ')
  return `default-src 'none'; ${scriptSources}style-src 'unsafe-inline'; base-uri 'none'; form-action ${actions}; frame-ancestors 'none'`
}

const STYLE = `body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#fff}
main{max-width:36rem;margin:12vh auto;padding:0 1.25rem}
h1{font-size:1.6rem;line-height:1.25}
.offer{font-weight:600}
strong{white-space:nowrap}
ul{list-style:none;padding:0}
li{margin:.5rem 0}
small{color:#595959}
p,li{overflow-wrap:anywhere}
button,.main{display:inline-block;font:inherit;font-weight:600;padding:.6rem 1rem;border:0;border-radius:.4rem;background:#1a4fa3;color:#fff;text-decoration:none;cursor:pointer}
.other{background:none;color:inherit;box-shadow:inset 0 0 0 1px}
button:focus-visible,a:focus-visible{outline:3px solid #f2a900;outline-offset:2px}
@media (prefers-color-scheme:dark){body{color:#eee;background:#16181c}a{color:#8ab4f8}button,.main{background:#8ab4f8;color:#16181c}.other{background:none;color:inherit}small{color:#aaa}}`
