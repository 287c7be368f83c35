/** One credential for several people, and several people behind one address. */
import { HOUR, indexOf, isWithin, MINUTE, SECOND, timeAt } from '../calendar.ts'
import {
  burst,
  COUNTED_NEWS,
  createCustomer,
  DATA,
  live,
  many,
  NEWS,
  type Scenario,
  sit,
  stranger,
  upTo,
} from '../customer.ts'
import { machineIn, REGIONS } from '../clouds.ts'
import { fixedIn, homeIn, mobileIn, networkOf, offsetOf, type Uplink } from '../networks.ts'

const families: Scenario = {
  name: 'families',
  why: 'Parents and children share a subscription that is sold for it: at home, on phones, at a boarding school abroad, and at Christmas with grandparents.',
  actors: (world) =>
    many(34, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Family', token: 24 })
      const { random } = customer
      const land = random.pick(['DE', 'GB', 'US', 'FR', 'IN'])
      const [home, holidays] = [homeIn(random, land), homeIn(random, random.isBy(0.3) ? 'PL' : land)]
      const members = Array.from({ length: 3 + random.int(4) }, (_, index) => ({
        device: `member-${index}`,
        phone: mobileIn(random, land, 120),
        away: index === 2 && random.isBy(0.5) ? fixedIn(random, 'GB') : undefined,
        keenness: random.between(0.1, 0.6),
        wakes: random.between(6, 11),
      }))
      return function* (day) {
        const isHoliday = isWithin(day, '12-23', '01-02')
        for (const { device, phone, away, keenness, wakes } of members) {
          const stays: Uplink = isHoliday ? holidays : (away ?? home)
          yield* live(customer, day, offsetOf(land), [
            { from: wakes, to: wakes + 3, on: 'all', chance: keenness, pages: 2, by: phone, device },
            { from: 17, to: 23, on: 'all', chance: keenness, pages: 4, by: stays, device },
          ])
        }
      }
    }),
}

const students: Scenario = {
  name: 'exam-time',
  why: 'Students read little until the exams, and then ten times as much, at night, from a library of which all share the address.',
  actors: (world) =>
    many(70, (name, index) => {
      const customer = createCustomer(world, name, { ...COUNTED_NEWS, plan: 'Campus', token: 12, route: '/archive/*' })
      const { random } = customer
      const land = (['DE', 'US', 'IN'] as const)[index % 3] ?? 'DE'
      const library = networkOf([680, 11_537, 9885][index % 3] ?? 680, land, index % 3)
      const dorm = fixedIn(random, land)
      return function* (day) {
        const isExam = isWithin(day, '12-07', '12-13') || isWithin(day, '01-03', '01-08')
        if (!random.isBy(isExam ? 0.9 : 0.15)) return
        yield* sit(
          customer,
          timeAt(day, random.between(10, 26), offsetOf(land)),
          random.about(isExam ? 25 : 4),
          () => library,
          {},
          60,
        )
        if (isExam)
          yield* sit(customer, timeAt(day, random.between(22, 27), offsetOf(land)), 5 + random.int(15), dorm, {}, 60)
      }
    }),
}

const laboratory: Scenario = {
  name: 'laboratory',
  why: 'A university has one account for a cluster: idle for days, then sixty-four nodes at once; members also ask from home, in five countries.',
  actors: (world) =>
    many(4, (name, index) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Research' })
      const { random } = customer
      const cluster = networkOf(680, 'DE', 40 + index)
      const members = (['DE', 'CH', 'IN', 'US', 'PL'] as const).map(
        (land) => [homeIn(random, land), offsetOf(land)] as const,
      )
      return function* (day) {
        for (const [home, offset] of members)
          if (random.isBy(0.3))
            yield* sit(customer, timeAt(day, random.between(9, 23), offset), 3 + random.int(10), home, {}, 20)
        if (random.isBy(0.12))
          yield* burst(customer, timeAt(day, random.between(0, 24), 1), 64 * (2 + random.int(9)), 30, () => cluster)
      }
    }),
}

const school: Scenario = {
  name: 'school-classes',
  why: 'A class has one account: thirty pupils at once in the lesson, and in thirty homes on the evening before a test.',
  actors: (world) =>
    many(6, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Class', token: 'lasting' })
      const { random } = customer
      const room = fixedIn(random, 'GB')
      const homes = Array.from({ length: 30 }, () => homeIn(random, 'GB'))
      const lesson = 1 + random.int(5)
      return function* (day) {
        if (!day.isWorkday || isWithin(day, '12-19', '01-04')) return
        if (day.weekday === lesson)
          for (const pupil of upTo(28))
            yield* sit(
              customer,
              timeAt(day, 10.25, 0) + random.int(120) * SECOND,
              2 + random.int(4),
              room,
              { device: `pupil-${pupil}` },
              40,
            )
        for (const [pupil, home] of homes.entries())
          if (random.isBy(day.weekday === lesson - 1 ? 0.6 : 0.03))
            yield* sit(customer, timeAt(day, random.between(15, 21), 0), 2 + random.int(4), home, {
              device: `pupil-${pupil}`,
            })
      }
    }),
}

