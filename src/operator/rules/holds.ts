/** The holds of a zone, as its bulletin has them. */
import type { Entry } from '../../access/statements.ts'
import { openHolds } from '../../standing/rules/namedhold.ts'
import { holdIn } from '../../standing/rules/standing.ts'

/** An account, or one token or receipt, that is held. */
export interface HeldSubject {
  readonly issuer: string
  /** Exactly one of the two. */
  readonly account?: string
  readonly jti?: string
  /** In seconds since 1970. */
  readonly since: number
  /** When it ends by itself, in seconds since 1970; undefined if it does not. */
  readonly until: number | undefined
  /** What placed it, such as a dispute; absent for an order of an operator. */
  readonly names: readonly string[]
}

const KEY = /^(account|token) (\d+) /

/** Returns who is held at `now`, in seconds, the latest first. */
export function heldIn(entries: ReadonlyMap<string, Entry>, now: number): readonly HeldSubject[] {
  const held = Array.from(entries, ([key, entry]): HeldSubject | undefined => {
    const hold = holdIn(entry, now)
    const [start, kind, length] = KEY.exec(key) ?? []
    if (hold === undefined || start === undefined) return undefined
    const issuer = key.slice(start.length, start.length + Number(length))
    const name = key.slice(start.length + issuer.length + 1)
    return {
      issuer,
      ...(kind === 'account' ? { account: name } : { jti: name }),
      ...hold,
      names: openHolds(entry, now).map((one) => one.name),
    }
  })
  return held.filter((one) => one !== undefined).toSorted((one, other) => other.since - one.since)
}
