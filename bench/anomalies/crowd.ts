/** Honest people at the checkout and with tokens that do not open: what networks and trips see beside attacks. */
import { DAY, HOUR, MINUTE, type SimulatedLine } from './line.ts'
import type { Random } from './random.ts'

/** One day: most from networks of their own, some behind the address of an operator or a company; on a launch many at once. */
export function crowdOf(day: number, random: Random): SimulatedLine[] {
  const isLaunch = day % 30 === 12
  const lines: SimulatedLine[] = []
  for (let trip = 0; trip < (isLaunch ? 600 : 60); trip++) {
    const at = day * DAY + (isLaunch ? 9 * HOUR + random.whole(0, 2 * HOUR) : random.whole(0, DAY - HOUR))
    lines.push(
      ...tripOf(
        `trip-${day}-${trip}`,
        at,
        random.isTrue(0.3) ? `nat-${random.whole(1, 12)}` : `own-${day}-${trip}`,
        random,
      ),
    )
  }
  for (let client = 0; client < 40; client++) lines.push(...brokenClient(day, client, random))
  return lines
}

/** One in eight cards is declined; most people try again, with a typing error or another card, and some give up. */
function tripOf(trip: string, from: number, network: string, random: Random): SimulatedLine[] {
  const lines: SimulatedLine[] = []
  let at = from
  const isBroke = random.isTrue(0.02)
  for (let attempt = 0; attempt < 6; attempt++) {
    at += random.whole(30, 3 * MINUTE)
    const isDeclined = random.isTrue(isBroke ? 0.9 : attempt === 0 ? 0.12 : 0.35)
    lines.push({ at, decision: 'own', event: isDeclined ? 'payment-declined' : 'payment-succeeded', trip, network })
    if (!isDeclined || random.isTrue(0.3)) break
  }
  return lines
}

/** A client that sends the same token over and over, an office whose tokens of yesterday are no good, a receipt that is reloaded. */
function brokenClient(day: number, client: number, random: Random): SimulatedLine[] {
  const [network, at] = [`broken-${client}`, day * DAY + random.whole(0, DAY - HOUR)]
  const refused = (index: number): SimulatedLine => ({
    at: at + index,
    decision: 'refuse',
    status: 402,
    network,
    asn: 8000 + client,
    reason: 'credential-invalid',
    credential: 'refused',
    token: `broken-${day}-${client}`,
  })
  const times = Array.from({ length: random.whole(1, 90) }, (_, index) => index)
  if (client % 4 === 0) return times.map((index) => refused(index))
  if (client % 4 === 1)
    return times.slice(0, 25).map((index) => ({ ...refused(index), token: `own-${day}-${client}-${index}` }))
  if (client % 4 === 2)
    return times.map((index) => ({
      ...refused(index),
      reason: 'credential-expired',
      token: `old-${day}-${client}-${index}`,
    }))
  return times.slice(0, 12).map((index) => ({
    ...refused(index * 50),
    reason: 'payment-spent',
    credential: 'verified',
    token: `spent-${day}-${client}`,
    network: `phone-${random.whole(1, 40)}`,
    asn: index % 5 === 0 ? 9100 : 9101,
  }))
}
