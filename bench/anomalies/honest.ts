/**
 * Honest accounts of ten kinds. None stands still: phones change networks, families travel, jobs burst, a product is
 * launched, prices change on two days for everyone. Each draws its habits once, and its days by them.
 */
import { DAY, HOUR, type Origin, request, type SimulatedLine } from './line.ts'
import { Random } from './random.ts'

/** The days on which articles and language models get another price. */
const ARTICLES_DEARER = 50
const MODELS_CHEAPER = 70

const COUNTRIES = ['DE', 'FR', 'GB', 'US', 'PL', 'ES', 'BR', 'IN', 'JP'] as const
const ABROAD = ['ES', 'IT', 'GR', 'US', 'TR', 'TH', 'EG', 'MX'] as const

export interface Person {
  readonly account: string
  readonly kind: HonestKind
  /** Returns what the account does on a day. */
  readonly linesOf: (day: number) => SimulatedLine[]
}

interface Habits {
  readonly account: string
  readonly random: Random
  readonly country: string
  /** Of the country: operators of phones, and of lines. */
  readonly phones: readonly [number, ...number[]]
  readonly wires: readonly [number, ...number[]]
}

type DaysOf = (habits: Habits) => (day: number) => SimulatedLine[]

/** Returns an account of a kind. */
export function createPerson(kind: HonestKind, account: string, seed: number): Person {
  const random = new Random(seed)
  const index = random.whole(0, COUNTRIES.length - 1)
  const base = 1000 + index * 100
  return {
    account,
    kind,
    linesOf: KINDS[kind]({
      account,
      random,
      country: COUNTRIES[index] ?? 'DE',
      phones: [base + 1, base + 2, base + 3],
      wires: [base + 10, base + 11, base + 12, base + 13, base + 14, base + 15],
    }),
  }
}

const articlePrice = (day: number): number => (day < ARTICLES_DEARER ? 0.25 : 0.4)
const modelRate = (day: number): number => (day < MODELS_CHEAPER ? 1 : 0.5)
const isWeekend = (day: number): boolean => day % 7 > 4

/** A phone in use: of one operator, and of another network at every other stop. */
function phone({ random, country, phones }: Habits, operator = random.pick(phones)): () => Origin {
  return () => ({ network: `phone-${operator}-${random.whole(1, 400)}`, asn: operator, country })
}

function wire({ random, country, wires, account }: Habits, name: string): Origin {
  return { network: `${account}-${name}`, asn: random.pick(wires), country }
}

/** Any café, train or friend's home. */
function elsewhere({ random, country, wires }: Habits): Origin {
  return { network: `wifi-${random.whole(1, 5000)}`, asn: random.pick(wires), country }
}

function abroad({ random }: Habits, country: string): Origin {
  const asn = 5000 + ABROAD.indexOf(country as (typeof ABROAD)[number]) * 10 + random.whole(0, 3)
  return { network: `abroad-${random.whole(1, 5000)}`, asn, country }
}

/** Some days away: begins at random, with a chance each day. */
function travels(habits: Habits, chance: number): (day: number) => string | undefined {
  let [until, to]: [number, string] = [-1, 'ES']
  return (day) => {
    if (day > until && habits.random.isTrue(chance))
      [until, to] = [day + habits.random.whole(3, 14), habits.random.pick(ABROAD)]
    return day <= until ? to : undefined
  }
}

const commuter: DaysOf = (habits) => {
  const { random, account } = habits
  const [home, work, onTheWay] = [wire(habits, 'home'), wire(habits, 'work'), phone(habits)]
  const [reads, stops] = [random.whole(1, 5), random.whole(2, 14)]
  return (day) => {
    const lines: SimulatedLine[] = []
    const at = (hour: number): number => day * DAY + Math.floor((hour + random.next()) * HOUR)
    for (let read = 0; read < reads; read++)
      lines.push(request(at(random.whole(6, 22)), account, random.isTrue(0.5) ? home : onTheWay(), articlePrice(day)))
    if (isWeekend(day)) return random.isTrue(0.2) ? [...lines, request(at(15), account, elsewhere(habits))] : lines
    for (let stop = 0; stop < stops; stop++) lines.push(request(at(random.isTrue(0.5) ? 7 : 17), account, onTheWay()))
    return [...lines, request(at(12), account, work)]
  }
}

