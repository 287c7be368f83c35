import type { Offer } from '../access/offer.ts'
import { REASONS, type Refusal } from '../core/problem.ts'
import type { Exchange, Field } from '../http/rules/exchange.ts'
import type { Contribution, Members, Rail } from '../rails/rail.ts'
import type { Zone } from '../zone.ts'

/** What the rails of a site are asked about; without a site there are none. */
export interface Challenged {
  readonly zone: Zone
  readonly rails: readonly Rail[]
  readonly offer: Offer | undefined
}

/** What rails add to a refusal. */
export interface RailsChallenge {
  readonly fields: readonly Field[]
  readonly members: Members
}

/** What the rails say every time, and those that have to be asked each time. */
export interface StaticChallenge extends RailsChallenge {
  readonly dynamic: readonly Rail[]
}

export const NO_CHALLENGE: StaticChallenge = { fields: [], members: {}, dynamic: [] }

/** Asks all rails, and keeps what is the same each time. `room`: for their fields, in bytes. */
export function challengeOnce(
  { zone, rails, offer }: Challenged,
  refusal: Refusal,
  exchange: Exchange,
  room: number,
): StaticChallenge {
  const asked = rails
    .filter((rail) => maySay(rail, refusal))
    .map((rail) => ({ rail, said: rail.challenge({ zone, refusal, offer, exchange }) }))
  const lasting = asked.filter(({ said }) => said.isStatic === true).map(({ said }) => said)
  const dynamic = asked.filter(({ said }) => said.isStatic !== true).map(({ rail }) => rail)
  return { ...joined(lasting, {}, room), dynamic }
}

/**
 * What no payment cures is not to look as if one did: many clients pay again by themselves. A rail that moves money says how
 * only where paying is the cure.
 */
function maySay({ settler }: Rail, { reason }: Refusal): boolean {
  if (reason === 'security-hold' || reason === 'settlement-unknown') return false
  return settler === undefined || REASONS[reason].status === 402
}

/** Asks the rails that have to be asked each time. The members are those of all rails, the fields only of these. */
export function challengeAnew(
  { zone, offer }: Challenged,
  { members, dynamic }: StaticChallenge,
  refusal: Refusal,
  exchange: Exchange,
  room: number,
): RailsChallenge {
  const contributions = dynamic.map((rail) => rail.challenge({ zone, refusal, offer, exchange }))
  return joined(contributions, members, room)
}

function joined(contributions: readonly Contribution[], before: Members, room: number): RailsChallenge {
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

/** All fields of a refusal together, as HTTP/1.1 sends them, so that any server and client takes them. */
export const MAX_FIELDS_BYTES = 6 * 1024
/** Of those, left to `Link`, however much the rails say. */
export const LEAST_LINK_BYTES = 512
/** Of those, left to the runtime and to what is added last: `Date`, the reader's origin, `Server-Timing`. */
export const LAST_BYTES = 512
/** Of those, left to what the refusal of one request has of its own: a cookie that is removed, `RateLimit`. */
export const OWN_BYTES = 1024

export function bytesOf(fields: readonly Field[]): number {
  let bytes = 0
  for (const [name, value] of fields) bytes += name.length + value.length + 4
  return bytes
}
