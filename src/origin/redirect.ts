import { type Addresses, cookieAtGate, mentions, referenceAtGate, textAtGate } from './rules/reference.ts'

/**
 * Fields that hold one reference. A reference without a server's host leads to the host by which the client knows the
 * gate.
 */
const REFERENCES = new Set(['location', 'content-location', 'sourcemap', 'x-sourcemap'])
/** Fields opaque to all but their writer. */
const OPAQUE = new Set(['etag', 'set-cookie'])

/**
 * Replaces every address of a server of the pool, in whatever field, by that of the same page at the gate, so that
 * clients are not shown the way around it. `at`: the public URL of the request. Returns the same object if nothing had to
 * be replaced.
 */
export function atTheGate(response: Response, at: string, addresses: Addresses): Response {
  if (response.status === 101) return response
  const changes: [name: string, value: string][] = []
  response.headers.forEach((value, name) => {
    if (OPAQUE.has(name)) return
    const shown = fieldAtGate(name, value, at, addresses)
    if (shown !== value) changes.push([name, shown])
  })
  const cookies = response.headers.getSetCookie()
  const shownCookies = cookies.map((cookie) => cookieAtGate(cookie, at, addresses))
  const isCookieShown = cookies.every((cookie, index) => cookie === shownCookies[index])
  if (changes.length === 0 && isCookieShown) return response
  const shown = new Response(response.body, response)
  for (const [name, value] of changes) {
    if (value === '') shown.headers.delete(name)
    else shown.headers.set(name, value)
  }
  if (isCookieShown) return shown
  shown.headers.delete('set-cookie')
  for (const cookie of shownCookies) shown.headers.append('set-cookie', cookie)
  return shown
}

function fieldAtGate(name: string, value: string, at: string, addresses: Addresses): string {
  if (name === 'alt-svc') return '' // RFC 7838 §3: names other authorities for the server; the client does not talk to the server
  const reference = (text: string): string => referenceAtGate(text, at, addresses) ?? text
  if (REFERENCES.has(name)) return reference(value)
  const rest =
    name === 'refresh' ? refreshAtGate(value, reference) : name === 'link' ? linkAtGate(value, reference) : value
  return mentions(rest, addresses) ? textAtGate(rest, at, addresses) : rest
}

/** HTML §7.4.6.1: seconds, followed by a URL, in quotes or not. */
const REFRESH = /^([\s\d.;,]*(?:url\s*=\s*)?["']?)([^"']*)/i

function refreshAtGate(value: string, reference: (text: string) => string): string {
  return value.replace(REFRESH, (_all, before: string, url: string) => before + reference(url))
}

/** RFC 8288 §3. */
function linkAtGate(value: string, reference: (text: string) => string): string {
  return value.replace(/<([^<>]*)>/g, (_all, url: string) => `<${reference(url)}>`)
}
