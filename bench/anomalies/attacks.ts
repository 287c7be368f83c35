/** Attacks, each on an account that goes on living as it did, or on none. */
import { DAY, HOUR, MINUTE, type Origin, request, type SimulatedLine } from './line.ts'
import type { Random } from './random.ts'

export interface Attack {
  readonly kind: AttackKind
  /** Whose account it uses; undefined if nobody's. */
  readonly account: string | undefined
  /** What the thing attacked is called in findings: the account, a token, a trip or a network. */
  readonly keys: ReadonlySet<string>
  /** Seconds since the start. */
  readonly from: number
  readonly until: number
  /** True if whoever attacks can sign in as the account. */
  readonly hasPassword: boolean
  readonly lines: readonly SimulatedLine[]
}

const DAYS = 7

/** A thief anywhere: one in four behind a relay or in a cloud. */
function thief(random: Random, name: string): Origin {
  const country = random.pick(['US', 'BR', 'IN', 'DE', 'VN', 'RU', 'NG', 'GB'])
  const isHidden = random.isTrue(0.25)
  return { network: name, asn: isHidden ? random.pick([9009, 13_335, 16_509]) : 8100 + random.whole(0, 40), country }
}

function lines(count: number, make: (index: number) => SimulatedLine): SimulatedLine[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

interface Given {
  readonly random: Random
  readonly account: string
  readonly from: number
  readonly name: string
}

type Part = Omit<Attack, 'kind' | 'from'>

const onAccount = (account: string, from: number, more: readonly SimulatedLine[], hasPassword = false): Part => ({
  account,
  keys: new Set([account]),
  until: from + DAYS * DAY,
  hasPassword,
  lines: more,
})

const KINDS = {
  /** A token sold on to fifteen to sixty buyers, who come within a day or so and read as readers do. */
  resold({ random, account, from, name }) {
    const buyers = lines(random.whole(15, 60), (index) => request(from, account, thief(random, `${name}-${index}`)))
    return onAccount(
      account,
      from,
      buyers.flatMap((buyer) => {
        const first = from + random.whole(0, 18 * HOUR)
        return lines(random.whole(3, 20), (index) => ({ ...buyer, at: first + index * random.whole(HOUR, 9 * HOUR) }))
      }),
    )
  },
  /** A token that two or three strangers share quietly for a week. */
  drip({ random, account, from, name }) {
    const strangers = lines(random.whole(1, 3), (index) => request(from, account, thief(random, `${name}-${index}`)))
    return onAccount(
      account,
      from,
      strangers.flatMap((stranger) => lines(14, () => ({ ...stranger, at: from + random.whole(0, DAYS * DAY) }))),
    )
  },
  /** A leaked token with credit behind it, spent by one thief on what is worth most. */
  drained({ random, account, from, name }) {
    const at = thief(random, name)
    return onAccount(
      account,
      from,
      lines(random.whole(8, 30), (index) =>
        request(
          from + index * random.whole(5 * MINUTE, HOUR),
          account,
          at,
          random.whole(500, 2500) / 100,
          '/reports/*',
        ),
      ),
    )
  },
  /** A thief with the password, who signs in when asked and spends for a week. */
  takeover({ random, account, from, name }) {
    const places = lines(random.whole(1, 3), (index) => request(from, account, thief(random, `${name}-${index}`)))
    return onAccount(
      account,
      from,
      lines(random.whole(20, 60), () => ({
        ...random.pick(places as [SimulatedLine, ...SimulatedLine[]]),
        ...priced(random.whole(500, 2500) / 100),
        at: from + random.whole(0, DAYS * DAY),
      })),
      true,
    )
  },
  /** An API key that was published: many find it, and none can be asked to sign in. */
  leakedKey({ random, account, from, name }) {
    const finders = lines(random.whole(15, 40), (index) => request(from, account, thief(random, `${name}-${index}`)))
    return onAccount(
      account,
      from,
      finders.flatMap((finder) => {
        const first = from + random.whole(0, 18 * HOUR)
        return lines(random.whole(1, 8), (index) => ({
          ...finder,
          ...priced(random.whole(200, 1500) / 100),
          rail: 'keys',
          at: first + index * random.whole(MINUTE, HOUR),
        }))
      }),
    )
  },
  /** A receipt that was posted where many read. */
  reuse({ random, from, name }) {
    const token = `receipt-${name}`
    return {
      account: undefined,
      keys: new Set([token]),
      until: from + HOUR,
      hasPassword: false,
      lines: lines(random.whole(8, 60), (index) => ({
        at: from + Math.floor((index * 10 * MINUTE) / random.whole(8, 60)),
        decision: 'refuse',
        reason: 'payment-spent',
        status: 402,
        credential: 'verified',
        rail: 'receipt',
        token,
        ...thief(random, `${name}-${index}`),
      })),
    }
  },
  /** Invented credentials from one network. */
  guessing({ random, from, name }) {
    const perMinute = random.whole(20, 600)
    const at = thief(random, name)
    return onNetwork(
      name,
      from,
      lines(perMinute * 10, (index) => ({
        at: from + Math.floor((index * MINUTE) / perMinute),
        decision: 'refuse',
        reason: 'credential-invalid',
        status: 402,
        credential: 'refused',
        token: `${name}-${index}`,
        ...at,
      })),
    )
  },
  /** Card after card on one trip. */
  cards({ random, from, name }) {
    const network = `network-${name}`
    return onNetwork(
      name,
      from,
      declines(random, from, random.whole(6, 200), () => name, network),
      [name, network],
    )
  },
  /** Each card on a trip of its own, from one network. */
  trips({ random, from, name }) {
    const network = `network-${name}`
    return onNetwork(
      name,
      from,
      declines(random, from, random.whole(10, 300), (index) => `${name}-${index}`, network),
      [network],
    )
  },
} satisfies Readonly<Record<string, (given: Given) => Part>>

function priced(amount: number): Pick<SimulatedLine, 'charged' | 'route'> {
  return { charged: { price: { amount: amount.toFixed(2), currency: 'EUR' } }, route: '/reports/*' }
}

function onNetwork(name: string, from: number, more: readonly SimulatedLine[], keys: readonly string[] = [name]): Part {
  // Findings name a network as it is salted on its day.
  const day = Math.floor(from / DAY)
  const salted = keys.flatMap((key) => [key, `${key}/${day}`])
  return { account: undefined, keys: new Set(salted), until: from + HOUR, hasPassword: false, lines: more }
}

/** Cards are tried over some minutes; one in thirty is good. */
function declines(
  random: Random,
  from: number,
  count: number,
  tripOf: (index: number) => string,
  network: string,
): SimulatedLine[] {
  const seconds = random.whole(3 * MINUTE, 30 * MINUTE)
  return lines(count, (index) => ({
    at: from + Math.floor((index * seconds) / count),
    decision: 'own',
    event: random.isTrue(1 / 30) ? 'payment-succeeded' : 'payment-declined',
    trip: tripOf(index),
    network,
  }))
}

export type AttackKind = keyof typeof KINDS

export const ATTACKS = Object.keys(KINDS) as AttackKind[]

/** Makes an attack that begins at `from`. `name` is of no other. */
export function createAttack(kind: AttackKind, given: Given): Attack {
  return { kind, from: given.from, ...KINDS[kind](given) }
}
