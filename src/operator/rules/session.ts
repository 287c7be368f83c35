/** The host at which a dashboard answers alone; undefined if it is on those of the zones. */
export type DashboardPlace = string | undefined

/** The path of the dashboard. */
const PATH = '/__faregate/operator'

/** Returns the address of the dashboard of a zone: on a host of its own the query names the zone. */
export function dashboardAddress({ name }: { readonly name: string }, place: DashboardPlace): string {
  return place === undefined ? PATH : `${PATH}?zone=${encodeURIComponent(name)}`
}

/** What the cookie of an operator says. */
export interface OperatorSession {
  /** The forms of a page belong to one session. */
  readonly id: string
  readonly issuer: string
  readonly subject?: string
  /** True if each request brings a token of Cloudflare Access, and there is no cookie. */
  readonly isByAccess?: true
  /** The RFC 7638 thumbprint of the key that signed the token. */
  readonly signedBy?: string
  /** When the token was signed, in seconds since 1970. */
  readonly issuedAt: number
  /** In milliseconds since 1970. */
  readonly until: number
  /** By the id of the zone. */
  readonly scopes: Readonly<Record<string, readonly string[]>>
}

/** Returns true for a session, as a cookie of the gate holds it. */
export function isOperatorSession(value: unknown): value is OperatorSession {
  if (typeof value !== 'object' || value === null) return false
  const { id, issuer, issuedAt, until, scopes } = value as Partial<Record<keyof OperatorSession, unknown>>
  if (typeof id !== 'string' || typeof issuer !== 'string') return false
  return typeof issuedAt === 'number' && typeof until === 'number' && typeof scopes === 'object' && scopes !== null
}

/**
 * Returns true if a form of the page itself was posted: no script and no form of another page can cause such a request. A
 * browser says so (`Sec-Fetch-Site`); one that does not names the origin with every POST.
 */
export function isPressedHere({
  fields,
  origin,
}: {
  readonly fields: { get(name: string): string | null }
  readonly origin: string
}): boolean {
  const site = fields.get('sec-fetch-site')
  return site === null ? fields.get('origin') === origin : site === 'same-origin'
}
