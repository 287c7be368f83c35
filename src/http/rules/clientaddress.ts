const MAPPED = /^::ffff:(?:(\d{1,3}(?:\.\d{1,3}){3})|([\da-f]{1,4}):([\da-f]{1,4}))$/

/**
 * Returns the address of a client in its one spelling: lower case, and an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) as
 * IPv4. Returns undefined if there is none.
 */
export function plainAddress(text: string | null): string | undefined {
  const address = text?.trim().toLowerCase() ?? ''
  if (address === '') return undefined
  const [, dotted, high, low] = MAPPED.exec(address) ?? []
  if (dotted !== undefined) return dotted
  if (high === undefined || low === undefined) return address
  const bytes = [high, low].map((group) => Number.parseInt(group, 16)).flatMap((group) => [group >> 8, group & 255])
  return bytes.join('.')
}
