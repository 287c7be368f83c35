import { vi } from 'vitest'
import type { Ledger, Objects } from '../../../src/ports.ts'
import { realObjects } from '../../support/services.ts'

const { setTimeout: realTimeout } = globalThis
/** One turn of the runtime, in which real work goes on: calls to objects, and streams of its own. */
const turn = (): Promise<void> => new Promise((resolve) => realTimeout(resolve, 0))

/** So many turns in which no ledger was asked show that all wait for the clock. */
const QUIET_TURNS = 3
const STEP_MS = 25

/**
 * A clock that stands still while anything is at work. Objects answer in real time, which no test waits for: so the clock moves on only
 * when no ledger is being asked, and then all timers of the gate, of its clients and of the provider are due in their order.
 */
export interface DrivenClock {
  /** Ledgers that the clock knows to be at work. */
  readonly objects: Objects
  /** Runs work to its end. `between`: called whenever the clock is about to move on. */
  run<T>(work: Promise<T>, between?: () => Promise<void>): Promise<T>
}

/** Takes the clock over. `vi.useRealTimers()` gives it back. */
export function driveClock(): DrivenClock {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'], now: Date.now() })
  let asked = 0
  const { ledgers, bulletins } = realObjects()
  const noting = (ledger: Ledger): Ledger =>
    new Proxy(ledger, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return async (...given: unknown[]): Promise<unknown> => {
          asked += 1
          try {
            return await (Reflect.apply(method, target, given) as Promise<unknown>)
          } finally {
            asked -= 1
          }
        }
      },
    })
  const quiet = async (): Promise<void> => {
    for (let turns = 0; turns < QUIET_TURNS; turns = asked === 0 ? turns + 1 : 0) await turn()
  }
  return {
    objects: { bulletins, ledgers: (name, place) => noting(ledgers(name, place)) },
    async run(work, between = async () => undefined) {
      let isOver = false
      const over = work.finally(() => (isOver = true))
      over.catch(() => undefined)
      for (;;) {
        await quiet()
        if (isOver) return over
        await between()
        vi.advanceTimersByTime(STEP_MS)
      }
    },
  }
}
