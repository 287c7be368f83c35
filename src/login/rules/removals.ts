/** The cookies of the gate, as browsers write their names: the prefix keeps other hosts from setting them. */
const OWN_NAME = /^__Host-faregate[\w-]{0,64}$/
/** The most cookies of one host that browsers keep. */
const MOST = 60
const ATTRIBUTES = 'Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax'

/** Tells the hosts of a zone that somebody is signed in at one of them. Says nothing of who. */
export const HINT = 'faregate-hint'

/** Returns the values of `Set-Cookie` that remove every cookie of the gate in a `Cookie` field. `hosts`: those of the zone. */
export function removals(cookie: string | null, hosts: readonly string[]): readonly string[] {
  const names = new Set((cookie ?? '').split(';').map((pair) => pair.slice(0, Math.max(0, pair.indexOf('='))).trim()))
  const own = [...names].filter((name) => OWN_NAME.test(name)).slice(0, MOST)
  const domain = names.has(HINT) ? sharedDomain(hosts) : undefined
  return [
    ...own.map((name) => `${name}=; ${ATTRIBUTES}`),
    ...(domain === undefined ? [] : [`${HINT}=; Domain=${domain}; ${ATTRIBUTES}`]),
  ]
}

/** Returns the domain that all hosts are in; undefined if they have fewer than two labels in common, or are one host. */
export function sharedDomain(hosts: readonly string[]): string | undefined {
  const [first, ...others] = hosts.map((host) => host.split('.').toReversed())
  if (first === undefined || others.length === 0) return undefined
  const unlike = first.findIndex((label, at) => others.some((other) => other[at] !== label))
  const shared = first.slice(0, unlike === -1 ? first.length : unlike)
  return shared.length < 2 ? undefined : shared.toReversed().join('.')
}
