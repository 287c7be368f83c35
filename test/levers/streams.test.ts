import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BOUND_MS, createSites, HOUR_MS, inMs } from './world.ts'

beforeEach(() => {
  vi.useFakeTimers({
    now: Date.parse('2026-11-28T23:00:00Z'),
    toFake: ['Date', 'setTimeout', 'clearTimeout'],
    shouldAdvanceTime: true,
  })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const EVENTS = { 'content-type': 'text/event-stream' }

/** Opens a stream whose origin is never done, and tells if the gate has ended it. */
async function streaming(path: string, change: { readonly isOpened?: true; readonly credential?: true } = {}) {
  const sites = await createSites()
  const serving = sites.isolate(
    () =>
      new Response(new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode('data: 1\n\n')) }), {
        headers: EVENTS,
      }),
  )
  const ordering = sites.isolate()
  if (change.isOpened) await ordering.order({ open: { zone: 'news' }, until: inMs(HOUR_MS) })
  const headers = change.credential ? { authorization: `Bearer ${await sites.token()}` } : {}
  const response = await serving.open(path, { headers })
  expect(response.status).toBe(200)
  const state = { isOver: false }
  const reader = response.body?.getReader()
  const read = async (): Promise<void> => {
    for (;;) if ((await reader?.read())?.done !== false) break
  }
  const reading = read().then(
    () => void (state.isOver = true),
    () => void (state.isOver = true),
  )
  return { ...sites, ordering, state, reading, cancel: () => reader?.cancel().catch(() => undefined) }
}

describe('a stream on its way', () => {
  it.each([
    ['of an account', '/own/1', { credential: true as const }],
    ['of an anonymous reader of a free route', '/free/1', {}],
    ['of an anonymous reader, opened for a time', '/own/1', { isOpened: true as const }],
  ])('%s is ended within the bound when its route is closed', async (_, path, change) => {
    const { ordering, state, cancel } = await streaming(path, change)
    await vi.advanceTimersByTimeAsync(2 * BOUND_MS)
    expect(state.isOver).toBe(false)
    await ordering.order({ close: { route: path.replace('1', '*') }, until: inMs(HOUR_MS) })
    await vi.advanceTimersByTimeAsync(BOUND_MS)
    expect(state.isOver).toBe(true)
    await cancel()
  })

  it('that was opened for a time is ended when that is taken back', async () => {
    const { ordering, state, cancel } = await streaming('/own/1', { isOpened: true })
    await ordering.order({ open: { zone: 'news' }, undo: true })
    await vi.advanceTimersByTimeAsync(BOUND_MS)
    expect(state.isOver).toBe(true)
    await cancel()
  })

  it('that was opened for a time is ended at its end', async () => {
    const { state, cancel } = await streaming('/own/1', { isOpened: true })
    await vi.advanceTimersByTimeAsync(HOUR_MS - 60_000)
    expect(state.isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(state.isOver).toBe(true)
    await cancel()
  })
})
