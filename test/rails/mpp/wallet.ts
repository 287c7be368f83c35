import { base64url } from 'jose'

/** A challenge of the scheme `Payment` as a client reads it: its parameters by their names in lower case. */
export type ReadChallenge = Readonly<Record<string, string>>

const PART =
  /\s*(?:,\s*)*(?:([\w!#$%&'*+.^`|~-]+)\s+(?=[\w-]+\s*=))?([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gy
const REQUIRED = ['id', 'realm', 'method', 'intent', 'request']

/** Reads `WWW-Authenticate`, of which several may have been joined: RFC 9110 §11.6.1. Leaves out what is incomplete. */
export function readChallenges(header: string): readonly ReadChallenge[] {
  const found: { readonly scheme: string; readonly parameters: Map<string, string> }[] = []
  for (const [, scheme, name = '', quoted, token = ''] of header.matchAll(PART)) {
    if (scheme !== undefined) found.push({ scheme: scheme.toLowerCase(), parameters: new Map() })
    const parameters = found.at(-1)?.parameters
    const key = name.toLowerCase()
    if (parameters?.has(key) === false) parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token)
  }
  return found
    .filter(({ scheme, parameters }) => scheme === 'payment' && REQUIRED.every((name) => parameters.has(name)))
    .map(({ parameters }) => Object.fromEntries(parameters))
}

/** Returns what a challenge asks for. */
export function requestOf({ request = '' }: ReadChallenge): unknown {
  return JSON.parse(new TextDecoder().decode(base64url.decode(request)))
}

/** Writes the credential that answers a challenge, without the scheme. */
export function credentialFor(challenge: ReadChallenge, payload: object, over: object = {}): string {
  return base64url.encode(JSON.stringify({ challenge: { ...challenge, ...over }, payload }))
}
