import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ok } from '../../../src/core/result.ts'
import { reservationOf, type OpenCharge, type Used } from '../../../src/ledger/reservation.ts'
import { createBackground } from '../../support/services.ts'
import { NO_LEDGER } from '../../support/ledger.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const OPEN: OpenCharge = {
  charge: 'c',
  request: 'c',
  method: 'GET',
  isKeyed: false,
  isRepeat: false,
  reserved: { counts: [], price: undefined, uses: 1 },
  limits: [],
}

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Has an answer begin to leave, waits, then has it end; gives how often the ledger was told of it before and after. */
async function toldOf({ headers, status = 200 }: Answer, ms: number): Promise<[number, number]> {
  let told = 0
  const ledger = {
    ...NO_LEDGER,
    describe: () => {
      told++
      return Promise.resolve(ok(undefined))
    },
    amend: () => Promise.resolve(ok({ kind: 'refused', reason: 'already-amended' } as const)),
  }
  const background = createBackground()
  const content = new TransformStream<Uint8Array, Uint8Array>()
  const writer = content.writable.getWriter()
  const reservation = reservationOf(ledger, OPEN, background.waitUntil, new AbortController().signal)
  const delivered = await reservation.commit(
    new Response(content.readable, { status, headers: { etag: '"v1"', ...headers } }),
  )
  if (!delivered.ok) throw new Error('refused')
  const reading = delivered.value.text()
  vi.advanceTimersByTime(ms)
  const before = told
  await Promise.all([writer.write(new Uint8Array(Number(headers?.['content-length'] ?? 3))), writer.close()])
  await reading
  await background.settled()
  vi.advanceTimersByTime(10_000)
  return [before, told]
}

it.each<[string, Answer, number, [number, number]]>([
  ['of unknown length that has left soon', {}, 249, [0, 0]],
  ['of unknown length that takes a while', {}, 250, [1, 1]],
  ['that is short', { headers: { 'content-length': '65536' } }, 10_000, [0, 0]],
  ['that is long', { headers: { 'content-length': '65537' } }, 0, [1, 1]],
  ['that is a part', { status: 206, headers: { 'content-length': '3' } }, 0, [1, 1]],
  ['that nothing tells from another', { headers: { etag: 'W/"v1"' } }, 10_000, [0, 0]],
])('the ledger is told while it leaves of an answer %s as often as that helps', async (_, answer, ms, told) => {
  expect(await toldOf(answer, ms)).toEqual(told)
})

/** Has a metered answer begin to leave, and its client leave when `until` says so; gives what the ledger was told, in order. */
async function amendedOf(used: Used, until: (leave: () => void) => Promise<void>): Promise<unknown[]> {
  const amended: unknown[] = []
  const ledger = {
    ...NO_LEDGER,
    amend: async (command: unknown) => {
      amended.push(command)
      return ok({ kind: 'refused', reason: 'already-amended' } as const)
    },
  }
  const { waitUntil } = createBackground()
  const connection = new AbortController()
  const reservation = reservationOf(ledger, OPEN, waitUntil, connection.signal)
  const { readable } = new TransformStream<Uint8Array, Uint8Array>()
  await reservation.commit(new Response(readable), used)
  await until(() => connection.abort())
  return amended
}

const SEVEN = { counts: [{ name: 'words', units: 7n }] }

it('a meter is asked as soon as its client has left, though the origin is silent', async () => {
  const amended = await amendedOf(
    async () => SEVEN,
    async (leave) => {
      leave()
      await vi.advanceTimersByTimeAsync(0)
    },
  )
  expect(amended).toEqual([{ charge: 'c', request: 'c', delivery: 'broken', ...SEVEN }])
})

it.each([
  ['drains for longer than 25 s', () => new Promise<never>(() => undefined)],
  ['fails', () => Promise.reject(new Error('a bug'))],
  ['knows nothing', () => undefined],
])('what a meter that %s has counted costs the reservation', async (_what, used) => {
  const amended = await amendedOf(used, async (leave) => {
    leave()
    await vi.advanceTimersByTimeAsync(24_999)
    await vi.advanceTimersByTimeAsync(1)
  })
  expect(amended).toEqual([{ charge: 'c', request: 'c', delivery: 'broken' }])
})

it('a meter is not asked what an answer has used that costs nothing', async () => {
  const used = vi.fn(() => SEVEN)
  const { waitUntil, settled } = createBackground()
  const amend = vi.fn(async () => ok({ kind: 'refused', reason: 'already-amended' } as const))
  const reservation = reservationOf({ ...NO_LEDGER, amend }, OPEN, waitUntil, new AbortController().signal)
  await reservation.commit(new Response('none', { status: 404 }), used)
  await settled()
  expect([used.mock.calls, amend.mock.calls]).toEqual([[], [[{ charge: 'c', request: 'c', delivery: 'none' }, false]]])
})
