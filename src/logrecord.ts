/**
 * Takes the record of a request. Each request leaves exactly one. `waitUntil` lets the line wait for others; without it the
 * line is written at once.
 */
export type Log = (record: LogRecord, waitUntil?: (work: Promise<unknown>) => void) => void

/** Writes records to the log, each as one line. */
export type WriteLines = (records: readonly LogRecord[]) => void

/** One line of the log. Holds no credential, no path and no query: the reading of an account is nobody's business. */
export interface LogRecord {
  /** The time of the request: RFC 3339, in UTC, with milliseconds. */
  readonly time: string
  readonly id: string
  /** The client's trace, if it began one; else the id names the trace. */
  readonly trace: string | undefined
  readonly zone: string | undefined
  /** The pattern of the route, as configured. */
  readonly route: string | undefined
  readonly method: string
  readonly status: number
  /** `prefetch`: a prefetch was declined, which is no refusal of anyone. */
  readonly decision: 'serve' | 'refuse' | 'prefetch' | 'preflight' | 'own'
  readonly reason: string | undefined
  /** The failed check, if the refusal has one. */
  readonly check: string | undefined
  /** The reference that the refusal shows, if it has one. */
  readonly reference: string | undefined
  /** The decision that would have been made while the route is only observed: `serve`, or the reason of the refusal. */
  readonly observed: string | undefined
  /** The rail whose credential counted. Absent if the request had none. */
  readonly rail: string | undefined
  /** `verified`: a credential was genuine, whatever became of the request. `refused`: it was not, or could not be told. */
  readonly credential: 'verified' | 'refused' | undefined
  /** The model, or what else a meter prices. */
  readonly model: string | undefined
  /** The exemption that opened the page, though nobody paid. */
  readonly exempt: string | undefined
  /** The format in which a refusal was written: `html` is a page. */
  readonly format?: string | undefined
  /** What became of a trip to sign in or to buy, at an endpoint of the gate's own. */
  readonly trip?: TripStep | undefined
  /** The offer that the trip is about. */
  readonly offer?: string | undefined
  /** What an event of billing says of a payment on a trip to the checkout. */
  readonly event?: 'payment-declined' | 'payment-succeeded' | undefined
  /** The id of that event. */
  readonly eventId?: string | undefined
  /**
   * The name of the trip to the checkout, as the shop and billing have it: of such an event, and if `anomalies()` watches of a trip
   * that begins.
   */
  readonly checkout?: string | undefined
  /** A keyed hash of the account that asked; for the gate's own endpoints, of the account that was acted upon. */
  readonly account: string | undefined
  /**
   * If `anomalies()` watches: the client's /24 or /48, hashed under a salt of the zone and the day (UTC). Of an event about a trip:
   * that at which the trip began.
   */
  readonly network?: string | undefined
  /** If `anomalies()` watches: the country of the client, ISO 3166-1 alpha-2, where the platform knows it. */
  readonly country?: string | undefined
  /** If `anomalies()` watches: the number of the autonomous system of the client's address, where the platform knows it. */
  readonly asn?: number | undefined
  /** If `anomalies()` watches: a keyed hash of the credential's id; of one that was refused or has none, of all of it. */
  readonly token?: string | undefined
  /** If `anomalies()` watches: the plan that the credential states. */
  readonly plan?: string | undefined
  /** If `anomalies()` watches: when the credential was issued, or its owner signed in, in whole seconds since 1970. */
  readonly issued?: number | undefined
  /** The reservation of a served response. Less may be kept in the end. */
  readonly charged: ChargedFacts | undefined
  /** The action taken at an endpoint of the gate's own, and its author. */
  readonly audit: AuditFacts | undefined
  readonly cache: string | undefined
  readonly originMs: number | undefined
  /** The bytes of content, if the answer has said how many. */
  readonly bytes: number | undefined
  readonly totalMs: number
  /** The share of such lines that are written, if this line stands for others. */
  readonly sampled?: number
}

/** `begun`: the reader was sent off. `finished`: signed in, or bought. `cancelled`: the reader came back without. */
export type TripStep = 'begun' | 'finished' | 'cancelled'

/** Amounts as decimal strings: readers of JSON may not hold numbers of this size. */
export interface ChargedFacts {
  readonly units?: Readonly<Record<string, string>>
  readonly price?: { readonly amount: string; readonly currency: string }
  /** Uses of a receipt. */
  readonly uses?: number
  /** True if the request joined an earlier charge, and added nothing or less. */
  readonly joined?: true
}

/** An action and its author. The account concerned is the `account` of the line. */
export interface AuditFacts {
  /** `credit`, `hold`, `lift`, `purge`, `event`, or the name of an event source. */
  readonly action: string
  /** An operator's subject, the issuer of an event, or an event source; absent if the author is unknown. */
  readonly by?: string
  /** False if nothing was changed. */
  readonly done: boolean
  readonly [detail: string]: string | boolean | undefined
}
