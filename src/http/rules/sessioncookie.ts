import { parseHttpDate } from '../../core/httpdate.ts'

/** The cookie `__Host-faregate` as an origin sets or removes it. */
export type SetSession =
  | { readonly kind: 'removed' }
  | {
      readonly kind: 'set'
      readonly value: string
      /** Seconds from now until the browser forgets it; undefined if it does so when it is closed. */
      readonly seconds: number | undefined
      readonly isStrict: boolean
    }

/** Whatever a browser might read as a cookie of exactly this name. */
const NAMED = /^[\s=]*__host-faregate[ \t]*(?:=|;|$)/i
/** As browsers write it back. */
const SPELT = /^__Host-faregate=([^;\s",\\]*)[ \t]*(?:;|$)/
const WHOLE = /^-?\d{1,15}$/

/**
 * Returns the gate's own cookie as the `Set-Cookie` fields of one response set it; undefined if none does, or if it is not
 * clear which. `now` is in milliseconds. Domain, path and other attributes are not read: the gate writes its own.
 */
export function sessionSetIn(fields: readonly string[], now: number): SetSession | undefined {
  const [field, ...others] = fields.filter((one) => NAMED.test(one))
  const value = field === undefined || others.length > 0 ? undefined : SPELT.exec(field)?.[1]
  if (field === undefined || value === undefined) return undefined
  const attributes = attributesOf(field)
  const seconds = secondsOf(attributes, now)
  if (value === '' || (seconds !== undefined && seconds <= 0)) return { kind: 'removed' }
  return { kind: 'set', value, seconds, isStrict: attributes.get('samesite')?.toLowerCase() === 'strict' }
}

/** Reads the attributes (RFC 6265 §5.2). Of one that is repeated, the last counts. */
function attributesOf(field: string): ReadonlyMap<string, string> {
  const parts = field.split(';').slice(1)
  return new Map(
    parts.map((part) => {
      const [name = '', ...rest] = part.split('=')
      return [name.trim().toLowerCase(), rest.join('=').trim()]
    }),
  )
}

/** `Max-Age` counts before `Expires` (RFC 6265 §5.3). What is neither is ignored. */
function secondsOf(attributes: ReadonlyMap<string, string>, now: number): number | undefined {
  const maxAge = attributes.get('max-age') ?? ''
  if (WHOLE.test(maxAge)) return Number(maxAge)
  // PHP before 8.2 writes hyphens.
  const expires = attributes.get('expires')?.replace(/(\d\d)-([a-z]{3})-(\d{4})/i, '$1 $2 $3')
  const at = parseHttpDate(expires ?? null, now)
  return at === undefined ? undefined : Math.floor((at - now) / 1000)
}
