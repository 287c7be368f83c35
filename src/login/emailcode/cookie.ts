/**
 * The cookie of a code that was sent: the browser in which it was asked for is the only one that can use it.
 *
 * The cookie is sealed, and holds a hash of the code: who has the cookie cannot try codes against it. It says nothing of
 * accounts, so it is the same for an address that nobody has.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../../core/bytes.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import { seal, type SealKind, unseal } from '../../secrets/sealed.ts'
import type { Zone } from '../../zone.ts'
import { ownCookie } from '../jar.ts'

const KIND: SealKind = { use: 'sign-in-codes', typ: 'sign-in-code+jwt' }
const NAME = '__Host-faregate-code'
/** Only as browsers write it: the prefix `__Host-` keeps other hosts from setting exactly that spelling. */
const COOKIE = /(?:^|;)[ \t]*__Host-faregate-code=([^;]*)/g
const ID_BYTES = 16

/** The time for which a code is good. */
export const CODE_SECONDS = 600

/** A code that was asked for in this browser. */
export interface AskedCode {
  /** Unguessable: counts the tries, and salts the hash. */
  readonly id: string
  /** The name of the login. */
  readonly login: string
  readonly origin: string
  readonly email: string
  /** Path and query of the page to come back to. */
  readonly to: string
  /** Milliseconds since 1970. */
  readonly until: number
  readonly hash: string
}

/** Returns the facts of a new code, for its cookie. */
export function askCode(code: string, about: Omit<AskedCode, 'id' | 'hash'>): AskedCode {
  const id = toBase64url(crypto.getRandomValues(new Uint8Array(ID_BYTES)))
  return { ...about, id, hash: hashOf(id, code) }
}

/** Returns true if this is the code. What is compared are hashes, of which nobody outside knows a part. */
export function isCode({ id, hash }: AskedCode, code: string): boolean {
  return hashOf(id, code) === hash
}

function hashOf(id: string, code: string): string {
  return toBase64url(sha256(utf8ToBytes(`${id} ${code}`)))
}

/** Returns the `Set-Cookie` value that keeps a code. */
export async function codeCookie({ ...asked }: AskedCode, { gateKeys, id }: Zone): Promise<string> {
  if (gateKeys === undefined) throw new TypeError('codes need secrets.gate')
  return ownCookie(NAME, await seal(asked, KIND, gateKeys, id), CODE_SECONDS)
}

/** The `Set-Cookie` value that removes it. */
export const NO_CODE: string = /* @__PURE__ */ ownCookie(NAME, '', 0)

/** Returns the code that was asked for in this browser and at this origin, and is still good. */
export async function askedCode(
  { fields, origin, now }: Exchange,
  { gateKeys, id }: Zone,
): Promise<AskedCode | undefined> {
  const [sent, ...others] = (fields.get('cookie') ?? '').matchAll(COOKIE)
  if (sent === undefined || others.length > 0 || gateKeys === undefined) return undefined
  const asked = readAsked(await unseal((sent[1] ?? '').trim(), KIND, gateKeys, id))
  return asked?.origin === origin && now < asked.until ? asked : undefined
}

/** Reads what was unsealed: this version of the gate may not have sealed it. */
function readAsked(value: unknown): AskedCode | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { id, login, origin, email, to, until, hash }: Readonly<Record<string, unknown>> = { ...value }
  const isText = (one: unknown): one is string => typeof one === 'string'
  if (!isText(id) || !isText(login) || !isText(origin) || !isText(email) || !isText(to) || !isText(hash))
    return undefined
  return typeof until === 'number' ? { id, login, origin, email, to, until, hash } : undefined
}
