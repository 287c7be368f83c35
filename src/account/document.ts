import { html as markup, raw } from 'hono/html'
import { localText } from '../core/localtext.ts'
import { type Markup, type PageLink, pageOf, pagePolicyOf } from '../pages/page.ts'
import { policyHash } from '../pages/style.ts'
import type { AccountSpeech } from './speech.ts'

/** What meters, tables, charts and forms need beside the style of every page. */
const STYLE = `section{margin:2rem 0}
h3{margin:1rem 0 .25rem;font-size:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dt{color:var(--soft)}
dd{margin:0}
meter{width:100%;height:1rem}
figure{margin:1rem 0}
.bars{display:block;width:100%;height:6rem;border-bottom:1px solid var(--line)}
.bars rect{fill:var(--accent)}
summary{min-height:2.75rem;padding:.6rem 0;cursor:pointer;box-sizing:border-box}
table{width:100%;border-collapse:collapse;font-size:.95rem;overflow-wrap:normal}
td code{white-space:nowrap}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);text-align:start;vertical-align:top}
td small{display:block}
td a{display:inline-block;min-width:1.75rem;min-height:1.75rem}
label{display:block}
input,select{display:block;width:100%;max-width:30rem;min-height:2.75rem;margin:.25rem 0;padding:.4rem .6rem;border:1px solid var(--soft);border-radius:.4rem;background:var(--paper);color:var(--ink);font:inherit}
.notice{padding:1rem;border:2px solid var(--accent);border-radius:.75rem}
.row form{display:inline-block;margin:0 .75rem .5rem 0}`
const STYLE_SOURCE = /* @__PURE__ */ policyHash(STYLE)

/** A page about an account, with its fields. */
export interface AccountDocument {
  readonly fields: Readonly<Record<string, string>>
  readonly page: string
}

/** Writes a page about an account. Its forms lead to this site alone. */
export function accountDocument(
  title: string,
  body: Markup,
  { pages, language }: Pick<AccountSpeech, 'pages' | 'language'>,
  links: readonly PageLink[] = [],
): AccountDocument {
  const site = localText(pages.site.name, language)
  const head = markup`<style>${raw(STYLE)}</style>\n`
  return {
    page: pageOf({ title: `${title} – ${site}`, body, language, head, links }, pages),
    fields: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      // Without an `Origin` or `Referer` its forms could have come from anywhere.
      'referrer-policy': 'same-origin',
      'content-security-policy': pagePolicyOf(pages, { forms: ["'self'"], styles: [STYLE_SOURCE] }),
    },
  }
}
