import { html } from 'hono/html'

interface ShopPage {
  readonly title: string
  readonly body: unknown
  readonly language?: string
}

/** A whole page of billing. What is interpolated into `html` is escaped, the title here too. */
export function page({ title, body, language = 'en' }: ShopPage) {
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Sundby Billing</title>
<style>
  :root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --soft: #f2f4f3; --line: #d5dad8; --accent: #1f5f52; --on: #fff; --quiet: #55605c }
  @media (prefers-color-scheme: dark) { :root { --ink: #eceeed; --paper: #15181a; --soft: #1f2426; --line: #3a4144; --accent: #7fd1bd; --on: #0d1a17; --quiet: #a5b0ac } }
  * { box-sizing: border-box }
  body { font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0; overflow-wrap: anywhere }
  header { border-bottom: 1px solid var(--line); padding: .75rem 1.25rem; font-weight: 700; color: var(--quiet) }
  header, main { max-width: 34rem; margin: 0 auto }
  main { padding: 1.5rem 1.25rem 3rem }
  h1, h2 { line-height: 1.2; margin: 0 0 .75rem }
  h1 { font-size: 1.75rem }
  a { color: var(--accent); display: inline-block; padding: .2rem 0 }
  p, ul { margin: .75rem 0 }
  .order { border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin-bottom: 1.25rem }
  .order p { margin: .25rem 0 }
  .page { color: var(--quiet); font-size: .9rem }
  .price { font-size: 1.6rem; font-weight: 700 }
  small { font-size: .9rem; font-weight: 400; color: var(--quiet) }
  label { display: block; font-weight: 600 }
  label input { display: block; margin-top: .3rem }
  input { width: 100%; max-width: 22rem; padding: .6rem .75rem; border: 1px solid var(--quiet); border-radius: .4rem; background: var(--paper); color: var(--ink) }
  button, input { font: inherit; min-height: 3rem }
  button { padding: .5rem 1.25rem; margin: 0 .5rem .5rem 0; border: 0; border-radius: .5rem; background: var(--accent); color: var(--on); font-weight: 600; cursor: pointer }
  .plain { background: none; color: var(--accent); box-shadow: inset 0 0 0 1px }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
  pre { width: 100%; overflow-x: auto; background: var(--soft); padding: .75rem; border-radius: .4rem }
  summary { cursor: pointer; padding: .4rem 0 }
</style>
</head>
<body>
<header>Sundby Billing</header>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`
}
