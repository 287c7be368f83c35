/** The cookies of the gate, as browsers write their names: the prefix keeps other hosts from setting them. */
const OWN_NAME = /^__Host-faregate[\w-]{0,64}$/
/** The most cookies of one host that browsers keep. */
const MOST = 60
const ATTRIBUTES = 'Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax'

/** Returns the values of `Set-Cookie` that remove every cookie of the gate in a `Cookie` field. */
export function removals(cookie: string | null): readonly string[] {
  const names = new Set((cookie ?? '').split(';').map((pair) => pair.slice(0, Math.max(0, pair.indexOf('='))).trim()))
  const own = [...names].filter((name) => OWN_NAME.test(name)).slice(0, MOST)
  return own.map((name) => `${name}=; ${ATTRIBUTES}`)
}
