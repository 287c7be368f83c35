/** Clients that can send nothing but a URL. */
import { HOUR, isWithin, MINUTE, SECOND, timeAt } from '../calendar.ts'
import { createCustomer, many, type Scenario, sit, type Terms } from '../customer.ts'
import { machineIn, REGIONS } from '../clouds.ts'
import { changing, homeIn, mobileIn, networkOf, offsetOf } from '../networks.ts'

const RADIO: Terms = { zone: 'radio', route: '/feeds/*', plan: 'Listener', rail: 'feeds', token: 'lasting' }

const listeners: Scenario = {
  name: 'podcast-listeners',
  why: 'One feed token is on a phone that roams, a loudspeaker at home, and the servers of a podcast app abroad, all at once.',
  actors: (world) =>
    many(80, (name) => {
      const customer = createCustomer(world, name, RADIO)
      const { random } = customer
      const land = random.pick(['DE', 'GB', 'US', 'BR', 'AU', 'PL'])
      const [phone, home] = [mobileIn(random, land, 100), homeIn(random, land)]
      // Some apps fetch for their users, from a cloud.
      const region = random.isBy(0.4) ? random.pick(REGIONS) : undefined
      const server = changing(random, 20 * HOUR, () => machineIn(random, region ?? REGIONS[0]))
      const everyHours = random.pick([4, 6, 8, 12])
      return function* (day) {
        for (let hour = 0; hour < 24; hour += everyHours) {
          const time = timeAt(day, hour, offsetOf(land)) + random.int(50) * MINUTE
          const isAsleep = region === undefined && hour < 6 && random.isBy(0.7)
          if (!isAsleep)
            yield customer.serve(time, region === undefined ? phone(time) : server(time), {
              status: random.isBy(0.8) ? 304 : 200,
            })
        }
        const isNew = day.weekday === 2
        if (!random.isBy(isNew ? 0.6 : 0.15)) return
        const start = timeAt(day, random.between(6, 20), offsetOf(land))
        // A download in pieces, while the phone leaves the house.
        yield* sit(
          customer,
          start,
          2 + random.int(4),
          (time) => (time - start < 40 * SECOND ? home(time) : phone(time)),
          { status: 206 },
          20,
        )
        if (random.isBy(0.3)) yield customer.serve(start + random.int(90) * SECOND, home(start))
      }
    }),
}

const readers: Scenario = {
  name: 'feed-services',
  why: 'A feed reader on the web fetches for all of its users from a handful of machines: one network has the tokens of everybody.',
  actors: (world) => {
    const service = (number: number) => networkOf(16_509, 'US', 9000 + number)
    return many(50, (name) => {
      const customer = createCustomer(world, name, RADIO)
      const { random } = customer
      return function* (day) {
        for (let hour = 0; hour < 24; hour += 12) {
          const time = day.start + hour * HOUR + random.int(11 * 60) * MINUTE
          yield customer.serve(time, service(random.int(3)), { method: random.isBy(0.5) ? 'HEAD' : 'GET', status: 304 })
        }
      }
    })
  },
}

const rotated: Scenario = {
  name: 'feeds-rotated',
  why: 'An owner replaces the URL after losing a phone, and for weeks an old tablet goes on to ask with the one that has ended.',
  actors: (world) =>
    many(12, (name) => {
      const customer = createCustomer(world, name, RADIO)
      const { random } = customer
      const [home, phone] = [homeIn(random, 'FR'), mobileIn(random, 'FR')]
      const replaced = 14 + random.int(20)
      return function* (day) {
        for (let hour = 6; hour < 24; hour += 6) {
          const time = timeAt(day, hour, 1) + random.int(40) * MINUTE
          yield customer.serve(time, phone(time), { device: day.index < replaced ? '' : 'second' })
          if (day.index >= replaced && day.index < replaced + 18)
            yield customer.refuse(time + 9 * MINUTE, home(time), 'credential-expired')
          else if (day.index < replaced) yield customer.serve(time + 9 * MINUTE, home(time))
        }
      }
    }),
}

const catchingUp: Scenario = {
  name: 'feeds-catching-up',
  why: 'A listener finds a series, and the app fetches all of its hundred and forty episodes in one night by the Wi-Fi.',
  actors: (world) =>
    many(10, (name) => {
      const customer = createCustomer(world, name, RADIO)
      const { random } = customer
      const home = homeIn(random, 'US')
      const night = 10 + random.int(44)
      return function* (day) {
        yield* sit(customer, timeAt(day, random.between(6, 9), -5), 1 + random.int(2), home)
        if (day.index === night)
          yield* sit(customer, timeAt(day, 23, -5), 110 + random.int(40), home, { device: '' }, 60)
        // During the holidays a car's radio has a card of its own.
        if (isWithin(day, '12-24', '12-31')) yield* sit(customer, timeAt(day, 14, -5), 1, mobileIn(random, 'CA'))
      }
    }),
}

export const FEEDS: readonly Scenario[] = [listeners, readers, rotated, catchingUp]
