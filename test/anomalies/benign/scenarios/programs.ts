/** Programs with an API key, as they run every day. */
import { DAYS, HOUR, isWithin, MINUTE, timeAt } from '../calendar.ts'
import { burst, createCustomer, DATA, many, type Scenario, sit, upTo } from '../customer.ts'
import { edgeAnywhere, machineIn, REGIONS, serverIn } from '../clouds.ts'
import { fixedIn, homeIn, offsetOf } from '../networks.ts'
import type { Random } from '../random.ts'

const LANDS = ['DE', 'US', 'US', 'GB', 'IN', 'JP', 'AU', 'BR', 'FR'] as const

const ordinary: Scenario = {
  name: 'ordinary-programs',
  why: 'A server asks at the hours of its users; in some weeks those are twice as many, without a reason.',
  actors: (world) =>
    many(130, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: world.random(name).isBy(0.5) ? 'Pro' : 'Starter' })
      const { random } = customer
      const offset = offsetOf(random.pick(LANDS))
      const server = serverIn(random, random.pick(REGIONS))
      const mean = random.heavy(2, 14)
      let mood = 1
      return function* (day) {
        if (day.weekday === 1) mood = random.pick([1, 1, 1, 0.5, 2, 1.5])
        const count = random.about(mean * mood * (day.isWorkday ? 1 : 0.4))
        yield* burst(customer, timeAt(day, 8, offset), count, 11 * 60, server)
      }
    }),
}

const runners: Scenario = {
  name: 'ci-runners',
  why: 'Each push starts forty jobs on machines of ten regions that nobody saw before; then nothing, until somebody pushes again.',
  actors: (world) =>
    many(18, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Team' })
      const { random } = customer
      const offset = offsetOf(random.pick(LANDS))
      const pushes = random.between(0.3, 1.6)
      return function* (day) {
        const isFrozen = isWithin(day, '12-21', '01-01')
        const count = random.about(day.isWorkday && !isFrozen ? pushes : 0.05)
        for (const _ of upTo(count)) {
          const start = timeAt(day, random.between(9, 19), offset)
          for (const _ of upTo(3 + random.int(9))) {
            const machine = machineIn(random, random.pick(REGIONS))
            yield* burst(customer, start + random.int(90) * 1000, 1 + random.int(6), 3, () => machine)
          }
        }
      }
    }),
}

const cron: Scenario = {
  name: 'midnight-cron',
  why: 'Midnight is when programs are told to run, to the second, in whatever zone their machine is; nothing else ever asks.',
  actors: (world) =>
    many(48, (name) => {
      const customer = createCustomer(world, name, DATA)
      const { random } = customer
      const offset = random.pick([-8, -5, -3, 0, 0, 0, 1, 1, 3, 5.5, 8, 9, 11, 13])
      const server = serverIn(random, random.pick(REGIONS))
      const count = 3 + random.int(9)
      return (day) => sit(customer, timeAt(day, 0, offset), count, server, {}, 1)
    }),
}

const monthEnd: Scenario = {
  name: 'month-end',
  why: 'Accounts are closed on the last two days of a month and the first of the next: forty times of any other day.',
  actors: (world) =>
    many(14, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Business' })
      const { random } = customer
      const land = random.pick(LANDS)
      const server = fixedIn(random, land)
      return function* (day) {
        const isClosing = day.date === 1 || isWithin(day, '11-29', '11-30') || isWithin(day, '12-30', '12-31')
        const mean = isClosing ? 120 : 3
        if (day.isWorkday || isClosing)
          yield* burst(customer, timeAt(day, 7, offsetOf(land)), random.about(mean), isClosing ? 16 * 60 : 60, server)
      }
    }),
}

const weekly: Scenario = {
  name: 'weekly-reports',
  why: 'A report is made on Monday morning, or every second one; between them the account does nothing at all.',
  actors: (world) =>
    many(24, (name) => {
      const customer = createCustomer(world, name, DATA)
      const { random } = customer
      const land = random.pick(LANDS)
      const office = fixedIn(random, land)
      const every = random.isBy(0.3) ? 14 : 7
      return (day) =>
        day.index % every === 0 || day.index === DAYS - 1
          ? burst(customer, timeAt(day, 6, offsetOf(land)), 30 + random.int(60), 25, office)
          : []
    }),
}

