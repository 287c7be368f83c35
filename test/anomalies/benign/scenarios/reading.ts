/** Readers of a newspaper, one by one. */
import { HOUR, indexOf, isWithin, MINUTE, SECOND, timeAt } from '../calendar.ts'
import {
  COUNTED_NEWS,
  createCustomer,
  type Habit,
  live,
  many,
  NEWS,
  type Scenario,
  sit,
  type World,
  stranger,
  upTo,
} from '../customer.ts'
import { gatewayOf, relayIn, vpnAnywhere } from '../clouds.ts'
import { commuting, type Country, fixedIn, homeIn, mobileIn, offsetOf, type Uplink } from '../networks.ts'
import type { Random } from '../random.ts'

const LANDS = [
  'DE',
  'DE',
  'DE',
  'FR',
  'GB',
  'GB',
  'US',
  'US',
  'US',
  'JP',
  'IN',
  'BR',
  'AU',
  'PL',
  'CH',
  'ES',
  'CA',
] as const

/** Draws where a reader lives. */
const landOf = (random: Random): Country => random.pick(LANDS)

/** The habits of most: breakfast, lunch, the sofa, and weekends. */
function usualHabits(random: Random, home: Uplink, phone: Uplink): readonly Habit[] {
  const keenness = random.between(0.12, 0.7)
  return [
    { from: 6, to: 9, on: 'work', chance: keenness, pages: 3, by: phone, device: 'phone' },
    { from: 12, to: 14, on: 'work', chance: keenness / 3, pages: 2, by: phone, device: 'phone' },
    { from: 19, to: 23, on: 'all', chance: keenness / 2, pages: 4, by: home, device: 'tablet' },
    { from: 9, to: 12, on: 'free', chance: keenness, pages: 6, by: home, device: 'tablet' },
  ]
}

const BREAKING = indexOf('12-03')

const ordinary: Scenario = {
  name: 'ordinary-readers',
  why: 'People read at breakfast and on the sofa; on one night all of them read at once, because a government falls.',
  actors: (world) =>
    many(400, (name, index) => {
      const customer = createCustomer(
        world,
        name,
        index % 3 === 0 ? COUNTED_NEWS : { ...NEWS, token: index % 3 === 1 ? 1 : 'nameless' },
      )
      const { random } = customer
      const land = landOf(random)
      const habits = usualHabits(random, homeIn(random, land), mobileIn(random, land))
      // Some subscribe only now, and some have ceased before the eight weeks are over.
      const first = random.isBy(0.15) ? random.int(50) : 0
      const last = random.isBy(0.1) ? random.int(50) + 6 : 99
      return function* (day) {
        if (day.index < first || day.index > last) return
        yield* live(customer, day, offsetOf(land), habits)
        if (day.index === BREAKING && random.isBy(0.7))
          yield* sit(
            customer,
            timeAt(day, 20, 1) + random.between(0, 4 * HOUR),
            5 + random.int(25),
            habits[2]?.by ?? homeIn(random, land),
          )
      }
    }),
}

const nightShifts: Scenario = {
  name: 'night-shifts',
  why: 'Nurses and guards work early, late and at night by turns, and read in their breaks.',
  actors: (world) =>
    many(30, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = landOf(random)
      const [ward, home] = [fixedIn(random, land), homeIn(random, land)]
      const begins = random.int(3)
      return function* (day) {
        const shift = (Math.floor(day.index / 7) + begins) % 3
        if (random.isBy(0.3)) return
        const hour = [10, 18, 26][shift] ?? 10
        yield* sit(customer, timeAt(day, hour + random.between(-1, 2), offsetOf(land)), 2 + random.int(5), ward, {
          device: 'phone',
        })
        if (random.isBy(0.4))
          yield* sit(customer, timeAt(day, hour + 7, offsetOf(land)), 1 + random.int(6), home, { device: 'tablet' })
      }
    }),
}

const commuters: Scenario = {
  name: 'commuters',
  why: 'A phone in a train is on the carrier, the train and a station by turns, a few minutes each, twice a day.',
  actors: (world) =>
    many(60, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = landOf(random)
      const train = commuting(random, land)
      const start = random.between(5.5, 8.5)
      return function* (day) {
        if (!day.isWorkday || random.isBy(0.3)) return
        for (const hour of [start, start + random.between(9, 10)])
          yield* sit(
            customer,
            timeAt(day, hour, offsetOf(land)) + random.int(15) * MINUTE,
            2 + random.int(7),
            train,
            { device: 'phone' },
            120,
          )
      }
    }),
}

const privateRelay: Scenario = {
  name: 'private-relay',
  why: 'iCloud Private Relay shows every few minutes another address, of three operators, at times in the country next door.',
  actors: (world) =>
    many(60, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, token: 'nameless' })
      const { random } = customer
      const land = landOf(random)
      const habits = usualHabits(random, relayIn(random, land), relayIn(random, land))
      return (day) => live(customer, day, offsetOf(land), habits)
    }),
}

