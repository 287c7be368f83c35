/**
 * Sums over requests and charges: how many there were of each kind, how long they took, and what they earned.
 *
 * A kind is a tuple of names from the configuration and from lists of ours, so that there are few: no account and no path is
 * part of one. Accounts that were refused with a genuine credential are kept as a bounded set of the hashes that the log has,
 * because only a set can say how many they were over several minutes.
 */
import { addHistogram, type Histogram, observeMs } from './histogram.ts'

/** What a kind of request is named by, in the order of its tuple. A fact that a request lacks is an empty text. */
export const DIMENSIONS = [
  'route',
  'decision',
  'status',
  'reason',
  'cache',
  'rail',
  'credential',
  'exempt',
  'model',
  'observed',
  'format',
  'trip',
  'offer',
] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** What the charts of a dashboard tell apart. */
export const CHARTED: readonly Dimension[] = ['decision', 'status', 'reason', 'cache', 'credential']

/** What a kind of charge is named by. */
export const MONEY_DIMENSIONS = ['route', 'plan', 'model', 'rail'] as const
export type MoneyDimension = (typeof MONEY_DIMENSIONS)[number]

/** What a tally reads of a line of the log. */
export interface TalliedRequest {
  readonly route: string | undefined
  readonly decision: string
  readonly status: number
  readonly reason: string | undefined
  readonly cache: string | undefined
  readonly rail: string | undefined
  readonly credential: 'verified' | 'refused' | undefined
  readonly exempt: string | undefined
  readonly model: string | undefined
  readonly observed: string | undefined
  readonly format?: string | undefined
  readonly trip?: string | undefined
  readonly offer?: string | undefined
  readonly account: string | undefined
  readonly bytes: number | undefined
  readonly originMs: number | undefined
  readonly totalMs: number
}

export interface TrafficCell {
  count: number
  /** Bytes of content, where the answer announced how many. */
  bytes: number
  readonly totalMs: Histogram
  /** Of requests for which the origin was asked. */
  readonly originMs: Histogram
}

export interface MoneyCell {
  /** The charges that were closed. */
  charges: number
  /** Those among them that nobody reported on. */
  unsettled: number
  /** Machine payments that were kept although not all of the answer was sent. */
  undelivered: number
  /** Units of 10⁻⁹ of each currency. */
  readonly money: Map<string, bigint>
  /** Units of each limit, such as requests or tokens. */
  readonly units: Map<string, bigint>
}

/** The most kinds of a tally. Others are added up as one without names. */
const MAX_KINDS = 1000
/** The most accounts in the set of those refused. */
export const MAX_HURT = 2000

/** The sums of one zone over one time. */
export class Tally {
  readonly traffic = new Map<string, TrafficCell>()
  readonly money = new Map<string, MoneyCell>()
  /** Hashes of the accounts that were refused with a genuine credential. */
  readonly hurt = new Set<string>()
  /** True if there were more of them than are kept. */
  hasMoreHurt = false
  readonly #mostKinds: number

  constructor(mostKinds = MAX_KINDS) {
    this.#mostKinds = mostKinds
  }

  /** Adds a request. */
  record(record: TalliedRequest): void {
    const cell = this.cellOf(trafficKindOf(record))
    cell.count += 1
    cell.bytes += record.bytes ?? 0
    observeMs(cell.totalMs, record.totalMs)
    if (record.originMs !== undefined && record.originMs > 0) observeMs(cell.originMs, record.originMs)
    if (record.decision === 'refuse' && record.credential === 'verified' && record.account !== undefined)
      this.addHurt(record.account)
  }

  addHurt(account: string): void {
    if (this.hurt.has(account) || this.hurt.size < MAX_HURT) this.hurt.add(account)
    else this.hasMoreHurt = true
  }

