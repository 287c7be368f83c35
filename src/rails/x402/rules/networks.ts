/** The names that x402 v1 has for networks, by the names that v2 has for them (CAIP-2). */
const V1_NAMES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['eip155:1', 'ethereum'],
  ['eip155:137', 'polygon'],
  ['eip155:1328', 'sei-testnet'],
  ['eip155:1329', 'sei'],
  ['eip155:1514', 'story'],
  ['eip155:2741', 'abstract'],
  ['eip155:3338', 'peaq'],
  ['eip155:4689', 'iotex'],
  ['eip155:8453', 'base'],
  ['eip155:11124', 'abstract-testnet'],
  ['eip155:41923', 'educhain'],
  ['eip155:43113', 'avalanche-fuji'],
  ['eip155:43114', 'avalanche'],
  ['eip155:80002', 'polygon-amoy'],
  ['eip155:84532', 'base-sepolia'],
  ['eip155:324705682', 'skale-base-sepolia'],
  ['eip155:11155111', 'sepolia'],
])

/** Returns the name that x402 v1 has for a network; undefined if it has none. */
export function v1NetworkOf(network: string): string | undefined {
  return V1_NAMES.get(network)
}

/** Returns the network that has a name in either version; undefined if none is known by it. */
export function networkNamed(name: string): string | undefined {
  if (/^eip155:\d{1,16}$/.test(name)) return name
  return [...V1_NAMES].find(([, known]) => known === name)?.[0]
}
