import * as v from 'valibot'
import { BUILT_IN_LANGUAGES, compilePages, type Pages } from '../pages/pages.ts'
import { text } from './rules/values.ts'

export const localTextSchema = v.union([text, v.record(text, text)], 'expected a text, or one for each language tag')
const PATH = 'expected a path of this site, such as "/paywall.css"'
const path = v.pipe(text, v.regex(/^\/(?![/\\])[^\s"<>\\?#]*$/, PATH))
const link = v.pipe(text, v.regex(/^(?:https?:\/\/|\/(?![/\\]))[^\s"<>\\]*$/, 'expected a path or an http(s) URL'))
const localLink = v.union([link, v.record(text, link)], 'expected a path or URL, or one for each language tag')
const color = v.pipe(text, v.regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as "#1a4fa3"'))
const tag = v.pipe(
  text,
  v.regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, 'expected a language tag such as "en" or "pt-BR"'),
)

export const pagesSchema = v.strictObject({
  site: v.optional(
    v.strictObject({
      name: localTextSchema,
      home: v.optional(link),
      logo: v.optional(v.strictObject({ path, alt: localTextSchema })),
    }),
  ),
  languages: v.optional(v.tupleWithRest([tag], tag, 'expected at least one language tag')),
  colors: v.optional(v.strictObject({ accent: v.optional(color), accentDark: v.optional(color) })),
  texts: v.optional(v.record(tag, v.record(text, v.record(text, text)))),
  stylesheet: v.optional(path),
  legal: v.optional(
    v.strictObject({
      terms: v.optional(localLink),
      privacy: v.optional(localLink),
      imprint: v.optional(localLink),
    }),
  ),
})

type CheckedPages = v.InferOutput<typeof pagesSchema>

/** Compiles how pages look. `name`: that of the site, if the options have none. */
export function compilePagesOptions(options: CheckedPages | undefined, name: string): Pages {
  const { site, languages = [...BUILT_IN_LANGUAGES], colors = {}, texts = {}, stylesheet, legal = {} } = options ?? {}
  return compilePages({
    site: { name: site?.name ?? name, home: site?.home ?? '/', logo: site?.logo },
    languages,
    texts,
    stylesheet,
    legal: Object.fromEntries(Object.entries(legal).filter(([, href]) => href !== undefined)),
    colors: Object.fromEntries(Object.entries(colors).filter(([, value]) => value !== undefined)),
  })
}
