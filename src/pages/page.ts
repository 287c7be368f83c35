import { html as markup, raw } from 'hono/html'
import { localText } from '../core/localtext.ts'
import { directionOf } from './language.ts'
import type { LegalLinks, Pages } from './pages.ts'
import { wordsOf } from './words.ts'
import { FRAME_WORDS } from './framewords.ts'

/** Markup whose values are escaped. */
export type Markup = ReturnType<typeof markup>

/** A page of the gate. Nothing in it may have to be awaited. */
export interface PageParts {
  readonly title: string
  readonly body: Markup | string
  readonly language: string
  /** Further elements of the head. */
  readonly head?: Markup
  readonly refresh?: PageRefresh
  /** The links beside the site's name, such as "Sign in". */
  readonly links?: readonly PageLink[]
}

export interface PageLink {
  readonly href: string
  readonly text: string
  readonly rel?: string
}

/** Where a page goes by itself, without a script. */
export interface PageRefresh {
  readonly seconds: number
  /** Without white space, quotes and semicolons: an encoded URL has none. Absent for the page itself. */
  readonly url?: string
}

/** Writes a page without a script. It loads nothing but what the operator's own site has: a logo, a stylesheet. */
export function pageOf({ title, body, language, head, refresh, links = [] }: PageParts, pages: Pages): string {
  const { site, stylesheet } = pages
  const name = localText(site.name, language)
  const page = markup`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
${refresh === undefined ? '' : refreshMarkup(refresh)}<title>${title}</title>
<style>${raw(pages.style)}</style>
${stylesheet === undefined ? '' : markup`<link rel="stylesheet" href="${stylesheet}">\n`}${head ?? ''}</head>
<body>
<header class="site"><a href="${site.home}">${
    site.logo === undefined
      ? name
      : markup`<img src="${site.logo.path}" alt="${localText(site.logo.alt, language)}" height="32">`
  }</a>${links.length === 0 ? '' : markup`<nav>${links.map(linkMarkup)}</nav>`}</header>
<main>
${body}
</main>
${legalMarkup(pages, language)}</body>
</html>
`
  return page instanceof Promise ? title : page.toString()
}

function refreshMarkup({ seconds, url }: PageRefresh): Markup {
  return markup`<meta http-equiv="refresh" content="${seconds}${url === undefined ? '' : `; url=${url}`}">\n`
}

function linkMarkup({ href, text, rel }: PageLink): Markup {
  return markup`<a href="${href}"${rel === undefined ? '' : markup` rel="${rel}"`}>${text}</a>`
}

function legalMarkup(pages: Pages, language: string): Markup | string {
  const { legal } = wordsOf(FRAME_WORDS, pages, language)
  const names = ['terms', 'privacy', 'imprint'] as const satisfies readonly (keyof LegalLinks)[]
  const links = names.flatMap((name) => {
    const link = pages.legal[name]
    return link === undefined ? [] : [markup`<a href="${localText(link, language)}">${legal[name]}</a>`]
  })
  return links.length === 0 ? '' : markup`<footer class="legal">${links}</footer>\n`
}

/** What the policy of a page allows beside its own style. */
export interface PageSources {
  /** Where its forms may lead, as `'self'`. Default: nowhere. */
  readonly forms?: readonly string[]
  /** The sources of its scripts. */
  readonly scripts?: readonly string[]
  /** The sources of its images, beside the logo. */
  readonly images?: readonly string[]
  /** The sources of further styles. */
  readonly styles?: readonly string[]
}

/** Returns the `Content-Security-Policy` of a page. */
export function pagePolicyOf(
  { styleSource, stylesheet, site }: Pages,
  { forms = [], scripts = [], images = [], styles: further = [] }: PageSources = {},
): string {
  const styles = [styleSource, ...further, ...(stylesheet === undefined ? [] : ["'self'"])]
  const shown = site.logo === undefined ? images : ["'self'", ...images]
  const directives = [
    "default-src 'none'",
    `style-src ${styles.join(' ')}`,
    ...(scripts.length === 0 ? [] : [`script-src ${scripts.join(' ')}`]),
    ...(shown.length === 0 ? [] : [`img-src ${[...new Set(shown)].join(' ')}`]),
    `form-action ${forms.length === 0 ? "'none'" : forms.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  return directives.join('; ')
}

/** Returns markup as text. Nothing in it has to be awaited. */
export function markupText(written: Markup | string): string {
  return written instanceof Promise ? '' : written.toString()
}
