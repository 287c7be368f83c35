/**
 * The cookies that let the hosts of one site sign a reader in without a page.
 *
 * Each host has a session of its own, so a reader who is signed in at one host is a stranger at the next. The hint tells the
 * other hosts that asking the login is worth the detour; it says nothing of who signed in. The marker keeps a host from asking
 * twice in ten minutes: a reader who is not signed in there must not be sent round in circles.
 */
import type { Fields } from '../../http/rules/exchange.ts'

const HINT = 'faregate-hint'
const MARKER = '__Host-faregate-asked'
const HINT_SECONDS = 30 * 86_400
const MARKER_SECONDS = 600
const HINTED = /(?:^|;)[ \t]*faregate-hint=1[ \t]*(?=;|$)/

/** Returns true if the reader has signed in at another host of the site, and this host has not asked lately. */
export function isHinted(fields: Fields): boolean {
  const cookie = fields.get('cookie')
  return cookie !== null && HINTED.test(cookie) && !wasAsked(fields)
}

/** Returns true if this host has asked in the last ten minutes. */
export function wasAsked(fields: Fields): boolean {
  return fields.get('cookie')?.includes(`${MARKER}=`) === true
}

/** Returns the `Set-Cookie` value that notes that this host has asked. */
export function markerCookie(): string {
  return `${MARKER}=1; Path=/; Max-Age=${MARKER_SECONDS}; Secure; HttpOnly; SameSite=Lax`
}

/** Returns the `Set-Cookie` values that tell the other hosts of the site of a sign-in; none if there are no others. */
export function hintCookies(host: string, hosts: readonly string[]): readonly string[] {
  return hintFor(host, hosts, '1', HINT_SECONDS)
}

/** Returns the `Set-Cookie` values that take the hint back, for a sign-out. */
export function hintRemovals(host: string, hosts: readonly string[]): readonly string[] {
  return hintFor(host, hosts, '', 0)
}

function hintFor(host: string, hosts: readonly string[], value: string, seconds: number): readonly string[] {
  const domain = sharedDomain(host, hosts)
  if (domain === undefined) return []
  return [`${HINT}=${value}; Domain=${domain}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Lax`]
}

const NAME = /^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*$/

/**
 * Returns the longest domain of at least two labels that `host` shares with the other hosts of its site; undefined if there is
 * none. A browser refuses a cookie for a public suffix such as `co.uk`.
 */
export function sharedDomain(host: string, hosts: readonly string[]): string | undefined {
  const names = hosts.filter((one) => NAME.test(one) && endOf(one, 2) === endOf(host, 2))
  if (names.length < 2 || !names.includes(host)) return undefined
  const most = Math.min(...names.map((one) => one.split('.').length))
  for (let labels = most; labels >= 2; labels--) {
    const end = endOf(host, labels)
    if (names.every((one) => endOf(one, labels) === end)) return end
  }
  return undefined
}

function endOf(name: string, labels: number): string {
  return name.split('.').slice(-labels).join('.')
}
