/** Interfaces between the gate and the world outside of it. Types only. */
import type { PostCommand } from './standing/rules/bulletin.ts'
import type { Copy, CopyStore } from './cache/rules/copy.ts'
import type { CachePartition } from './cache/rules/key.ts'
import type { Observed, Fallback } from './access/decide.ts'
import type { Eventually } from './core/eventually.ts'
import type { NewPageParser } from './previews/rules/pageparser.ts'
import type { Exchange } from './http/rules/exchange.ts'
import type { ExemptedBy } from './access/exempted.ts'
import type { Bound, NotesCost } from './access/meter.ts'
import type { Issuer } from './access/issuer.ts'
import type { CommandAnswer, LedgerCommand } from './ledger/rules/batch.ts'
import type { AnswerName, KeepAnswerCommand, KeptAnswer } from './ledger/rules/answers.ts'
import type { RecordStatementCommand, RecordStatementOutcome, Statements } from './ledger/rules/statementcommands.ts'
import type {
  AmendCommand,
  AmendOutcome,
  ChargeCommand,
  ChargeOutcome,
  ChargeRefused,
  DescribeCommand,
  ReadCommand,
  LedgerSnapshot,
} from './ledger/rules/commands.ts'
import type { GrantCommand, GrantOutcome } from './ledger/rules/grant.ts'
import type { Act } from './ledger/rules/audit.ts'
import type { AddErasedCommand, EraseCommand, EraseOutcome } from './ledger/rules/erase.ts'
import type { HistoryCommand, LedgerHistory } from './ledger/rules/history.ts'
import type { OrderCommand, OrderName, OrderOutcome } from './ledger/rules/orders.ts'
import type { LedgerPlace } from './ledger/rules/place.ts'
import type {
  BeginSettlementCommand,
  BeginSettlementOutcome,
  EndSettlementCommand,
  EndSettlementOutcome,
} from './ledger/rules/payment.ts'
import type { Delta, KnownBulletin, Version } from './standing/rules/delta.ts'
import type { Distrust } from './access/distrust.ts'
import type { Refusal } from './core/problem.ts'
import type { OriginFailure } from './origin/rules/failure.ts'
import type { CredentialFacts, Proof } from './access/proof.ts'
import type { Purge } from './cache/rules/purge.ts'
import type { Result } from './core/result.ts'
import type { Route } from './access/route.ts'
import type { StatusReference, TokenStatus } from './access/statuslist.ts'
import type { FoundKeys, WantedKey } from './access/verificationkey.ts'
import type { ClientFacts } from './clientfacts.ts'
import type { ZoneStores } from './zonestores.ts'
import type { Zone } from './zone.ts'
import type { WriteLines } from './logrecord.ts'

export type { Copy, CopyStore, StoredCopy } from './cache/rules/copy.ts'
export type { FoundKeys, VerificationKey, WantedKey } from './access/verificationkey.ts'
export type { OriginFailure } from './origin/rules/failure.ts'
export type { Statements as Said } from './ledger/rules/statementcommands.ts'

/** Milliseconds since 1970. */
export type Clock = () => number

/** Keeps the runtime alive until the work is done, though the response has left. */
export type WaitUntil = (work: Promise<unknown>) => void

/** Finds the keys of issuers. */
export interface Keys {
  /**
   * Returns the number of an issuer's current key set; undefined if that needs I/O, which `find` then does. The number
   * changes exactly when the set does, so that a token verified under one set is verified anew under the next.
   */
  generation(issuer: Issuer, now: number, waitUntil: WaitUntil): number | undefined
  /**
   * Returns the keys that a token may be signed with. Errors: `credential-invalid`, if the issuer has no such key, or has
   * several and the token does not name one; `keys-unavailable`.
   */
  find(issuer: Issuer, wanted: WantedKey, call: Call): Eventually<Result<FoundKeys, Refusal>>
}

/** Looks up tokens in their issuers' status lists. */
export interface StatusLists {
  /**
   * A list that was signed with a key of `distrust` is not used. Errors: `standing-unavailable`; `credential-invalid`, if the
   * list is too short for the token's index.
   */
  of(status: StatusReference, call: Call, distrust?: Distrust): Eventually<Result<TokenStatus, Refusal>>
}

/**
 * Returns what orders of an emergency make void in a zone, no older than the zone's bound; undefined if that is nothing.
 * Error: `standing-unavailable`.
 */
export type ReadDistrust = (zone: Zone, call: Call) => Eventually<Result<Distrust | undefined, Refusal>>

/** The time of a request, and a way to outlive it. */
export interface Call {
  readonly now: number
  readonly waitUntil: WaitUntil
}

