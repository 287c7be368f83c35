/** What happens once: to a program, its prices, its machines, or its owner. */
import { type Day, indexOf, isWithin, MINUTE, SECOND, timeAt } from '../calendar.ts'
import { burst, createCustomer, DATA, many, type Scenario, sit, type Terms, upTo } from '../customer.ts'
import { machineIn, REGIONS, serverIn } from '../clouds.ts'
import { changing, fixedIn, homeIn, offsetOf } from '../networks.ts'

const priced = (amount: string, currency: string): { charged: Required<Terms>['charged'] } => ({
  charged: { price: { amount, currency } },
})
const PAID: Terms = { zone: 'data', route: '/reports/*', plan: 'Pay as you go', rail: 'keys', token: 'lasting' }

const backfill: Scenario = {
  name: 'back-fill',
  why: 'A customer of years fetches the whole archive once, in a night, as the documentation recommends, and never again.',
  actors: (world) =>
    many(4, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Scale' })
      const { random } = customer
      const server = serverIn(random, random.pick(REGIONS))
      const night = 15 + random.int(38)
      return function* (day) {
        yield* burst(customer, timeAt(day, 9, 0), random.about(8), 600, server)
        if (day.index === night) yield* burst(customer, timeAt(day, 20, 0), 2500 + random.int(1500), 11 * 60, server)
      }
    }),
}

const migration: Scenario = {
  name: 'migration',
  why: 'Servers move from one cloud to another: for two days both ask, with two keys, and then only the new one, elsewhere.',
  actors: (world) =>
    many(12, (name) => {
      const customer = createCustomer(world, name, DATA)
      const { random } = customer
      const [before, after] = [fixedIn(random, 'FR'), serverIn(random, random.pick(REGIONS))]
      const moves = 12 + random.int(36)
      const mean = random.between(8, 25)
      return function* (day) {
        if (day.index <= moves + 1) yield* burst(customer, day.start, random.about(mean), 24 * 60, before)
        // All of it is asked for twice, to see whether both answer alike.
        if (day.index >= moves)
          yield* burst(customer, day.start, random.about(day.index === moves ? 6 * mean : mean), 24 * 60, after, {
            device: 'new',
          })
      }
    }),
}

const launch: Scenario = {
  name: 'launch',
  why: 'A customer’s product is launched and in all the papers: twenty times the requests for three days, then three times for good.',
  actors: (world) =>
    many(8, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Scale' })
      const { random } = customer
      const region = random.pick(REGIONS)
      const begins = 14 + random.int(30)
      return function* (day) {
        const since = day.index - begins
        const factor = since < 0 ? 1 : since < 3 ? 20 : 3
        const machines = Array.from({ length: factor }, () => machineIn(random, region))
        const by = (time: number) => machines[Math.floor(time / MINUTE) % machines.length] ?? machineIn(random, region)
        yield* burst(customer, day.start, random.about(12 * factor), 24 * 60, by)
      }
    }),
}

const christmas: Scenario = {
  name: 'christmas-pause',
  why: 'A company is closed from the 19th to the 3rd, and does on its first morning what has waited for two weeks.',
  actors: (world) =>
    many(44, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Business' })
      const { random } = customer
      const land = random.pick(['DE', 'CH', 'FR', 'GB'])
      const office = fixedIn(random, land)
      const mean = random.between(3, 12)
      return function* (day) {
        if (!day.isWorkday || isWithin(day, '12-19', '01-03')) return
        const factor = day.index === indexOf('01-04') ? 9 : 1
        yield* burst(
          customer,
          timeAt(day, 8, offsetOf(land)),
          random.about(mean * factor),
          factor === 1 ? 540 : 90,
          office,
        )
      }
    }),
}

const price: Scenario = {
  name: 'price-change',
  why: 'The site raises its price by half on the 1st of December: everybody’s charges rise on that day, and some buy ahead the day before.',
  actors: (world) =>
    many(36, (name) => {
      const customer = createCustomer(world, name, PAID)
      const { random } = customer
      const server = serverIn(random, random.pick(REGIONS))
      const mean = random.between(2, 8)
      const isThrifty = random.isBy(0.3)
      return function* (day) {
        const isDear = day.index >= indexOf('12-01')
        const factor = isThrifty && day.index === indexOf('11-30') ? 8 : 1
        yield* burst(
          customer,
          day.start,
          random.about(mean * factor),
          24 * 60,
          server,
          priced(isDear ? '0.03' : '0.02', 'EUR'),
        )
      }
    }),
}

const CURRENCIES: readonly (readonly [currency: string, amount: string])[] = [
  ['USD', '0.11'],
  ['JPY', '16'],
  ['CHF', '0.09'],
]

