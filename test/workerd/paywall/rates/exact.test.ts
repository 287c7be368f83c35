import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { withToken, linesOf } from '../../../support/world.ts'
import { type Gate, openGate } from './gate.ts'

let gate: Gate

beforeEach(async () => {
  gate = await openGate()
})
afterEach(() => gate.world.end())

describe('an exact rate', () => {
  it('lets so many through, tells each what is left, and refuses the next with 429 before the origin sees it', async () => {
    const reader = withToken(await gate.token())
    for (const left of [1, 0]) {
      const response = await gate.ask('/two/1', reader)
      expect(response.status).toBe(200)
      expect(response.headers.get('ratelimit-policy')).toBe('"rate-60";q=2;w=60')
      expect(response.headers.get('ratelimit')).toMatch(new RegExp(`^"rate-60";r=${left};t=\\d+$`))
    }
    const refused = await gate.ask('/two/1', reader)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(59)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(61)
    expect(refused.headers.get('ratelimit')).toContain('"rate-60";r=0;t=')
    expect(refused.headers.get('link')).toBe('<https://billing.test/problems>; rel="help"; title="What this means"')
    const problem = await refused.json<Record<string, unknown>>()
    expect(problem).toMatchObject({
      type: 'https://billing.test/problems#too-many-requests',
      status: 429,
      reason: 'too-many-requests',
      check: 'charge',
      remedies: [{ rel: 'help', href: 'https://billing.test/problems' }],
    })
    expect(problem).not.toHaveProperty('offer')
    expect(gate.world.received).toHaveLength(2)
    expect(linesOf(gate.world)).toMatchObject([
      { status: 200 },
      { status: 200 },
      { status: 429, decision: 'refuse', reason: 'too-many-requests' },
    ])
  })

  it('of a page shows a browser the same', async () => {
    const reader = { headers: { ...withToken(await gate.token()).headers, accept: 'text/html' } }
    expect(await gate.askInTurn(2, '/two/1', reader)).toEqual([200, 200])
    const refused = await gate.ask('/two/1', reader)
    expect(refused.status).toBe(429)
    expect(await refused.text()).toContain('Too much was opened in a short time')
  })

  it('of a hundred lets exactly a hundred of five hundred at once through', async () => {
    const reader = withToken(await gate.token())
    await gate.ask('/two/1', reader) // the keys are there
    const answers = await Promise.all(Array.from({ length: 500 }, () => gate.ask('/hundred/1', reader)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(400)
    expect(gate.world.received).toHaveLength(101)
  })

  it('is one account’s and one route’s', async () => {
    const reader = withToken(await gate.token())
    expect(await gate.askInTurn(3, '/two/1', reader)).toEqual([200, 200, 429])
    expect(await gate.askInTurn(3, '/other/1', reader)).toEqual([200, 200, 429])
    expect(await gate.askInTurn(1, '/two/1', withToken(await gate.token({ sub: `${gate.account} another` })))).toEqual([
      200,
    ])
  })

  it('counts what failed and what has no content: the origin was asked', async () => {
    const reader = withToken(await gate.token())
    gate.world.origin = () => new Response('sorry', { status: 500 })
    expect(await gate.askInTurn(3, '/two/1', reader)).toEqual([500, 500, 429])
    gate.world.origin = () => new Response(null)
    expect(await gate.askInTurn(3, '/other/1', { ...reader, method: 'HEAD' })).toEqual([200, 200, 429])
  })

  it('counts OPTIONS, but not a preflight, which the gate answers', async () => {
    const reader = withToken(await gate.token())
    const preflight = {
      method: 'OPTIONS',
      headers: { origin: 'https://a.test', 'access-control-request-method': 'GET' },
    }
    expect(await gate.askInTurn(3, '/two/1', preflight)).toEqual([204, 204, 204])
    expect(await gate.askInTurn(3, '/two/1', { ...reader, method: 'OPTIONS' })).toEqual([200, 200, 429])
  })

  it('is not used by who is refused anyway', async () => {
    expect(await gate.askInTurn(3, '/two/1')).toEqual([402, 402, 402])
    expect(await gate.askInTurn(3, '/two/1', withToken(await gate.token({ entitlements: ['other'] })))).toEqual([
      402, 402, 402,
    ])
    expect(await gate.askInTurn(2, '/two/1', withToken(await gate.token()))).toEqual([200, 200])
  })

  it('alone leaves no charge and nothing to settle', async () => {
    expect(await gate.askInTurn(3, '/two/1', withToken(await gate.token()))).toEqual([200, 200, 429])
    const found = await gate.ledger().read({})
    expect(found).toMatchObject({ ok: true, value: { recent: [], totals: { charges: 0, counts: [] } } })
  })

  it('holds beside a quota, whose refusal comes first and leaves the rate as it is', async () => {
    const reader = withToken(await gate.token())
    const first = await gate.ask('/both/1', reader)
    await first.text()
    expect(first.headers.get('ratelimit-policy')).toBe('"calls";q=2;w=3600, "rate-60";q=3;w=60')
    expect(await gate.askInTurn(3, '/both/1', reader)).toEqual([200, 402, 402])
    const refused = await gate.ask('/both/1', reader)
    expect(await refused.json()).toMatchObject({ reason: 'usage-limit-reached' })
    expect(refused.headers.get('ratelimit')).toMatch(/"rate-60";r=1/)
  })

  it('refuses what a quota would allow, and takes nothing from it', async () => {
    const limits = [{ name: 'calls', quota: 10, window: 3600 }]
    const reader = withToken(await gate.token({ limits }))
    expect(await gate.askInTurn(5, '/both/1', reader)).toEqual([200, 200, 200, 429, 429])
    expect((await gate.ask('/both/1', reader)).headers.get('ratelimit')).toMatch(/"calls";r=7/)
  })

  it.each(['rate-60', 'rate /two/*', 'requests'])(
    'cannot be replaced by a token with a limit named %s',
    async (name) => {
      const limits = [{ name, quota: 1000, window: 60, kind: 'sliding' }]
      const reader = withToken(await gate.token({ limits }))
      const response = await gate.ask('/two/1', reader)
      await response.text()
      expect(response.headers.get('ratelimit-policy')).toContain('q=2;w=60')
      const names = response.headers.get('ratelimit')?.match(/"[^"]+"/g) ?? []
      expect(names).toHaveLength(2)
      expect(new Set(names).size).toBe(2)
      expect(await gate.askInTurn(2, '/two/1', reader)).toEqual([200, 429])
    },
  )

  it('does not change what a cookie from another site opens', async () => {
    const headers = { cookie: `__Host-faregate=${await gate.token()}`, 'sec-fetch-site': 'cross-site' }
    expect(await gate.askInTurn(3, '/two/1', { headers })).toEqual([200, 200, 429])
    expect(await gate.askInTurn(1, '/both/1', { headers })).toEqual([402])
  })

  it('lets nothing through where nothing can be counted', async () => {
    const response = await gate.ask('/two/1', withToken(await gate.token()), { ledgers: undefined })
    expect(response.status).toBe(503)
    const gone = { charge: vi.fn(async () => Promise.reject(new Error('gone'))), amend: vi.fn(), grant: vi.fn() }
    expect((await gate.ask('/two/1', withToken(await gate.token()), { ledgers: () => gone as never })).status).toBe(503)
    expect(gone.amend).not.toHaveBeenCalled()
    expect(gate.world.received).toEqual([])
  })

  it('counts each part of a page that is one charge', async () => {
    const fields = { 'content-range': 'bytes 0-2/13', etag: '"v1"' }
    gate.world.origin = () => new Response('the', { status: 206, headers: fields })
    const { headers } = withToken(await gate.token())
    const init = { headers: { ...headers, range: 'bytes=0-2' } }
    expect(await gate.askInTurn(4, '/both/1', init)).toEqual([206, 206, 206, 429])
  })

  it('counts what was asked as a part and came whole once, though it is charged anew', async () => {
    const { headers } = withToken(await gate.token({ limits: [{ name: 'calls', quota: 10, window: 3600 }] }))
    const init = { headers: { ...headers, range: 'bytes=0-2' } }
    expect(await gate.askInTurn(4, '/both/1', init)).toEqual([200, 200, 200, 429])
  })

  it('holds for a receipt with a pass, and refusing spends none of one with uses', async () => {
    expect(await gate.askInTurn(3, '/reports/1', withToken(await gate.paid({ pass: 600 })))).toEqual([200, 200, 429])
    const uses = withToken(await gate.paid({ jti: `${gate.account} uses`, uses: 3, amount: '0.75' }))
    expect(await gate.askInTurn(3, '/reports/1', uses)).toEqual([200, 200, 429])
    expect(await gate.askInTurn(2, '/bound-reports/1', uses)).toEqual([200, 402])
  })
})
