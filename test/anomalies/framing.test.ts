import { describe, expect, it } from 'vitest'
import { exhaust } from '../../bench/anomalies/exhausting.ts'
import { frame } from '../../bench/anomalies/framing.ts'
import { UNBOUNDED } from '../../bench/anomalies/simulate.ts'
import { WEAPONS } from '../../bench/anomalies/weapons.ts'

/** What each weapon brings about, and to whom: to what is the attacker's own, or to a network at most. */
const RAISED: Readonly<Record<string, readonly string[]>> = {
  forgedHands: [],
  forgedSpend: [],
  neighbour: ['account ask', 'account hold'],
  flood: ['account note'],
  receipt: ['token hold'],
  receiptUses: [],
  guesses: ['network slow'],
  declinedTrip: ['trip hold', 'trip note'],
  declinedTrips: ['network slow'],
  revokedToken: ['token note'],
}

describe('signals used as weapons against honest people of every kind', () => {
  const framed = frame(1, UNBOUNDED, 3)

  it('are all of them', () => {
    expect(framed.map(({ weapon }) => weapon)).toEqual(Object.keys(RAISED))
  })

  it.each(framed.map((each) => [each.weapon, each] as const))(
    '%s: does nothing to the victim',
    (_, { harm, hidden }) => {
      expect(harm).toEqual([])
      expect(hidden).toBe(0)
    },
  )

  it.each(framed.map((each) => [each.weapon, each] as const))('%s: strikes whose it is', (weapon, { raised }) => {
    const steps = new Set(raised.map(({ suspect, step }) => `${suspect} ${step}`))
    expect([...steps].filter((step) => step !== 'account note' || weapon === 'flood').sort()).toEqual(RAISED[weapon])
  })
})

describe('the measure', () => {
  it.each(['forgedHands', 'forgedSpend'])('sees the harm of %s if the credential is genuine', (weapon) => {
    const { what = '', lines } = WEAPONS[weapon] ?? {}
    const genuine = {
      what,
      lines: (...victim: Parameters<NonNullable<typeof lines>>) =>
        (lines?.(...victim) ?? []).map((line) => ({ ...line, credential: 'verified' })),
    }
    const [{ harm } = { harm: [] }] = frame(1, UNBOUNDED, 3, { [weapon]: genuine })
    expect(harm.filter(({ step }) => step === 'ask' || step === 'hold').length).toBeGreaterThan(5)
  })
})

describe('the holds of a day, used up by throwaway accounts', () => {
  it('leave whoever is robbed asked to sign in, hard facts held, and operators called', () => {
    expect(exhaust()).toEqual({
      throwaways: 5,
      robbed: 20,
      robbedHeld: 0,
      robbedAsked: 20,
      receipts: 20,
      receiptsHeld: 20,
      alerts: 1,
    })
  })
})
