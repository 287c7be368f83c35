/**
 * What counts as a view: a page that a reader opens in a browser.
 */
import { type Exchange, isUpgrade } from '../../../http/rules/exchange.ts'
import { isUnfurling } from '../../../http/rules/unfurling.ts'

/** Programs that say that they are one. A name opens nothing; here it closes. */
const PROGRAMS =
  /(?<!cu)bot\b|(?<!cu)bot[/;)]|crawl|spider|slurp|scrap|archiver|fetcher|GPT|ChatGPT|Claude|anthropic|perplexity|python|curl|wget|libwww|httpclient|okhttp|axios|go-http|java\/|node|preview/i
/** A longer name is no browser's. */
const MAX_CHARACTERS = 512

/**
 * Returns true for a request that opens a page: a navigation in view, of the whole page, by what does not call itself a program.
 * `wantsPage`: the client prefers a page to data; it counts where the browser does not say what it does.
 */
export function isVisit({ method, fields }: Pick<Exchange, 'method' | 'fields'>, wantsPage: boolean): boolean {
  if (method !== 'GET' || isUpgrade(fields) || fields.get('range') !== null) return false
  const agent = fields.get('user-agent') ?? ''
  if (agent === '' || agent.length > MAX_CHARACTERS || PROGRAMS.test(agent)) return false
  if (isUnfurling(agent)) return false
  const [mode, destination, site] = ['mode', 'dest', 'site'].map((name) => fields.get(`sec-fetch-${name}`))
  if (mode === null && destination === null && site === null) return wantsPage && fields.get('origin') === null
  return mode === 'navigate' && destination === 'document'
}

/**
 * Parameters by which others follow a reader: they are no other page. The origin receives them, so none is a name that a site
 * might tell pages apart by, and none holds what some servers read as the end of a parameter.
 */
const FOLLOWING = /^(?:utm_[a-z]+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|igshid)(?:=(?:[^;%]|%(?!26|3b))*)?$/i

/** Names a page, whichever way it is reached. `query`: what the origin receives of it, with its `?`. */
export function pageName(path: string, query: string): string {
  const parts = query
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !FOLLOWING.test(part))
  const whole = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  return parts.length === 0 ? whole : `${whole}?${parts.join('&')}`
}
