/** The beginning of the name of every cookie of the gate. */
const OURS = '__host-faregate'

/** Removes every cookie of the gate. Reads leniently: what is misspelt here may be one of ours to another server. */
export function stripOwnCookies(fields: Headers): void {
  const cookie = fields.get('cookie')
  if (cookie === null || !cookie.toLowerCase().includes(OURS)) return
  const rest = cookie.split(';').filter((pair) => !pair.toLowerCase().includes(OURS))
  if (rest.length === 0) fields.delete('cookie')
  else fields.set('cookie', rest.join(';').trim())
}
