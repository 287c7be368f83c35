/** The holds of a day, used up with throwaway accounts: what becomes of those who are robbed on that day. */
import { Detector } from '../../cli/anomalies/detector.ts'
import { DEFAULT_POLICY, SIGNALS } from '../../src/anomalies/rules/policy.ts'
import { DAY, HOUR, MINUTE, observationOf, type Origin, request, type SimulatedLine } from './line.ts'

const THROWAWAYS = 20
const ROBBED = 20
const DAYS = 20

const places =
  (name: string) =>
  (index: number): Origin => ({
    network: `${name}-${index}`,
    asn: 8100 + index,
    country: 'US',
  })

/** An account that bought for three weeks, and then is in many hands that buy what is dear. */
function robbed(account: string, at: number): SimulatedLine[] {
  const home: Origin = { network: `home-of-${account}`, asn: 3320, country: 'DE' }
  const from = places(account)
  return [
    ...Array.from({ length: 2 * DAYS }, (_, index) => request(index * 12 * HOUR, account, home, 0.25)),
    ...Array.from({ length: 15 }, (_, index) => request(at + index * MINUTE, account, from(index))),
    ...Array.from({ length: 4 }, (_, index) =>
      request(at + (20 + index) * MINUTE, account, from(index), 12 + index, '/reports/*'),
    ),
  ]
}

function passedOn(token: string, at: number): SimulatedLine[] {
  const from = places(token)
  return Array.from({ length: 12 }, (_, index) => ({
    at: at + index * 10,
    decision: 'refuse',
    reason: 'payment-spent',
    credential: 'verified',
    rail: 'receipt',
    token,
    ...from(index),
  }))
}

export interface Exhausted {
  readonly throwaways: number
  readonly robbed: number
  readonly robbedHeld: number
  readonly robbedAsked: number
  readonly receipts: number
  readonly receiptsHeld: number
  readonly alerts: number
}

/** Nobody is trusted: an account that is trusted is never held. */
export function exhaust(): Exhausted {
  const trusted = { afterSeconds: Infinity, charges: Infinity }
  const detector = new Detector(SIGNALS, { ...DEFAULT_POLICY, trusted }, { network: 2000 })
  const names = Array.from({ length: ROBBED }, (_, index) => index)
  const lines = [
    ...Array.from({ length: THROWAWAYS }, (_, index) => robbed(`throwaway-${index}`, DAYS * DAY + index * 60)).flat(),
    ...names.flatMap((index) => robbed(`victim-${index}`, DAYS * DAY + 6 * HOUR + index * 60)),
    ...names.flatMap((index) => passedOn(`receipt-${index}`, DAYS * DAY + 12 * HOUR + index * 60)),
  ]
  const found = lines.toSorted((a, b) => a.at - b.at).flatMap((line) => detector.observe(observationOf(line)) ?? [])
  const count = (name: string, step: string): number =>
    new Set(found.filter((each) => each.step === step && each.key.startsWith(name)).map(({ key }) => key)).size
  return {
    throwaways: count('throwaway', 'hold'),
    robbed: ROBBED,
    robbedHeld: count('victim', 'hold'),
    robbedAsked: count('victim', 'ask'),
    receipts: ROBBED,
    receiptsHeld: count('receipt', 'hold'),
    alerts: detector.alerts.length,
  }
}

/** Returns the same as a sentence. */
export function exhaustedLine(): string {
  const { throwaways, robbed: all, robbedHeld, robbedAsked, receipts, receiptsHeld, alerts } = exhaust()
  return `With the day’s holds used up by ${throwaways} of ${THROWAWAYS} throwaway accounts, ${robbedHeld} of ${all} accounts that were robbed on that day were held and ${robbedAsked} asked to sign in anew, ${receiptsHeld} of ${receipts} receipts that were passed on were held, and operators were called ${alerts === 1 ? 'once' : `${alerts} times`}.`
}
