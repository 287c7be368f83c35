/**
 * The commands of a ledger that are rare: they travel alone, and by name. One that this version does not know is refused by
 * the host, so that gate and ledger may be of two versions.
 */
import { type Act, audit, type AuditPage, type AuditQuery, recordAct, recorded } from './audit.ts'
import type { Applied, Book } from './book.ts'
import type { ChargeView } from './commands.ts'
import type { DailySum } from './daily.ts'
import {
  changeCredential,
  type ChangeCredentialCommand,
  type ChangeCredentialOutcome,
  type CredentialKind,
  issueCredential,
  type IssueCredentialCommand,
  type IssueCredentialOutcome,
  type IssuedCredential,
  listCredentials,
  useCredential,
  type UseCredentialCommand,
  type UsedCredential,
} from './credentials.ts'
import { undoGrant } from './credit.ts'
import { chargeTries, dailySums, type SumsQuery, type TriesQuery } from './lookups.ts'
import { reverse, type ReverseCommand, type ReverseOutcome } from './reverse.ts'
import {
  dropSessions,
  type DropSessionsCommand,
  keepSession,
  type KeepSessionCommand,
  type KeepSessionOutcome,
  leaseSession,
  type LeaseSessionCommand,
  type LeaseSessionOutcome,
  putSession,
  type PutSessionCommand,
  type PutSessionOutcome,
} from './sessions.ts'
import {
  listSigned,
  noteSigned,
  noteUndone,
  type NoteUndoneCommand,
  type SignedAct,
  type SignedPage,
  type SignedQuery,
  type UndoGrantCommand,
  type UndoGrantOutcome,
} from './signedacts.ts'
import { takeCredit, type TakeCreditCommand, type TakeCreditOutcome } from './takecredit.ts'

/** The command and the outcome of each order. */
export interface Orders {
  /** Returns a page of the audit: who did what to the account. */
  audit: [command: AuditQuery, outcome: AuditPage]
  /** Records an act without another effect on this ledger. */
  recordAct: [command: Act, outcome: undefined]
  /** Gives a closed charge back, once. */
  reverseCharge: [command: ReverseCommand, outcome: ReverseOutcome]
  /** Notes an act that a key signed, before it is carried out. An order of the zone's ledger. */
  noteSigned: [command: Omit<SignedAct, 'at' | 'part' | 'undone'>, outcome: { readonly isRepeat: boolean }]
  /** Returns a page of what a key signed. */
  listSigned: [command: SignedQuery, outcome: SignedPage]
  /** Notes that acts were undone. */
  noteUndone: [command: NoteUndoneCommand, outcome: { readonly noted: number }]
  /** Takes a grant of credit back, as far as it is left. */
  undoGrant: [command: UndoGrantCommand, outcome: UndoGrantOutcome]
  /** Takes credit back whose payment was taken back. What is not left of it is a debt. */
  takeCredit: [command: TakeCreditCommand, outcome: TakeCreditOutcome]
  /** Returns all tries of a charge. */
  chargeTries: [command: TriesQuery, outcome: readonly ChargeView[]]
  /** Returns the sums of days. */
  dailySums: [command: SumsQuery, outcome: readonly DailySum[]]
  /** Keeps a new API key or feed token of the account. */
  issueCredential: [command: IssueCredentialCommand, outcome: IssueCredentialOutcome]
  /** Changes an issued credential, replaces its secret, or removes it. */
  changeCredential: [command: ChangeCredentialCommand, outcome: ChangeCredentialOutcome]
  /** Returns an issued credential with the statements about it, and notes the day of its use. */
  useCredential: [command: UseCredentialCommand, outcome: UsedCredential]
  /** Returns the account's issued credentials of one kind. */
  listCredentials: [command: CredentialKind, outcome: readonly IssuedCredential[]]
  /** Keeps a new session of the account. */
  keepSession: [command: KeepSessionCommand, outcome: KeepSessionOutcome]
  /** Lets one caller renew a session, or returns what another has renewed. */
  leaseSession: [command: LeaseSessionCommand, outcome: LeaseSessionOutcome]
  /** Keeps the renewed claims of a session. */
  putSession: [command: PutSessionCommand, outcome: PutSessionOutcome]
  /** Ends sessions, and returns those that were kept. */
  dropSessions: [command: DropSessionsCommand, outcome: readonly IssuedCredential[]]
}

export type OrderName = keyof Orders
export type OrderCommand<N extends OrderName> = Orders[N][0]
export type OrderOutcome<N extends OrderName> = Orders[N][1]

type OrderVerbs = {
  readonly [N in OrderName]: (book: Book, command: OrderCommand<N>, now: number) => Applied<OrderOutcome<N>>
}

export const orders: OrderVerbs = {
  audit,
  recordAct,
  reverseCharge: recorded(reverse),
  noteSigned,
  listSigned,
  noteUndone,
  undoGrant: recorded(undoGrant),
  takeCredit: recorded(takeCredit),
  chargeTries,
  dailySums,
  issueCredential: recorded(issueCredential),
  changeCredential: recorded(changeCredential),
  useCredential,
  listCredentials,
  keepSession,
  leaseSession,
  putSession,
  dropSessions,
}
