const loopback = new Set(['localhost', '127.0.0.1'])

/**
 * Where a buyer may be sent back: a page of the gate, or of this machine. Anything else would make the shop an open
 * redirect. What is returned is the URL as parsed, so that a browser cannot read it differently.
 */
export function returnUrl(text: string | undefined, gate: string): URL | undefined {
  if (text === undefined || text.length > 2000 || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  return loopback.has(url.hostname) || url.origin === new URL(gate).origin ? url : undefined
}

/**
 * The same page of the shop under the other name of this machine, when the buyer came by that one: cookies ignore
 * ports but not names, so a cookie for the gate must be set under the gate's name.
 */
export function underGatesName(page: string, back: URL | undefined): string | undefined {
  const url = new URL(page)
  if (back === undefined || back.hostname === url.hostname) return undefined
  if (!loopback.has(url.hostname) || !loopback.has(back.hostname)) return undefined
  url.hostname = back.hostname
  return url.href
}
