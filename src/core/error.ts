/** Maps a runtime's message about a failed call to words of our own: the first pattern found decides. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/refused/i, 'connection refused'],
  [/resolve|getaddrinfo|ENOTFOUND|dns/i, 'host not found'],
  [/tls|ssl|certificate/i, 'no TLS'],
  [/lost|reset|closed|disconnected|hang up/i, 'connection lost'],
  [/time|too long|abort/i, 'no answer in time'],
]

/** Returns the cause of a failed call for the log, in words of our own: a runtime's message may quote a credential. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { name, message } = error
  const [, cause] = CAUSES.find(([pattern]) => pattern.test(message)) ?? []
  return cause === undefined ? name : `${name}: ${cause}`
}

/** Returns the kind of a failure for the log. Leaves the message out: a message may quote a credential. */
export function failureName(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}

/**
 * Returns the origin and path of a URL, for the log. Leaves out password and query, either of which may hold a secret.
 */
export function loggableAddress(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

/** Returns a message with every mention of `url` cut down to its loggable address. */
export function withoutSecrets(message: string, url: string): string {
  return message.replaceAll(url, loggableAddress(url))
}