/** An admitted request, on its way to the origin. */
export interface AdmittedRequest extends NotesCost {
  readonly zone: Zone
  readonly route: Route
  readonly exchange: Exchange
  /** The proof that admitted the request; undefined for an anonymous reader, or while the route is only observed. */
  readonly proof: Proof | undefined
  /** What was presented, for the log. */
  readonly credential?: CredentialFacts | undefined
  /** Present while the route is only observed. For the log: nothing else may depend on it. */
  readonly observed: Observed | undefined
  readonly request: Request
  readonly partition: CachePartition
  /** Present if nobody pays: what has opened the page. The origin learns of nobody, whoever `proof` is, unless a cost was waived. */
  readonly exempt?: ExemptedBy
  /** The second way to pay, for use when the plan is used up. */
  readonly fallback?: Fallback | undefined
  /** The end of a paid passage, in milliseconds since 1970, if it comes before the end of the credential. */
  readonly endsMs?: number
  /** The content of the request, if it was read. */
  readonly content?: Uint8Array<ArrayBuffer>
  /** Collects the answer for the same request again, before it is shaped. `isStored`: a cache has the answer. */
  readonly collect?: (response: Response, isStored: boolean) => void
  /** The bound that the route's meter has set for the request. */
  readonly bound?: Bound
  /** The server to answer, by its URL or the name of its binding. The pool chooses among all if absent. */
  readonly server?: string
  /** Path and query to ask that server for, in place of the target's. */
  readonly path?: string
  /** The id of the charge; undefined if nothing is charged. */
  readonly charge?: string
  /** Writes the last bytes of an event stream that the gate ends; undefined in a format that has none. */
  readonly terminal?: (why: Refusal) => Uint8Array | undefined
}

/**
 * The next stage: answers an admitted request. `outgoing` makes the request as an origin may see it. The fields of the
 * response can be changed. Never throws for an expected failure.
 */
export type Origin = (admitted: AdmittedRequest, outgoing: () => Request) => Eventually<Result<Answer, OriginFailure>>

/** The answer of the next stage, with the facts of its making. */
export interface Answer {
  readonly response: Response
  /** The handling by a cache of ours: parameters of its member in `Cache-Status` (RFC 9211), as in `fwd=miss; stored`. */
  readonly cache?: string
  /** Seconds for which the underlying copy is still fresh; negative once it is stale. */
  readonly ttlSeconds?: number
  /** The copy that the response was made from, if all of it is in memory. */
  readonly copy?: Copy
  /** True if the whole content is here and short: nothing of it can be held back any more. */
  readonly isWhole?: boolean
  /** Returns the usage reported by the app behind the middleware, by name. */
  readonly reported?: (() => Readonly<Record<string, bigint>> | undefined) | undefined
}

/** Carries out a rare command of a ledger, by its name. */
export type ApplyOrder = <N extends OrderName>(
  name: N,
  command: OrderCommand<N>,
) => Promise<Result<OrderOutcome<N>, 'ledger-unavailable'>>

/** The ledger of one account or of one receipt. After a failed call the command may or may not have taken effect. */
export interface Ledger {
  /** Reserves the greatest cost of a request, all of it or nothing. */
  charge(command: ChargeCommand): Promise<Result<ChargeOutcome, 'ledger-unavailable'>>
  /**
   * Returns the reason for which a charge would be refused now, or undefined. Changes nothing, and does not detect
   * conflicts of idempotency keys.
   */
  dryRun(command: ChargeCommand): Promise<Result<ChargeRefused | undefined, 'ledger-unavailable'>>
  /** Amends a charge to the actual cost. `mayWait`: it gives nothing back, so it may wait a moment to share a call. */
  amend(command: AmendCommand, mayWait?: boolean): Promise<Result<AmendOutcome, 'ledger-unavailable'>>
  /** Names the representation being sent, so that further Ranges of it belong to the charge. */
  describe(command: DescribeCommand): Promise<Result<undefined, 'ledger-unavailable'>>
  /** Sends commands of several requests in one call, within the bounds of a batch; each is answered by itself. */
  apply?(commands: readonly LedgerCommand[]): Promise<readonly CommandAnswer[]>
  /** Marks a payment as about to be settled. Must be durable before anyone is called. */
  beginSettlement(command: BeginSettlementCommand): Promise<Result<BeginSettlementOutcome, 'ledger-unavailable'>>
  /** Notes the result of a settlement. */
  endSettlement(command: EndSettlementCommand): Promise<Result<EndSettlementOutcome, 'ledger-unavailable'>>
  /** Keeps the answer of a charge, for at most a day. It may be dropped sooner, if newer ones need the room. */
  keepAnswer(command: KeepAnswerCommand): Promise<Result<undefined, 'ledger-unavailable'>>
  /** Returns the kept answer of a charge; undefined if there is none. */
  keptAnswer(name: AnswerName): Promise<Result<KeptAnswer | undefined, 'ledger-unavailable'>>
  /** Adds prepaid credit. */
  grant(command: GrantCommand): Promise<Result<GrantOutcome, 'ledger-unavailable'>>
  /** Records statements about the account or its tokens, made after they were signed. */
  recordStatement(command: RecordStatementCommand): Promise<Result<RecordStatementOutcome, 'ledger-unavailable'>>
  /** Returns the statements about the account of this ledger, and about one of its tokens. */
  statements(token: string | undefined): Promise<Result<Statements, 'ledger-unavailable'>>
  /** Returns the state of the account or receipt. Changes nothing. */
  read(command: ReadCommand): Promise<Result<LedgerSnapshot, 'ledger-unavailable'>>
  /** Carries out a rare command by its name: see `Orders`. */
  readonly order: ApplyOrder
  /** Returns a page of everything that the ledger still knows. Changes nothing. */
  history(command: HistoryCommand): Promise<Result<LedgerHistory, 'ledger-unavailable'>>
  /** Erases the account of this ledger. Its sums are kept until `endErase` says that the zone's ledger has them. */
  erase(command: EraseCommand): Promise<Result<EraseOutcome, 'ledger-unavailable'>>
  endErase(id: string): Promise<Result<undefined, 'ledger-unavailable'>>
  /** Adds the sums of an erased account to this ledger, which is the zone's, once for each id. */
  addErased(command: AddErasedCommand): Promise<Result<undefined, 'ledger-unavailable'>>
}

