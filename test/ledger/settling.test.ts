import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { refusal } from '../../src/core/problem.ts'
import { err, ok } from '../../src/core/result.ts'
import type { Reservation } from '../../src/ledger/reservation.ts'
import { type Settling, settling } from '../../src/ledger/settlement.ts'
import type { BeginSettlementOutcome, Settlement } from '../../src/ledger/rules/payment.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const SETTLED: Settlement = { kind: 'settled', reference: 'r' }
const never = (): Promise<never> => new Promise(() => undefined)
const lost = (): Promise<never> => Promise.reject(new Error('object reset'))

function how(over: Partial<Settling> = {}): Settling & { readonly heard: Settlement[] } {
  const heard: Settlement[] = []
  return {
    ledger: {
      beginSettlement: async () => ok({ kind: 'begun', tries: 1 }),
      endSettlement: async ({ settlement }) => {
        heard.push(settlement)
        return ok({ kind: 'ended', settlement })
      },
    },
    charge: 'c',
    request: 'c',
    method: 'GET',
    payment: { zone: 'a', rail: 'toy', payload: 1, requirements: 2 },
    status: { state: 'claimed' },
    settlesFirst: false,
    settle: vi.fn(async () => SETTLED),
    verify: async () => ok(undefined),
    receiptFields: ({ kind }) => [['Toy-Receipt', kind]],
    heard,
    ...over,
  }
}

function reservation(): Reservation & { readonly released: () => boolean } {
  let released = false
  return {
    charged: () => undefined,
    release: () => void (released = true),
    commit: (response) => ok(response),
    released: () => released,
  }
}

/** The reason for which nothing is delivered, or `delivered`. */
async function toldOf(given: Settling): Promise<string> {
  const response = new Response('the paid page')
  const committing = Promise.resolve(settling(reservation(), given).commit(response))
  await vi.advanceTimersByTimeAsync(30_000)
  const committed = await committing
  return committed.ok ? 'delivered' : committed.error.reason
}

const begins = (outcome: BeginSettlementOutcome) => async () => ok(outcome)

describe('a payment is delivered for', () => {
  it('once it is written down that it has settled', async () => {
    const given = how()
    expect(await toldOf(given)).toBe('delivered')
    expect(given.heard).toEqual([SETTLED])
  })

  it('and asked for once, however often that is wanted', async () => {
    const given = how({ status: { state: 'settling', tries: 2 } })
    const reserved = settling(reservation(), given)
    expect(await reserved.beforeOrigin?.()).toEqual(ok(undefined))
    expect((await reserved.commit(new Response('the paid page'))).ok).toBe(true)
    expect(given.settle).toHaveBeenCalledExactlyOnceWith(given.payment, 2)
  })
})

describe('a payment that is settled before the origin is asked', () => {
  it('is not verified first, and is good for a further try if the origin fails', async () => {
    const given = how({ settlesFirst: true, verify: vi.fn(async () => ok(undefined)) })
    const reserved = settling(reservation(), given)
    expect(await reserved.beforeOrigin?.()).toEqual(ok(undefined))
    expect(given.heard).toEqual([SETTLED])
    expect((await reserved.commit(new Response(null, { status: 500 }))).ok).toBe(true)
    expect(given.settle).toHaveBeenCalledTimes(1)
    expect(given.verify).not.toHaveBeenCalled()
  })

  it('asks no origin if it does not settle', async () => {
    const declined = how({ settlesFirst: true, settle: async () => ({ kind: 'failed', reason: 'empty' }) })
    const before = await settling(reservation(), declined).beforeOrigin?.()
    expect(before).toMatchObject({ error: { reason: 'payment-declined' } })
  })

  it('asks nobody again if it has settled', async () => {
    const known = how({ settlesFirst: true, status: { state: 'settled', reference: 'r' } })
    expect(await settling(reservation(), known).beforeOrigin?.()).toEqual(ok(undefined))
    expect(known.settle).not.toHaveBeenCalled()
  })
})

describe('nobody knows of a payment', () => {
  const { endSettlement } = how().ledger
  it.each<[string, Partial<Settling>]>([
    ['whose settler takes too long', { settle: never }],
    ['whose settler throws', { settle: lost }],
    [
      'whose settler throws at once',
      {
        settle: () => {
          throw new TypeError('a bug')
        },
      },
    ],
    [
      'of which the ledger does not say that it is to be asked for',
      { ledger: { endSettlement, beginSettlement: lost } },
    ],
    ['of which the ledger says nothing', { ledger: { endSettlement, beginSettlement: never } }],
    [
      'of which the ledger could not be told',
      { ledger: { endSettlement, beginSettlement: async () => err('ledger-unavailable') } },
    ],
    [
      'that another asks for',
      { ledger: { endSettlement, beginSettlement: begins({ kind: 'refused', reason: 'settlement-unknown' }) } },
    ],
    [
      'whose request the ledger has closed',
      { ledger: { endSettlement, beginSettlement: begins({ kind: 'refused', reason: 'charge-unknown' }) } },
    ],
    ['that settled, if that is not written down', { ledger: { ...how().ledger, endSettlement: lost } }],
    ['that settled, if nobody says that it is written down', { ledger: { ...how().ledger, endSettlement: never } }],
  ])('%s', async (_which, over) => {
    expect(await toldOf(how(over))).toBe('settlement-unknown')
  })

  it.each<BeginSettlementOutcome>([
    { kind: 'refused', reason: 'payment-failed' },
    { kind: 'refused', reason: 'claim-expired' },
  ])('but of one that was refused as %o it is known that it has moved nothing', async (outcome) => {
    const given = how({ ledger: { endSettlement, beginSettlement: begins(outcome) } })
    expect(await toldOf(given)).toBe('payment-declined')
    expect(given.settle).not.toHaveBeenCalled()
  })
})

describe('a check before the origin is asked', () => {
  it.each<[string, Settling['verify'], string]>([
    ['that takes too long', never, 'payments-unavailable'],
    ['that throws', lost, 'payments-unavailable'],
    ['that refuses', async () => err(refusal('payment-declined', 'No.')), 'payment-declined'],
  ])('%s opens nothing', async (_which, verify, reason) => {
    const asked = Promise.resolve(settling(reservation(), how({ verify })).beforeOrigin?.())
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await asked).toMatchObject({ ok: false, error: { reason } })
  })
})

describe('a receipt', () => {
  const receiptOf = async (receiptFields: Settling['receiptFields']): Promise<string[]> => {
    const committed = await settling(reservation(), how({ receiptFields })).commit(new Response('the paid page'))
    return committed.ok
      ? Array.from(committed.value.headers.keys()).filter((name) => name.startsWith('toy'))
      : ['refused']
  }

  it.each<[string, Settling['receiptFields'], string[]]>([
    ['of a rail that fails', () => JSON.parse('') as never, []],
    ['with a line break', () => [['Toy-Receipt', 'r\r\nset-cookie: a=b']], []],
    ['that is no text of ASCII', () => [['Toy-Receipt', '\u{1f4b8}']], []],
    [
      'whose name is none',
      () => [
        ['Toy Receipt', 'r'],
        ['Toy-Id', '1'],
      ],
      ['toy-id'],
    ],
  ])('%s is left out, and what was paid for is delivered', async (_which, receiptFields, names) => {
    expect(await receiptOf(receiptFields)).toEqual(names)
  })
})