  /** Returns the sums of a kind, to be added to. */
  cellOf(kind: string): TrafficCell {
    return cellIn(this.traffic, this.#nameIn(this.traffic, kind, NO_KIND), newTrafficCell)
  }

  /** As `cellOf`, of charges. */
  moneyOf(kind: string): MoneyCell {
    return cellIn(this.money, this.#nameIn(this.money, kind, NO_MONEY_KIND), newMoneyCell)
  }

  #nameIn(cells: ReadonlyMap<string, unknown>, kind: string, others: string): string {
    return cells.has(kind) || cells.size < this.#mostKinds ? kind : others
  }

  /** Adds all of another tally. */
  merge(other: Tally, kindAs: (kind: string) => string = asItIs, moneyAs: (kind: string) => string = asItIs): void {
    for (const [kind, { count, bytes, totalMs, originMs }] of other.traffic) {
      const cell = this.cellOf(kindAs(kind))
      cell.count += count
      cell.bytes += bytes
      addHistogram(cell.totalMs, totalMs)
      addHistogram(cell.originMs, originMs)
    }
    for (const [kind, { charges, unsettled, undelivered, money, units }] of other.money) {
      const cell = this.moneyOf(moneyAs(kind))
      cell.charges += charges
      cell.unsettled += unsettled
      cell.undelivered += undelivered
      addAmounts(cell.money, money)
      addAmounts(cell.units, units)
    }
    for (const account of other.hurt) this.addHurt(account)
    this.hasMoreHurt ||= other.hasMoreHurt
  }
}

const asItIs = (kind: string): string => kind

function newTrafficCell(): TrafficCell {
  return { count: 0, bytes: 0, totalMs: [], originMs: [] }
}

function newMoneyCell(): MoneyCell {
  return { charges: 0, unsettled: 0, undelivered: 0, money: new Map(), units: new Map() }
}

function cellIn<C>(cells: Map<string, C>, name: string, create: () => C): C {
  const found = cells.get(name)
  if (found !== undefined) return found
  const made = create()
  cells.set(name, made)
  return made
}

/** Adds amounts by name. */
export function addAmounts(sums: Map<string, bigint>, more: Iterable<readonly [string, bigint]>): void {
  for (const [name, units] of more) sums.set(name, (sums.get(name) ?? 0n) + units)
}

/** Between the names of a tuple: no name has it. */
const SEPARATOR = '\n'
const NO_KIND = SEPARATOR.repeat(DIMENSIONS.length - 1)
const NO_MONEY_KIND = SEPARATOR.repeat(MONEY_DIMENSIONS.length - 1)

/** Returns true of the kind in which others are added up: their names are lost. */
export function isOthers(kind: string): boolean {
  return kind === NO_KIND || kind === NO_MONEY_KIND
}

/** Returns the kind of a request, as one text. */
export function trafficKindOf(record: TalliedRequest): string {
  const { route, decision, status, reason, cache, rail, credential, exempt, model, observed, format, trip, offer } =
    record
  const group = `${Math.floor(status / 100)}xx`
  return `${route ?? ''}\n${decision}\n${group}\n${reason ?? ''}\n${cacheGroup(cache)}\n${rail ?? ''}\n${credential ?? ''}\n${exempt ?? ''}\n${model ?? ''}\n${observed ?? ''}\n${format ?? ''}\n${trip ?? ''}\n${offer ?? ''}`
}

/** Returns `hit`, or why a cache was passed by, of what the log says of caches. */
function cacheGroup(cache: string | undefined): string {
  if (cache === undefined) return ''
  const end = cache.indexOf(';')
  return end === -1 ? cache : cache.slice(0, end)
}

/** Returns the names in a kind, in the order of its dimensions. */
export function namesIn(kind: string): readonly string[] {
  return kind.split(SEPARATOR)
}

/** Returns the kind with these names. A separator in a name is taken out. */
export function kindWith(names: readonly string[]): string {
  return names.map((name) => name.replaceAll(SEPARATOR, ' ')).join(SEPARATOR)
}

/** Returns a function that leaves only some names in a kind. It remembers what it was asked: kinds come again and again. */
export function projection<D extends string>(all: readonly D[], kept: readonly D[]): (kind: string) => string {
  if (all.every((dimension) => kept.includes(dimension))) return asItIs
  const isKept = all.map((dimension) => kept.includes(dimension))
  const known = new Map<string, string>()
  return (kind) => {
    const found = known.get(kind)
    if (found !== undefined) return found
    const names = namesIn(kind).map((name, index) => (isKept[index] === true ? name : ''))
    const left = names.join(SEPARATOR)
    known.set(kind, left)
    return left
  }
}
