/**
 * The cookie of free reading.
 *
 * It holds what has been read in a period, and nothing of who has read it: for each page a few bytes that only this gate can
 * compare, sorted, so that two readers of the same pages have the same cookie. A client can send an older value again; a ledger
 * counts exactly, at the cost of a random name in the cookie.
 */
import { base64url } from 'jose'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { isBase64url } from '../../core/base64url.ts'
import type { Fields } from '../../http/rules/exchange.ts'
import { type DerivedKey, type GateKeys, gateKey, newestGateKey } from '../../secrets/gatekeys.ts'

export const READ_COOKIE = '__Host-faregate-read'
/** The most pages that a cookie lists: it stays within 400 characters. */
export const MOST_PAGES = 30

/** What a reader has read in a period. */
export interface ReadPages {
  readonly key: DerivedKey
  /** The period's beginning, in seconds since 1970. */
  readonly period: number
  /** Each page as `markOf` names it, sorted. */
  readonly marks: readonly string[]
  /** The random name of the reader, where a ledger counts. */
  readonly reader: string | undefined
}

const USE = 'free-reading'
const MARK_BYTES = 6
const MARK_CHARACTERS = 8
const SEAL_BYTES = 16
const READER = /^[\w-]{22}$/

/** Names a page in the list of a period. */
export function markOf({ bytes }: DerivedKey, period: number, page: string): string {
  return base64url.encode(hmac(sha256, bytes, utf8ToBytes(`page ${period} ${page}`)).subarray(0, MARK_BYTES))
}

/** Returns an empty list. */
export function nothingRead(keys: GateKeys, zoneId: string, period: number): ReadPages {
  return { key: newestGateKey(keys, USE, zoneId), period, marks: [], reader: undefined }
}

/** Reads the cookie; undefined if there is none of this zone and period that the gate has written. */
export function readPagesIn(fields: Fields, keys: GateKeys, zoneId: string, period: number): ReadPages | undefined {
  const values = valuesIn(fields.get('cookie') ?? '')
  const [value] = values
  if (value === undefined || values.length > 1) return undefined
  const [generation = '', began = '', marks = '', reader = '', seal = '', ...others] = value.split('.')
  const key = gateKey(keys, USE, zoneId, Number(generation))
  if (key === undefined || others.length > 0 || Number(began) !== period) return undefined
  const list = Array.from({ length: marks.length / MARK_CHARACTERS }, (_, at) =>
    marks.slice(at * MARK_CHARACTERS, (at + 1) * MARK_CHARACTERS),
  )
  const read = { key, period, marks: list, reader: READER.test(reader) ? reader : undefined }
  return isSame(seal, sealOf(read)) && list.every(isBase64url) ? read : undefined
}

function valuesIn(cookie: string): readonly string[] {
  return cookie.split(';').flatMap((part) => {
    const text = part.trim()
    return text.startsWith(`${READ_COOKIE}=`) ? [text.slice(READ_COOKIE.length + 1)] : []
  })
}

/** Returns the list with one more page. */
export function withPage(read: ReadPages, mark: string): ReadPages {
  return { ...read, marks: [...read.marks, mark].toSorted() }
}

/** Writes the cookie. `seconds`: to the end of the period. */
export function readCookie(read: ReadPages, seconds: number): string {
  const parts = [read.key.generation, read.period, read.marks.join(''), read.reader ?? '', sealOf(read)]
  return `${READ_COOKIE}=${parts.join('.')}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Lax`
}

function sealOf({ key, period, marks, reader }: ReadPages): string {
  const text = utf8ToBytes(`read ${period} ${marks.join('')} ${reader ?? ''}`)
  return base64url.encode(hmac(sha256, key.bytes, text).subarray(0, SEAL_BYTES))
}

/** Compares in constant time. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

/** Returns a random name for a reader. */
export function newReader(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(16)))
}
