/**
 * Seals the facts of a refusal into a short text, which its reader can send to support, and which only the gate can open.
 *
 * "It said I may not read this" is all that support hears, and the log may be gone or far away. So a refusal of a request
 * with a credential carries what was decided: time, route, reason, check and a hash of the account. The text is sealed under
 * a key of the gate's own (ChaCha20-Poly1305, RFC 8439), so it says nothing to anyone else, cannot be altered, and belongs to
 * one zone; nothing is stored. Most of the request's id is the nonce: a random UUID, which no client chooses. Names are
 * hashed, and found among those that the gate has when the text is opened.
 *
 * Not promised: a reference that was made under a generation of the secret that is gone cannot be opened.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { base64url } from 'jose'
import { type Route, routeName } from '../access/route.ts'
import { joinBytes } from '../core/bytes.ts'
import { hashLanes } from '../core/hash.ts'
import { CHECKS, type Reason, REASONS } from '../core/problem.ts'
import type { OpenedReference, ReferenceFacts } from '../refusals/describe.ts'
import { gateKey, newestGateKey } from '../secrets/gatekeys.ts'
import type { Zone } from '../zone.ts'
import { decodeBase32, encodeBase32 } from './rules/base32.ts'

/** Everything in a reference, in bytes: generation, nonce; sealed: rest of the id, seconds, account, route, reason, check; tag. */
const NONCE = 12
const [REST, SECONDS, ACCOUNT, ROUTE, NAME] = [4, 4, 12, 4, 2]
const SEALED = REST + SECONDS + ACCOUNT + ROUTE + 2 * NAME
const TAG = 16
const LENGTH = 1 + NONCE + SEALED + TAG

/** The random bytes of a UUID of version 4: two others have bits that are always the same. */
const RANDOM = [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 13] as const
const OTHERS = [6, 8, 14, 15] as const

/** Seals the facts of a refusal; undefined in a zone without a key. */
export function sealReference(refused: ReferenceFacts): string | undefined {
  const { zone, id, now, route, refusal, account } = refused
  if (zone.gateKeys === undefined) return undefined
  const { generation, bytes: key } = newestGateKey(zone.gateKeys, 'references', zone.id)
  const uuid = bytesOf(id)
  const nonce = Uint8Array.from(RANDOM, (at) => uuid[at] ?? 0)
  const facts = new Uint8Array(SEALED)
  const view = new DataView(facts.buffer)
  facts.set(OTHERS.map((at) => uuid[at] ?? 0))
  view.setUint32(REST, Math.floor(now / 1000))
  facts.set(hashBytes(account), REST + SECONDS)
  const names = REST + SECONDS + ACCOUNT
  view.setUint32(names, route === undefined ? 0 : hashOf(routeName(route)))
  view.setUint16(names + ROUTE, shortHashOf(refusal.reason))
  view.setUint16(names + ROUTE + NAME, refusal.check === undefined ? 0 : shortHashOf(refusal.check))
  const head = Uint8Array.of(generation)
  return encodeBase32(joinBytes([head, nonce, chacha20poly1305(key, nonce, head).encrypt(facts)]))
}

/** Opens a reference of this zone. Undefined for every other text. */
export function openReference(text: string, zone: Zone): OpenedReference | undefined {
  const bytes = decodeBase32(text, LENGTH)
  const [generation = 0] = bytes ?? []
  const key = zone.gateKeys && gateKey(zone.gateKeys, 'references', zone.id, generation)
  if (bytes === undefined || key === undefined) return undefined
  const nonce = bytes.slice(1, 1 + NONCE)
  const facts = opened(key.bytes, nonce, bytes.slice(0, 1), bytes.slice(1 + NONCE))
  if (facts === undefined) return undefined
  const view = new DataView(facts.buffer, facts.byteOffset)
  const names = REST + SECONDS + ACCOUNT
  const account = facts.slice(REST + SECONDS, names)
  return {
    id: idOf(nonce, facts),
    at: view.getUint32(REST) * 1000,
    route: routeOf(zone, view.getUint32(names)),
    reason: REASON_NAMES.find((name) => shortHashOf(name) === view.getUint16(names + ROUTE)),
    check: [...CHECKS, 'reserved' as const].find((name) => shortHashOf(name) === view.getUint16(names + ROUTE + NAME)),
    account: account.every((byte) => byte === 0) ? undefined : base64url.encode(account),
    generation,
  }
}

function opened(key: Uint8Array, nonce: Uint8Array, head: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return chacha20poly1305(key, nonce, head).decrypt(sealed)
  } catch {
    return undefined // its tag is not good
  }
}

const REASON_NAMES = Object.keys(REASONS) as Reason[]

function routeOf({ routes: { entries, unmatched } }: Zone, hash: number): Route | undefined {
  const all = [...entries.map(({ route }) => route), unmatched]
  return hash === 0 ? undefined : all.find((route) => hashOf(routeName(route)) === hash)
}

function hashOf(name: string): number {
  return hashLanes(name)[0]
}

/** Returns 16 bits of the hash: the names of reasons, and those of checks, are few, and differ in it. */
function shortHashOf(name: string): number {
  return hashOf(name) & 0xffff
}

/** The hash of an account, as the log writes it. */
const HASH = /^[\w-]{16}$/

function hashBytes(account: string | undefined): Uint8Array {
  return account === undefined || !HASH.test(account) ? new Uint8Array(ACCOUNT) : base64url.decode(account)
}

function bytesOf(uuid: string): Uint8Array {
  const hex = uuid.replaceAll('-', '')
  const bytes = new DataView(new ArrayBuffer(16))
  for (let at = 0; at < 16; at += 4) bytes.setUint32(at, Number.parseInt(hex.slice(2 * at, 2 * at + 8), 16))
  return new Uint8Array(bytes.buffer)
}

function idOf(nonce: Uint8Array, facts: Uint8Array): string {
  const bytes = new Uint8Array(16)
  for (const [index, at] of RANDOM.entries()) bytes[at] = nonce[index] ?? 0
  for (const [index, at] of OTHERS.entries()) bytes[at] = facts[index] ?? 0
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
