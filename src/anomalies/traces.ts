/**
 * What the log says of where a request came from and with what, so that two can be told apart and nothing else be known.
 *
 * A network is the first 24 bits of an IPv4 address or 48 of an IPv6 one, hashed under a salt of the zone and the day (UTC):
 * what was of one network yesterday cannot be told today. A token has one hash for good. Both keys are derived from one
 * secret, and hashing waits for nothing, as writing a line does.
 */
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base64url } from 'jose'
import type { CredentialFacts, Proof } from '../access/proof.ts'
import { LruCache } from '../core/lru.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { networkOf } from '../http/rules/network.ts'
import { readCredentials } from '../rails/carried.ts'
import type { Site } from '../site.ts'
import type { Zone } from '../zone.ts'
import type { TraceRequest, WatcherPlatform } from './plugin.ts'
import type { Subjects } from './subjects.ts'

const KEY_BYTES = 32
const HASH_BYTES = 12
const DAY_MS = 86_400_000
/** Of hashes that are remembered, in an isolate: some ten thousand. */
const MAX_BYTES = 2 * 1024 * 1024
/** Of a credential that was refused, so that a client cannot have the gate hash for long. */
const MAX_TEXT = 8192

/** Creates what traces the requests of one isolate. */
export function createTraces(
  secret: string,
  { sites, clientAddress, countryOf, asnOf }: Pick<WatcherPlatform, 'sites'> & Parameters<typeof clientFactsOf>[0],
  remember?: Subjects['remember'],
): Traces {
  const facts = clientFactsOf({ clientAddress, countryOf, asnOf })
  const hash = createHash(secret)
  const hashNetwork: Traces['hashNetwork'] = ({ id }, address, now) => {
    const network = networkOf(address ?? '')
    return network && hash.remembered(`networks ${Math.floor(now / DAY_MS)} ${id}`, network)
  }
  const traceRequest: TraceRequest = (request, exchange, credential) => {
    const site = sites.get(exchange.host)
    if (site === undefined) return {}
    const { zone } = site
    const name = credential && tokenOf(credential, exchange, site)
    const token = name && (name.isText ? hash.of : hash.remembered)(`tokens ${zone.id}`, name.text)
    const proof = credential?.proof
    if (proof !== undefined) remember?.(zone.id, proof, token)
    return {
      network: hashNetwork(zone, facts.clientAddress(request), exchange.now),
      country: facts.countryOf(request),
      asn: facts.asnOf(request),
      token,
      plan: planOf(proof),
      issued: issuedOf(proof),
    }
  }
  return { traceRequest, hashNetwork }
}

/** What tells the requests of one isolate apart. */
interface Traces {
  readonly traceRequest: TraceRequest
  /** Returns the hash of a client's network; undefined if its address is not known. `now` is in milliseconds. */
  readonly hashNetwork: (zone: Pick<Zone, 'id'>, clientAddress: string | undefined, now: number) => string | undefined
}

function clientFactsOf({
  clientAddress,
  countryOf = () => undefined,
  asnOf = () => undefined,
}: Pick<WatcherPlatform, 'clientAddress' | 'countryOf' | 'asnOf'>) {
  return { clientAddress, countryOf, asnOf }
}

type Hash = (use: string, text: string) => string

/** Returns what hashes under the key of a use, 96 bits in base64url. What is hashed often is remembered. */
function createHash(secret: string): { readonly of: Hash; readonly remembered: Hash } {
  const keys = new LruCache<Uint8Array>(MAX_BYTES)
  const known = new LruCache<string>(MAX_BYTES)
  const of: Hash = (use, text) => {
    const key = keys.get(use) ?? hkdf(sha256, utf8ToBytes(secret), undefined, utf8ToBytes(`faregate ${use}`), KEY_BYTES)
    keys.set(use, key)
    return base64url.encode(hmac(sha256, key, utf8ToBytes(text)).subarray(0, HASH_BYTES))
  }
  const remembered: Hash = (use, text) => {
    const name = `${use} ${text}`
    const hash = known.get(name) ?? of(use, text)
    known.set(name, hash)
    return hash
  }
  return { of, remembered }
}

interface TokenText {
  readonly text: string
  /** True for a credential as it was sent, which is not remembered. */
  readonly isText: boolean
}

/**
 * Returns what tells one token from others: its id if it is genuine and has one, else all of it as it was sent. Of several
 * credentials it is that which counts, or none.
 */
function tokenOf(
  { proof, isVerified, isAlone }: CredentialFacts,
  exchange: Exchange,
  site: Site,
): TokenText | undefined {
  const id = proof && idOf(proof)
  if (id !== undefined) return { text: `id ${id}`, isText: false }
  const text = isVerified && !isAlone ? undefined : textSent(exchange, site)
  return text === undefined ? undefined : { text: `text ${text.slice(0, MAX_TEXT)}`, isText: true }
}

function idOf(proof: Proof): string | undefined {
  if (proof.kind === 'payment') return JSON.stringify(['payment', proof.rail, proof.name])
  return proof.jti === undefined ? undefined : JSON.stringify([proof.kind, proof.issuer, proof.jti])
}

function textSent(exchange: Exchange, { reading, zone }: Site): string | undefined {
  const { sent, receipt } = readCredentials(exchange, reading)
  const found = sent ?? receipt
  if (found?.token.ok === true) return found.token.value
  for (const name of [...zone.credentialFields, 'authorization']) {
    const value = exchange.fields.get(name)
    if (value !== null && value !== undefined) return value
  }
  return undefined
}

/** Returns when somebody signed in for a credential, in whole seconds: of an API key and of what any holder may use, nobody did. */
function issuedOf(proof: Proof | undefined): number | undefined {
  if (proof?.kind !== 'entitlement' || proof.key !== undefined) return undefined
  return proof.signedInAt ?? Math.floor(proof.issuedAt)
}

function planOf(proof: Proof | undefined): string | undefined {
  return proof?.kind === 'entitlement' ? proof.plan : undefined
}
