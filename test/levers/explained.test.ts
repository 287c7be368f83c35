import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSites, HOUR_MS, inMs } from './world.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T23:00:00Z'), toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function looked(
  gate: ReturnType<Awaited<ReturnType<typeof createSites>>['isolate']>,
  given: string,
  target: string,
) {
  const body = JSON.stringify({ account: 'ann', target })
  const headers = { authorization: `Bearer ${given}`, 'content-type': 'application/json' }
  const found = await gate.send('/__faregate/lookup', { method: 'POST', headers, body })
  return found.body['explained']
}

describe('whoever asks why', () => {
  it('is told that a route is open to everyone, and how it would be without that', async () => {
    const { isolate, operatorToken } = await createSites()
    const gate = isolate()
    await gate.order({ open: { zone: 'news' }, until: inMs(HOUR_MS) })
    const lever = {
      open: { zone: 'news' },
      until: { at: '2026-11-29T00:00:00.000Z' },
      note: expect.stringContaining('this is served'),
    }
    const explained = await gate.send('/__faregate/explain?target=/own/1')
    expect(explained.body).toMatchObject({ decision: { action: 'refuse', reason: 'payment-required' }, lever })
    expect(await looked(gate, await operatorToken('view'), '/own/1')).toMatchObject({ lever })
    expect((await gate.send('/__faregate/explain?target=/staff/1')).body['lever']).toBeUndefined()
  })

  it('is told that a route is closed for a time', async () => {
    const { isolate, operatorToken, token } = await createSites()
    const gate = isolate()
    await gate.order({ close: { route: '/articles/*' }, until: inMs(HOUR_MS) })
    const closed = {
      decision: { action: 'refuse', reason: 'temporarily-closed' },
      lever: { close: { route: '/articles/*' }, note: 'Until then this is refused to everyone.' },
      wouldPass: 'no one',
    }
    expect((await gate.ask('/__faregate/explain?target=/articles/1', await token())).body).toMatchObject(closed)
    expect(await looked(gate, await operatorToken('view'), '/articles/1')).toMatchObject(closed)
    expect((await gate.send('/__faregate/explain?target=/own/1')).body['lever']).toBeUndefined()
  })
})
