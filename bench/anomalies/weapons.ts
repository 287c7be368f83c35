/**
 * Signals as weapons: each is used by somebody who means another, or sits beside them. The attacker knows the victim's
 * network and names, buys accounts, receipts and trips of their own, and holds no credential of the victim's account.
 */
import { DAY, HOUR, MINUTE, type Origin, request, type SimulatedLine } from './line.ts'
import type { Random } from './random.ts'

/** Whom it is meant for. */
export interface Victim {
  readonly account: string
  /** Where it is most of the time: shared with whoever else is there. */
  readonly place: Origin
  readonly random: Random
  readonly from: number
  /** Of no other victim. */
  readonly name: string
}

export interface Weapon {
  readonly what: string
  readonly lines: (victim: Victim) => readonly SimulatedLine[]
}

const MANY = 60

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

/** A place of its own for each: as many systems and continents as there are. */
function stranger({ name }: Victim, index: number): Origin {
  const country = ['US', 'BR', 'IN', 'DE', 'VN', 'NG', 'AU'][index % 7] ?? 'US'
  return { network: `${name}-${index}`, asn: 8100 + (index % 40), country }
}

function refused(at: number, reason: string, from: Origin, more: Partial<SimulatedLine>): SimulatedLine {
  return { at, decision: 'refuse', status: 402, credential: 'verified', reason, ...from, ...more }
}

/** What names the victim and is not genuine. */
const forged = (victim: Victim, amount?: number) => (index: number) => ({
  ...request(victim.from + index * MINUTE, victim.account, stranger(victim, index), amount, '/reports/*'),
  credential: 'refused',
  token: `token-of-${victim.account}`,
})

/** The attacker's own account, two weeks old, at the victim's address. */
function own({ name, place, from }: Victim): (at: number, origin?: Origin, amount?: number) => SimulatedLine {
  return (at, origin, amount) => request(from + at, `attacker-${name}`, origin ?? place, amount)
}

function life(victim: Victim): SimulatedLine[] {
  return times(30, (index) => own(victim)(-15 * DAY + index * 12 * HOUR, victim.place, 0.25))
}

function declines(victim: Victim, count: number, tripOf: (index: number) => string): SimulatedLine[] {
  return times(count, (index) => event(victim, index * 10, 'payment-declined', tripOf(index)))
}

function event({ from, place }: Victim, at: number, name: 'payment-declined' | 'payment-succeeded', trip: string) {
  return { at: from + at, decision: 'own', event: name, trip, network: place.network } satisfies SimulatedLine
}

/** The victim buys at the same time: mistypes a number, and succeeds. */
function purchase(victim: Victim): SimulatedLine[] {
  const trip = tripOf(victim)
  return [event(victim, 95, 'payment-declined', trip), event(victim, 155, 'payment-succeeded', trip)]
}

/** The victim's own trip to the checkout. */
export function tripOf({ account }: Pick<Victim, 'account'>): string {
  return `trip-of-${account}`
}

export const WEAPONS: Readonly<Record<string, Weapon>> = {
  forgedHands: {
    what: 'names the account and its token from 60 networks on six continents, without a genuine credential',
    lines: (victim) => times(MANY, forged(victim)),
  },
  forgedSpend: {
    what: 'names the account in 60 dear charges, without a genuine credential',
    lines: (victim) => times(MANY, forged(victim, 25)),
  },
  neighbour: {
    what: 'has an account of its own at the victim’s address, in many hands and with dear charges',
    lines: (victim) => [
      ...life(victim),
      ...times(MANY, (index) => own(victim)(index * MINUTE, stranger(victim, index))),
      ...times(9, (index) => own(victim)(2 * HOUR + index * MINUTE, victim.place, 12 + index)),
    ],
  },
  flood: {
    what: 'asks 500 times an hour for six hours from the victim’s address, with an account of its own',
    lines: (victim) => [...life(victim), ...times(3000, (index) => own(victim)(index * 7))],
  },
  receipt: {
    what: 'replays a used-up receipt that the victim paid for, from 60 networks',
    lines: (victim) =>
      times(MANY, (index) =>
        refused(victim.from + index * 5, 'payment-spent', stranger(victim, index), {
          account: victim.account,
          rail: 'receipt',
          token: `receipt-of-${victim.account}`,
        }),
      ),
  },
  receiptUses: {
    what: 'uses a receipt of a hundred uses that the victim paid for, from 60 networks',
    lines: (victim) =>
      times(MANY, (index) => ({
        ...request(victim.from + index * 5, victim.account, stranger(victim, index)),
        rail: 'receipt',
        charged: { uses: 1 },
        token: `receipts-of-${victim.account}`,
      })),
  },
  guesses: {
    what: 'tries 3,000 invented tokens from the victim’s address',
    lines: (victim) =>
      times(3000, (index) =>
        refused(victim.from + Math.floor(index / 10), 'credential-invalid', victim.place, {
          credential: 'refused',
          account: victim.account,
          token: `guess-${victim.name}-${index}`,
        }),
      ),
  },
  declinedTrip: {
    what: 'has twenty cards declined on a trip of its own, from the victim’s address',
    lines: (victim) => [...declines(victim, 20, () => `trip-${victim.name}`), ...purchase(victim)],
  },
  declinedTrips: {
    what: 'has a card declined on each of 60 trips, from the victim’s address',
    lines: (victim) => [...declines(victim, MANY, (index) => `trip-${victim.name}-${index}`), ...purchase(victim)],
  },
  revokedToken: {
    what: 'uses a revoked token of its own without end, from the victim’s address',
    lines: (victim) =>
      times(600, (index) =>
        refused(victim.from + index, 'subscription-inactive', victim.place, {
          account: `attacker-${victim.name}`,
          token: `revoked-${victim.name}`,
        }),
      ),
  },
}