/** The store of a zone's bulletin. After a failed call a post may or may not have taken effect. */
export interface BulletinStore {
  /** `act` is recorded with the post, in the zone's audit: the orders of the bulletin's own ledger. */
  post(command: PostCommand, act?: Act): Promise<Result<undefined, 'ledger-unavailable'>>
  delta(since: Version): Promise<Result<Delta, 'ledger-unavailable'>>
  readonly order: ApplyOrder
}

/** Returns the bulletin of a zone, by its id. In another jurisdiction it is another bulletin. */
export type BulletinStores = (zone: string, place: LedgerPlace) => BulletinStore

/** What was said lately in a zone, as this isolate knows it. Error: `standing-unavailable`. */
export interface KnownBulletins {
  of(zone: Zone, call: Call): Eventually<Result<KnownBulletin, Refusal>>
}

/** Returns a ledger by its name. No two holders share one. `openLedger` knows the place of each. */
export type Ledgers = (name: string, place: LedgerPlace) => Ledger

/**
 * Counts one request under `key` and returns true, if the platform's rate limit of that binding has room. Not exact, and
 * may reject.
 */
export type RateLimiter = (binding: string, key: string) => Promise<boolean>

/** Makes every cache behind the gate ask the origin anew for the purged copies of a zone, by its id. Returns false if it cannot. */
export type PurgeCopies = (zone: string, purge: Purge) => Promise<boolean>

/** The stores shared by all isolates. */
export interface Objects extends ZoneStores {
  readonly ledgers: Ledgers
  readonly bulletins: BulletinStores
}

/**
 * Closes a WebSocket when its session is over. `supervise` calls `end` once, when the session expires, and returns a
 * function that cancels it, for a socket that has closed by itself.
 */
export type BoundSocket = (response: Response, supervise: (end: () => void) => () => void) => Response

/** Opens and closes a TCP connection to `host` or `host:port`; rejects if that fails. */
export type Dial = (host: string) => Promise<void>

/**
 * The runtime as given to the gate: everything outside that differs between runtimes. Standard features (timers, streams,
 * `crypto`) are used directly. Each platform has a folder under `platform/`.
 *
 * @example
 * ```ts
 * // src/platform/bare/index.ts
 * import { createMemoryStore } from '../../cache/memorystore.ts'
 * import type { Platform } from '../../ports.ts'
 * export function bare(bindings: Readonly<Record<string, unknown>>): Platform {
 *   return {
 *     clock: () => Date.now(),
 *     random: () => Math.random(),
 *     log: (lines) => console.log(lines.map((line) => JSON.stringify(line)).join('\n')),
 *     fetch: (input, init) => fetch(input, { cache: 'no-store', ...init }),
 *     copies: (maxBytes) => createMemoryStore(maxBytes),
 *     bindings,
 *     clientAddress: () => undefined,
 *   }
 * }
 * ```
 */
export interface Platform extends Partial<Objects>, ClientFacts {
  readonly clock: Clock
  /** Returns a random number from 0 to 1, 1 excluded. Never used for secrets. */
  readonly random: () => number
  readonly log: WriteLines
  /** Fetches past all caches; stores nothing in them. */
  readonly fetch: typeof fetch
  /** Rate limits of the platform. Absent: requests are admitted unlimited, with a line in the log. */
  readonly rates?: RateLimiter | undefined
  /** Returns the store of the embedded cache. A store in this process holds at most `maxBytes`. */
  copies(maxBytes: number): CopyStore
  /** Absent: a WebSocket is passed on unbounded. */
  readonly boundSocket?: BoundSocket | undefined
  /** Absent: a failed connection shows only by the lack of an answer. */
  readonly dial?: Dial | undefined
  /** True if a request may await a promise that another resolves. Else each makes its own calls to ledgers. */
  readonly sharesPromises?: boolean
  /** The variables, secrets and bindings of the environment, by name. */
  readonly bindings: Readonly<Record<string, unknown>>
  /** The runtime's parser of pages. Absent: nothing is shown of pages on sale. */
  readonly newPageParser?: NewPageParser | undefined
}

/** Creates the platform from an environment: the bindings of a Worker, or the variables of a process. */
export type PlatformFactory = (bindings: Readonly<Record<string, unknown>>) => Platform
