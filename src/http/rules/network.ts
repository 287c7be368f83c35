const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/

/**
 * Returns the network of an address: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. Undefined if it is neither.
 * `address` is in lower case, an IPv4-mapped one written as IPv4.
 */
export function networkOf(address: string): string | undefined {
  const four = V4.exec(address)
  if (four !== null)
    return four.slice(1, 4).every((part) => Number(part) <= 255) ? four.slice(1, 4).join('.') : undefined
  const groups = groupsOf(address)
  return groups?.slice(0, 3).join(':')
}

const GROUP = /^[0-9a-f]{1,4}$/

/** Returns the eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] | undefined {
  const halves = (address.split('%')[0] ?? '').split('::')
  const [before = [], after = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const written = [...before, ...after]
  const missing = 8 - written.length
  if (halves.length > 2 || !written.every((group) => GROUP.test(group))) return undefined
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const all = halves.length === 1 ? written : [...before, ...Array.from({ length: missing }, () => '0'), ...after]
  return all.map((group) => Number.parseInt(group, 16).toString(16))
}
