/**
 * The orders for the day on which a key is stolen.
 *
 * An operator names the key, and nothing that it signed counts any more: here at once, and in every isolate within the zone's
 * bound. There is no order that takes this back. Whoever has the key may sign operator tokens as well, so a way back would be
 * theirs too; what was distrusted by mistake is cured by a new key.
 */
import { type Distrust, includesDistrust, isDistrusted, MOST_DISTRUSTED, NO_DISTRUST } from '../access/distrust.ts'
import { isThumbprint, requiredMembers, thumbprintOf } from '../access/thumbprint.ts'
import { parseInstant } from '../core/instant.ts'
import { err, ok, type Result } from '../core/result.ts'
import { instant, type InstantView } from '../ledger/ledgerview.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { AuditEntry } from './audit.ts'
import type { EndpointCall, EndpointFactory } from './endpoint.ts'
import { answerSigned, isSignedOrder } from './emergencyundo.ts'
import { type AdminAction, badRequest, operatorEndpoint, readMembers, RETRY } from './operator.ts'

/**
 * `POST /__faregate/emergency` with an operator token: `{"distrust": "<thumbprint>"}` makes void all that a key signed,
 * whatever times its tokens claim, and for good; the public key itself, as a JWK, names it too. `{"issuer":
 * "https://billing.example.com", "revokedBefore": "2026-11-28T12:00:00Z"}` makes void what an issuer signed before. `{}`
 * tells what is void. `{"events": "<thumbprint>", "since": "…"}` lists the events and orders that a key signed in the last
 * thirty-five days, and `{"undo": "<thumbprint>"}` takes back what is left of the credit that they granted and places again
 * the holds that they lifted, a page at a time: send the `next` of one page as `after` for the next.
 *
 * @example
 * ```ts options
 * endpoints: [emergency()]
 * ```
 */
export function emergency(): EndpointFactory {
  return operatorEndpoint('emergency', createAction)
}

type Bulletins = NonNullable<Services['bulletins']>

function createAction({ bulletins, ledgers, clock }: Services): AdminAction {
  return {
    onUnknown: NOT_KNOWN,
    async run(body, zone, audit, call) {
      if (isSignedOrder(body)) {
        if (bulletins === undefined || ledgers === undefined) return err(NO_STORE)
        return answerSigned(body, zone, audit, { bulletins, ledgers, clock }, call)
      }
      const order = readOrder(body, zone, clock())
      if (!order.ok) return err(badRequest(order.error))
      if (bulletins === undefined) return err(NO_STORE)
      audit.action = order.value.action
      audit.details = order.value.facts
      return carryOut(order.value, zone, audit, bulletins, call)
    },
  }
}

interface EmergencyOrder {
  readonly action: 'distrust' | 'revoke-before' | 'emergency'
  readonly distrust: Distrust
  readonly facts: Readonly<Record<string, string>>
}

const MEMBERS = ['distrust', 'issuer', 'revokedBefore']

function readOrder(body: unknown, zone: Zone, now: number): Result<EmergencyOrder, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  if (given.size === 0) return ok({ action: 'emergency', distrust: NO_DISTRUST, facts: {} })
  const at = Math.floor(now / 1000)
  if (!given.has('distrust')) return readRevocation(given, zone, at)
  if (given.size > 1) return err('distrust: expected no other member beside it.')
  const thumbprint = readKey(given.get('distrust'))
  if (thumbprint === undefined) return err('distrust: expected a thumbprint (RFC 7638, SHA-256), or a public JWK.')
  return ok({
    action: 'distrust',
    distrust: { ...NO_DISTRUST, keys: { [thumbprint]: at } },
    facts: { distrusted: thumbprint },
  })
}

/** Reads the name of a key: its thumbprint, or the public key itself. */
function readKey(given: unknown): string | undefined {
  if (isThumbprint(given)) return given
  const members = typeof given === 'object' && given !== null ? requiredMembers({ ...given }) : undefined
  return members && thumbprintOf(members)
}

