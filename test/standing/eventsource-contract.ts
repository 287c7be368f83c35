import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { err, ok } from '../../src/core/result.ts'
import type { SourceServices } from '../../src/endpoints/sourceevents.ts'
import type { EventSource } from '../../src/endpoints/eventsource.ts'
import type { BillingEvent } from '../../src/standing/rules/event.ts'
import { askSource, ISSUER, sourceServices } from './sourceworld.ts'
import type { LogRecord } from '../../src/logrecord.ts'

/** A source, and the requests that its provider would make. */
export interface SourceCase {
  readonly source: EventSource
  /** Milliseconds since 1970, when all happens. */
  readonly now: number
  readonly env: Readonly<Record<string, unknown>>
  /** What no answer and no line of the log may hold: secrets, and the account. */
  readonly secrets: readonly string[]
  /** An event with this id that says something of an account; and one that is genuine and nothing to the gate. */
  readonly genuine: (id: string) => Promise<RequestInit>
  readonly idle: () => Promise<RequestInit>
  /** Genuine, and nothing that can be read. */
  readonly unreadable: () => Promise<RequestInit>
  /** From somebody else: told without the body, and by the body alone. */
  readonly unsigned: () => Promise<RequestInit>
  readonly forged: () => Promise<RequestInit>
  /** The source again, given options that the types do not allow. */
  readonly given: (options: unknown) => EventSource
}

/** The contract of an event source. */
export function holdSourceToContract(name: string, make: () => SourceCase): void {
  let at: SourceCase
  let applied: BillingEvent[]
  let lines: LogRecord[]
  let apply: SourceServices['applyEvent']
  const said = () => [vi.mocked(console.warn).mock.calls, vi.mocked(console.error).mock.calls, lines]

  beforeEach(() => {
    at = make()
    applied = []
    lines = []
    apply = async (event) => {
      applied.push(event)
      return ok(undefined)
    }
    vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterEach(() => void vi.restoreAllMocks())

  const post = async (request: RequestInit | Promise<RequestInit>, host?: string) => {
    const { env, now, source } = at
    const log = (line: LogRecord): unknown => lines.push(line)
    const services = sourceServices(source, { env, clock: () => now, log, applyEvent: (...given) => apply(...given) })
    return askSource(services, source.path, await request, host)
  }

  describe(`the source of events ${name}`, () => {
    it('has what it says applied, by the name of its account for an issuer of the zone', async () => {
      expect(await post(at.genuine('evt_1'))).toMatchObject({ status: 200, body: { applied: true } })
      expect(applied).toMatchObject([{ id: 'evt_1', issuer: ISSUER, account: expect.any(String) }])
    })

    it('says the same when the same comes again', async () => {
      for (let time = 0; time < 2; time++) await post(at.genuine('evt_1'))
      expect(applied[1]).toEqual(applied[0])
    })

    it('takes what is genuine and nothing to the gate, and nothing changes', async () => {
      expect(await post(at.idle())).toMatchObject({ status: 200, body: { applied: false } })
      expect(applied).toEqual([])
    })

    it.each(['unsigned', 'forged', 'unreadable'] as const)('refuses for good what is %s', async (what) => {
      expect(await post(at[what]())).toMatchObject({ status: 400 })
      expect(applied).toEqual([])
    })

    it('reads nothing of a body that cannot be genuine', async () => {
      const pull = vi.fn()
      const body = new ReadableStream({ pull }, { highWaterMark: 0 })
      const unsigned = await at.unsigned()
      const init = { ...unsigned, body, duplex: 'half' }
      expect(await post(init)).toMatchObject({ status: 400 })
      expect(pull).not.toHaveBeenCalled()
    })

    it('has an event sent again that may not have been applied, and not one that was refused', async () => {
      apply = async () => err('ledger-unavailable')
      const answer = await post(at.genuine('evt_1'))
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30'])
      apply = () => Promise.reject(new TypeError(at.secrets.join(' ')))
      expect(await post(at.genuine('evt_1'))).toMatchObject({ status: 503, body: { reason: 'ledger-unavailable' } })
      apply = async () => err({ refused: at.secrets.join(' ') })
      expect(await post(at.genuine('evt_1'))).toMatchObject({ status: 400 })
    })

    it('is a POST to a zone that lists it, of no more than it takes', async () => {
      const genuine = await at.genuine('evt_1')
      expect(await post({ ...genuine, method: 'GET', body: null })).toMatchObject({ status: 405 })
      expect(await post(genuine, 'shop.test')).toMatchObject({ status: 404 })
      expect(await post(genuine, 'other.test')).toMatchObject({ status: 421 })
      const { maxBytes } = at.source.create(bindingsOf(at.env))
      expect(await post({ ...genuine, body: 'x'.repeat(maxBytes + 1) })).toMatchObject({ status: 413 })
      expect(applied).toEqual([])
    })

    it('leaves one line in the log, with the id of its event and a hash of its account', async () => {
      await post(at.genuine('evt_1'))
      const audit = { action: at.source.name, by: at.source.name, done: true, event: 'evt_1' }
      expect(lines).toEqual([
        expect.objectContaining({ zone: 'news', status: 200, decision: 'own', audit, account: expect.any(String) }),
      ])
    })

    it('tells neither secrets nor accounts, whatever fails', async () => {
      const answers = []
      for (const what of ['unsigned', 'forged', 'unreadable', 'idle'] as const) answers.push(await post(at[what]()))
      for (const how of [
        () => Promise.reject(new TypeError(at.secrets.join(' '))),
        async () => err({ refused: at.secrets.join(' ') }),
      ]) {
        apply = how
        answers.push(await post(at.genuine('evt_1')))
      }
      const told = JSON.stringify([answers, said()])
      for (const secret of at.secrets) expect(told).not.toContain(secret)
    })

    it('finds the faults of its own options, throws for none and quotes nothing', () => {
      const [none, zone] = [bindingsOf({}), { issuers: [ISSUER] }]
      expect(at.source.faults(bindingsOf(at.env), zone)).toEqual([])
      expect(at.source.faults(bindingsOf(at.env), { issuers: [] }).map(({ path }) => path)).toEqual(['issuer'])
      for (const options of [undefined, null, 'text', [], {}, { secret: 7, issuer: {} }])
        expect(at.given(options).faults(none, zone)).not.toEqual([])
      const pasted = 'whsec_51HabcDEFghiJKLmnoPQRstuVWXyz0123456789'
      const found = at.given({ secret: pasted, apiKey: pasted, issuer: pasted }).faults(none, zone)
      expect(JSON.stringify(found)).not.toContain(pasted)
    })

    it('has a path of one segment', () => {
      expect(at.source.path).toMatch(/^[a-z][a-z0-9-]*$/)
    })
  })
}