const currency: Scenario = {
  name: 'currency-change',
  why: 'An account is billed in another currency from the new year on: the same page is 0.10 one day, and 16 the next.',
  actors: (world) =>
    many(24, (name, index) => {
      const customer = createCustomer(world, name, PAID)
      const { random } = customer
      const office = fixedIn(random, random.pick(['DE', 'FR', 'JP']))
      const [after, amount] = CURRENCIES[index % 3] ?? ['USD', '0.11']
      const changes = indexOf('01-01') - (index % 4) * 7
      return function* (day) {
        const terms = day.index < changes ? priced('0.1', 'EUR') : priced(amount, after)
        yield* burst(customer, timeAt(day, 8, 1), random.about(day.isWorkday ? 5 : 1), 600, office, terms)
      }
    }),
}

const bigPurchase: Scenario = {
  name: 'first-big-purchase',
  why: 'A customer of small purchases buys a study for four hundred euros for the first time, and on the same day two more.',
  actors: (world) =>
    many(24, (name) => {
      const customer = createCustomer(world, name, PAID)
      const { random } = customer
      const land = random.pick(['DE', 'GB', 'US', 'IN'])
      const home = homeIn(random, land)
      const buys = 20 + random.int(34)
      return function* (day) {
        if (random.isBy(0.4))
          yield* sit(
            customer,
            timeAt(day, random.between(9, 21), offsetOf(land)),
            1 + random.int(3),
            home,
            priced('0.25', 'EUR'),
          )
        if (day.index === buys)
          for (const amount of ['400', '249', '1200'].slice(0, 1 + random.int(3)))
            yield* sit(customer, timeAt(day, random.between(14, 18), offsetOf(land)), 1, home, priced(amount, 'EUR'))
      }
    }),
}

const LLM: Terms = { zone: 'llm', route: '/anthropic/*', plan: 'Prepaid', rail: 'keys', token: 'lasting' }

/** What a call of a model reserves: most are small, a few have a whole book before them. */
function callOf(tokens: number): ReturnType<typeof priced> {
  const whole = Math.floor(tokens)
  const price = { amount: (whole * 15 * 1e-6).toFixed(6).replace(/0+$/, ''), currency: 'USD' }
  return { charged: { units: { tokens: String(whole) }, price } }
}

const agents: Scenario = {
  name: 'busy-agents',
  why: 'An agent that does ten calls a day is given a large task, and does eight hundred in an evening, from where its owner sits.',
  actors: (world) =>
    many(26, (name) => {
      const customer = createCustomer(world, name, LLM)
      const { random } = customer
      const land = random.pick(['US', 'DE', 'IN', 'BR'])
      const desk = homeIn(random, land)
      const busy = new Set(Array.from({ length: 1 + random.int(3) }, () => 6 + random.int(50)))
      const makes = function* (day: Day) {
        const isBusy = busy.has(day.index)
        const count = isBusy ? 120 + random.int(680) : random.about(day.isWorkday ? 8 : 2)
        let time = timeAt(day, random.between(9, 20), offsetOf(land))
        for (const _ of upTo(count)) {
          if (random.isBy(isBusy ? 0.03 : 0.005))
            yield customer.refuse(time, desk(time), 'too-many-requests', { method: 'POST' })
          yield customer.serve(time, desk(time), { method: 'POST', ...callOf(random.heavy(900, 180_000)) })
          time += random.between(2, isBusy ? 40 : 900) * SECOND
        }
        if (isBusy && random.isBy(0.5))
          for (const late of upTo(5 + random.int(60)))
            yield customer.refuse(time + late * 20 * SECOND, desk(time), 'credit-insufficient', { method: 'POST' })
      }
      return makes
    }),
}

const models: Scenario = {
  name: 'dearer-models',
  why: 'A team changes to a model of ten times the price, or hands it whole books: fewer calls, each of them dearer.',
  actors: (world) =>
    many(20, (name) => {
      const customer = createCustomer(world, name, { ...LLM, plan: 'Team' })
      const { random } = customer
      const server = changing(random, 50 * 60 * MINUTE, () => machineIn(random, REGIONS[4]))
      const changes = 18 + random.int(30)
      return function* (day) {
        const least = day.index < changes ? 800 : 9000
        for (const call of upTo(random.about(day.isWorkday ? 10 : 1))) {
          const time = timeAt(day, 8 + call / 2, 0) + random.int(29) * MINUTE
          yield customer.serve(time, server(time), { method: 'POST', ...callOf(random.heavy(least, 200_000)) })
        }
      }
    }),
}

export const CHANGES: readonly Scenario[] = [
  backfill,
  migration,
  launch,
  christmas,
  price,
  currency,
  bigPurchase,
  agents,
  models,
]
