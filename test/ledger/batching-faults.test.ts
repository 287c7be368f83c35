import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { valueOf } from './host/driver.ts'
import { chargeCommand, done, Isolate, type Line, none } from './isolate.ts'
import { EUR } from './rules/pureledger.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('fifty requests whose calls go well or ill', () => {
  const LINES: readonly Line[] = ['lost before', 'lost after', 'silent', 'silent after', 'late', 'slow', 'overloaded']

  it.each(Array.from({ length: 60 }, (_, seed) => seed))(
    'leave a charge for each that was served, and nothing is kept for one that was refused (%d)',
    async (seed) => {
      const next = randomNumbers(seed)
      const isolate = new Isolate()
      await isolate.host.grant({ id: 'g', ...EUR(30n) })
      const served = new Set<string>()
      /** Those whose request ended, or was turned away twice, before it could take everything back. The alarm marks them. */
      const gone = new Set<string>()
      const one = async (line: Line): Promise<void> => {
        const command = chargeCommand({ price: EUR(1n), settleByMs: Date.now() + 3_600_000 })
        const ledger = isolate.request(line, () => gone.add(command.id))
        const answer = await ledger.charge(command)
        const isCharged = answer.ok && answer.value.kind === 'charged'
        const isServed = isCharged && next() < 0.7
        if (isServed) served.add(command.id)
        if (answer.ok && !isCharged) return
        const amendment = isServed ? done(command.id) : none(command.id)
        const isTold = async (): Promise<boolean> => (await ledger.amend(amendment, isServed)).ok
        if (!(await isTold()) && !(await isTold())) gone.add(command.id)
      }
      for (let index = 0; index < 50; index++) {
        const line = next() < 0.3 ? LINES[Math.floor(next() * LINES.length)] : 'good'
        void one(line ?? 'good')
        if (next() < 0.5) await vi.advanceTimersByTimeAsync(Math.floor(next() * 400))
      }
      await vi.advanceTimersByTimeAsync(60_000)
      const kept = await keptOf(isolate)
      for (const id of served) expect([id, kept.get(id)]).toEqual([id, 1n])
      for (const [id, units] of kept) if (!served.has(id) && !gone.has(id)) expect([id, units]).toEqual([id, 0n])
      const sum = [...kept.values()].reduce((all, units) => all + units, 0n)
      expect(valueOf(await isolate.host.read({})).credit).toEqual([EUR(30n - sum)])
    },
  )
})

/** The money that each charge kept, by the records for billing. */
async function keptOf({ host }: Isolate): Promise<ReadonlyMap<string, bigint>> {
  const kept = new Map<string, bigint>()
  for (const { charge, change } of valueOf(await host.takeOutbox(10_000)))
    kept.set(charge, (kept.get(charge) ?? 0n) + (change.price?.units ?? 0n))
  return kept
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