const COMPANIES = [
  [22_616, 'DE', 40],
  [22_616, 'US', 60],
  [8075, 'NL', 900],
] as const

const companyVpn: Scenario = {
  name: 'company-vpn',
  why: 'Laptops go through the gateway of their company, in Frankfurt or Virginia, while the phone beside them stays where it is.',
  actors: (world) =>
    many(45, (name, index) => {
      const customer = createCustomer(world, name, { ...NEWS, token: 12 })
      const { random } = customer
      const land = landOf(random)
      const [asn, country, number] = COMPANIES[index % 3] ?? COMPANIES[0]
      const laptop = gatewayOf(asn, country, number)
      const phone = mobileIn(random, land)
      return (day) =>
        live(customer, day, offsetOf(land), [
          { from: 8, to: 11, on: 'work', chance: 0.5, pages: 4, by: laptop, device: 'laptop' },
          { from: 8, to: 11, on: 'work', chance: 0.4, pages: 2, by: phone, device: 'phone' },
          { from: 13, to: 18, on: 'work', chance: 0.5, pages: 3, by: laptop, device: 'laptop' },
        ])
    }),
}

const publicVpn: Scenario = {
  name: 'public-vpn',
  why: 'A bought VPN chooses a country by itself: three of them on one evening are one person on one sofa.',
  actors: (world) =>
    many(20, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = landOf(random)
      const habits = usualHabits(
        random,
        vpnAnywhere(random),
        random.isBy(0.5) ? vpnAnywhere(random) : mobileIn(random, land),
      )
      return (day) => live(customer, day, offsetOf(land), habits, 1.5)
    }),
}

const carrierNat: Scenario = {
  name: 'carrier-nat',
  why: 'A carrier puts a whole country behind a few addresses: hundreds of accounts there, and those who mistype, have nothing to do with one another.',
  actors: (world) => [
    ...many(120, (name) => {
      const customer = createCustomer(world, name, { ...COUNTED_NEWS, token: 24 })
      const { random } = customer
      const phone = mobileIn(random, random.isBy(0.7) ? 'NG' : 'KE', 40)
      const keenness = random.between(0.2, 0.9)
      return function* (day) {
        if (!random.isBy(keenness)) return
        const start = timeAt(day, random.between(6, 23), 1)
        if (random.isBy(0.02)) yield customer.refuse(start - MINUTE, phone(start), 'usage-limit-reached')
        if (random.isBy(0.02))
          for (const slip of upTo(1 + random.int(3)))
            yield stranger(
              random,
              NEWS,
              { time: start - (slip + 2) * 20 * SECOND, from: phone(start) },
              'credential-invalid',
            )
        yield* sit(customer, start, 1 + random.int(5), phone)
      }
    }),
  ],
}

const keen: Scenario = {
  name: 'keen-readers',
  why: 'A press review reads three hundred articles a morning by hand, day after day.',
  actors: (world) =>
    many(2, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Professional' })
      const { random } = customer
      const desk = fixedIn(random, 'DE')
      return (day) => (day.isWorkday ? sit(customer, timeAt(day, 5, 1), random.about(220), desk, {}, 25) : [])
    }),
}

const offline: Scenario = {
  name: 'offline-edition',
  why: 'The app fetches the whole edition within a minute at half past five, to be read in the underground.',
  actors: (world) =>
    many(9, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, token: 24 })
      const { random } = customer
      const land = landOf(random)
      const home = homeIn(random, land)
      return (day) =>
        day.weekday === 0 || random.isBy(0.1)
          ? []
          : sit(
              customer,
              timeAt(day, 5.5, offsetOf(land)) + random.int(20) * MINUTE,
              35 + random.int(30),
              home,
              { device: 'phone' },
              1,
            )
    }),
}

const newcomers: Scenario = {
  name: 'newcomers',
  why: 'Who has just subscribed has no past, and reads on the first evenings what they had always wanted to.',
  actors: (world: World) =>
    many(90, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = landOf(random)
      const [home, phone] = [homeIn(random, land), mobileIn(random, land)]
      const habits = usualHabits(random, home, phone)
      const first = random.int(54)
      return function* (day) {
        if (day.index < first) return
        if (day.index - first < 3)
          yield* sit(customer, timeAt(day, random.between(17, 22), offsetOf(land)), random.about(35), home, {}, 40)
        else yield* live(customer, day, offsetOf(land), habits, isWithin(day, '12-24', '12-26') ? 0.5 : 1)
      }
    }),
}

export const READING: readonly Scenario[] = [
  ordinary,
  nightShifts,
  commuters,
  privateRelay,
  companyVpn,
  publicVpn,
  carrierNat,
  keen,
  offline,
  newcomers,
]
