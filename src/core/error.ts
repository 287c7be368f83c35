/** What a runtime's message may tell of a call that got no answer, and the words for it. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'connection refused'],
  [/resolve|getaddrinfo|ENOTFOUND|dns/i, 'host not found'],
  [/tls|ssl|certificate/i, 'no TLS'],
  [/lost|reset|closed|disconnected|hang up/i, 'connection lost'],
  [/time|too long|abort/i, 'no answer in time'],
]

/** Why a call got no answer, for the log: in words of our own, for a message may say anything, a credential included. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { name, message } = error
  const [, cause] = CAUSES.find(([pattern]) => pattern.test(message)) ?? []
  return cause === undefined ? name : `${name}: ${cause}`
}

/** What kind of failure it was, for the log. Its message may say anything, a credential included, and is left out. */
export function failureName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

/** Of a URL what the log may say: no password and no query, which may hold a secret. */
export function loggableAddress(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

/** A failure's message about a URL, with no more of the URL in it than the log may say. */
export function withoutSecrets(message: string, url: string): string {
  return message.replaceAll(url, loggableAddress(url))
}
