import ipaddr from 'ipaddr.js'

/** A range of addresses, in the notation of CIDR. One of IPv4-mapped addresses (RFC 4291 §2.5.5.2) is kept as one of IPv4. */
export interface AddressRange {
  readonly address: ipaddr.IPv4 | ipaddr.IPv6
  readonly bits: number
}

/** Where the IPv4 address begins in an IPv4-mapped one, in bits. */
const MAPPED_BITS = 96

/** Parses a range, as `192.0.2.0/24` or `2001:db8::/32`. Undefined if it is none. */
export function addressRange(text: string): AddressRange | undefined {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && !ipaddr.IPv6.isValidCIDR(text)) return undefined
  const [address, bits] = ipaddr.parseCIDR(text)
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= MAPPED_BITS
    ? { address: address.toIPv4Address(), bits: bits - MAPPED_BITS }
    : { address, bits }
}

/** Returns true if a range is of IPv4 addresses. */
export function isOfIpv4({ address }: AddressRange): boolean {
  return address.kind() === 'ipv4'
}

/** Returns true for an address in its usual notation: four decimal numbers, or IPv6. */
export function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
}

/** Returns true if an address lies in a range of its own kind. An IPv4-mapped address is IPv4. What is no address lies in none. */
export function isInRanges(text: string, ranges: readonly AddressRange[]): boolean {
  if (!isAddress(text)) return false
  const given = ipaddr.process(text)
  return ranges.some(({ address, bits }) => address.kind() === given.kind() && given.match(address, bits))
}