function readRevocation(given: ReadonlyMap<string, unknown>, zone: Zone, now: number): Result<EmergencyOrder, string> {
  const issuers = new Set([...zone.issuers, ...zone.operators].map(({ issuer }) => issuer))
  const issuer = given.get('issuer')
  if (typeof issuer !== 'string' || !issuers.has(issuer)) return err('issuer: expected one that the site trusts.')
  const written = given.get('revokedBefore')
  const before = typeof written === 'string' ? parseInstant(written) : undefined
  if (before === undefined) return err('revokedBefore: expected a date and time such as "2026-11-28T12:00:00Z".')
  // It is for good, and a slip of the year would shut the issuer out.
  if (before > now) return err('revokedBefore: expected a time that has passed.')
  return ok({
    action: 'revoke-before',
    distrust: { ...NO_DISTRUST, revokedBefore: { [issuer]: before } },
    facts: { issuer, revokedBefore: instant(before).at },
  })
}

async function carryOut(
  { action, distrust, facts }: EmergencyOrder,
  zone: Zone,
  audit: AuditEntry,
  bulletins: Bulletins,
  call: EndpointCall,
): Promise<Result<DistrustView, EndpointProblem>> {
  const known = await bulletins.of(zone, call)
  if (!known.ok) return err(action === 'emergency' ? NOT_READ : NOT_KNOWN)
  const before = known.value.head.distrust ?? NO_DISTRUST
  audit.isIdle = includesDistrust(before, distrust)
  if (!audit.isIdle) {
    if (!hasRoom(before, distrust)) return err(NO_ROOM)
    const act: Act = audit.toAct(facts)
    const head = await bulletins.proclaim(zone, { distrust }, act)
    if (head?.distrust === undefined || !includesDistrust(head.distrust, distrust)) return err(NOT_KNOWN)
  }
  const after = known.value.head.distrust ?? NO_DISTRUST
  return ok({ ...viewOf(after, zone), isRepeat: audit.isIdle })
}

function hasRoom(before: Distrust, { keys }: Distrust): boolean {
  return Object.keys(keys).every(
    (key) => isDistrusted(before, key) || Object.keys(before.keys).length < MOST_DISTRUSTED,
  )
}

/** What is void in a zone, by orders and by its configuration. */
interface DistrustView {
  readonly zone: string
  readonly distrusted: readonly { readonly thumbprint: string; readonly since: InstantView | 'configuration' }[]
  readonly revokedBefore: readonly { readonly issuer: string; readonly before: InstantView }[]
  readonly isRepeat: boolean
}

function viewOf(ordered: Distrust, { name, issuers, operators }: Zone): Omit<DistrustView, 'isRepeat'> {
  const configured = [...issuers, ...operators].find(({ distrust }) => distrust !== undefined)?.distrust ?? NO_DISTRUST
  const keys = new Map<string, InstantView | 'configuration'>(
    Object.entries(ordered.keys).map(([thumbprint, at]) => [thumbprint, instant(at)]),
  )
  for (const thumbprint of Object.keys(configured.keys)) keys.set(thumbprint, 'configuration')
  const times = new Map(Object.entries(ordered.revokedBefore))
  for (const [issuer, at] of Object.entries(configured.revokedBefore)) {
    times.set(issuer, Math.max(at, times.get(issuer) ?? 0))
  }
  return {
    zone: name,
    distrusted: Array.from(keys, ([thumbprint, since]) => ({ thumbprint, since })),
    revokedBefore: Array.from(times, ([issuer, at]) => ({ issuer, before: instant(at) })),
  }
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the order holds everywhere. Ask again; meanwhile name the key in the configuration.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const NOT_READ: EndpointProblem = { ...NOT_KNOWN, detail: 'What is void cannot be read now. Ask again.' }
const NO_STORE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'There is no store here that could tell other isolates. Name the key in the configuration, as "distrusted".',
  reason: 'ledger-unavailable',
}
const NO_ROOM: EndpointProblem = {
  status: 409,
  title: 'Conflict',
  detail: `Orders can name ${MOST_DISTRUSTED} keys, and have. Name further ones in the configuration, as "distrusted".`,
}
