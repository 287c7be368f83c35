import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ok } from '../../../src/core/result.ts'
import { reservationOf, type OpenCharge } from '../../../src/ledger/reservation.ts'
import { createBackground } from '../../support/house.ts'
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
