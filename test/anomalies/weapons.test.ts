/** Each signal as a weapon against somebody else: nobody without a genuine credential of an account can raise one of it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../src/anomalies/rules/observation.ts'
import { SIGNALS } from '../../src/anomalies/rules/policy.ts'
import { DAY, detectorOf, habit, HOUR, served, splurge, START, strangers, times, watch } from './lines.ts'

/** What somebody sends who names the victim's account and token, and has no genuine credential. */
const forged = fc.record(
  {
    at: fc.nat(DAY),
    credential: fc.constantFrom('refused', undefined),
    decision: fc.constantFrom('serve', 'refuse', 'own'),
    reason: fc.constantFrom('payment-spent', 'credential-invalid', 'subscription-inactive', undefined),
    network: fc.string(),
    asn: fc.nat(),
    country: fc.constantFrom('US', 'DE', 'IN', 'BR'),
    amount: fc.nat(1_000_000),
  },
  { requiredKeys: ['at', 'credential', 'amount'] },
)

const attack = fc.array(forged, { maxLength: 300 }).map((sent) =>
  sent.map(({ at, amount, ...more }) =>
    served(20 * DAY + at, {
      account: 'reader',
      token: 'receipt',
      charged: { price: { amount: `${amount}`, currency: 'EUR' } },
      ...more,
    }),
  ),
)

describe('whoever has no genuine credential of an account', () => {
  it('changes nothing that is known of it or of its tokens', () => {
    fc.assert(
      fc.property(attack, (lines) => {
        const detector = detectorOf()
        watch(habit(20, { token: 'receipt' }), detector)
        const before = JSON.stringify(detector.stateOf('account', 'reader'))
        const findings = watch(lines, detector)
        expect(findings.filter(({ suspect }) => suspect === 'account' || suspect === 'token')).toEqual([])
        expect(JSON.stringify(detector.stateOf('account', 'reader'))).toBe(before)
        expect(detector.stateOf('token', 'receipt')).toBeUndefined()
      }),
      { numRuns: 40 },
    )
  })
})

describe('strangers who hold a receipt', () => {
  it.each<[string, Partial<Observation>]>([
    ['of many uses', { rail: 'receipt', charged: { uses: 1 } }],
    ['that they found in a browser', { rail: 'purchases', charged: { uses: 1 } }],
    ['by a rail of the operator’s own', { rail: 'voucher', charged: { uses: 1 } }],
    ['that is used up', { rail: 'receipt', decision: 'refuse', status: 402, reason: 'payment-spent' }],
  ])('%s, change nothing that is known of who paid for it', (_, more) => {
    const detector = detectorOf()
    watch(habit(20), detector)
    const before = JSON.stringify(detector.stateOf('account', 'reader'))
    const findings = watch(strangers(20, 40, { account: 'reader', token: 'receipt', ...more }), detector)
    expect(findings.filter(({ suspect }) => suspect === 'account')).toEqual([])
    expect(JSON.stringify(detector.stateOf('account', 'reader'))).toBe(before)
  })
})

const refused = (at: number, reason: string, more: Partial<Observation>): Observation =>
  served(at, { decision: 'refuse', status: 402, reason, account: undefined, ...more })

/** For each signal, what an attacker can do who means "reader" or who sits beside them, and holds a credential of their own. */
const WEAPONS: Readonly<Record<string, readonly Observation[]>> = {
  hands: strangers(20, 40, { account: 'reader', credential: 'refused' }),
  spend: splurge(20, 9, { account: 'reader', credential: 'refused' }),
  rate: times(2000).map((at) => served(20 * DAY + at * 9, { account: 'attacker', network: 'home-20' })),
  // The victim's own receipt, found on a shared machine and passed round: the receipt is held, and nobody's account.
  reuse: times(40).map((at) =>
    refused(20 * DAY + at, 'payment-spent', { token: 'receipt', asn: 100 + at, account: 'reader' }),
  ),
  guessing: times(300).map((at) =>
    refused(20 * DAY + at, 'credential-invalid', { credential: 'refused', token: `guess-${at}`, network: 'home-20' }),
  ),
  declines: times(9).map((at) => eventOf(at, 'payment-declined', 'attackers-trip')),
  trips: times(40).map((at) => eventOf(at, 'payment-declined', `trip-${at}`)),
  revoked: times(60).map((at) =>
    refused(20 * DAY + at, 'subscription-inactive', { token: 'attackers', account: 'attacker' }),
  ),
}

function eventOf(at: number, event: 'payment-declined', trip: string): Observation {
  return {
    time: new Date((START + 20 * DAY + at) * 1000).toISOString(),
    decision: 'own',
    event,
    trip,
    network: 'home-20',
  }
}

describe('a signal used as a weapon', () => {
  it('is tried of every signal', () => {
    expect(Object.keys(WEAPONS).sort()).toEqual(SIGNALS.map(({ name }) => name).sort())
  })

  it.each(Object.entries(WEAPONS))(
    '%s: leaves the account, its trips and its genuine credentials alone',
    (_, lines) => {
      const detector = detectorOf({ mode: 'act' })
      watch(habit(20), detector)
      const findings = watch([...lines, eventOf(500, 'payment-declined', 'readers-trip')], detector)
      const against = findings.filter(({ suspect, key }) => suspect === 'account' && key === 'reader')
      expect(against).toEqual([])
      expect(findings.filter(({ key, step }) => key === 'readers-trip' && step !== 'note')).toEqual([])
      // A network is slowed at most, and of its credentials those alone that are not genuine.
      expect(findings.filter(({ suspect, step }) => suspect === 'network' && step !== 'slow')).toEqual([])
    },
  )

  it('reuse, by whoever spends a receipt in many places: holds the receipt and not its payer', () => {
    const [hold, ...more] = watch(WEAPONS['reuse'] ?? [])
    expect(hold).toMatchObject({ step: 'hold', suspect: 'token', key: 'receipt' })
    expect(more.filter(({ suspect }) => suspect === 'account')).toEqual([])
  })

  it('the day’s holds, used up by throwaway accounts: the next account is still asked to sign in', () => {
    const throwaways = times(9).flatMap((index) => {
      const account = `throwaway-${index}`
      return [...habit(15), ...strangers(15, 13), ...splurge(15, 3)].map((line) => ({ ...line, account }))
    })
    const stolen = [...habit(15), ...strangers(15, 13), ...splurge(15, 3)].map((line) => ({
      ...line,
      time: new Date(Date.parse(line.time) + HOUR * 1000).toISOString(),
    }))
    const lines = [...throwaways, ...stolen].sort((a, b) => a.time.localeCompare(b.time))
    const steps = watch(lines).filter(({ key }) => key === 'reader')
    expect(steps.map(({ step }) => step)).toContain('ask')
  })
})
