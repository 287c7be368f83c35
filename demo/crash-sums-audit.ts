/** What `demo/crash-sums.ts` holds the sums of a gate against: what its clients got, its ledgers, and what billing was told. */

/** A ledger, as it says itself. */
export interface SumsRead {
  readonly nanos: string
  readonly unsettled: number
  /** True if no charge is open and all was told. */
  readonly isSettled: boolean
}

/** One view of all charges. */
export interface Sums {
  readonly nanos: bigint
  readonly charges: number
  readonly unsettled: number
}

interface Event {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly data: { readonly charge: string; readonly change: Amount; readonly kept: Amount }
}

interface Amount {
  readonly counts?: Readonly<Record<string, string>>
  readonly price?: { readonly amount: string }
  readonly uses?: number
}

const NANO_DIGITS = 9

/** Returns a decimal number in whole 10⁻⁹. */
export function nanosOf(decimal: string): bigint {
  const [whole = '', part = ''] = decimal.replace('-', '').split('.')
  const nanos = BigInt(whole + part.padEnd(NANO_DIGITS, '0'))
  return decimal.startsWith('-') ? -nanos : nanos
}

const isNothing = ({ counts = {}, price, uses = 0 }: Amount): boolean =>
  uses === 0 && nanosOf(price?.amount ?? '0') === 0n && Object.values(counts).every((units) => units === '0')

/** Adds up what billing was told. An event that comes again is the same one. */
export function toldSums(events: readonly unknown[]): Sums & { readonly again: number } {
  const seen = new Map<string, Event>()
  const sums = { nanos: 0n, charges: 0, unsettled: 0 }
  const closed = new Set<string>()
  for (const event of events as readonly Event[]) {
    const name = `${event.source} ${event.id}`
    if (seen.has(name)) continue
    seen.set(name, event)
    const { charge, change, kept } = event.data
    sums.nanos += nanosOf(change.price?.amount ?? '0')
    if (event.type === 'faregate.usage.charge' || closed.has(charge)) continue
    closed.add(charge)
    if (isNothing(kept)) continue
    sums.charges += 1
    if (event.type === 'faregate.usage.unsettled') sums.unsettled += 1
  }
  return { ...sums, again: events.length - seen.size }
}

/** Adds up what metrics say of money, and of requests that were no scrape. */
export function scrapedSums(text: string): Sums & { readonly requests: number } {
  const values = (name: string): string[] =>
    Array.from(text.matchAll(new RegExp(`^${name}\\{([^}]*)\\} (\\S+)$`, 'gm')))
      .filter(([, labels = '']) => !labels.includes('decision="own"'))
      .map(([, , value = '0']) => value)
  const count = (name: string): number => values(name).reduce((sum, value) => sum + Number(value), 0)
  return {
    nanos: values('faregate_revenue').reduce((sum, value) => sum + nanosOf(value), 0n),
    charges: count('faregate_charges_total'),
    unsettled: count('faregate_charges_unsettled_total'),
    requests: count('faregate_requests_total'),
  }
}

/** Returns for how long before `killed` requests are missing, in milliseconds, if the last so many of those answered are. */
export function missingMs(answeredAt: readonly number[], missing: number, killed: number): number {
  return missing <= 0 ? 0 : killed - (answeredAt.at(-missing) ?? answeredAt[0] ?? killed)
}
