import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'

/** An agent with one key: it signs requests by Web Bot Auth, as its authors would, with no code of the gate's. */
export interface Agent {
  readonly url: string
  readonly keyid: string
  /** What its directory publishes. */
  readonly jwk: object
  /** Signs a request: the fields that it adds, its price among them. */
  sign(url: string, options?: Signing): Promise<Record<string, string>>
}

export interface Signing {
  readonly method?: string
  /** Fields that it sends beside, each covered. */
  readonly fields?: Readonly<Record<string, string>>
  /** Components in place of the usual ones. */
  readonly components?: readonly string[]
  /** Seconds since 1970. Default: the time of the test. */
  readonly created?: number
  readonly lifetime?: number
  readonly nonce?: string
  /** The member of `Signature-Agent`. Default: its URL. */
  readonly agent?: string
  /** True for the older form of `Signature-Agent`. */
  readonly isLegacy?: boolean
}

/** Now, in seconds since 1970. */
export const NOW = Date.UTC(2026, 10, 29) / 1000

export async function createAgent(url: string, algorithm: 'ed25519' | 'rsa-pss-sha512' = 'ed25519'): Promise<Agent> {
  const rsa = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-512' }
  const terms = algorithm === 'ed25519' ? { name: 'Ed25519' } : { name: 'RSA-PSS', ...rsa }
  const { privateKey, publicKey } = (await crypto.subtle.generateKey(terms, true, ['sign', 'verify'])) as CryptoKeyPair
  const { kty, crv, x, n, e } = await exportJWK(publicKey)
  const jwk = JSON.parse(JSON.stringify({ kty, crv, x, n, e })) as JWK
  const keyid = await calculateJwkThumbprint(jwk)
  const how = algorithm === 'ed25519' ? { name: 'Ed25519' } : { name: 'RSA-PSS', saltLength: 64 }
  return {
    url,
    keyid,
    jwk,
    async sign(target, { method = 'GET', fields = {}, created = NOW, lifetime = 60, nonce, ...given } = {}) {
      const { isLegacy = false, agent = isLegacy ? `"${url}"` : `sig1="${url}"` } = given
      const member = agent.replace(/^\w+=/, '')
      const own = isLegacy ? '"signature-agent"' : '"signature-agent";key="sig1"'
      const components = given.components ?? [
        '"@method"',
        '"@target-uri"',
        own,
        ...Object.keys(fields).map((name) => `"${name}"`),
      ]
      const parsed = new URL(target)
      const values: Record<string, string> = {
        '"@method"': method,
        '"@target-uri"': target,
        '"@authority"': parsed.host,
        '"@path"': parsed.pathname,
        '"@query"': parsed.search === '' ? '?' : parsed.search,
        [own]: member,
        ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`"${name}"`, value])),
      }
      const unique = nonce === undefined ? '' : `;nonce="${nonce}"`
      const parameters = `(${components.join(' ')});created=${created};expires=${created + lifetime};keyid="${keyid}";alg="${algorithm}"${unique};tag="web-bot-auth"`
      const lines = [
        ...components.map((name) => `${name}: ${values[name] ?? ''}`),
        `"@signature-params": ${parameters}`,
      ]
      const bytes = await crypto.subtle.sign(how, privateKey, new TextEncoder().encode(lines.join('\n')))
      return {
        ...fields,
        'signature-agent': agent,
        'signature-input': `sig1=${parameters}`,
        signature: `sig1=:${btoa(String.fromCharCode(...new Uint8Array(bytes)))}:`,
      }
    },
  }
}