const library: Scenario = {
  name: 'public-library',
  why: 'Patrons read through the proxy of their library: one account, one address, thousands of pages, at all hours of opening.',
  actors: (world) =>
    many(2, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Library', token: 24 })
      const { random } = customer
      const proxy = fixedIn(random, 'US')
      return (day) => (day.weekday === 0 ? [] : burst(customer, timeAt(day, 9, -5), random.about(140), 11 * 60, proxy))
    }),
}

const newsroom: Scenario = {
  name: 'newsroom',
  why: 'Sixty journalists have sixty accounts behind one address, and all open the same page when a bell rings.',
  actors: (world) => {
    const office = fixedIn(world.random('office'), 'GB')
    const bells = world.random('bells')
    const rings = Array.from({ length: 60 }, () => ({ index: bells.int(56), hour: bells.between(7, 20) }))
    return many(60, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Team', token: 8 })
      const { random } = customer
      const phone = mobileIn(random, 'GB')
      return function* (day) {
        if (!random.isBy(day.isWorkday ? 0.85 : 0.2)) return
        for (const { hour } of rings.filter(({ index }) => index === day.index))
          if (random.isBy(0.8))
            yield* sit(customer, timeAt(day, hour, 0) + random.int(45) * SECOND, 1 + random.int(3), office, {}, 20)
        yield* live(customer, day, 0, [
          { from: 8, to: 18, on: 'all', chance: 0.7, pages: 5, by: office },
          { from: 19, to: 22, on: 'all', chance: 0.2, pages: 2, by: phone },
        ])
      }
    })
  },
}

const CONFERENCE = '12-08'

const conference: Scenario = {
  name: 'conference',
  why: 'Five hundred visitors with codes from their badge share a hall’s address for three days; some type the code wrong, some try last year’s.',
  actors: (world) => {
    const hall = networkOf(3320, 'DE', 777)
    const sponsored = createCustomer(world, 'sponsor', {
      zone: 'news',
      route: '/archive/*',
      rail: 'receipt',
      token: 'lasting',
      charged: { uses: 1 },
    })
    return many(500, (name, index) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Visitor', token: 24 })
      const { random } = customer
      return function* (day) {
        const nth = day.index - indexOf(CONFERENCE)
        if (nth < 0 || nth > 2 || random.isBy(0.2)) return
        const start = timeAt(day, random.isBy(0.5) ? 9 : random.between(10, 17), 1) + random.int(20) * MINUTE
        if (nth === 0 && random.isBy(0.09))
          for (const slip of upTo(1 + random.int(4)))
            yield stranger(
              random,
              NEWS,
              { time: start - (60 - slip * 12) * SECOND, from: hall },
              random.isBy(0.6) ? 'credential-malformed' : 'credential-invalid',
            )
        if (nth === 0 && random.isBy(0.05)) yield customer.refuse(start - 70 * SECOND, hall, 'credential-expired')
        yield* sit(customer, start, 1 + random.int(4), () => hall)
        // One receipt of a thousand uses is on the sponsor's poster, for everybody who stands before it.
        if (index % 4 === 0) yield sponsored.serve(start + 2 * HOUR, hall, { account: undefined })
      }
    })
  },
}

const devices: Scenario = {
  name: 'devices',
  why: 'A maker of receivers has one key in all of them, as the plan "Devices" allows: hundreds of homes, one token.',
  actors: (world) =>
    many(2, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Devices' })
      const { random } = customer
      const homes = Array.from({ length: 150 }, () => homeIn(random, random.pick(['DE', 'FR', 'PL'])))
      return function* (day) {
        for (const home of homes) {
          const start = timeAt(day, random.between(16, 23), 1)
          if (random.isBy(0.45)) yield customer.serve(start, home(start))
        }
      }
    }),
}

const translators: Scenario = {
  name: 'agency-teams',
  why: 'An agency of freelancers in six countries uses one key of a team plan, each at the hours of their own day.',
  actors: (world) =>
    many(8, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Team' })
      const { random } = customer
      const people = (['PL', 'IN', 'BR', 'KE', 'US', 'JP'] as const).map(
        (land) => [homeIn(random, land), offsetOf(land)] as const,
      )
      const runner = () => machineIn(random, REGIONS[0])
      return function* (day) {
        for (const [home, offset] of people)
          if (day.isWorkday && random.isBy(0.6))
            yield* sit(customer, timeAt(day, random.between(8, 17), offset), random.about(6), home, {}, 60)
        if (random.isBy(0.1)) yield* burst(customer, timeAt(day, random.between(8, 17), 0), 20, 4, runner)
      }
    }),
}

export const SHARED: readonly Scenario[] = [
  families,
  students,
  laboratory,
  school,
  library,
  newsroom,
  conference,
  devices,
  translators,
]
