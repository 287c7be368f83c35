/**
 * How the pages of signing in and buying are answered.
 *
 * Their URLs may hold what ends a sign-in, and their links lead to other sites. So none of them tells where the reader came
 * from, and none is stored.
 */
import { html as markup } from 'hono/html'
import type { Exchange } from '../http/rules/exchange.ts'
import { type Markup, pageOf, pagePolicyOf } from '../pages/page.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import { readTo } from './rules/to.ts'
import { type TripReader, type TripSpeech, tripSpeech } from './speech.ts'

/** A page for a reader. */
export interface TripPage {
  readonly status: number
  readonly title: string
  /** The page below its heading, which is the title. */
  readonly body: Markup
  /** Where the page goes by itself, at once. */
  readonly next?: string
  /** True if the page has a form that begins a trip. */
  readonly hasForm?: true
  readonly fields?: Readonly<Record<string, string>>
}

/** Writes a page in the language of its reader. */
export type WriteTripPage = (speech: TripSpeech) => TripPage

/** Answers a page, and sets cookies. */
export function answerPage(write: WriteTripPage, reader: TripReader, cookies: readonly string[] = []): Response {
  const { status, fields, text } = written(write, reader)
  const headers = new Headers({ 'content-type': 'text/html; charset=utf-8', ...NOT_STORED, ...fields })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(text, { status, headers })
}

/** The facts of a failure for the log. */
export type FailureFacts = Pick<EndpointProblem, 'reason' | 'check'>

/** Returns a page as the problem of an endpoint. `cookie`: one that is set with it. */
export function problemPage(
  write: WriteTripPage,
  reader: TripReader,
  facts: FailureFacts = {},
  cookie?: string,
): EndpointProblem {
  const { status, title, fields, text } = written(write, reader)
  const all = { ...fields, ...(cookie !== undefined && { 'set-cookie': cookie }) }
  return { status, title, detail: title, ...facts, fields: all, page: text }
}

interface WrittenPage extends Pick<TripPage, 'status' | 'title'> {
  readonly fields: Readonly<Record<string, string>>
  readonly text: string
}

function written(write: WriteTripPage, reader: TripReader): WrittenPage {
  const speech = tripSpeech(reader)
  const { pages, language } = speech
  const { status, title, body, next, hasForm, fields } = write(speech)
  const { scheme } = reader.exchange
  // Chromium holds the redirect that answers a form to the policy, and only the login knows where that leads.
  const forms = hasForm === true ? ["'self'", 'https:', ...(scheme === 'http' ? ['http:'] : [])] : []
  const refresh = next === undefined ? {} : { refresh: { seconds: 0, url: next } }
  const parts = { title, body: markup`<h1>${title}</h1>\n${body}`, language, ...refresh }
  return {
    status,
    title,
    fields: {
      'content-language': language,
      vary: 'Accept-Language',
      // A form without `Origin` and `Referer` could have come from anywhere (guarded forms need one of them).
      'referrer-policy': hasForm === true ? 'same-origin' : 'no-referrer',
      'content-security-policy': pagePolicyOf(pages, { forms }),
      ...fields,
    },
    text: pageOf(parts, pages),
  }
}

/** Redirects the reader, with 303 See Other. */
export function redirect(location: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ location, 'referrer-policy': 'no-referrer', ...NOT_STORED })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

/** Returns the path of one of the gate's own pages, to come back to `to`. */
export function pathTo(page: string, to: string, more: Readonly<Record<string, string | undefined>> = {}): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(more)) if (value !== undefined) query.set(name, value)
  query.set('to', to)
  return `/__faregate/${page}?${query.toString()}`
}

/** Returns the page that a request of these parameters wants to come back to. */
export function toIn(parameters: URLSearchParams, { origin }: Exchange): string {
  return readTo(parameters.get('to'), origin)
}

/** Writes the one link that a reader should follow. */
export function mainLink(href: string, words: string): Markup {
  return markup`<p><a class="main" href="${href}">${words}</a></p>`
}

/** Writes further links, each in a line of its own. */
export function otherLinks(links: readonly (readonly [href: string, words: string])[]): Markup | '' {
  if (links.length === 0) return ''
  return markup`<ul>${links.map(([href, words]) => markup`<li><a href="${href}">${words}</a></li>`)}</ul>`
}
