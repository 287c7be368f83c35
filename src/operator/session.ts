/**
 * Who is at the dashboard: an operator, by a token that was posted once.
 *
 * The token itself is not kept. A sealed cookie says who came, with which scopes in which zones, and until when: an hour at
 * most, and never beyond the token. On a zone's own host the cookie only looks, because pages of the site share its origin and
 * its script could press any button. On a host that serves nothing else the cookie has all scopes of the token. The two are
 * sealed as different kinds, for different places, so neither ever passes for the other.
 */
import { isFromHere } from '../access/authority.ts'
import { voidedBy } from '../access/distrust.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Call, ReadDistrust } from '../ports.ts'
import { seal, type SealKind, unseal } from '../secrets/sealed.ts'
import type { Operator } from '../tokens/operator.ts'
import type { Zone } from '../zone.ts'
import { type DashboardPlace, isOperatorSession, type OperatorSession } from './rules/session.ts'

const VIEWER: SealKind = { use: 'dashboard', typ: 'operator-view+jwt' }
const OWN_HOST: SealKind = { use: 'dashboard', typ: 'operator-session+jwt' }
const NAME = '__Host-faregate-operator'
const COOKIE = /(?:^|;)[ \t]*__Host-faregate-operator=([^;]*)/
const KEPT_SECONDS = 3600
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** The scope of a token that may look. */
export const VIEW = 'view'

/**
 * Returns the session of an operator whose token was verified in `zones`, each of which it may look at. On a zone's own host
 * it has no other scope.
 */
export function openedSession(
  verified: readonly (readonly [zone: Zone, operator: Operator])[],
  place: DashboardPlace,
  now: number,
): OperatorSession | undefined {
  const [first] = verified
  if (first === undefined) return undefined
  const { issuer, subject, signedBy, issuedAt } = first[1]
  const ends = verified.map(([, { expires }]) => expires * 1000)
  const scopes = verified.map(
    ([{ id }, operator]) => [id, place === undefined ? [VIEW] : [...operator.scopes]] as [string, string[]],
  )
  return {
    id: crypto.randomUUID(),
    issuer,
    ...(subject !== undefined && { subject }),
    ...(signedBy !== undefined && { signedBy }),
    issuedAt,
    until: Math.min(now + KEPT_SECONDS * 1000, ...ends),
    scopes: Object.fromEntries(scopes),
  }
}

/** Returns the `Set-Cookie` value of a session; undefined without a secret of the gate. */
export async function operatorCookie(
  session: OperatorSession,
  zone: Zone,
  place: DashboardPlace,
  now: number,
): Promise<string | undefined> {
  const { gateKeys } = zone
  if (gateKeys === undefined) return undefined
  const sealed = await seal({ ...session }, kindAt(place), gateKeys, keyedBy(place, zone))
  return `${NAME}=${sealed}; Max-Age=${Math.max(0, Math.floor((session.until - now) / 1000))}; ${ATTRIBUTES}`
}

/** The `Set-Cookie` value that ends a session. */
export const NO_SESSION = `${NAME}=; Max-Age=0; ${ATTRIBUTES}`

/**
 * Returns the session in the cookie of a request; undefined if it has none that counts here, or if another site, or another
 * host of this one, began the request.
 */
export async function readOperatorSession(
  exchange: Exchange,
  zone: Zone,
  place: DashboardPlace,
): Promise<OperatorSession | undefined> {
  const sent = COOKIE.exec(exchange.fields.get('cookie') ?? '')?.[1]?.trim()
  const { gateKeys } = zone
  if (!sent || gateKeys === undefined || !isFromHere(exchange, 'host-cookie')) return undefined
  const kept = await unseal(sent, kindAt(place), gateKeys, keyedBy(place, zone))
  return isOperatorSession(kept) && kept.until > exchange.now ? kept : undefined
}

/**
 * Returns the scopes of a session in a zone: none if its issuer signs for no operator there any more, or if what signed its
 * token was distrusted meanwhile. Undefined if that cannot be known now.
 */
export async function scopesIn(
  { issuer, issuedAt, signedBy, scopes }: OperatorSession,
  zone: Zone,
  readDistrust: ReadDistrust,
  call: Call,
): Promise<readonly string[] | undefined> {
  const given = Object.hasOwn(scopes, zone.id) ? scopes[zone.id] : undefined
  const known = zone.operators.filter((operator) => operator.issuer === issuer)
  if (given === undefined || known.length === 0) return []
  const distrust = await readDistrust(zone, call)
  if (!distrust.ok) return undefined
  const all = [distrust.value, ...known.map((operator) => operator.distrust)].filter((one) => one !== undefined)
  return all.some((one) => voidedBy(one, { issuer, issuedAt, signedBy }) !== undefined) ? [] : given
}

function kindAt(place: DashboardPlace): SealKind {
  return place === undefined ? VIEWER : OWN_HOST
}

/** No id of a zone has a `/`, so no host is taken for a zone. */
function keyedBy(place: DashboardPlace, { id }: Zone): string {
  return place === undefined ? id : `//${place}`
}
