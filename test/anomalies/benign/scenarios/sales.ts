/** Many who buy at once, or at one place. */
import { indexOf, isWithin, MINUTE, timeAt } from '../calendar.ts'
import { createCustomer, many, NEWS, type Scenario, sit, upTo } from '../customer.ts'
import { homeIn, mobileIn, networkOf, offsetOf } from '../networks.ts'
import { CARD_LANDS, checkout, readsFrom } from './checkout.ts'

const friday: Scenario = {
  name: 'black-friday',
  why: 'A third of the price for one day: two hundred come at once, through carriers and offices, and one card in five is not taken at first.',
  actors: (world) =>
    many(200, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Offer' })
      const { random } = customer
      const land = random.pick(CARD_LANDS)
      const phone = mobileIn(random, land)
      const reads = readsFrom(customer, land, phone)
      const first = indexOf('11-27')
      return function* (day) {
        if (day.index > first && random.isBy(0.5)) yield* reads(day)
        if (day.index !== first) return
        const start = timeAt(day, 6 + random.heavy(1, 15), offsetOf(land) > 0 ? 1 : 0)
        const declines = random.isBy(0.2) ? 1 + random.int(3) : 0
        yield* checkout(world, customer, { name: 'offer', start, from: phone(start), declines, isPaid: true })
      }
    }),
}

const gifts: Scenario = {
  name: 'gifts-of-a-company',
  why: 'Somebody of personnel buys sixty gifts from one desk, with the card of the company, whose limit is reached twice before noon.',
  actors: (world) => {
    const office = networkOf(3209, 'DE', 4711)
    return many(60, (name, index) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Gift' })
      const { random } = customer
      const reads = readsFrom(customer, 'DE', homeIn(random, 'DE'))
      return function* (day) {
        const start = timeAt(day, 9, 1) + index * 3 * MINUTE
        const declines = index === 22 || index === 41 ? 6 : random.isBy(0.05) ? 1 : 0
        if (day.index === indexOf('12-17'))
          yield* checkout(world, customer, { name: 'gift', start, from: office, declines, isPaid: true })
        if (isWithin(day, '12-24', '01-11') && random.isBy(0.6)) yield* reads(day)
      }
    })
  },
}

const booth: Scenario = {
  name: 'booth',
  why: 'A stand at a fair sells subscriptions on two tablets: a trip every five minutes from one address, tourists’ cards among them, which decline.',
  actors: (world) => {
    const hall = networkOf(3320, 'DE', 778)
    return many(90, (name, index) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Fair' })
      const { random } = customer
      const reads = readsFrom(customer, 'DE', homeIn(random, 'DE'))
      const fair = indexOf('12-05') + Math.floor(index / 45)
      return function* (day) {
        if (day.index > fair && random.isBy(0.7)) yield* reads(day)
        if (day.index !== fair) return
        const start = timeAt(day, 10, 1) + (index % 45) * 10 * MINUTE
        const declines = random.isBy(0.25) ? 1 + random.int(3) : 0
        yield* checkout(world, customer, { name: 'fair', start, from: hall, declines, isPaid: random.isBy(0.93) })
      }
    })
  },
}

const dormitory: Scenario = {
  name: 'dormitory',
  why: 'In the first week of term a whole dormitory buys the campus plan through one address, with debit cards that are empty or of the parents.',
  actors: (world) => {
    const dorm = networkOf(11_537, 'US', 90)
    return many(70, (name) => {
      const customer = createCustomer(world, name, { ...NEWS, plan: 'Campus', token: 12 })
      const { random } = customer
      const first = indexOf('12-02') + random.int(6)
      return function* (day) {
        if (day.index > first && random.isBy(0.5))
          yield* sit(customer, timeAt(day, random.between(10, 26), -5), 1 + random.int(6), () => dorm)
        if (day.index !== first) return
        const start = timeAt(day, random.between(12, 24), -5)
        for (const card of upTo(random.int(4)))
          yield* checkout(world, customer, {
            name: `card-${card}`,
            start: start + card * 7 * MINUTE,
            from: dorm,
            declines: 1 + random.int(3),
            isPaid: false,
          })
        yield* checkout(world, customer, {
          name: 'paid',
          start: start + 40 * MINUTE,
          from: dorm,
          declines: random.int(2),
          isPaid: true,
        })
      }
    })
  },
}

const telephone: Scenario = {
  name: 'telephone-sales',
  why: 'Two agents sell by telephone and type the cards that they are told: trips of strangers all day from one address, and digits heard wrong.',
  actors: (world) => {
    const desk = networkOf(2856, 'GB', 12)
    return many(240, (name, index) => {
      const customer = createCustomer(world, name, NEWS)
      const { random } = customer
      const reads = readsFrom(customer, 'GB', homeIn(random, 'GB'))
      // A letter to former subscribers brings eighty calls in two days.
      const first = index < 80 ? indexOf('12-01') + (index % 2) : random.int(55)
      return function* (day) {
        if (day.index > first && random.isBy(0.4)) yield* reads(day)
        if (day.index !== first) return
        const start = timeAt(day, random.between(9, 17), 0)
        const declines = random.isBy(0.3) ? 1 + random.int(4) : 0
        yield* checkout(world, customer, { name: 'call', start, from: desk, declines, isPaid: random.isBy(0.9) })
      }
    })
  },
}

export const SALES: readonly Scenario[] = [friday, gifts, booth, dormitory, telephone]
