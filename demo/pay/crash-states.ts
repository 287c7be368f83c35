import type { SaleState } from './crash-audit.ts'

/** Where a payment stood when the gate was killed: as its ledger knew it when the next gate had started. */
const FOUND = {
  unclaimed: 'before the claim',
  claimed: 'claimed, and no settler called',
  settling: 'being settled',
  unknown: 'settled or not: nobody knows',
  settled: 'settled, and no byte at the client',
  begun: 'settled, and the answer begun',
  failed: 'failed',
  closed: 'closed',
} as const
type Found = keyof typeof FOUND

export interface Fallen {
  /** In how many rounds the kill found a payment so. */
  readonly rounds: Map<Found, number>
  readonly payments: Map<Found, number>
}

/** Counts what one kill has found. `isBegun` says that the client had the head of an answer, and not all of it. */
export function noteKill({ rounds, payments }: Fallen, found: readonly { state: SaleState; isBegun: boolean }[]): void {
  const all = found.map(({ state, isBegun }): Found => (state === 'settled' && isBegun ? 'begun' : state))
  for (const one of all) payments.set(one, (payments.get(one) ?? 0) + 1)
  for (const one of new Set(all)) rounds.set(one, (rounds.get(one) ?? 0) + 1)
}

const WIDTH = 48

export function printKills({ rounds, payments }: Fallen): void {
  console.log(`${'the kill found a payment'.padEnd(WIDTH)}  rounds  payments`)
  for (const [found, label] of Object.entries(FOUND)) {
    const [times, count] = [rounds, payments].map((all) => String(all.get(found as Found) ?? 0))
    console.log(`${label.padEnd(WIDTH)}${times?.padStart(8)}${count?.padStart(10)}`)
  }
}
