/**
 * Writes the changes of a ledger as text, and reads them back.
 *
 * Every text begins with the number of its format. An unknown one is refused, and never taken for an empty ledger; and none
 * is JSON, which the first reader of these tables expects: it refuses what it finds. Amounts are decimal strings. The facts
 * of requests, which are much alike, are written once for each text.
 */
import type { Chain, Charge, EntryRow, Head, LedgerChange, Part } from '../rules/book.ts'
import { type BreakdownView, describeBreakdown, readBreakdown } from '../rules/breakdown.ts'
import type { Amount, Totals, Units } from '../rules/commands.ts'
import { type DailySum, dailyKey } from '../rules/daily.ts'
import type { ErasedState } from '../rules/erase.ts'
import type { Facts, LedgerRecord } from '../rules/record.ts'
import type { Money } from '../../core/money.ts'
import { decodeCrossing, decodeSeries, encodeCrossing, type PlainCrossing, type PlainSeries } from './limitcodec.ts'

/** The format that this version writes, and the only one it reads. */
const FORMAT = '1'

/** Thrown for text of another format, as after a rollback to this version. */
export class UnknownFormat extends Error {
  override readonly name = 'UnknownFormat'
}

export function encodeText(value: unknown): string {
  return `${FORMAT} ${JSON.stringify(value)}`
}

/** Reads text of this format. Only this program writes it, so its shape is trusted. Throws `UnknownFormat`. */
export function decodeText(text: string): unknown {
  if (!text.startsWith(`${FORMAT} `)) throw new UnknownFormat(`format ${text.slice(0, text.indexOf(' '))}`)
  return JSON.parse(text.slice(FORMAT.length + 1))
}

type PlainUnits = readonly (readonly [name: string, units: string])[]
type PlainMoney = readonly [units: string, currency: string]
type PlainAmount = readonly [counts: PlainUnits, uses: number, price?: PlainMoney]
type PlainPart = readonly [id: string, settleBy: number, end: Part['end'], used: PlainAmount, isUnsent?: true]
type PlainChain = Omit<Chain, 'paid'> & { readonly paid: PlainAmount }

export interface PlainCharge {
  readonly i: readonly [id: string, sequence: number, at: number, state: Charge['state'], facts: number]
  readonly act?: number
  readonly keep?: number
  readonly reserved: PlainAmount
  /** Absent if all of the reservation is kept. */
  readonly kept?: PlainAmount
  readonly parts: readonly PlainPart[]
  /** Absent if the charge is the only one of its chain. */
  readonly chain?: PlainChain
  readonly breakdown?: BreakdownView
  readonly payment?: Charge['payment']
}

export interface PlainRecord
  extends Omit<LedgerRecord, 'kept' | 'change' | 'breakdown' | 'facts' | 'id' | 'position' | 'limit'> {
  readonly p: number
  readonly kept: PlainAmount
  readonly change: PlainAmount
  readonly breakdown?: BreakdownView
  readonly limit?: PlainCrossing
  readonly facts: number
}

interface PlainSums {
  readonly counts: PlainUnits
  readonly money: PlainUnits
}
type PlainTotals = Omit<Totals, keyof PlainSums> & PlainSums
type PlainDay = Omit<DailySum, keyof PlainSums> & PlainSums

export type PlainHead = Omit<Head, 'credit' | 'totals' | 'erased'> & {
  readonly credit: readonly PlainMoney[]
  readonly totals: PlainTotals
  readonly erased?: Omit<ErasedState, 'sums'> & {
    readonly sums?: { readonly totals: PlainTotals; readonly days: readonly PlainDay[] }
  }
}

/** Collects the facts of one text: each is written once. */
export class FactsTable {
  readonly #indices = new Map<string, number>()
  readonly all: Facts[] = []

  indexOf(facts: Facts): number {
    const text = JSON.stringify(facts)
    const known = this.#indices.get(text)
    if (known !== undefined) return known
    this.#indices.set(text, this.all.length)
    return this.all.push(facts) - 1
  }
}

