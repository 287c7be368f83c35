/** The operator's word on a hold that the gate has placed by itself: it is lifted, or confirmed and does not end. */
import { noteDisposition } from '../anomalies/disposition.ts'
import { holdName } from '../anomalies/rules/holdname.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { AuditEntry } from '../endpoints/audit.ts'
import type { EndpointCall } from '../endpoints/endpoint.ts'
import { type AdminAction, badRequest, isText, readMembers, RETRY } from '../endpoints/operator.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { applyEvent } from '../standing/apply.ts'
import { accountKey, tokenKey } from '../standing/rules/bulletin.ts'
import type { KnownBulletin } from '../standing/rules/delta.ts'
import { isHeld } from '../standing/rules/standing.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import type { Zone } from '../zone.ts'
import { VIEW } from './session.ts'
import { type HeldSubject, heldIn } from './rules/holds.ts'

interface Word {
  /** The request at which the hold was placed. */
  readonly reference: string
  readonly isLifted: boolean
}

/** Creates the action. A hold that is over, or that an operator has lifted, is not found. */
export function createAnomalyAction(services: Services): AdminAction {
  return {
    onUnknown: NOT_KNOWN,
    async run(body, zone, audit, call) {
      const word = readWord(body)
      if (!word.ok) return err(badRequest(word.error))
      return carryOut(word.value, zone, audit, call, services)
    },
    show: {
      scopes: [VIEW],
      async run(zone) {
        const found = await services.readFound?.(zone)
        return found?.ok === true ? ok(found.value) : err(NOT_READ)
      },
    },
  }
}

function readWord(body: unknown): Result<Word, string> {
  const members = readMembers(body, ['lift', 'confirm'])
  if (!members.ok) return members
  const [lift, confirm] = [members.value.get('lift'), members.value.get('confirm')]
  const reference = lift ?? confirm
  if ((lift === undefined) === (confirm === undefined) || !isText(reference))
    return err('Expected one of lift and confirm, with the reference of a hold.')
  return ok({ reference, isLifted: lift !== undefined })
}

async function carryOut(
  { reference, isLifted }: Word,
  zone: Zone,
  audit: AuditEntry,
  call: EndpointCall,
  services: Services,
): Promise<Result<unknown, EndpointProblem>> {
  audit.action = isLifted ? 'lift' : 'confirm-hold'
  audit.details = { anomaly: reference }
  const known = await services.bulletins?.of(zone, call)
  if (known?.ok !== true) return err(NOT_KNOWN)
  const held = heldBy(known.value, reference, call.now / 1000)
  if (held === undefined) return err(NOT_FOUND)
  const { issuer, account, jti } = held.subject
  audit.subject = { issuer, account, jti }
  const hold = { name: holdName(reference), at: held.at, ...(isLifted && { liftedAt: call.now / 1000 }) }
  const applied = await applyEvent(eventOf(held.subject, hold), zone, services, audit.toAct({ anomaly: reference }))
  if (!applied.ok) return err(NOT_KNOWN)
  await noteDisposition(reference, isLifted, zone, services)
  // Another hold, as of a dispute, goes on.
  const entry = known.value.entries.get(held.key)
  return ok({ reference, isHeld: entry !== undefined && isHeld(entry, call.now / 1000) })
}

interface HeldByAnomaly {
  readonly subject: HeldSubject
  /** That of its entry in the bulletin. */
  readonly key: string
  /** When it was placed, in seconds since 1970. */
  readonly at: number
}

function heldBy({ entries }: KnownBulletin, reference: string, now: number): HeldByAnomaly | undefined {
  const name = holdName(reference)
  const subject = heldIn(entries, now).find(({ names }) => names.includes(name))
  if (subject === undefined) return undefined
  const { issuer, account, jti } = subject
  const key = account === undefined ? tokenKey(issuer, jti ?? '') : accountKey(issuer, account)
  const hold = entries.get(key)?.holds?.find((one) => one.name === name)
  return hold && { subject, key, at: hold.at }
}

type NamedHold = { readonly name: string; readonly at: number; readonly liftedAt?: number }

function eventOf({ issuer, account, jti }: HeldSubject, hold: NamedHold): BillingEvent {
  if (jti !== undefined)
    return { id: '', issuer, account: undefined, changes: [{ kind: 'token-named-hold', jti, ...hold }] }
  return { id: '', issuer, account, changes: [{ kind: 'statement', statement: { kind: 'named-hold', ...hold } }] }
}

const NOT_KNOWN: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It is not known whether the hold was lifted or confirmed. Ask again.',
  reason: 'ledger-unavailable',
  fields: RETRY,
}
const NOT_READ: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'What was found cannot be read now. Nothing is shown, rather than less than there is.',
  fields: RETRY,
}
const NOT_FOUND: EndpointProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'No hold with this reference is in force here. It may be over, or lifted.',
}
