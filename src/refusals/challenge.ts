/**
 * Collects from the rails how to pay, and keeps the fields of a refusal within 6 KB.
 *
 * Most rails say the same to everyone, so their contributions are asked for once and become part of the refusal's template.
 * The other rails are asked for each refusal. Servers and clients limit the bytes of all fields together; a rail whose
 * fields would exceed the room is left out of the fields, and its members still reach the body.
 */
import { isPaidBy, type Offer } from '../access/offer.ts'
import type { Refusal } from '../core/problem.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { Contribution, Members, Rail } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'

/** The rails to ask, and the offer they are asked about. A refusal without a site asks no rail. */
export interface Challenged {
  readonly zone: Zone
  readonly rails: readonly Rail[]
  readonly offer: Offer | undefined
}

/** The fields and members that rails add to a refusal. */
export interface RailsChallenge {
  readonly fields: readonly Field[]
  readonly members: Members
}

/** What never changes of the contributions, and the rails that must be asked each time. */
export interface StaticChallenge extends RailsChallenge {
  readonly dynamic: readonly Rail[]
}

export const NO_CHALLENGE: StaticChallenge = { fields: [], members: {}, dynamic: [] }

/**
 * Asks all rails, and keeps the contributions that never change. `room` is the limit for their fields, in bytes; `status` is that of
 * the refusal.
 */
export function challengeOnce(
  { zone, rails, offer }: Challenged,
  refusal: Refusal,
  exchange: Exchange,
  room: number,
  status: number,
): StaticChallenge {
  const asked = rails
    .filter((rail) => mayContribute(rail, refusal, status, offer))
    .map((rail) => ({ rail, contribution: rail.challenge({ zone, refusal, offer, exchange }) }))
  const fixed = asked.flatMap(({ contribution }): Contribution[] => {
    if (contribution.isStatic === true) return [contribution]
    const { members } = contribution
    return contribution.hasStaticMembers === true && members !== undefined ? [{ fields: [], members }] : []
  })
  const dynamic = asked.filter(({ contribution }) => contribution.isStatic !== true).map(({ rail }) => rail)
  return { ...mergeContributions(fixed, {}, room), dynamic }
}

/**
 * Returns true if the rail may add to this refusal. A refusal that no payment cures must not look payable: many clients pay
 * again by themselves. A rail that moves money contributes to a 402 only, and to offers that its payments count for.
 */
function mayContribute(
  { name, settler }: Rail,
  { reason }: Refusal,
  status: number,
  offer: Offer | undefined,
): boolean {
  if (reason === 'security-hold' || reason === 'settlement-unknown') return false
  return settler === undefined || (status === 402 && (offer === undefined || isPaidBy(offer, name)))
}

/** Asks the rails that must be asked each time. Returns the members of all rails, but the fields of these only. */
export function challengeAnew(
  { zone, offer }: Challenged,
  { members, dynamic }: StaticChallenge,
  refusal: Refusal,
  exchange: Exchange,
  room: number,
): RailsChallenge {
  const contributions = dynamic.map((rail): Contribution => {
    const contribution = rail.challenge({ zone, refusal, offer, exchange })
    return contribution.hasStaticMembers === true ? { fields: contribution.fields } : contribution
  })
  return mergeContributions(contributions, members, room)
}

/** Returns the bytes of the fields that all rails together would add to a 402. */
export function bytesOfChallenge({ zone, rails, offer }: Challenged, refusal: Refusal, exchange: Exchange): number {
  return rails
    .filter((rail) => mayContribute(rail, refusal, 402, offer))
    .reduce((sum, rail) => sum + bytesOf(rail.challenge({ zone, refusal, offer, exchange }).fields), 0)
}

function mergeContributions(contributions: readonly Contribution[], before: Members, room: number): RailsChallenge {
  const fields: Field[] = []
  let members = before
  let left = room
  for (const { fields: given, members: more } of contributions) {
    const bytes = bytesOf(given)
    if (bytes <= left) {
      fields.push(...given)
      left -= bytes
    }
    if (more !== undefined) members = { ...members, ...more, ...members }
  }
  return { fields, members }
}

/**
 * The limit for all fields of a refusal together, in bytes as HTTP/1.1 sends them: servers and clients commonly take so
 * many.
 */
export const MAX_FIELDS_BYTES = 6 * 1024
/** The part of that limit reserved for `Link`, however much the rails add. */
export const LEAST_LINK_BYTES = 512
/** The part reserved for the runtime and for late fields: `Date`, the reader's origin, `Server-Timing`. */
export const LAST_BYTES = 512
/** The part reserved for the fields of one request: a cookie that is removed, `RateLimit`. */
export const OWN_BYTES = 1024

export function bytesOf(fields: readonly Field[]): number {
  let bytes = 0
  for (const [name, value] of fields) bytes += name.length + value.length + 4
  return bytes
}
