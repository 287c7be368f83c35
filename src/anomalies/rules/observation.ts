import { parseInstant } from '../../core/instant.ts'

/**
 * One line of the log, as detectors read it. Members beyond those of a log without anomalies are keyed hashes: they tell
 * two apart and say nothing else.
 */
export interface Observation {
  /** RFC 3339, in UTC. */
  readonly time: string
  readonly id?: string | undefined
  /** How many requests it stands for that differ in nothing but their time, within seconds; 1 if absent. */
  readonly times?: number | undefined
  readonly zone?: string | undefined
  readonly route?: string | undefined
  readonly decision?: string | undefined
  readonly reason?: string | undefined
  readonly status?: number | undefined
  readonly rail?: string | undefined
  /** `verified`: a credential was genuine. Without it nothing counts against an account or a token. */
  readonly credential?: string | undefined
  readonly account?: string | undefined
  readonly plan?: string | undefined
  readonly charged?: ChargedAmounts | undefined
  /** The client's /24 or /48, hashed under the salt of the day. Of billing's events: that at which the trip began. */
  readonly network?: string | undefined
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined
  /** The autonomous system of the client's address. */
  readonly asn?: number | undefined
  /** The `jti` or receipt. Of a credential that was refused: all of it as it was sent. */
  readonly token?: string | undefined
  /** What would have been decided where a route is only observed: `serve`, or the reason of a refusal. */
  readonly observed?: string | undefined
  /** When it was issued, or its owner signed in: whole seconds since 1970. Absent for what nobody signs in with. */
  readonly issued?: number | undefined
  /** A trip to the checkout. */
  readonly trip?: string | undefined
  /** What billing says of a trip; or that it has begun, which says nothing of it but where it is from. */
  readonly event?: 'payment-declined' | 'payment-succeeded' | 'trip-begun' | undefined
  /** Tells two events of billing apart: one may come twice. */
  readonly eventId?: string | undefined
}

/** What was reserved for a response, as the log says it. */
export interface ChargedAmounts {
  readonly price?: { readonly amount: string; readonly currency: string } | undefined
  readonly units?: Readonly<Record<string, string>> | undefined
  readonly uses?: number | undefined
  readonly joined?: boolean | undefined
}

/** Whom a signal speaks of, and whose ledger or isolate keeps its state. */
export type Suspect = 'account' | 'token' | 'network' | 'trip'

/**
 * Returns the key of the suspect that an observation is about, or undefined if it is about none. An observation without a
 * verified credential is about no account and no token, whatever it names: else anyone could speak of anyone. A receipt is
 * good for whoever holds it, so what is done with it says nothing of the account that paid. Nor does one that has ended: a
 * token that was leaked and then ended by a new sign-in would speak against its owner for good.
 */
export function suspectOf(suspect: Suspect, observation: Observation): string | undefined {
  if (suspect !== 'account' && suspect !== 'token') return observation[suspect]
  if (observation.credential !== 'verified' || observation.decision === 'own') return undefined
  const isOfNobody = isOfReceipt(observation) || ENDED.has(observation.reason)
  return suspect === 'account' && isOfNobody ? undefined : observation[suspect]
}

const ENDED: ReadonlySet<string | undefined> = new Set(['credential-expired', 'subscription-inactive'])

const RECEIPT_RAILS: ReadonlySet<string | undefined> = new Set(['receipt', 'purchases'])

function isOfReceipt({ rail, reason, charged }: Observation): boolean {
  return RECEIPT_RAILS.has(rail) || reason === 'payment-spent' || charged?.uses !== undefined
}

const PROGRAM_RAILS: ReadonlySet<string | undefined> = new Set(['keys', 'feeds', 'crawl'])

/** True of what a program presents. Whoever made it cannot be asked to sign in by refusing it. */
export function isOfProgram({ rail }: Observation): boolean {
  return PROGRAM_RAILS.has(rail)
}

/** Returns the seconds since 1970; undefined if the time cannot be read. */
export function observedAt(observation: Observation): number | undefined {
  return parseInstant(observation.time)
}
