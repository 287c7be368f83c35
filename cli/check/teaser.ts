/**
 * Signs by which an answer of an origin is not the page that is paid for, but what the origin itself shows to those who have
 * not paid: behind the gate it would be the copy that all who pay are served.
 */

/** One answer of an origin to what the gate would ask. */
export interface Sample {
  readonly status: number
  readonly location: string | undefined
  readonly contentType: string
  readonly text: string
}

/** Path segments and names of parameters of sign-in and sales pages. */
const ENTRANCE =
  /(?:^|[/_.?&=-])(?:log-?in|sign-?in|sign-?up|sso|oauth2?|authorize|register|registration|subscribe|subscriptions?|checkout|paywall|wp-login(?:\.php)?)(?:[/_.?&=#-]|$)/i

/** What the usual paywalls put into a page in place of the rest of it, by class or id. */
const WALLS =
  /(?:class|id)\s*=\s*["'][^"'<>]{0,500}\b(paywall|pay-wall|regwall|meter-?wall|subscription-wall|subscribe-wall|gh-post-upgrade-cta|leaky_paywall_message|leaky-paywall|mepr-unauthorized|mepr-login-form|rcp_restricted|wc-memberships-restriction-message|pmpro_content_message|piano-(?:offer|inline|modal)|tp-container-inner|poool-widget|zephr-(?:paywall|registration)|login-required|members-only|locked-content|content-locked)\b/i

const PASSWORD = /<input\b[^<>]{0,500}\btype\s*=\s*["']?password\b/i
const REFRESH = /<meta\b[^<>]{0,500}http-equiv\s*=\s*["']?refresh\b[^<>]{0,500}url\s*=\s*["']?([^"'<>]{1,500})/i
const NOT_FREE = /"isAccessibleForFree"\s*:\s*(?:false|"(?:https?:\/\/schema\.org\/)?false")/i
const NOT_FREE_ITEM = /itemprop\s*=\s*["']isAccessibleForFree["'][^<>]{0,200}content\s*=\s*["']false["']/i
const WORD_COUNT = /"wordCount"\s*:\s*"?(\d{1,7})/i

/** What speaks for a teaser, one sentence for each sign; nothing where nothing does. */
export function signsOf(sample: Sample): string[] {
  const { status, location, contentType, text } = sample
  if (status === 401 || status === 402 || status === 403 || status === 407) return [`the origin refuses it (${status})`]
  if (status >= 300 && status < 400) return [redirected(location ?? '')]
  if (status !== 200) return [`answered ${status}: try another path`]
  if (!/html/i.test(contentType)) return []
  const signs: string[] = []
  const wall = WALLS.exec(text)?.[1]
  if (wall !== undefined) signs.push(`it has a paywall of the origin's own (${JSON.stringify(wall)})`)
  if (PASSWORD.test(text)) signs.push('it asks for a password')
  const refresh = REFRESH.exec(text)?.[1]
  if (refresh !== undefined && ENTRANCE.test(refresh)) signs.push(`it leads on to ${refresh}`)
  const said = Number(WORD_COUNT.exec(text)?.[1] ?? 0)
  const found = wordsOf(text)
  if (said > 2 * found) signs.push(`it says that it has ${said} words, and has ${found}`)
  if (NOT_FREE.test(text) || NOT_FREE_ITEM.test(text)) {
    signs.push(
      'it says isAccessibleForFree: false, so the origin has a paywall of its own: see that all of it is there',
    )
  }
  return signs
}

function redirected(location: string): string {
  return ENTRANCE.test(location) ? `it redirects to ${location}` : `it redirects to ${location}: try that path`
}

/** How many words a reader sees. */
export function wordsOf(html: string): number {
  const body = html.slice(Math.max(0, html.search(/<body\b/i)))
  const seen = body
    .replace(/<(script|style|template|noscript|svg)\b[^>]*>[^]*?<\/\1\s*>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
  return seen.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
}
