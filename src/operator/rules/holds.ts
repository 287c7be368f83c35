/** The holds of a zone, as its bulletin has them. */
import type { Entry } from '../../access/statements.ts'
import { holdBegan } from '../../standing/rules/standing.ts'

/** An account, or one token or receipt, that is held. */
export interface HeldSubject {
  readonly issuer: string
  /** Exactly one of the two. */
  readonly account?: string
  readonly jti?: string
  /** In seconds since 1970. */
  readonly since: number
  /** What placed it, such as a dispute; absent for an order of an operator. */
  readonly names: readonly string[]
}

const KEY = /^(account|token) (\d+) /

/** Returns who is held, the latest first. */
export function heldIn(entries: ReadonlyMap<string, Entry>): readonly HeldSubject[] {
  const held = Array.from(entries, ([key, entry]): HeldSubject | undefined => {
    const since = holdBegan(entry)
    const [start, kind, length] = KEY.exec(key) ?? []
    if (since === undefined || start === undefined) return undefined
    const issuer = key.slice(start.length, start.length + Number(length))
    const name = key.slice(start.length + issuer.length + 1)
    const { liftedAt = Number.NEGATIVE_INFINITY } = entry
    const names = (entry.holds ?? []).filter((one) => one.liftedAt === undefined && one.at >= liftedAt)
    return {
      issuer,
      ...(kind === 'account' ? { account: name } : { jti: name }),
      since,
      names: names.map((one) => one.name),
    }
  })
  return held.filter((one) => one !== undefined).toSorted((one, other) => other.since - one.since)
}
