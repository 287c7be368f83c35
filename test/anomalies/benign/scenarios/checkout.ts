/** How somebody pays at the checkout, and reads in the evenings. */
import { type Day, SECOND } from '../calendar.ts'
import { billed, type Customer, live, NEWS, upTo, type World } from '../customer.ts'
import type { Timed } from '../line.ts'
import { type Country, type Network, offsetOf, type Uplink } from '../networks.ts'

/** Where they live who pay by card. */
export const CARD_LANDS = ['DE', 'US', 'GB', 'FR', 'CA', 'AU'] as const

/** A trip to the checkout: `declines` cards or attempts, and then one that is taken unless the buyer gives up. */
interface Trip {
  readonly name: string
  readonly start: number
  readonly from: Network
  readonly declines: number
  readonly isPaid: boolean
}

/** A guest is no account yet: billing knows one once the payment has succeeded. */
export function* checkout(
  world: World,
  customer: Customer,
  { name, start, from, declines, isPaid }: Trip,
): Iterable<Timed> {
  const trip = world.hash('trip', `${customer.name}/${name}`)
  let time = start
  for (const _ of upTo(declines)) {
    yield billed(NEWS.zone, time, 'payment-declined', { from, trip })
    time += customer.random.between(15, 140) * SECOND
  }
  if (!isPaid) return
  yield customer.bill(time, 'payment-succeeded', from, trip)
  yield customer.serve(time + 3 * SECOND, from, { trip })
}

/** Evenings at home, for those of whom only the payments are special. */
export function readsFrom(customer: Customer, land: Country, home: Uplink): (day: Day) => Iterable<Timed> {
  const chance = customer.random.between(0.15, 0.6)
  return (day) => live(customer, day, offsetOf(land), [{ from: 6, to: 22, on: 'all', chance, pages: 3, by: home }])
}