export function encodeCharge(charge: Charge, facts: FactsTable): PlainCharge {
  const { id, sequence, at, state, actAt, keepUntil, reserved, kept, parts, chain, breakdown, payment } = charge
  return {
    i: [id, sequence, at, state, facts.indexOf(charge.facts)],
    ...(actAt === undefined ? {} : { act: actAt }),
    ...(keepUntil === undefined ? {} : { keep: keepUntil }),
    reserved: encodeAmount(reserved),
    ...(kept === reserved ? {} : { kept: encodeAmount(kept) }),
    parts: parts.map(encodePart),
    ...(isAlone(charge) ? {} : { chain: { ...chain, paid: encodeAmount(chain.paid) } }),
    ...(breakdown && { breakdown: describeBreakdown(breakdown) }),
    ...(payment === undefined ? {} : { payment }),
  }
}

/** Returns true if the chain says nothing that the charge does not. */
function isAlone({ id, at, chain }: Charge): boolean {
  const { first, since, tries, paid, ...links } = chain
  const isFirst = first === id && since === at && tries === 1 && isNothing(paid)
  return isFirst && Object.values(links).every((link) => link === undefined)
}

function isNothing({ counts, price, uses }: Amount): boolean {
  return counts.length === 0 && price === undefined && uses === 0
}

export function decodeCharge(plain: PlainCharge, facts: readonly Facts[]): Charge {
  const [id, sequence, at, state, index] = plain.i
  const reserved = decodeAmount(plain.reserved)
  const { chain, breakdown, payment } = plain
  const alone = { first: id, since: at, tries: 1, paid: NO_AMOUNT, idempotency: undefined, continuation: undefined }
  return {
    id,
    sequence,
    at,
    state,
    actAt: plain.act,
    keepUntil: plain.keep,
    reserved,
    kept: plain.kept === undefined ? reserved : decodeAmount(plain.kept),
    parts: plain.parts.map(decodePart),
    chain: chain === undefined ? alone : { ...NO_LINKS, ...chain, paid: decodeAmount(chain.paid) },
    ...(breakdown && { breakdown: readBreakdown(breakdown) }),
    ...(payment === undefined ? {} : { payment: { ...NO_EXPIRY, ...payment } }),
    facts: facts[index] ?? {},
  }
}

const NO_AMOUNT: Amount = { counts: [], price: undefined, uses: 0 }
const NO_LINKS = { idempotency: undefined, continuation: undefined }
const NO_EXPIRY = { expires: undefined }

function encodePart({ id, settleBy, end, used, isUnsent }: Part): PlainPart {
  const amount = encodeAmount(used)
  return isUnsent === true ? [id, settleBy, end, amount, true] : [id, settleBy, end, amount]
}

function decodePart([id, settleBy, end, used, isUnsent]: PlainPart): Part {
  return { id, settleBy, end, used: decodeAmount(used), ...(isUnsent === true ? { isUnsent } : {}) }
}

export function encodeRecord(record: LedgerRecord, facts: FactsTable): PlainRecord {
  const { position, id: _id, kept, change, breakdown, limit, ...rest } = record
  const told = {
    ...(breakdown && { breakdown: describeBreakdown(breakdown) }),
    ...(limit && { limit: encodeCrossing(limit) }),
  }
  const amounts = { kept: encodeAmount(kept), change: encodeAmount(change), ...told }
  return { ...rest, p: position, ...amounts, facts: facts.indexOf(record.facts) }
}

export function decodeRecord(plain: PlainRecord, facts: readonly Facts[]): LedgerRecord {
  const { p, kept, change, breakdown, limit, facts: index, ...rest } = plain
  return {
    ...rest,
    repeats: rest.repeats,
    delivery: rest.delivery,
    position: p,
    // A charge may reach several thresholds; of everything else it leaves one.
    id: limit === undefined ? `${rest.charge}/${rest.kind}` : `${rest.charge}/${rest.kind}/${p}`,
    kept: decodeAmount(kept),
    change: decodeAmount(change),
    ...(breakdown && { breakdown: readBreakdown(breakdown) }),
    ...(limit && { limit: decodeCrossing(limit) }),
    facts: facts[index] ?? {},
  }
}

export function encodeHead(head: Head): PlainHead {
  const { credit, totals, erased, ...rest } = head
  return {
    ...rest,
    credit: credit.map(encodeMoney),
    totals: encodeSums(totals),
    ...(erased && { erased: encodeErased(erased) }),
  }
}

function encodeErased({ sums, ...erased }: ErasedState): NonNullable<PlainHead['erased']> {
  if (sums === undefined) return erased
  return { ...erased, sums: { totals: encodeSums(sums.totals), days: sums.days.map(encodeSums) } }
}

