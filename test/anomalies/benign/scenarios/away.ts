/** Readers who are not where they were. */
import { HOUR, indexOf, isWithin, MINUTE, timeAt } from '../calendar.ts'
import { createCustomer, live, many, NEWS, type Scenario, sit } from '../customer.ts'
import { satellite } from '../clouds.ts'
import { type Country, fixedIn, homeIn, mobileIn, offsetOf } from '../networks.ts'

/** A stay: where, from which hour after the departure to which. */
type Leg = readonly [Country, number, number]

const ROUTES: readonly (readonly [Leg, ...Leg[]])[] = [
  [
    ['GB', 0, 6],
    ['US', 14, 26],
    ['JP', 40, 52],
  ],
  [
    ['SG', 13, 25],
    ['AU', 33, 45],
    ['US', 60, 90],
  ],
  [
    ['BR', 12, 30],
    ['NG', 41, 50],
    ['GB', 57, 70],
  ],
  [
    ['US', 9, 20],
    ['CA', 22, 30],
    ['IN', 45, 80],
  ],
]

const travellers: Scenario = {
  name: 'travellers',
  why: 'Three continents in two days by aeroplane, with Wi-Fi on board; the phone roams by way of home, so two countries at once are one person.',
  actors: (world) =>
    many(14, (name, index) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const [home, phone] = [homeIn(random, 'DE'), mobileIn(random, 'DE')]
      const onBoard = satellite(random, 3)
      const leaves = [8 + random.int(8), 24 + random.int(6), 38 + random.int(12)]
      const route = ROUTES[index % ROUTES.length] ?? []
      return function* (day) {
        for (const leave of leaves.filter((leave) => day.index === leave))
          for (const [land, from, to] of route) {
            const hotel = fixedIn(random, land)
            const departs = timeAt(day, 9, 1) + (leave % 3) * HOUR
            yield* sit(customer, departs + (from - 3) * HOUR, 1 + random.int(3), onBoard, { device: 'laptop' }, 200)
            for (let hour = from; hour < to; hour += 5) {
              const start = departs + (hour + random.between(0, 3)) * HOUR
              yield* sit(customer, start, 2 + random.int(4), hotel, { device: 'laptop' })
              yield* sit(customer, start + random.between(-5, 5) * MINUTE, 2, phone, { device: 'phone' })
            }
          }
        if (leaves.every((leave) => day.index < leave || day.index > leave + 4))
          yield* live(customer, day, 1, [
            { from: 7, to: 9, on: 'all', chance: 0.6, pages: 3, by: phone, device: 'phone' },
            { from: 19, to: 23, on: 'all', chance: 0.5, pages: 4, by: home, device: 'laptop' },
          ])
      }
    }),
}

const tourists: Scenario = {
  name: 'tourists',
  why: 'A bought eSIM breaks out in Singapore or Poland while its phone is in Thailand, and the hotel is in Thailand as well.',
  actors: (world) =>
    many(30, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = random.pick(['DE', 'FR', 'GB', 'CH', 'AU'])
      const [home, sim] = [homeIn(random, land), mobileIn(random, random.isBy(0.5) ? 'SG' : 'PL', 30)]
      const [leave, days] = [10 + random.int(30), 6 + random.int(14)]
      const hotels = [fixedIn(random, 'TH'), fixedIn(random, 'TH')] as const
      return function* (day) {
        const away = day.index - leave
        const isAway = away >= 0 && away < days
        const hotel = hotels[away < days / 2 ? 0 : 1]
        yield* live(customer, day, isAway ? 7 : offsetOf(land), [
          { from: 8, to: 11, on: 'all', chance: 0.5, pages: 3, by: isAway ? sim : home, device: 'phone' },
          { from: 20, to: 24, on: 'all', chance: 0.5, pages: 5, by: isAway ? hotel : home, device: 'phone' },
        ])
      }
    }),
}

const MOVES: readonly (readonly [Country, Country])[] = [
  ['DE', 'AU'],
  ['IN', 'US'],
  ['PL', 'GB'],
  ['FR', 'CA'],
  ['BR', 'ES'],
]

const emigrants: Scenario = {
  name: 'emigrants',
  why: 'Somebody moves to another country for good: network, country and hours are all new from one day to the next, and stay so.',
  actors: (world) =>
    many(12, (name, index) => {
      const customer = createCustomer(world, name, { ...NEWS, token: 24 })
      const { random } = customer
      const [from, to] = MOVES[index % MOVES.length] ?? ['DE', 'AU']
      const [before, after, interim] = [homeIn(random, from), homeIn(random, to), mobileIn(random, to)]
      const moves = 20 + random.int(20)
      return function* (day) {
        const land = day.index < moves ? from : to
        const by = day.index < moves ? before : day.index < moves + 9 ? interim : after
        yield* live(customer, day, offsetOf(land), [
          { from: 7, to: 10, on: 'all', chance: 0.5, pages: 3, by },
          { from: 18, to: 23, on: 'all', chance: 0.5, pages: 4, by },
        ])
      }
    }),
}

const seafarers: Scenario = {
  name: 'seafarers',
  why: 'A ship is on the Internet by satellites: its country changes with the ground station, several times a day, for weeks.',
  actors: (world) =>
    many(8, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, token: 24 })
      const { random } = customer
      const [ship, home] = [satellite(random, 7), homeIn(random, 'PL')]
      const [embarks, lands] = [random.int(20), 35 + random.int(15)]
      return function* (day) {
        const by = day.index >= embarks && day.index < lands ? ship : home
        for (let watch = 0; watch < 24; watch += 6)
          if (random.isBy(0.4))
            yield* sit(customer, day.start + (watch + random.between(0, 5)) * HOUR, 2 + random.int(4), by)
      }
    }),
}

const misplaced: Scenario = {
  name: 'misplaced-networks',
  why: 'An operator buys addresses from abroad, and the tables of countries take weeks to follow: a village is in Nigeria until the 9th, and in Poland after.',
  actors: (world) =>
    many(15, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const number = random.int(3)
      const corrected = indexOf('12-09')
      return function* (day) {
        const country = day.index >= corrected ? 'PL' : number === 0 ? 'NG' : 'US'
        const by = () => ({ prefix: `212238/village/${number}`, country, asn: 12_741 })
        yield* live(customer, day, 1, [
          { from: 6, to: 9, on: 'all', chance: 0.4, pages: 3, by },
          { from: 17, to: 23, on: 'all', chance: 0.5, pages: 4, by },
        ])
      }
    }),
}

const secondHomes: Scenario = {
  name: 'pensioners-in-the-south',
  why: 'Winter in Spain: one of two goes ahead, so for ten days one account is at home in two countries; both come home for Christmas.',
  actors: (world) =>
    many(16, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Family', token: 24 })
      const { random } = customer
      const [north, south] = [homeIn(random, 'DE'), fixedIn(random, 'ES')]
      const ahead = 8 + random.int(8)
      return function* (day) {
        const isChristmas = isWithin(day, '12-22', '12-29')
        for (const [device, leaves] of [
          ['tablet', ahead],
          ['laptop', ahead + 10],
        ] as const) {
          const by = day.index < leaves || isChristmas ? north : south
          yield* live(customer, day, 1, [
            { from: 7, to: 11, on: 'all', chance: 0.8, pages: 6, by, device },
            { from: 15, to: 21, on: 'all', chance: 0.5, pages: 5, by, device },
          ])
        }
      }
    }),
}

export const AWAY: readonly Scenario[] = [travellers, tourists, emigrants, seafarers, misplaced, secondHomes]
