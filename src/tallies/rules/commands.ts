/** What is asked of the object that keeps tallies of a zone. All of it is JSON. */
import type { LedgerRecord } from '../../ledger/rules/record.ts'
import type { Resolution } from './buckets.ts'
import type { KnownCondition, Condition } from './conditions.ts'
import type { EncodedTally } from './encoding.ts'
import type { NearLimit, NearLimits } from './nearlimits.ts'
import type { Dimension, MoneyDimension } from './tally.ts'

/** Adds what an isolate has seen. */
export interface PostTallies {
  readonly kind: 'post'
  readonly timeZone: string
  /** By the start of each minute, in milliseconds since 1970. */
  readonly minutes: readonly (readonly [start: number, tally: EncodedTally])[]
  /** The fingerprint of the configuration that the isolate runs. */
  readonly configuration: string
}

/** Adds records of one payer's ledger, in their order. Those that were added before change nothing. */
export interface AddRecords {
  readonly kind: 'records'
  readonly timeZone: string
  readonly payer: string
  readonly records: readonly LedgerRecord[]
  /** What to list of accounts near a limit, with the position of its record. */
  readonly near?: readonly { readonly position: number; readonly near: NearLimit }[]
}

/** Asks for the sums of a time: from `from`, and before `to`. Both are starts of buckets; of ever they are 0 and 1. */
export interface ReadTallies {
  readonly kind: 'read'
  readonly timeZone: string
  readonly resolution: Resolution
  readonly from: number
  readonly to: number
  /** The names to tell apart. Others are left empty. */
  readonly by: readonly Dimension[]
  readonly moneyBy: readonly MoneyDimension[]
  /** True for a tally of each bucket, in place of one of all. */
  readonly isSeries: boolean
}

/** Notes what holds in a zone now, in the first of its objects. It is noted too that somebody is at work, if that is nothing. */
export interface NoteConditions {
  readonly kind: 'note'
  /** The zone's id. */
  readonly zone: string
  readonly conditions: readonly Condition[]
}

/** Asks for the accounts near a limit. */
export interface ReadNear {
  readonly kind: 'near'
  readonly most: number
  /** Of one account alone. */
  readonly hash?: string
}

/** Forgets an account: the list of those near a limit, and how far its records were added up. */
export interface ForgetPayer {
  readonly kind: 'forget'
  readonly payer: string
  readonly hashes: readonly string[]
}

export type TallyCommand = PostTallies | AddRecords | ReadTallies | NoteConditions | ReadNear | ForgetPayer

export interface TallyReading {
  /** By the start of each bucket; by `from` if there is one of all. Buckets without anything are left out. */
  readonly buckets: readonly (readonly [start: number, tally: EncodedTally])[]
  /** When a configuration was first seen, by its fingerprint. */
  readonly configurations: readonly (readonly [at: number, fingerprint: string])[]
  /** What was noted of the zone. In the first object alone. */
  readonly conditions?: readonly KnownCondition[]
  /** What whoever watches the zone keeps, in the first object. */
  readonly watched?: string | undefined
}

export type TallyAnswer =
  | { readonly ok: true; readonly value: TallyReading | undefined; readonly near?: NearLimits }
  | { readonly ok: false; readonly error: string }