const edge: Scenario = {
  name: 'edge-functions',
  why: 'A customer’s own backend runs at the edge: its one key asks from forty countries a day, wherever a user of theirs is.',
  actors: (world) =>
    many(7, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Scale' })
      const { random } = customer
      const mean = random.between(10, 60)
      return (day) =>
        burst(customer, day.start, random.about(mean * (day.isWorkday ? 1 : 0.7)), 24 * 60, () => edgeAnywhere(random))
    }),
}

const serverless: Scenario = {
  name: 'serverless',
  why: 'Functions of three regions have another address at each start, and one region takes over when another fails.',
  actors: (world) =>
    many(14, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Scale' })
      const { random } = customer
      const [first, second] = [random.pick(REGIONS), random.pick(REGIONS)]
      const failover = 10 + random.int(40)
      return function* (day) {
        const region = day.index === failover || random.isBy(0.1) ? second : first
        yield* burst(customer, day.start, random.about(14), 24 * 60, () => machineIn(random, region))
      }
    }),
}

const pollers: Scenario = {
  name: 'pollers',
  why: 'A display in a hall asks every twenty minutes, day and night, and never anything else.',
  actors: (world) =>
    many(3, (name) => {
      const customer = createCustomer(world, name, DATA)
      const hall = homeIn(customer.random, 'CH')
      return function* (day) {
        for (let minute = 0; minute < 24 * 60; minute += 20) {
          const time = day.start + minute * MINUTE + customer.random.int(900)
          yield customer.serve(time, hall(time))
        }
      }
    }),
}

const monitors: Scenario = {
  name: 'uptime-monitors',
  why: 'A monitor asks with its customer’s key from ten places by turns, to know whether the customer’s own site works.',
  actors: (world) =>
    many(2, (name) => {
      const customer = createCustomer(world, name, DATA)
      const { random } = customer
      const probes = REGIONS.map((region) => serverIn(random, region))
      return function* (day) {
        for (let nth = 0; nth < 96; nth++) {
          const time = day.start + nth * 15 * MINUTE
          const probe = probes[nth % probes.length]
          if (probe !== undefined) yield customer.serve(time, probe(time), { method: 'HEAD', charged: undefined })
        }
      }
    }),
}

/** Tinkering: a long evening now and then, with mistakes. */
function* tinker(
  random: Random,
  evening: number,
  customer: ReturnType<typeof createCustomer>,
  home: ReturnType<typeof homeIn>,
) {
  for (const attempt of upTo(3 + random.int(40))) {
    const time = evening + attempt * random.between(0.5, 4) * MINUTE
    if (random.isBy(0.12)) yield customer.refuse(time, home(time), 'entitlement-insufficient')
    else if (random.isBy(0.08)) yield customer.refuse(time, home(time), 'too-many-requests')
    else yield customer.serve(time, home(time))
  }
}

const hobbyists: Scenario = {
  name: 'hobbyists',
  why: 'Somebody learns to program on Saturday nights: loops that run away, wrong routes, and weeks of nothing.',
  actors: (world) =>
    many(40, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Starter' })
      const { random } = customer
      const land = random.pick(LANDS)
      const home = homeIn(random, land)
      return (day) =>
        random.isBy(day.isWorkday ? 0.06 : 0.3)
          ? tinker(random, timeAt(day, random.between(18, 24), offsetOf(land)), customer, home)
          : []
    }),
}

const spreadsheets: Scenario = {
  name: 'spreadsheets',
  why: 'A spreadsheet asks once for each of its rows whenever somebody opens it, from an office in the day and a cloud at night.',
  actors: (world) =>
    many(9, (name) => {
      const customer = createCustomer(world, name, DATA)
      const { random } = customer
      const office = fixedIn(random, 'US')
      const rows = 10 + random.int(30)
      return function* (day) {
        if (!day.isWorkday) return
        for (const _ of upTo(random.int(4)))
          yield* burst(customer, timeAt(day, random.between(8, 18), -5), rows, 0.2, office)
        if (random.isBy(0.2))
          yield* burst(customer, day.start + 7 * HOUR, rows, 0.5, () => machineIn(random, REGIONS[6]))
      }
    }),
}

export const PROGRAMS: readonly Scenario[] = [
  ordinary,
  runners,
  cron,
  monthEnd,
  weekly,
  edge,
  serverless,
  pollers,
  monitors,
  hobbyists,
  spreadsheets,
]
