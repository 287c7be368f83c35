/**
 * Binds names that an MCP server hands out, of sessions and of events, to whom they were handed.
 *
 * Whoever knows the id of a session can read along in it and act in it, and servers take ids from anyone (MCP, security best
 * practices: session hijacking). So a client gets a name with a MAC over the id and the account, under a key of the gate's own,
 * and the server gets the id back if the account is the same. Nothing is stored, and no ledger is asked.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../../../core/bytes.ts'

/** Whose a name is, and what it is a name in: texts that only have to differ. */
export type Binding = readonly (string | null)[]

/** A key for one kind of names of one zone. */
interface BindingKey {
  readonly generation: number
  readonly bytes: Uint8Array
}

/** All of these keys that are in use. */
export interface BindingKeys {
  newest(): BindingKey
  of(generation: number): BindingKey | undefined
}

/** A name as a client sent it, not checked. */
export interface BoundName {
  readonly id: string
  readonly mac: string
  readonly generation: number
}

const MAC_BYTES = 16
const NAME = /^(\d{1,3})\.([\w-]{22})\.(.+)$/s

/** Returns the name of an id, for this binding. */
export function bindName(id: string, binding: Binding, keys: BindingKeys): string {
  const key = keys.newest()
  return `${key.generation}.${macOf(id, binding, key)}.${id}`
}

/** Reads a name; undefined for a text that is none. */
export function readName(text: string): BoundName | undefined {
  const [, generation, mac, id] = NAME.exec(text) ?? []
  return mac === undefined || id === undefined ? undefined : { id, mac, generation: Number(generation) }
}

/** Returns true if a name was made here for this binding. */
export function isBound({ id, mac, generation }: BoundName, binding: Binding, keys: BindingKeys): boolean {
  const key = keys.of(generation)
  return key !== undefined && isSameText(macOf(id, binding, key), mac)
}

function macOf(id: string, binding: Binding, { bytes }: BindingKey): string {
  const text = JSON.stringify([...binding, id])
  return toBase64url(hmac(sha256, bytes, utf8ToBytes(text)).subarray(0, MAC_BYTES))
}

/** Compares in a time that does not tell where two texts of one length differ. */
function isSameText(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}
