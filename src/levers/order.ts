import { type Lever, type LeverOrder, type LeverSubject } from '../access/lever.ts'
import { canOpen } from '../access/leverterms.ts'
import { routeName } from '../access/route.ts'
import { parseInstant } from '../core/instant.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readMembers } from '../endpoints/operator.ts'
import type { Zone } from '../zone.ts'
import { allRoutesOf, calledOf } from './parts.ts'

const HOUR_MS = 3_600_000
/** The longest time from now to the end of a lever. */
export const MOST_HOURS: Readonly<Record<Lever['kind'], number>> = { open: 24, close: 168 }

const MEMBERS = ['open', 'close', 'until', 'undo']
const SUBJECTS: Readonly<Record<Lever['kind'], readonly LeverSubject[]>> = {
  open: ['route', 'zone'],
  close: ['route', 'model', 'provider'],
}

/** Reads an order to pull a lever, or to take it back. `now` is in milliseconds. Error: what is wrong with it. */
export function readLeverOrder(body: unknown, zone: Zone, now: number): Result<LeverOrder, string> {
  const members = readMembers(body, MEMBERS)
  if (!members.ok) return members
  const given = members.value
  if (given.has('open') === given.has('close')) return err('Expected one of open and close.')
  const kind = given.has('open') ? 'open' : 'close'
  const undo = given.get('undo') ?? false
  if (typeof undo !== 'boolean') return err('undo: expected true or false.')
  const subject = readSubject(kind, given.get(kind), zone, undo)
  if (!subject.ok) return subject
  if (undo) {
    if (given.has('until')) return err('until: expected nothing beside undo.')
    return ok({ lever: { kind, ...subject.value, sinceMs: now, untilMs: now }, isUndone: true })
  }
  const until = readUntil(kind, given.get('until'), now)
  return until.ok ? ok({ lever: { kind, ...subject.value, sinceMs: now, untilMs: until.value } }) : until
}

type Subject = Pick<Lever, 'of' | 'name'>

function readSubject(kind: Lever['kind'], given: unknown, zone: Zone, isUndone: boolean): Result<Subject, string> {
  const names = SUBJECTS[kind]
  const members = readMembers(given, names)
  if (!members.ok) return err(`${kind}: ${members.error}`)
  const [named, ...others] = members.value
  if (named === undefined || others.length > 0) return err(`${kind}: expected one of ${names.join(', ')}.`)
  const of = names.find((subject) => subject === named[0])
  const [, name] = named
  if (of === undefined || typeof name !== 'string') return err(`${kind}: expected a name as text.`)
  // What was pulled before a deployment renamed its part can be taken back all the same.
  if (isUndone) return ok({ of, name })
  const fault = faultOf(kind, of, name, zone)
  return fault === undefined ? ok({ of, name }) : err(`${kind}.${of}: ${fault}`)
}

function faultOf(kind: Lever['kind'], of: LeverSubject, name: string, zone: Zone): string | undefined {
  if (of === 'zone') return name === zone.name ? undefined : `expected the name of this zone, "${zone.name}".`
  if (of !== 'route') return partFault(of, name, zone)
  const routes = allRoutesOf(zone).filter((route) => routeName(route) === name)
  if (routes.length === 0) return 'expected a route of this zone, as the configuration and the log name it.'
  if (kind === 'open')
    return routes.some(canOpen)
      ? undefined
      : 'it cannot be opened: expected a route that is on sale, calls no model and speaks no protocol.'
  return routes.every(({ terms }) => terms.kind === 'closed')
    ? 'it is closed already, by the configuration.'
    : undefined
}

function partFault(of: 'model' | 'provider', name: string, zone: Zone): string | undefined {
  const known = calledOf(zone)[of]
  if (known.has(name)) return undefined
  return known.size === 0 ? `no route of this zone has a ${of}.` : `expected a ${of} that a route of this zone calls.`
}

function readUntil(kind: Lever['kind'], given: unknown, now: number): Result<number, string> {
  const at = typeof given === 'string' ? parseInstant(given) : undefined
  if (at === undefined) return err('until: expected a date and time such as "2026-11-29T06:00:00Z".')
  const hours = MOST_HOURS[kind]
  if (at * 1000 <= now) return err('until: expected a time to come.')
  if (at * 1000 > now + hours * HOUR_MS) return err(`until: expected a time within ${hours} hours.`)
  return ok(at * 1000)
}