const family: DaysOf = (habits) => {
  const { random, account } = habits
  const home = wire(habits, 'home')
  const people = Array.from({ length: random.whole(2, 5) }, (_, index) => ({
    day: wire(habits, `day-${index}`),
    phone: phone(habits),
    away: travels(habits, 0.006),
  }))
  return (day) =>
    people.flatMap(({ day: work, phone: own, away }) => {
      const to = away(day)
      return Array.from({ length: random.whole(0, 4) }, () => {
        const places = to === undefined ? [home, work, own(), own()] : [abroad(habits, to), abroad(habits, to)]
        const from = places[random.whole(0, places.length - 1)] ?? home
        return request(
          day * DAY + random.whole(7 * HOUR, 23 * HOUR),
          account,
          from,
          random.isTrue(0.4) ? articlePrice(day) : undefined,
        )
      })
    })
}

/** Twenty people behind one address, and some of them in the field when something happens. */
const newsroom: DaysOf = (habits) => {
  const { random, account } = habits
  const office = wire(habits, 'office')
  return (day) => {
    if (isWeekend(day) && random.isTrue(0.6)) return []
    const lines = Array.from({ length: random.whole(15, 40) }, () =>
      request(
        day * DAY + random.whole(8 * HOUR, 20 * HOUR),
        account,
        office,
        random.isTrue(0.3) ? articlePrice(day) : undefined,
      ),
    )
    const field = random.isTrue(0.06) ? random.whole(4, 16) : random.whole(0, 2)
    for (let reporter = 0; reporter < field; reporter++) {
      const from = random.isTrue(0.8) ? phone(habits)() : elsewhere(habits)
      lines.push(request(day * DAY + random.whole(9 * HOUR, 22 * HOUR), account, from))
    }
    return lines
  }
}

const holidays: DaysOf = (habits) => {
  const { random, account } = habits
  const [home, own, away] = [wire(habits, 'home'), phone(habits), travels(habits, 0.02)]
  return (day) => {
    const to = away(day)
    return Array.from({ length: random.whole(1, to === undefined ? 4 : 9) }, () => {
      const from = to === undefined ? (random.isTrue(0.6) ? home : own()) : abroad(habits, to)
      return request(
        day * DAY + random.whole(7 * HOUR, 23 * HOUR),
        account,
        from,
        random.isTrue(0.6) ? articlePrice(day) : undefined,
      )
    })
  }
}

/** Articles most of the time, and reports in bursts: for a thesis, for the end of a quarter. */
const researcher: DaysOf = (habits) => {
  const { random, account } = habits
  const [home, library] = [wire(habits, 'home'), wire(habits, 'library')]
  const burst = 0.01 + random.next() * 0.04
  return (day) => {
    const lines = Array.from({ length: random.whole(0, 4) }, () =>
      request(
        day * DAY + random.whole(8 * HOUR, 23 * HOUR),
        account,
        random.isTrue(0.5) ? home : library,
        articlePrice(day),
      ),
    )
    if (!random.isTrue(burst)) return lines
    const reports = Array.from({ length: random.whole(1, 4) }, () =>
      request(
        day * DAY + random.whole(8 * HOUR, 23 * HOUR),
        account,
        library,
        random.pick([5, 5, 9, 15]),
        '/reports/*',
      ),
    )
    return [...lines, ...reports]
  }
}

