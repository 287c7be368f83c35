import type { BillingEvent } from '../standing/rules/event.ts'
import { tripPaymentIn } from '../standing/rules/trippayment.ts'
import type { Noted } from './endpoint.ts'

/** Notes what an event says of a payment on a trip, for the log and for who watches it. */
export function notePayment({ id, changes }: BillingEvent, noted: Noted): void {
  const payment = tripPaymentIn(changes)
  if (payment === undefined) return
  const { kind, trip, network } = payment
  noted.payment = { event: kind, eventId: id, checkout: trip, network }
}
