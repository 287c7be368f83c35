/** What the outside world must give the gate. Types only. */
import type { PostCommand } from './standing/rules/bulletin.ts'
import type { CachePartition } from './cache/rules/key.ts'
import type { Observed, Fallback } from './access/decide.ts'
import type { Eventually } from './core/eventually.ts'
import type { Exchange } from './http/rules/exchange.ts'
import type { Bound } from './access/meter.ts'
import type { Issuer } from './access/issuer.ts'
import type {
  AmendCommand,
  AmendOutcome,
  ChargeCommand,
  ChargeOutcome,
  ChargeRefused,
  DescribeCommand,
  GrantCommand,
  GrantOutcome,
  RecordStatementCommand,
  RecordStatementOutcome,
  ReadCommand,
  LedgerSnapshot,
  Statements,
} from './ledger/rules/commands.ts'
import type {
  BeginSettlementCommand,
  BeginSettlementOutcome,
  EndSettlementCommand,
  EndSettlementOutcome,
} from './ledger/rules/payment.ts'
import type { Delta, Version } from './standing/rules/delta.ts'
import type { Refusal } from './core/problem.ts'
import type { Proof } from './access/proof.ts'
import type { Purge } from './cache/rules/purge.ts'
import type { Result } from './core/result.ts'
import type { Route } from './access/route.ts'
import type { StatusReference, TokenStatus } from './access/statuslist.ts'
import type { Stored } from './cache/rules/stored.ts'
import type { Zone } from './zone.ts'
import type { Log } from './logrecord.ts'

export type { Statements as Said } from './ledger/rules/commands.ts'

/** Milliseconds since 1970. */
export type Clock = () => number

/** Keeps the runtime alive until the work is done, though the response has left. */
export type WaitUntil = (work: Promise<unknown>) => void

/** The keys of the issuers. */
export interface Keys {
  /**
   * Which set of keys an issuer has now. Changes exactly when the set does, so that what was verified under one set is
   * verified anew under the next. Undefined when that needs I/O: `find` then does it.
   */
  generation(issuer: Issuer, now: number, waitUntil: WaitUntil): number | undefined
  /**
   * The keys a token may be signed with. Errors: `credential-invalid` when the issuer has no such key, or several and the
   * token does not say which; `keys-unavailable`.
   */
  find(issuer: Issuer, wanted: WantedKey, call: Call): Eventually<Result<FoundKeys, Refusal>>
}

/** What a JWS header says of its key (RFC 7515 §4.1). */
export interface WantedKey {
  readonly alg: string
  readonly kid: string | undefined
}

export interface FoundKeys {
  /** One, or the few that share a `kid`: any of them may have signed. */
  readonly keys: readonly (CryptoKey | Uint8Array)[]
  readonly generation: number
}

/** What issuers' status lists say of their tokens. */
export interface StatusLists {
  /** Errors: `standing-unavailable`, and `credential-invalid` for a place that the list does not have. */
  of(status: StatusReference, call: Call): Eventually<Result<TokenStatus, Refusal>>
}

/** What comes with each request: the time it came, and a way to outlive it. */
export interface Call {
  readonly now: number
  readonly waitUntil: WaitUntil
}

/** A request that has been let through, on its way to the origin. */
export interface AdmittedRequest {
  readonly zone: Zone
  readonly route: Route
  readonly exchange: Exchange
  /** By which it was let through; undefined for an anonymous reader: of a free page, or while the route is only watched. */
  readonly proof: Proof | undefined
  /** There while the route is only watched. For the log: nothing else may depend on who asked. */
  readonly observed: Observed | undefined
  readonly request: Request
  readonly partition: CachePartition
  /** What is paid with where the plan is used up. */
  readonly fallback?: Fallback | undefined
  /** When the passage ends that was paid for, where that is before the credential does: milliseconds since 1970. */
  readonly endsMs?: number
  /** The content of the request, if it was read. */
  readonly content?: Uint8Array<ArrayBuffer>
  /** What the route's meter has bounded the request by. */
  readonly bound?: Bound
  /** The server that is to answer, by its URL or binding; the pool chooses among all without it. */
  readonly server?: string
}

/**
 * Why there is no answer: no server could be had, none answered in time, all have as many requests as they may, or what is
 * configured cannot be used; or the client's own content broke off, or did not come.
 */
export type OriginFailure =
  | 'origin-unreachable'
  | 'origin-timeout'
  | 'overloaded'
  | 'misconfigured'
  | 'request-malformed'
  | 'request-timeout'

/**
 * The next stage: whatever answers a request that the gate has let through. `outgoing` makes the request as an origin may
 * see it. The fields of the response can be changed. Never throws for an expected failure.
 */
export type Origin = (admitted: AdmittedRequest, outgoing: () => Request) => Eventually<Result<Answer, OriginFailure>>

/** What the next stage answered, and how. */
export interface Answer {
  readonly response: Response
  /** How a cache of ours handled it: parameters of its member of `Cache-Status` (RFC 9211), as in `fwd=miss; stored`. */
  readonly cache?: string
  /** How long the copy that it was made from is still fresh; negative when it no longer is. */
  readonly ttlSeconds?: number
  /** The copy that the response was made from, where all of it is there. */
  readonly copy?: Copy
  /** True where all of its content is there and short, so that nothing of it can be held back any more. */
  readonly isWhole?: boolean
  /** What the app behind the middleware has reported that the request used, by name. */
  readonly reported?: (() => Readonly<Record<string, bigint>> | undefined) | undefined
}

