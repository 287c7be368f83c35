import { type CloudEvent, HTTP } from 'cloudevents'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { eventOf } from '../../../src/usage/cloudevents.ts'
import { openmeter } from '../../../src/usage/openmeter.ts'
import { signed } from '../../../src/usage/webhook.ts'
import { PureLedger, EUR, MINUTE, units } from '../../ledger/rules/pureledger.ts'
import { sending } from '../../usage/contract.ts'
import { FACTS } from '../../usage/records.ts'

afterEach(() => void vi.restoreAllMocks())

/** Every kind of record: reserved, kept, given back, forgotten, and said after all; of accounts and of a receipt. */
function everyRecord() {
  const ledger = new PureLedger()
  ledger.grant(1_000_000_000n)
  const price = EUR(250_000_000n)
  ledger.amend(ledger.charge({ counts: units(10n), price, facts: FACTS }), 'broken', { counts: units(4n) })
  ledger.amend(ledger.charge({ price, facts: { ...FACTS, account: 'änn@example.com "x" 雪' } }), 'none')
  ledger.amend(
    ledger.charge({ receipt: { uses: 1 }, expires: ledger.now + MINUTE, facts: { zone: 'news', receipt: 'r1' } }),
  )
  const forgotten = ledger.charge({ counts: units(7n), facts: { route: '/no zone and no account' } })
  ledger.advance(2 * MINUTE)
  ledger.amend(forgotten, 'broken', { counts: units(1n) })
  return ledger.records()
}

/** The events of a post, as the library of the CloudEvents project reads and validates them. */
async function posted(send: () => Promise<unknown>): Promise<CloudEvent<Record<string, unknown>>[]> {
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(null, { status: 204 }))
  await send()
  const [, init] = fetched.mock.calls[0] ?? []
  if (typeof init?.body !== 'string') throw new Error('nothing was posted')
  const headers = Object.fromEntries(new Headers(init.headers))
  const events = HTTP.toEvent<Record<string, unknown>>({ headers, body: init.body })
  const list = (Array.isArray(events) ? events : [events]) as CloudEvent<Record<string, unknown>>[]
  for (const event of list) expect(event.validate()).toBe(true)
  return list
}

describe('an event, read by the library of the CloudEvents project', () => {
  const records = everyRecord()
  const env = { SECRET: 's'.repeat(32), TOKEN: 't'.repeat(16) }

  it('is valid in a signed batch, one for each record', async () => {
    const send = sending(signed({ url: 'https://billing.test/', secret: 'SECRET' }), env, () => 0, vi.fn())
    const events = await posted(() => send(records))
    expect(events.map(({ id }) => id)).toEqual(records.map(({ id }) => id))
    expect(events.map(({ data }) => data)).toEqual(records.map((record) => eventOf(record).data))
    expect(new Set(events.map(({ type }) => type)).size).toBe(3)
  })

  it('is valid for OpenMeter, whose meters read each amount as a number', async () => {
    const send = sending(openmeter({ url: 'https://meter.test', token: 'TOKEN' }), env, () => 0, vi.fn())
    const events = await posted(() => send(records))
    expect(events.map(({ id, subject }) => [id, subject])).toEqual([
      ['c1/amend', 'cus_ann'],
      ['c3/amend', 'r1'],
      ['c4/unsettled', undefined],
    ])
    const amounts = events.map(({ data }) => [data?.['requests'], data?.['price'], data?.['uses']].map(Number))
    expect(amounts).toEqual([
      [4, 0.25, Number.NaN],
      [Number.NaN, Number.NaN, 1],
      [7, Number.NaN, Number.NaN],
    ])
    const isFlat = (data = {}): boolean => Object.values(data).every((value) => typeof value === 'string')
    expect(events.every(({ data }) => isFlat(data))).toBe(true)
  })
})
