import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../../src/gate.ts'
import { ENDPOINTS } from '../../../support/endpoints.ts'
import { accountLedger, receiptLedger } from '../../../support/ledger.ts'
import { withToken } from '../../../support/world.ts'
import { BOUND, type Gate, limiter, openGate } from './gate.ts'

let gate: Gate

beforeEach(async () => {
  gate = await openGate()
})
afterEach(() => gate.world.end())

/** No ledger may be asked. */
const noLedgers = {
  ledgers: (): never => {
    throw new Error('a ledger was asked')
  },
}

describe('a rate limit of the platform', () => {
  it('that has room lets pass, without a call to a ledger, under the name of the account and the route', async () => {
    const response = await gate.ask('/bound/1', withToken(await gate.token()), noLedgers)
    expect(response.status).toBe(200)
    expect(response.headers.get('ratelimit')).toBeNull()
    const key = `${accountLedger(gate.account)} /bound/*`
    expect(limiter.mock.calls).toEqual([[{ key }]])
  })

  it('that has none refuses with 429 before the ledger and the origin', async () => {
    limiter.mockResolvedValue({ success: false })
    for (const path of ['/bound/1', '/bound-metered/1']) {
      const response = await gate.ask(path, withToken(await gate.token()), noLedgers)
      expect(response.status).toBe(429)
      expect(response.headers.get('retry-after')).toBe('60')
      expect(await response.json()).toMatchObject({ reason: 'too-many-requests' })
    }
    expect(gate.world.received).toEqual([])
  })

  it('beside another holds with it', async () => {
    limiter.mockResolvedValueOnce({ success: false })
    const response = await gate.ask('/bound-two/1', withToken(await gate.token()))
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10'])
    expect(limiter).toHaveBeenCalledTimes(2)
  })

  it('of a receipt is the receipt’s own', async () => {
    expect((await gate.ask('/bound-reports/1', withToken(await gate.paid()))).status).toBe(200)
    const key = `${receiptLedger(`${gate.account} receipt`)} /bound-reports/*`
    expect(limiter.mock.calls).toEqual([[{ key }]])
  })

  it('is not asked for who is refused anyway, nor for a preflight', async () => {
    await gate.ask('/bound/1')
    await gate.ask('/bound/1', withToken(await gate.token({ entitlements: ['other'] })))
    const headers = { origin: 'https://a.test', 'access-control-request-method': 'GET' }
    await gate.ask('/bound/1', { method: 'OPTIONS', headers })
    expect(limiter).not.toHaveBeenCalled()
  })

  it.each([
    ['throws', () => Promise.reject(new Error(`no: ${gate.account}`)), 'Error'],
    [
      'throws at once',
      () => {
        throw new TypeError('Bearer ey')
      },
      'TypeError',
    ],
  ])('that %s lets pass, and leaves a line that names nobody', async (_what, fail, error) => {
    limiter.mockImplementation(fail)
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    expect((await gate.ask('/bound/1', withToken(await gate.token()))).status).toBe(200)
    expect(warned.mock.calls).toEqual([[JSON.stringify({ rate: 'API_RATE', error })]])
    warned.mockRestore()
  })

  it('that does not answer is waited for a second, and lets pass', async () => {
    limiter.mockReturnValue(new Promise(() => undefined))
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const reader = withToken(await gate.token())
    await gate.ask('/two/1', reader) // the keys are there
    vi.useFakeTimers()
    let status: number | undefined
    const asked = gate.ask('/bound-two/1', reader).then((response) => (status = response.status))
    await vi.advanceTimersByTimeAsync(999)
    expect(status).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    vi.useRealTimers()
    expect(await asked).toBe(200)
    expect(warned.mock.calls.map(([line]) => String(line))).toEqual(
      ['OTHER_RATE', 'API_RATE'].map((rate) => JSON.stringify({ rate, error: 'timeout' })),
    )
    warned.mockRestore()
  })

  it('of the simulator lets so many of one account through, and others besides', async () => {
    const reader = withToken(await gate.token())
    const statuses = await gate.askInTurn(7, '/real/1', reader)
    // Its windows are those of the clock on the wall: at most two of them are touched, with three in each.
    expect(statuses.slice(0, 3)).toEqual([200, 200, 200])
    expect(statuses).toContain(429)
    expect(await gate.askInTurn(1, '/real/1', withToken(await gate.token({ sub: `${gate.account} another` })))).toEqual(
      [200],
    )
  })
})

describe('explain', () => {
  it('shows the rates, and uses none', async () => {
    const app = createApp(gate.services, ENDPOINTS)
    const explain = async (target: string): Promise<unknown> => {
      const url = `https://news.test/__faregate/explain?target=${target}`
      const request = new Request(url, withToken(await gate.token()))
      const response = await app(request, { origin: vi.fn() } as never, () => undefined)
      return (await response.json<{ decision: unknown }>()).decision
    }
    expect(await explain('/bound/1')).toEqual({ action: 'serve', rates: BOUND })
    expect(await explain('/two/1')).toEqual({ action: 'serve', rates: [{ requests: '2', seconds: 60 }] })
    expect(await explain('/both/1')).toEqual({
      action: 'serve',
      charges: { units: { requests: '1', calls: '1' } },
      rates: [{ requests: '3', seconds: 60 }],
    })
    expect(limiter).not.toHaveBeenCalled()
  })
})