export function decodeHead(plain: PlainHead): Head {
  const { credit, totals, receipt, erased, ...rest } = plain
  return {
    ...rest,
    receipt: { ...receipt, since: receipt.since, expires: receipt.expires },
    credit: credit.map(decodeMoney),
    totals: decodeSums(totals),
    ...(erased && { erased: decodeErased(erased) }),
  }
}

/** Encodes the sums of a ledger, or of one of its days. */
export function encodeSums<T extends Pick<Totals, keyof PlainSums>>(sums: T): Omit<T, keyof PlainSums> & PlainSums {
  return { ...sums, counts: sums.counts.map(encodeUnits), money: sums.money.map(encodeUnits) }
}

function decodeSums<T extends PlainSums>(plain: T): Omit<T, keyof PlainSums> & Pick<Totals, keyof PlainSums> {
  return { ...plain, counts: plain.counts.map(decodeUnits), money: plain.money.map(decodeUnits) }
}

function decodeErased({ id, at, sums }: NonNullable<PlainHead['erased']>): ErasedState {
  if (sums === undefined) return { id, at }
  return { id, at, sums: { totals: decodeSums(sums.totals), days: sums.days.map(decodeSums) } }
}

function encodeAmount({ counts, price, uses }: Amount): PlainAmount {
  const plain = counts.map(encodeUnits)
  return price === undefined ? [plain, uses] : [plain, uses, encodeMoney(price)]
}

function decodeAmount([counts, uses, price]: PlainAmount): Amount {
  return { counts: counts.map(decodeUnits), price: price && decodeMoney(price), uses }
}

function encodeUnits({ name, units }: Units): readonly [string, string] {
  return [name, String(units)]
}

function decodeUnits([name, units]: readonly [string, string]): Units {
  return { name, units: BigInt(units) }
}

function encodeMoney({ units, currency }: Money): PlainMoney {
  return [String(units), currency]
}

function decodeMoney([units, currency]: PlainMoney): Money {
  return { units: BigInt(units), currency }
}

/** The changes of one row of the journal. */
export interface PlainChanges {
  readonly head?: PlainHead
  readonly series?: readonly (readonly [key: string, series?: PlainSeries])[]
  readonly entries?: readonly (readonly [key: string, row?: EntryRow])[]
  readonly days?: readonly PlainDay[]
  /** The keys of dropped days. */
  readonly noDays?: readonly string[]
  readonly charges?: readonly PlainCharge[]
  readonly facts?: readonly Facts[]
}

export function decodeChanges(text: string): readonly LedgerChange[] {
  const plain = decodeText(text) as PlainChanges
  const { head, series = [], entries = [], noDays = [], days = [] } = plain
  return [
    ...(head === undefined ? [] : [{ table: 'head' as const, row: decodeHead(head) }]),
    ...series.map(([key, row]) => ({ table: 'series' as const, key, row: row && decodeSeries(row) })),
    ...entries.map(([key, row]) => ({ table: 'entries' as const, key, row })),
    ...noDays.map((key) => ({ table: 'days' as const, key, row: undefined })),
    ...days.map(decodeSums<PlainDay>).map((row) => ({ table: 'days' as const, key: dailyKey(row), row })),
    ...chargesOf(plain).map((row) => ({ table: 'charges' as const, key: row.id, row })),
  ]
}

/** Returns the charges of a row, in the order in which they changed. */
export function decodeCharges(text: string): readonly Charge[] {
  return chargesOf(decodeText(text) as PlainChanges)
}

function chargesOf({ charges = [], facts = [] }: PlainChanges): readonly Charge[] {
  return charges.map((plain) => decodeCharge(plain, facts))
}

/** Returns one charge of a row, by its id. */
export function decodeChargeOf(text: string, id: string): Charge | undefined {
  const { charges = [], facts = [] } = decodeText(text) as PlainChanges
  const found = charges.find(({ i }) => i[0] === id)
  return found && decodeCharge(found, facts)
}

/** The records of one row of the journal. */
export interface PlainRecords {
  readonly records: readonly PlainRecord[]
  readonly facts: readonly Facts[]
}

export function decodeRecords(text: string): readonly LedgerRecord[] {
  const { records, facts } = decodeText(text) as PlainRecords
  return records.map((plain) => decodeRecord(plain, facts))
}