/** Behind a VPN as often as not, whose exit is on another continent, and known by its system or not. */
const vpn: DaysOf = (habits) => {
  const { random, account } = habits
  const [home, own] = [wire(habits, 'home'), phone(habits)]
  const exits: readonly Origin[] = ['US', 'NL', 'SG', 'JP'].map((country, index) => ({
    network: `exit-${country}-${random.whole(1, 60)}`,
    asn: random.isTrue(0.6) ? 9009 : 7000 + index,
    country,
  }))
  return (day) =>
    Array.from({ length: random.whole(1, 7) }, () => {
      const from = random.isTrue(0.5)
        ? (exits[random.whole(0, random.isTrue(0.1) ? 3 : 0)] ?? home)
        : random.isTrue(0.5)
          ? home
          : own()
      return request(
        day * DAY + random.whole(7 * HOUR, 23 * HOUR),
        account,
        from,
        random.isTrue(0.5) ? articlePrice(day) : undefined,
      )
    })
}

const cloud = ({ random }: Habits): Origin => ({
  network: `cloud-${random.whole(1, 3000)}`,
  asn: random.pick([8075, 16_509, 15_169]),
  country: random.pick(['US', 'IE', 'NL', 'SG']),
})

const builds: DaysOf = (habits) => {
  const { random, account } = habits
  const office = wire(habits, 'office')
  return (day) => {
    if (isWeekend(day)) return []
    const jobs = random.isTrue(0.1) ? random.whole(8, 20) : random.whole(1, 4)
    return Array.from({ length: jobs }, () => {
      const [start, from] = [day * DAY + random.whole(8 * HOUR, 19 * HOUR), random.isTrue(0.8) ? cloud(habits) : office]
      return Array.from({ length: random.whole(2, 12) }, (_, index) =>
        request(start + index * 5, account, from, 0.01 * Math.exp(0.5 * random.normal()) * modelRate(day), '/v1/chat'),
      )
    }).flat()
  }
}

const midnight: DaysOf = (habits) => {
  const { random, account } = habits
  const [server, size] = [wire(habits, 'server'), random.whole(3, 20)]
  return (day) =>
    Array.from({ length: size + (day % 30 === 0 ? 4 * size : 0) }, (_, index) =>
      request(day * DAY + index * 2, account, server, 0.002 * modelRate(day), '/api/*'),
    )
}

/** A product on an API: before its launch some tries, after it twenty times as much, longer, and from new regions. */
const launch: DaysOf = (habits) => {
  const { random, account } = habits
  const [office, hosts, on] = [wire(habits, 'office'), [wire(habits, 'a'), wire(habits, 'b')], random.whole(20, 80)]
  const growth = 1.5 + random.next() * 1.5
  return (day) => {
    const isLive = day >= on
    const size = isLive ? random.whole(20, 50) : random.whole(0, 3)
    return Array.from({ length: size }, () => {
      const from = isLive ? (random.isTrue(0.5) ? cloud(habits) : (hosts[random.whole(0, 1)] ?? office)) : office
      const amount = 0.02 * Math.exp(0.6 * random.normal()) * modelRate(day) * (isLive ? growth : 1)
      return request(day * DAY + random.whole(0, DAY - 1), account, from, amount, '/v1/chat')
    })
  }
}

/** A person with a language model: amounts of all sizes, slowly larger, and at some time a dearer model. */
const writer: DaysOf = (habits) => {
  const { random, account } = habits
  const [home, own, dearer] = [wire(habits, 'home'), phone(habits), random.whole(15, 150)]
  return (day) =>
    Array.from({ length: random.whole(0, 9) }, () => {
      const drift = 0.005 * day + (day >= dearer ? Math.log(4) : 0)
      const amount = 0.01 * Math.exp(0.9 * random.normal() + drift) * modelRate(day)
      return request(
        day * DAY + random.whole(7 * HOUR, 23 * HOUR),
        account,
        random.isTrue(0.7) ? home : own(),
        amount,
        '/v1/chat',
      )
    })
}

const KINDS = { commuter, family, newsroom, holidays, researcher, vpn, builds, midnight, launch, writer } as const

export type HonestKind = keyof typeof KINDS

/** How many of a hundred accounts are of each kind. */
export const SHARES: Readonly<Record<HonestKind, number>> = {
  commuter: 30,
  family: 16,
  newsroom: 2,
  holidays: 12,
  researcher: 10,
  vpn: 6,
  builds: 4,
  midnight: 6,
  launch: 4,
  writer: 10,
}
