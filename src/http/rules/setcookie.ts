/** Every cookie of the gate's own begins with this, and no origin's may. */
const OURS = '__host-faregate'

/** Before a name browsers skip white space; without one, what follows `=` is sent as if it were a name and a value. */
const BEFORE_NAME = /^[\s=]+/

/**
 * True for a `Set-Cookie` field that would plant one of the gate's own cookies (RFC 6265 §5.2). The name is compared in any
 * case, as browsers compare the prefix `__Host-`.
 */
export function setsOurCookie(field: string): boolean {
  return field.replace(BEFORE_NAME, '').toLowerCase().startsWith(OURS)
}
