import { html as markup, raw } from 'hono/html'
import type { ArticleFacts } from '../access/article.ts'
import { localText } from '../core/localtext.ts'
import { slot } from '../core/template.ts'
import { isUnfurling } from '../http/rules/unfurling.ts'
import { languageOf } from '../pages/language.ts'
import { type Markup, markupText } from '../pages/page.ts'
import type { RefusedView } from './describe.ts'
import type { RefusalFormat, WrittenFor } from './format.ts'
import { speechFor } from './speech.ts'

/**
 * Answers the programs that unfurl links, as those of Slack, Facebook, Mastodon or WhatsApp: with status 200 and what is public
 * of the page (Open Graph), and nothing else. Without it a shared link unfurls as nothing: such programs leave a 402 alone. Goes
 * before `html()`. What is public of a page is what the option `preview` says.
 *
 * @example
 * ```ts zone
 * refusals: [linkPreviews(), html()]
 * ```
 */
export function linkPreviews(): RefusalFormat {
  return {
    name: 'link-preview',
    accepts: ({ method, fields }) => (method === 'GET' || method === 'HEAD') && isUnfurling(fields.get('user-agent')),
    languageOf: ({ fields }, { pages }) => languageOf(fields, pages),
    // Whatever else was refused is no page to unfurl.
    statusFor: (status) => (status === 402 ? 200 : status),
    write: (_refused, _refusal, _members, how) => ({
      fields: [
        ['Content-Type', 'text/html; charset=utf-8'],
        ['Content-Security-Policy', "default-src 'none'"],
        ['X-Content-Type-Options', 'nosniff'],
        ['X-Robots-Tag', 'noindex'],
        ['Vary', 'User-Agent'],
      ],
      body: bodyOf(how),
    }),
    article: (article, refused, how) => [markupText(factsOf(article, refused, how))],
  }
}

function bodyOf(how: WrittenFor): string {
  const { language } = speechFor(how)
  return `<!doctype html>\n<html lang="${language}" prefix="og: https://ogp.me/ns#">\n<meta charset="utf-8">\n${slot(4)}</html>\n`
}

/** Writes the Open Graph facts. An image of the site's own is named by its whole URL. */
function factsOf(article: ArticleFacts | undefined, { offer, title }: RefusedView, how: WrittenFor): Markup {
  const { pages, language } = speechFor(how)
  const site = localText(pages.site.name, language)
  const name = article?.title ?? offer?.title ?? (site === '' ? title : site)
  const image = article?.image
  const facts = [
    ['og:type', 'article'],
    ['og:site_name', site],
    ['og:title', name],
    ['og:description', article?.description ?? article?.paragraphs[0]],
    ['og:image', image && absolute(image.url, how)],
    ['og:image:alt', image?.alt],
    ['og:locale', article?.language?.replace('-', '_')],
    ['article:published_time', article?.published],
    ['article:author', article?.byline],
  ] as const
  return markup`<title>${name}</title>
${facts.map(([property, content]) =>
  content === undefined ? '' : markup`<meta property="${property}" content="${content}">\n`,
)}${article?.description === undefined ? raw('') : markup`<meta name="description" content="${article.description}">\n`}`
}

function absolute(url: string, { zone }: WrittenFor): string {
  return url.startsWith('/') ? `https://${zone?.hosts[0] ?? ''}${url}` : url
}
