import { describe, expect, it, vi } from 'vitest'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import { watchLimits } from '../../src/ledger/rules/thresholds.ts'
import type { Send, UsageSink } from '../../src/usage/sink.ts'
import { DAY, limit, PureLedger, units } from '../ledger/rules/pureledger.ts'
import { FACTS, flush, recordsOf } from './records.ts'

/** How a billing system takes what comes: all of it, nothing for now, or not what has this record in it. */
export type Mood = 'takes' | 'fails' | 'throws' | { readonly refuses: string }

/** A billing system of a test's own, and the sink that tells it. */
export interface SinkCase {
  /** Given options that have no faults in `env`. */
  readonly sink: UsageSink
  readonly env: Readonly<Record<string, unknown>>
  /** What stands in `env` that no one may read elsewhere. */
  readonly secrets: readonly string[]
  /** Which records billing is told of; the others are done with at once. */
  readonly tells: (record: LedgerRecord) => boolean
  /** Absent if it has nothing to refuse a record for. */
  readonly canRefuse: boolean
  readonly fetch: typeof fetch
  mood: Mood
  /** The ids of the records that billing took, in their order. */
  readonly taken: string[]
  /** The sink again, given options that the types do not allow. */
  readonly given: (options: unknown) => UsageSink
}

/** The message of an error of a runtime, which says more than the log may. */
export const revealing = (secrets: readonly string[]): Error =>
  new TypeError(`could not send ${secrets.join(' ')} cus_ann`)

/** What `create` of a sink gives in these surroundings, with a clock that the test moves. */
export function sending(
  sink: UsageSink,
  env: Readonly<Record<string, unknown>>,
  now: () => number,
  warn: (problem: string, record?: string) => void,
  fetching: typeof fetch = (input, init) => fetch(input, init),
): Send {
  const bindings = bindingsOf(env)
  expect(sink.faults(bindings)).toEqual([])
  return sink.create({ fetch: fetching, clock: now, bindings }, warn)
}

/** The contract of a usage sink. `make` gives a new billing system each time. */
export function holdSinkToContract(name: string, make: () => SinkCase): void {
  const begin = () => {
    const [ledger, warn, at] = [new PureLedger(watchLimits([75])), vi.fn(), make()]
    return { ledger, warn, at, send: sending(at.sink, at.env, () => ledger.now, warn, at.fetch) }
  }
  const told = ({ tells }: SinkCase, records: readonly LedgerRecord[]) => records.filter(tells).map(({ id }) => id)

  describe(`the sink ${name}`, () => {
    it('tells billing of each record once and in order, and says that all of them are done with', async () => {
      const { ledger, warn, at, send } = begin()
      const records = recordsOf(ledger, 3)
      await flush(ledger, send)
      expect(at.taken).toEqual(told(at, records))
      expect([ledger.records(), warn.mock.calls]).toEqual([[], []])
    })

    it('takes a used share of a limit for no usage', async () => {
      const { ledger, warn, at, send } = begin()
      ledger.charge({ counts: units(3n), limits: [limit(4n, 'P1D')], facts: FACTS })
      const records = ledger.records()
      expect(records.map(({ kind }) => kind)).toEqual(['charge', 'threshold'])
      await flush(ledger, send)
      expect(at.taken).toEqual(told(at, records))
      expect([ledger.records(), warn.mock.calls]).toEqual([[], []])
    })

    it('asks nobody where there is nothing to tell', async () => {
      const { at, send } = begin()
      at.mood = 'throws'
      expect(await send([])).toEqual([])
    })

    it.each(['fails', 'throws'] as const)('loses nothing where billing %s, and says so to the log', async (mood) => {
      const { ledger, warn, at, send } = begin()
      const records = recordsOf(ledger, 3)
      at.mood = mood
      await flush(ledger, send)
      expect(ledger.records().map(({ id }) => id)).toEqual(told(at, records))
      expect(warn).toHaveBeenCalled()
      at.mood = 'takes'
      await flush(ledger, send)
      expect(new Set(at.taken)).toEqual(new Set(told(at, records)))
      expect(ledger.records()).toEqual([])
    })

    const passesOver = 'passes over the one record that billing refuses, with a line in the log that names it'
    if (make().canRefuse)
      it(passesOver, async () => {
        const { ledger, warn, at, send } = begin()
        const records = recordsOf(ledger, 3)
        at.mood = { refuses: 'c2/amend' }
        await flush(ledger, send)
        expect(at.taken.toSorted()).toEqual(
          told(at, records)
            .filter((id) => id !== 'c2/amend')
            .toSorted(),
        )
        expect(ledger.records()).toEqual([])
        expect(warn.mock.calls).toEqual([[expect.stringMatching(/^passed over: /), 'c2/amend']])
      })

    it('tells the log neither credentials nor accounts, whatever fails', async () => {
      const moods: readonly Mood[] = ['fails', 'throws', { refuses: 'c1/amend' }]
      const { ledger, warn, at, send } = begin()
      recordsOf(ledger, 2)
      for (const mood of moods) {
        at.mood = mood
        await send(ledger.records())
        ledger.now += 4 * DAY
      }
      const lines = JSON.stringify([warn.mock.calls, at.sink.to])
      for (const secret of [...at.secrets, 'cus_ann']) expect(lines).not.toContain(secret)
    })

    it('finds the faults of its own options, and throws for none', () => {
      const { at } = begin()
      const none = bindingsOf({})
      expect(at.sink.faults(none)).not.toEqual([])
      for (const options of [undefined, null, 'text', [], {}, { url: 7, queue: {} }]) {
        const found = at.given(options).faults(none)
        expect(found).not.toEqual([])
        for (const { path } of found) expect(path).not.toMatch(/^(?:usage|\[)/)
      }
      const pasted = 'sk_live_51HabcDEFghiJKLmnoPQRstuVWXyz0123456789'
      const everywhere = { url: pasted, secret: pasted, token: pasted, key: pasted, queue: pasted, meters: pasted }
      expect(JSON.stringify(at.given(everywhere).faults(none))).not.toContain(pasted)
    })

    it('says where it sends without a password or a query', () => {
      const sink = make().given({ url: 'https://user:sesame@u.test/path?sesame#sesame', queue: 'Q' })
      expect(sink.to).not.toContain('sesame')
    })
  })
}