/** The ledger of one account or of one receipt. A failed call says nothing of what became of the command. */
export interface Ledger {
  /** Reserves what a request may cost, all of it or nothing. */
  charge(command: ChargeCommand): Promise<Result<ChargeOutcome, 'ledger-unavailable'>>
  /** Why that charge would be refused now, or undefined. Changes nothing, and tells of no conflict of keys. */
  dryRun(command: ChargeCommand): Promise<Result<ChargeRefused | undefined, 'ledger-unavailable'>>
  /** Says what it did cost. */
  amend(command: AmendCommand): Promise<Result<AmendOutcome, 'ledger-unavailable'>>
  /** Says of what representation an answer is that is being sent. */
  describe(command: DescribeCommand): Promise<Result<undefined, 'ledger-unavailable'>>
  /** Says that a request is about to have its payment settled: to be durable before anyone is called. */
  beginSettlement(command: BeginSettlementCommand): Promise<Result<BeginSettlementOutcome, 'ledger-unavailable'>>
  /** Says what was heard of it. */
  endSettlement(command: EndSettlementCommand): Promise<Result<EndSettlementOutcome, 'ledger-unavailable'>>
  /** Adds prepaid credit. */
  grant(command: GrantCommand): Promise<Result<GrantOutcome, 'ledger-unavailable'>>
  /** Keeps what was said of the account, or of tokens, after they were signed. */
  recordStatement(command: RecordStatementCommand): Promise<Result<RecordStatementOutcome, 'ledger-unavailable'>>
  /** What was said of the account of this ledger, and of one token of it. */
  statements(token: string | undefined): Promise<Result<Statements, 'ledger-unavailable'>>
  /** Where the account or receipt stands. Changes nothing. */
  read(command: ReadCommand): Promise<Result<LedgerSnapshot, 'ledger-unavailable'>>
}

/** Where the bulletin of a zone is kept. A failed call says nothing of what became of a post. */
export interface BulletinStore {
  post(command: PostCommand): Promise<Result<undefined, 'ledger-unavailable'>>
  delta(since: Version): Promise<Result<Delta, 'ledger-unavailable'>>
}

/** The bulletin of the zone of this name. */
export type BulletinStores = (zone: string) => BulletinStore

/** The ledger of this name. Names differ where accounts or receipts do. */
export type Ledgers = (name: string) => Ledger

/**
 * True where the platform's rate limit of that binding has room for one more under the key, which it then counts. Not exact,
 * and may reject.
 */
export type RateLimiter = (binding: string, key: string) => Promise<boolean>

/** Makes every cache behind the gate ask anew for what is purged of one zone. False where that could not be done. */
export type PurgeCopies = (zone: string, purge: Purge) => Promise<boolean>

/** A stored response and its content: plain data, which any request of an isolate may read. */
export interface Copy {
  readonly stored: Stored
  readonly content: Uint8Array
  /** Those of its fields that JavaScript cannot read, as the runtime has them. */
  readonly unreadable?: Headers | undefined
}

/** Where stored responses are kept. Whatever is in it may be gone the next moment. */
export interface CopyStore {
  get(key: string): Eventually<StoredCopy | undefined>
  put(key: string, copy: Copy): Eventually<void>
  /** Small facts about the copies of one zone, kept beside them. */
  getFacts(key: string): Eventually<unknown>
  putFacts(key: string, facts: unknown): Eventually<void>
  delete(key: string): Eventually<void>
}

/** Content that comes from elsewhere is a stream, and belongs to the request that asked for it. */
export interface StoredCopy {
  readonly stored: Stored
  readonly content: Uint8Array | ReadableStream<Uint8Array>
  readonly bytes: number
  readonly unreadable?: Headers | undefined
}

/** What is kept between requests, for every isolate. */
export interface Objects {
  readonly ledgers: Ledgers
  readonly bulletins: BulletinStores
}

/** Closes a WebSocket when its session is over: `supervise` calls `end` then, and returns what stops that. */
export type BoundSocket = (response: Response, supervise: (end: () => void) => () => void) => Response

/** Opens and closes a TCP connection to `host` or `host:port`; rejects if that fails. */
export type Dial = (host: string) => Promise<void>

/**
 * What a runtime gives the gate: everything of the outside world that is not the same everywhere. What the platforms share
 * (timers, streams, `crypto`) is taken as the standard has it. One folder under `platform/` each.
 */
export interface Platform extends Partial<Objects> {
  readonly clock: Clock
  /** From 0 to 1, 1 excluded. Nothing that has to be kept secret comes of it. */
  readonly random: () => number
  readonly log: Log
  /** Asks through no cache, and leaves nothing in one. */
  readonly fetch: typeof fetch
  /** Rate limits of the platform's own. Without them what they would limit is let through, with a line in the log. */
  readonly rates?: RateLimiter | undefined
  /** Where the copies of the embedded cache are kept: at most so many bytes, if they are in this process. */
  copies(maxBytes: number): CopyStore
  /** Without it a WebSocket is passed on as it is. */
  readonly boundSocket?: BoundSocket | undefined
  /** Without it a connection is known to fail only when nothing is answered. */
  readonly dial?: Dial | undefined
  /** The variables, secrets and bindings of the environment, by name. */
  readonly bindings: Readonly<Record<string, unknown>>
  /**
   * Who sent a request: the address of the connection's other end, as the platform knows it. Never what a client could have
   * written itself. Undefined if it is not known.
   */
  clientAddress(request: Request): string | undefined
}

/** Makes the platform of an environment: what is bound to a Worker, or the variables of a process. */
export type PlatformFactory = (bindings: Readonly<Record<string, unknown>>) => Platform
