/** Cards that decline, and hands that type them. */
import { HOUR, indexOf, MINUTE, SECOND, timeAt } from '../calendar.ts'
import { createCustomer, many, NEWS, type Scenario, upTo } from '../customer.ts'
import { homeIn, mobileIn, offsetOf } from '../networks.ts'
import { CARD_LANDS, checkout, readsFrom } from './checkout.ts'

const mistyped: Scenario = {
  name: 'mistyped-cards',
  why: 'A card number is typed wrong twice and its code once; then it is right. Some take a second card, and some give up until the evening.',
  actors: (world) =>
    many(70, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = random.pick(CARD_LANDS)
      const home = homeIn(random, land)
      const reads = readsFrom(customer, land, home)
      const first = random.int(52)
      return function* (day) {
        if (day.index < first) return
        if (day.index > first) return yield* reads(day)
        const start = timeAt(day, random.between(9, 19), offsetOf(land))
        const [isTired, declines] = [random.isBy(0.3), 1 + random.int(4)]
        yield* checkout(world, customer, { name: 'noon', start, from: home(start), declines, isPaid: !isTired })
        const later = start + 3 * HOUR
        if (isTired)
          yield* checkout(world, customer, {
            name: 'evening',
            start: later,
            from: home(later),
            declines: random.int(3),
            isPaid: true,
          })
      }
    }),
}

const prepaid: Scenario = {
  name: 'prepaid-cards',
  why: 'A household pays by prepaid cards, which are empty on most days of renewal: it is refused, pays two days later, and so each month.',
  actors: (world) =>
    many(60, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Family', token: 24 })
      const { random } = customer
      const land = random.pick(['US', 'BR', 'NG', 'PL'])
      const home = homeIn(random, land)
      const reads = readsFrom(customer, land, home)
      const renews = 1 + random.int(28)
      let owesUntil = -1
      return function* (day) {
        const time = day.start + 3 * HOUR + random.int(40) * MINUTE
        if (day.date === renews && random.isBy(0.7)) {
          owesUntil = day.index + 1 + random.int(5)
          yield customer.bill(time, 'payment-declined')
        } else if (day.date === renews) yield customer.bill(time, 'payment-succeeded')
        if (day.index >= owesUntil && owesUntil > 0) {
          const [start, declines] = [timeAt(day, 18, offsetOf(land)), random.int(4)]
          owesUntil = -1
          yield* checkout(world, customer, {
            name: `pays-${day.index}`,
            start,
            from: home(start),
            declines,
            isPaid: true,
          })
        } else if (day.index < owesUntil) {
          if (random.isBy(0.6)) yield customer.bill(time, 'payment-declined')
          for (const _ of upTo(random.int(5)))
            yield customer.refuse(timeAt(day, random.between(7, 22), offsetOf(land)), home(time), 'payment-declined')
        } else yield* reads(day)
      }
    }),
}

const renewals: Scenario = {
  name: 'renewals',
  why: 'Subscriptions renew on the 1st, at three in the morning, by the thousand; one in thirty cards has expired, and billing tries again after days.',
  actors: (world) =>
    many(220, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const land = random.pick(CARD_LANDS)
      const reads = readsFrom(customer, land, homeIn(random, land))
      let retriesOn = -1
      return function* (day) {
        if (day.date === 1 || day.index === retriesOn) {
          const isDeclined = random.isBy(day.index === retriesOn ? 0.4 : 0.035)
          retriesOn = isDeclined ? day.index + random.pick([3, 5, 7]) : -1
          yield customer.bill(
            timeAt(day, 3, 0) + random.int(1500) * SECOND,
            isDeclined ? 'payment-declined' : 'payment-succeeded',
          )
        }
        if (random.isBy(0.4)) yield* reads(day)
      }
    }),
}

const bank: Scenario = {
  name: 'bank-outage',
  why: 'A bank answers nobody on the morning of renewals: the cards of all its customers decline at once, twice, and are good at noon.',
  actors: (world) =>
    many(110, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const reads = readsFrom(customer, 'DE', homeIn(random, 'DE'))
      return function* (day) {
        if (day.index === indexOf('01-01'))
          for (const [hour, event] of [
            [3, 'payment-declined'],
            [7, 'payment-declined'],
            [12, 'payment-succeeded'],
          ] as const)
            yield customer.bill(timeAt(day, hour, 0) + random.int(600) * SECOND, event)
        yield* reads(day)
      }
    }),
}

const mandates: Scenario = {
  name: 'recurring-mandates',
  why: 'Banks of one country decline what recurs without its owner’s word: most of its customers decline each month, and confirm by hand.',
  actors: (world) =>
    many(40, (name) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const phone = mobileIn(random, 'IN')
      const reads = readsFrom(customer, 'IN', phone)
      const renews = 1 + random.int(28)
      return function* (day) {
        if (day.date !== renews) return yield* reads(day)
        yield customer.bill(timeAt(day, 4, 0), 'payment-declined')
        const start = timeAt(day, random.between(9, 20), 5.5)
        yield* checkout(world, customer, {
          name: `month-${day.month}`,
          start,
          from: phone(start),
          declines: random.int(3),
          isPaid: true,
        })
      }
    }),
}

export const PAYMENTS: readonly Scenario[] = [mistyped, prepaid, renewals, bank, mandates]
