import { cardTestingSignals } from './cardtesting.ts'
import { guessingSignal } from './guessing.ts'
import { handsSignal } from './hands.ts'
import { rateSignal } from './rate.ts'
import { reuseSignal } from './reuse.ts'
import { revokedSignal } from './revoked.ts'
import type { Signal } from './signal.ts'
import { spendSignal } from './spend.ts'

/** What is done, from the mildest: told to the operator; answered more slowly; asked to sign in anew; held. */
export const ANOMALY_STEPS = ['note', 'slow', 'ask', 'hold'] as const

export type AnomalyStep = (typeof ANOMALY_STEPS)[number]

export interface AnomalyPolicy {
  /** `observe`: steps are found and told, and none is taken. */
  readonly mode: 'observe' | 'act'
  /** The most that one signal alone leads to, by its name. A signal that is not named makes notes. */
  readonly act: Readonly<Record<string, AnomalyStep>>
  readonly hold: {
    /** A hold that nobody confirms ends after this. */
    readonly seconds: number
    /** Holds of a day in one zone, those by a hard fact apart. */
    readonly perDay: number
    /** Independent soft signals. */
    readonly needs: number
  }
  /** An account so old, with so many charges, is asked where another would be held. */
  readonly trusted: { readonly afterSeconds: number; readonly charges: number }
  /** `plan:<plan>` or `account:<hash>`: nothing but notes. */
  readonly exempt: ReadonlySet<string>
}

const DAY_LENGTH = 86_400

export const DEFAULT_POLICY: AnomalyPolicy = {
  mode: 'observe',
  act: {
    hands: 'ask',
    spend: 'ask',
    rate: 'note',
    reuse: 'hold',
    guessing: 'slow',
    declines: 'hold',
    trips: 'slow',
    revoked: 'note',
  },
  hold: { seconds: 3600, perDay: 5, needs: 2 },
  trusted: { afterSeconds: 30 * DAY_LENGTH, charges: 20 },
  exempt: new Set(),
}

/** Every signal there is. */
export const SIGNALS: readonly Signal[] = [
  handsSignal,
  spendSignal,
  rateSignal,
  reuseSignal,
  guessingSignal,
  ...cardTestingSignals,
  revokedSignal,
]
