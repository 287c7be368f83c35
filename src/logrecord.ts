/** Takes the one record that each request leaves. */
export type Log = (record: LogRecord) => void

/** One line of the log. It holds no credential, no path and no query: an account's reading is nobody's business. */
export interface LogRecord {
  /** When the request came: RFC 3339, in UTC, with milliseconds. */
  readonly time: string
  readonly id: string
  /** The client's trace, where it began one; else the id names the trace. */
  readonly trace: string | undefined
  readonly zone: string | undefined
  /** The pattern of the route, as configured. */
  readonly route: string | undefined
  readonly method: string
  readonly status: number
  /** `prefetch`: what was only fetched ahead was declined, which is no refusal of anyone. */
  readonly decision: 'serve' | 'refuse' | 'prefetch' | 'preflight' | 'own'
  readonly reason: string | undefined
  /** The check that failed, where a refusal has one. */
  readonly check: string | undefined
  /** What would have happened, where the route is only watched: `serve`, or the reason of the refusal. */
  readonly observed: string | undefined
  /** A keyed hash: of who asked, or at an endpoint of the gate's own, of whom it was about. */
  readonly account: string | undefined
  /** What was reserved for a response that costs; less may be kept in the end. */
  readonly charged: ChargedFacts | undefined
  /** What was done at an endpoint of the gate's own, and by whom. */
  readonly audit: AuditFacts | undefined
  readonly cache: string | undefined
  readonly originMs: number | undefined
  readonly totalMs: number
}

/** Decimal strings, for a reader of JSON may not hold such numbers. */
export interface ChargedFacts {
  readonly units?: Readonly<Record<string, string>>
  readonly price?: { readonly amount: string; readonly currency: string }
  /** Of a receipt. */
  readonly uses?: number
  /** True where the request went on with an earlier charge, and added nothing or less. */
  readonly joined?: true
}

/** Who did what. Whom it was about is the line's `account`. */
export interface AuditFacts {
  /** `credit`, `hold`, `lift`, `purge`, `event`, or the name of a source of events. */
  readonly action: string
  /** An operator's subject, the issuer that signed an event, or a source of events; absent where nobody could be told. */
  readonly by?: string
  /** False where nothing was changed. */
  readonly done: boolean
  readonly [detail: string]: string | boolean | undefined
}
