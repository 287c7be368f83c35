/** What goes wrong for honest people: outages, clocks, old tokens and keys, slips of the pen, and patience. */
import { HOUR, indexOf, MINUTE, SECOND, timeAt } from '../calendar.ts'
import {
  burst,
  createCustomer,
  DATA,
  live,
  many,
  NEWS,
  type Scenario,
  sit,
  stranger,
  type Terms,
  upTo,
} from '../customer.ts'
import { machineIn, REGIONS, serverIn } from '../clouds.ts'
import { homeIn, mobileIn, offsetOf } from '../networks.ts'

const LANDS = ['DE', 'US', 'GB', 'FR', 'IN', 'JP'] as const

const outage: Scenario = {
  name: 'outage',
  why: 'The gate’s ledger is down for fifty minutes, twice; programs retry hundreds of times with genuine keys, and then all at once.',
  actors: (world) =>
    many(44, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Scale' })
      const { random } = customer
      const server = serverIn(random, random.pick(REGIONS))
      const [mean, pause] = [random.between(3, 12), random.pick([8, 15, 30, 240])]
      return function* (day) {
        yield* burst(customer, day.start, random.about(mean), 13 * 60, server)
        if (day.index !== indexOf('12-10') && day.index !== indexOf('01-05')) return
        const [begins, ends] = [timeAt(day, 14, 0), timeAt(day, 14.8, 0)]
        for (
          let time = begins + random.int(120) * SECOND;
          time < ends;
          time += pause * SECOND * random.between(0.8, 1.2)
        )
          yield customer.refuse(time, server(time), 'ledger-unavailable')
        for (const _ of upTo(random.about(900 / pause / 4)))
          yield customer.refuse(ends + random.int(90) * SECOND, server(ends), 'too-many-requests')
        yield* burst(customer, ends + 90 * SECOND, random.about(mean * 2), 30, server)
      }
    }),
}

const wrongKeys: Scenario = {
  name: 'issuer-slip',
  why: 'Billing publishes the wrong keys for forty minutes: every genuine token of every reader is invalid, from everywhere, again and again.',
  actors: (world) =>
    many(70, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = random.pick(LANDS)
      const home = homeIn(random, land)
      return function* (day) {
        yield* live(customer, day, offsetOf(land), [{ from: 17, to: 23, on: 'all', chance: 0.4, pages: 4, by: home }])
        if (day.index !== indexOf('12-15') || random.isBy(0.3)) return
        const start = timeAt(day, 18, 0) + random.int(25) * MINUTE
        for (const reload of upTo(1 + random.int(12))) {
          const time = start + reload * random.between(5, 60) * SECOND
          yield stranger(random, NEWS, { time, from: home(time) }, 'credential-invalid')
        }
      }
    }),
}

const oldApp: Scenario = {
  name: 'app-release',
  why: 'A release of the app forgets to renew its token: until its users update, each start sends one that ended days ago, many times.',
  actors: (world) =>
    many(70, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, token: 24 })
      const { random } = customer
      const land = random.pick(LANDS)
      const phone = mobileIn(random, land)
      const updates = indexOf('12-16') + random.int(9)
      return function* (day) {
        if (random.isBy(0.35)) return
        const start = timeAt(day, random.between(6, 23), offsetOf(land))
        const isBroken = day.index >= indexOf('12-16') && day.index < updates
        const ended = world.hash('token', `${name}/ended`)
        if (isBroken)
          for (const tries of upTo(3 + random.int(30)))
            yield customer.refuse(start - MINUTE + tries * SECOND, phone(start), 'credential-expired', { token: ended })
        // Half of them give up; the others sign in on the web.
        if (!isBroken || random.isBy(0.5))
          yield* sit(customer, start, 1 + random.int(5), phone, { device: isBroken ? 'web' : 'app' })
      }
    }),
}

const clocks: Scenario = {
  name: 'wrong-clocks',
  why: 'A server that signs is ninety seconds ahead after each restart, and a tablet hours behind believes its ended token to be good.',
  actors: (world) => [
    ...many(12, (name) => {
      const customer = createCustomer(world, `server ${name}`, { ...DATA, rail: 'bearer', token: 1 })
      const { random } = customer
      const server = serverIn(random, random.pick(REGIONS))
      return function* (day) {
        yield* burst(customer, day.start, random.about(9), 23 * 60, server)
        if (!random.isBy(0.15)) return
        const restart = day.start + random.int(23 * 60) * MINUTE
        for (let second = 0; second < 90; second += 1 + random.int(6))
          yield customer.refuse(restart + second * SECOND, server(restart), 'credential-not-yet-valid')
      }
    }),
    ...many(14, (name) => {
      const customer = createCustomer(world, `tablet ${name}`, NEWS)
      const { random } = customer
      const home = homeIn(random, 'FR')
      return function* (day) {
        if (random.isBy(0.4)) return
        const start = timeAt(day, random.between(7, 20), 1)
        yield* sit(customer, start, 4, home)
        for (const reload of upTo(2 + random.int(9))) {
          const time = start + HOUR + reload * random.between(5, 300) * SECOND
          yield customer.refuse(time, home(time), 'credential-expired')
        }
      }
    }),
  ],
}

