/** What `demo/crash.ts` holds a ledger's books against: the heads that its clients got. Numbers here are small and whole. */

export type ReadRecord = {
  readonly id: string
  readonly kind: 'charge' | 'amend' | 'unsettled' | 'settled' | 'reversed' | 'threshold' | 'anomaly'
  readonly charge: string
  readonly position: number
  readonly at: number
  /** What the record changes. */
  readonly units: number
  readonly money: number
  readonly uses: number
}

/** A ledger, as it says itself. */
export type Read = {
  readonly name: string
  readonly now: number
  readonly records: readonly ReadRecord[]
  readonly charges: number
  readonly unsettled: number
  readonly units: number
  readonly money: number
  readonly credit: number
  readonly usesLeft: number
}

/** What one request is to take, and what was there to take it from. */
export type Terms = {
  readonly units: number
  readonly money: number
  readonly uses: number
  readonly granted: number
  /** The least and the most uses of a receipt; an account has none. */
  readonly mostUses: number
}

/** Each of these is a fault when it is not zero. */
export const checks = {
  'a 2xx head and no charge kept for it': 'unpaid',
  'a charge made twice, or a gap in the outbox': 'twice',
  'a charge kept in part': 'partly',
  'a charge settled as kept, and no 2xx head, though its client stayed': 'unheard',
  'a charge open after its time': 'overdue',
  'credit spent is not price x charges kept': 'credit',
  'sums of the outbox are not the totals': 'sums',
  'a receipt with more than 3 heads or uses': 'overspent',
} as const
type Check = (typeof checks)[keyof typeof checks]

/** What is counted, in the words of the table. */
export const counted = {
  ledgers: 'ledgers',
  '2xx heads that clients got': 'heads',
  charges: 'charges',
  '  settled': 'settled',
  '  unsettled': 'unsettled',
  '    with a 2xx head': 'unsettledWithHead',
  '  open': 'open',
  '  kept, whether settled or not': 'kept',
} as const

export type Figures = Record<(typeof counted)[keyof typeof counted], number> & {
  readonly faults: Record<Check, number>
  /** The requests that are among the faults, where it is one request's. */
  readonly faulty: string[]
}

export function noFigures(): Figures {
  const faults = { unpaid: 0, twice: 0, partly: 0, unheard: 0, overdue: 0, credit: 0, sums: 0, overspent: 0 }
  const zero = { ledgers: 0, heads: 0, charges: 0, kept: 0, settled: 0, unsettled: 0, unsettledWithHead: 0, open: 0 }
  return { ...zero, faults, faulty: [] }
}

type Book = { at: number; units: number; money: number; uses: number; state: ReadRecord['kind'] }

/** How long after its charge a request that nobody settled is closed, and how late the alarm may be. */
const SETTLE_MS = 2000
const LATE_MS = 1500

/** What clients know of one ledger. */
export type Known = {
  /** The ids of the requests that were answered 2xx. */
  readonly heads: ReadonlySet<string>
  /** Returns true if the client of the request with this id left it: the head may have been on its way. */
  readonly wasLeft: (id: string) => boolean
}

/** Compares one ledger with what its clients know, and adds what it finds to the figures. */
export function audit(read: Read, { heads, wasLeft }: Known, terms: Terms, figures: Figures): void {
  const { faults } = figures
  const { books, twice } = gather(read.records)
  const sum = { units: 0, money: 0, uses: 0, kept: 0, unsettled: 0 }
  for (const [id, { at, units, money, uses, state }] of books) {
    const isKept = units !== 0 || money !== 0 || uses !== 0
    const isWhole = units === terms.units && money === terms.money && uses === terms.uses
    sum.units += units
    sum.money += money
    sum.uses += uses
    sum.kept += Number(isKept)
    sum.unsettled += Number(state === 'unsettled')
    figures.settled += Number(state === 'amend')
    figures.open += Number(state === 'charge')
    figures.unsettledWithHead += Number(state === 'unsettled' && heads.has(id))
    if (isKept && !isWhole) blame(figures, 'partly', id)
    if (!isKept && heads.has(id)) blame(figures, 'unpaid', id)
    if (isKept && !heads.has(id) && state === 'amend' && !wasLeft(id)) blame(figures, 'unheard', id)
    if (state === 'charge' && at + SETTLE_MS + LATE_MS < read.now) blame(figures, 'overdue', id)
  }
  for (const id of heads) if (!books.has(id)) blame(figures, 'unpaid', id)
  faults.twice += twice
  faults.credit += Number(terms.granted - read.credit !== terms.money * sum.kept)
  const isSame = sum.units === read.units && sum.money === read.money && sum.unsettled === read.unsettled
  const isCounted = books.size === read.charges && (terms.mostUses === 0 || read.usesLeft === terms.mostUses - sum.uses)
  faults.sums += Number(!isSame || !isCounted)
  faults.overspent += Number(terms.mostUses > 0 && (heads.size > terms.mostUses || sum.uses > terms.mostUses))
  figures.ledgers += 1
  figures.heads += heads.size
  figures.charges += books.size
  figures.kept += sum.kept
  figures.unsettled += sum.unsettled
}

function blame({ faults, faulty }: Figures, check: Check, id: string): void {
  faults[check] += 1
  faulty.push(id)
}

/** Each charge as its records leave it, and how many records came twice, out of order or not at all. */
function gather(records: readonly ReadRecord[]): { books: Map<string, Book>; twice: number } {
  const books = new Map<string, Book>()
  const ids = new Set<string>()
  let twice = 0
  for (const [index, { id, kind, charge, position, at, units, money, uses }] of records.entries()) {
    const request = charge.replaceAll('-', '')
    const book = books.get(request)
    const isFirst = kind === 'charge'
    if (ids.has(id) || position !== index + 1 || isFirst !== (book === undefined)) twice += 1
    ids.add(id)
    books.set(request, {
      at: book?.at ?? at,
      units: (book?.units ?? 0) + units,
      money: (book?.money ?? 0) + money,
      uses: (book?.uses ?? 0) + uses,
      state: kind,
    })
  }
  return { books, twice }
}
