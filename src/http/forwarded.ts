/**
 * Who is behind proxies, by the field in which each of them notes who asked it.
 *
 * Such a field is a list to which every proxy adds at its end, and whose beginning anybody may have written. It is therefore read
 * from its end, for as long as the one who wrote an entry is trusted: the first address that no trusted proxy has is the client's.
 */
import { type AddressRange, isAddress, isInRanges } from './addressrange.ts'
import type { Fields } from './rules/exchange.ts'
import { plainAddress } from './rules/clientaddress.ts'

/** A field in which proxies note who asked them. `forwarded`: RFC 7239. */
export const FORWARDING_FIELDS = ['x-forwarded-for', 'forwarded'] as const
export type ForwardingField = (typeof FORWARDING_FIELDS)[number]

/** Whose field is believed, and which. */
export interface TrustedProxies {
  readonly ranges: readonly AddressRange[]
  readonly field: ForwardingField
}

/**
 * Returns the address of the client. `peer`: the other end of the connection; nothing is read of one that is no trusted proxy. If
 * every address is a trusted proxy's, the client is the one farthest from here. Undefined if an entry that counts is no address.
 */
export function clientBehind(
  peer: string,
  { ranges, field }: TrustedProxies,
  fields: Pick<Fields, 'get'>,
): string | undefined {
  if (!isInRanges(peer, ranges)) return peer
  const text = fields.get(field)
  let client = peer
  for (const entry of text === null || text === undefined ? [] : fromTheEnd(text, ',')) {
    const node = field === 'forwarded' ? forIn(entry) : entry.trim()
    const address = node === undefined ? undefined : addressIn(node)
    if (address === undefined || !isInRanges(address, ranges)) return address
    client = address
  }
  return client
}

/** Returns the address of a node (RFC 7239 §6), without its port. */
function addressIn(node: string): string | undefined {
  const [, inBrackets, dotted] = /^(?:\[([^\]]*)\]|(\d+(?:\.\d+){3}))(?::\d{1,5})?$/.exec(node) ?? []
  const address = plainAddress(inBrackets ?? dotted ?? node)
  return address === undefined || !isAddress(address) ? undefined : address
}

/** Returns the node of an element's `for`; undefined if there is none, or several. */
function forIn(element: string): string | undefined {
  const found = fromTheEnd(element, ';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim().toLowerCase() === 'for' ? [pair.slice(at + 1).trim()] : []
  })
  const [node] = found
  return node === undefined || found.length > 1 ? undefined : node.replace(/^"(.*)"$/, '$1')
}

/**
 * Splits a text where the separator stands outside of quotes, last part first. Quotes are paired from the end, so that one left
 * open at the beginning, which anybody may have written, hides nothing that a proxy has added.
 */
function fromTheEnd(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = []
  let isQuoted = false
  let end = text.length
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const character = text[at]
    if (character === '"' && !isEscaped(text, at)) isQuoted = !isQuoted
    if (character !== separator || isQuoted) continue
    parts.push(text.slice(at + 1, end))
    end = at
  }
  return [...parts, text.slice(0, end)]
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text[before - 1] === '\\') before -= 1
  return (at - before) % 2 === 1
}