const rotation: Scenario = {
  name: 'key-rotation',
  why: 'A key is replaced with a week’s overlap: hosts change one by one, and one that was forgotten goes on for days after the end.',
  actors: (world) =>
    many(22, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Team' })
      const { random } = customer
      const hosts = Array.from({ length: 2 + random.int(5) }, () => serverIn(random, random.pick(REGIONS)))
      const rotates = 9 + random.int(32)
      const forgotten = random.isBy(0.4) ? random.int(4) : 0
      return function* (day) {
        for (const [host, by] of hosts.entries()) {
          const isNew = day.index >= rotates + host * 2
          const isLate = host === hosts.length - 1 && day.index >= rotates + 7 && day.index < rotates + 7 + forgotten
          if (!isLate)
            yield* burst(customer, day.start, random.about(4), 24 * 60, by, { device: isNew ? 'new' : 'old' })
          else
            for (let minute = 0; minute < 24 * 60; minute += 15 + random.int(40)) {
              const time = day.start + minute * MINUTE
              yield customer.refuse(time, by(time), 'credential-expired', { device: 'old' })
            }
        }
      }
    }),
}

const RECEIPT: Terms = {
  zone: 'data',
  route: '/reports/*',
  rail: 'receipt',
  token: 'lasting',
  charged: { price: { amount: '0.25', currency: 'USD' }, uses: 1 },
}

const replays: Scenario = {
  name: 'receipt-retries',
  why: 'A client whose answer was lost sends its own receipt again, from the train’s network and then from the phone’s, as it should.',
  actors: (world) =>
    many(40, (name) => {
      const customer = createCustomer(world, name, RECEIPT)
      const { random } = customer
      const land = random.pick(LANDS)
      const [home, phone, region] = [homeIn(random, land), mobileIn(random, land, 1), random.pick(REGIONS)]
      return function* (day) {
        for (const bought of upTo(random.int(4))) {
          const device = `receipt-${day.index}-${bought}`
          const start = timeAt(day, random.between(7, 23), offsetOf(land))
          const changes = { device, account: undefined }
          yield customer.serve(start, home(start), changes)
          if (random.isBy(0.75)) continue
          const tries = 1 + random.int(7)
          for (let again = 1; again <= tries; again++) {
            const time = start + again * random.between(2, 20) * SECOND
            const from = random.isBy(0.6) ? home(time) : random.isBy(0.7) ? phone(time) : machineIn(random, region)
            if (random.isBy(0.3)) yield customer.serve(time, from, { ...changes, charged: { uses: 1, joined: true } })
            else yield customer.refuse(time, from, random.isBy(0.3) ? 'idempotency-conflict' : 'payment-spent', changes)
          }
        }
      }
    }),
}

const quotas: Scenario = {
  name: 'used-up-quotas',
  why: 'A quota is used up on the 26th, and a program that does not read the answer asks every ten minutes until the month is over.',
  actors: (world) =>
    many(10, (name) => {
      const customer = createCustomer(world, name, { ...DATA, plan: 'Starter' })
      const { random } = customer
      const server = serverIn(random, random.pick(REGIONS))
      const runsOut = 22 + random.int(8)
      return function* (day) {
        if (day.date < runsOut || day.month === 1)
          return yield* burst(customer, day.start, random.about(16), 24 * 60, server)
        for (let minute = 0; minute < 24 * 60; minute += 10 + random.int(20)) {
          const time = day.start + minute * MINUTE
          yield customer.refuse(time, server(time), 'usage-limit-reached')
        }
      }
    }),
}

const former: Scenario = {
  name: 'former-customers',
  why: 'A subscription ends, and its app, widget or server goes on to ask every hour for weeks, because nobody has switched it off.',
  actors: (world) =>
    many(25, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, token: 'lasting' })
      const { random } = customer
      const home = homeIn(random, random.pick(LANDS))
      const [ends, forgetful] = [8 + random.int(40), 3 + random.int(20)]
      return function* (day) {
        if (day.index < ends) yield* burst(customer, day.start, random.about(5), 24 * 60, home)
        else if (day.index < ends + forgetful)
          for (let hour = 0; hour < 24; hour += 2) {
            const time = day.start + hour * HOUR + random.int(50) * MINUTE
            yield customer.refuse(time, home(time), 'subscription-inactive')
          }
      }
    }),
}

export const FAILURES: readonly Scenario[] = [outage, wrongKeys, oldApp, clocks, rotation, replays, quotas, former]
