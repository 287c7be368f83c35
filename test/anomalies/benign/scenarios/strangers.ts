/** Who shows nothing that counts: passers-by, slips of the pen, what a proxy adds; and machines that pay for each request. */
import { indexOf, isWithin, MINUTE, SECOND, timeAt } from '../calendar.ts'
import { machineIn, REGIONS } from '../clouds.ts'
import { createCustomer, DATA, many, NEWS, type Scenario, sit, stranger, type Terms, upTo } from '../customer.ts'
import { fixedIn, homeIn, mobileIn, networkOf, offsetOf } from '../networks.ts'

const LANDS = ['DE', 'US', 'GB', 'FR', 'IN', 'JP'] as const

const slips: Scenario = {
  name: 'slips-of-the-pen',
  why: 'People paste half a key, the word YOUR_API_KEY from a tutorial, or a key with a line break; the fourth time it is right.',
  actors: (world) =>
    many(90, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Starter' })
      const { random } = customer
      const land = random.pick(LANDS)
      const home = homeIn(random, land)
      const first = random.int(54)
      return function* (day) {
        if (day.index < first || (day.index > first && random.isBy(0.8))) return
        const start = timeAt(day, random.between(9, 23), offsetOf(land))
        const slipped = day.index === first ? 1 + random.int(6) : random.isBy(0.1) ? 2 : 0
        for (const slip of upTo(slipped)) {
          const time = start - (slip + 1) * random.between(10, 90) * SECOND
          yield stranger(
            random,
            DATA,
            { time, from: home(time) },
            random.isBy(0.75) ? 'credential-malformed' : 'credential-invalid',
          )
        }
        yield* sit(customer, start, 2 + random.int(12), home, {}, 40)
      }
    }),
}

const proxies: Scenario = {
  name: 'adding-proxies',
  why: 'The proxy of a company adds a credential of its own, so that its people send two: all of them are refused, every morning, until somebody asks why.',
  actors: (world) => {
    const proxy = fixedIn(world.random('proxy'), 'GB')
    return many(20, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const phone = mobileIn(random, 'GB')
      return function* (day) {
        if (!day.isWorkday || random.isBy(0.4)) return
        const start = timeAt(day, random.between(8, 10), 0)
        const reason = random.isBy(0.8) ? 'credential-ambiguous' : 'credential-invalid'
        const isBroken = isWithin(day, '11-30', '12-18')
        if (isBroken)
          for (const tries of upTo(1 + random.int(5)))
            yield stranger(random, NEWS, { time: start + tries * 9 * SECOND, from: proxy(start) }, reason)
        yield* sit(customer, start + 5 * MINUTE, 1 + random.int(4), isBroken ? phone : proxy)
      }
    })
  },
}

const passersBy: Scenario = {
  name: 'passers-by',
  why: 'Most who come have nothing to show and are asked to pay; on two days an article goes round the world; search engines come daily.',
  actors: (world) =>
    many(1, (name) => {
      const random = world.random(name)
      const crawler = networkOf(15_169, 'US', 5000)
      return function* (day) {
        const isViral = day.index === indexOf('11-25') || day.index === indexOf('12-21')
        for (const _ of upTo(random.about(isViral ? 3500 : 180))) {
          const time = isViral
            ? timeAt(day, 15, 0) + random.heavy(1, 9) * 25 * MINUTE
            : day.start + random.int(86_400) * SECOND
          const phone = mobileIn(random, random.pick(LANDS))
          yield stranger(random, NEWS, { time, from: random.isBy(0.15) ? crawler : phone(time) }, 'payment-required')
        }
      }
    }),
}

const negativeTests: Scenario = {
  name: 'negative-tests',
  why: 'The tests of a customer’s own program send tokens that are wrong on purpose, at each push, from machines that nobody saw before.',
  actors: (world) =>
    many(9, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Team' })
      const { random } = customer
      const pushes = random.between(0.5, 5)
      return function* (day) {
        for (const push of upTo(random.about(day.isWorkday ? pushes : 0.2))) {
          const [from, start] = [machineIn(random, random.pick(REGIONS)), timeAt(day, random.between(8, 19), 0) + push]
          for (const reason of [
            'credential-malformed',
            'credential-invalid',
            'credential-invalid',
            'payment-required',
          ] as const)
            for (const test of upTo(1 + random.int(5)))
              yield stranger(random, DATA, { time: start + test * SECOND, from }, reason)
          yield customer.refuse(start + 5 * SECOND, from, 'entitlement-insufficient')
          for (const test of upTo(3 + random.int(8))) yield customer.serve(start + (6 + test) * SECOND, from)
        }
      }
    }),
}

const demonstration: Scenario = {
  name: 'demonstration-key',
  why: 'The documentation has a key for everybody to try, of a plan that is free and small: it is meant to be used from all the world.',
  actors: (world) =>
    many(1, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Demo' })
      const { random } = customer
      return function* (day) {
        for (const visitor of upTo(random.about(day.isWorkday ? 45 : 20))) {
          const home = homeIn(random, random.pick(LANDS))
          const start = day.start + random.int(24 * 60) * MINUTE + visitor
          yield* sit(customer, start, 1 + random.int(4), home, {}, 20)
          if (random.isBy(0.15)) yield customer.refuse(start + 5 * MINUTE, home(start), 'usage-limit-reached')
        }
      }
    }),
}

/** A payment that is its own credential, once. */
const WALLET: Terms = {
  zone: 'data',
  route: '/reports/*',
  rail: 'x402',
  token: 'lasting',
  charged: { price: { amount: '0.01', currency: 'USD' } },
}

const payingAgents: Scenario = {
  name: 'paying-agents',
  why: 'An agent reads the 402, pays and asks again: half of its requests are refused, each payment has another name, and every machine is new.',
  actors: (world) =>
    many(30, (name) => {
      const customer = createCustomer(world, name, WALLET)
      const { random } = customer
      const region = random.pick(REGIONS)
      const errands = random.between(0.2, 2)
      return function* (day) {
        for (const errand of upTo(random.about(errands))) {
          const [from, start] = [machineIn(random, region), day.start + random.int(24 * 60) * MINUTE]
          for (const page of upTo(Math.floor(random.heavy(2, 90)))) {
            const time = start + page * random.between(2, 15) * SECOND
            const paid = { account: undefined, device: `payment-${day.index}-${errand}-${page}` }
            yield stranger(random, WALLET, { time, from }, 'payment-required')
            yield customer.serve(time + 2 * SECOND, from, paid)
            // The answer was lost, and the same payment is shown again.
            if (random.isBy(0.03)) yield customer.refuse(time + 12 * SECOND, from, 'payment-spent', paid)
          }
        }
      }
    }),
}

export const STRANGERS: readonly Scenario[] = [slips, proxies, passersBy, negativeTests, demonstration, payingAgents]
