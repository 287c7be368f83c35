/** The prefix of every cookie of the gate. No origin may set such a cookie. */
const OURS = '__host-faregate'

/**
 * Browsers skip white space before a name. Of a cookie without a name they send the part after `=`, which may look like a
 * name.
 */
const BEFORE_NAME = /^[\s=]+/

/**
 * Returns true for a `Set-Cookie` field that would plant one of the gate's own cookies (RFC 6265 §5.2). Compares the name
 * in any case, as browsers compare the prefix `__Host-`.
 */
export function setsOurCookie(field: string): boolean {
  return field.replace(BEFORE_NAME, '').toLowerCase().startsWith(OURS)
}
