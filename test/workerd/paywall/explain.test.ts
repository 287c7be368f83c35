import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask, withToken, createWorld, type World } from '../../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

interface Explained {
  decision: Record<string, unknown>
  checks: { check: string; outcome: string; expected?: unknown; found?: unknown; detail?: string }[]
  wouldPass: unknown
  observe?: unknown
  route: unknown
  target: { canonical: string }
}

async function explain(target: string, init: RequestInit = {}): Promise<Explained> {
  const response = await ask(`/__faregate/explain?target=${encodeURIComponent(target)}`, init)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return response.json<Explained>()
}

describe('explain', () => {
  it('says that nothing was presented, and what would pass', async () => {
    const { decision, checks, wouldPass } = await explain('/articles/1')
    expect(decision).toMatchObject({ action: 'refuse', reason: 'payment-required', status: 402 })
    expect(checks[0]).toMatchObject({ check: 'presented', outcome: 'fail' })
    expect(new Set(checks.slice(1).map(({ outcome }) => outcome))).toEqual(new Set(['skipped']))
    expect(wouldPass).toEqual([
      expect.objectContaining({
        iss: 'https://billing.test',
        aud: 'https://news.test',
        typ: ['entitlement+jwt'],
        entitlements: { anyOf: ['premium'] },
      }),
    ])
  })

  it('names the check that failed, with what was expected and what was found', async () => {
    const { checks } = await explain('/articles/1', withToken(await world.token({ aud: 'https://shop.test' })))
    expect(checks.find(({ check }) => check === 'issuer')).toMatchObject({ outcome: 'pass' })
    expect(checks.find(({ check }) => check === 'audience')).toMatchObject({
      outcome: 'fail',
      expected: 'https://news.test',
      found: 'https://shop.test',
    })
    expect(checks.find(({ check }) => check === 'signature')).toMatchObject({ outcome: 'skipped' })
  })

  it('agrees with the decision itself, whatever the credential', async () => {
    const claims = [
      {},
      { aud: 'x' },
      { iss: 'x' },
      { exp: 1, iat: 0 },
      { standing: 'on-hold' },
      { entitlements: ['api'] },
      { cnf: {} },
      { sub: '' },
    ]
    for (const given of claims) {
      for (const path of ['/articles/1', '/api/1', '/staff/1', '/reports/1', '/free/1', '/closed/1']) {
        const init = withToken(await world.token(given))
        const { decision } = await explain(path, init)
        const real = await ask(path, init)
        const problem =
          real.status === 200
            ? { action: 'serve' }
            : await real.json<{ status: number; reason: string; check?: string }>()
        const isShort = 'check' in problem && problem.check === 'charge'
        // Nothing is charged here, so what is left is not known: it says what would be.
        const { status, reason } = 'status' in problem ? problem : {}
        const told = isShort
          ? { action: 'serve', charges: expect.anything() }
          : status === undefined
            ? problem
            : { status, reason }
        expect(decision, `${JSON.stringify(given)} ${path}`).toMatchObject(told)
      }
    }
  })

  it('says that a charge was not tried, and where to see what is left', async () => {
    const { checks } = await explain('/reports/1', withToken(await world.token()))
    expect(checks.at(-1)).toEqual({
      check: 'charge',
      outcome: 'skipped',
      detail: expect.stringContaining('/__faregate/account'),
    })
    const free = await explain('/articles/1', withToken(await world.token()))
    expect(free.checks.at(-1)).toEqual({ check: 'charge', outcome: 'pass' })
  })

  it('asks no origin and leaves no charge', async () => {
    const { decision } = await explain('/articles/1', withToken(await world.token()))
    expect(decision).toEqual({ action: 'serve' })
    expect(world.received).toEqual([])
  })

  it('shows the canonical target', async () => {
    expect((await explain('/free/../articles/%31?q=1')).target.canonical).toBe('/articles/1?q=1')
  })

  it('of a route that is only watched shows what would have happened, and what does', async () => {
    const watched = { until: '2100-01-01T00:00:00.000Z', note: expect.stringContaining('as to an anonymous reader') }
    const none = await explain('/watched/1')
    expect(none.decision).toMatchObject({ action: 'refuse', reason: 'payment-required', status: 402 })
    expect(none.observe).toEqual({ ...watched, would: 'payment-required' })
    const good = await explain('/watched/1', withToken(await world.token()))
    expect(good.decision).toEqual({ action: 'serve' })
    expect(good.observe).toEqual({ ...watched, would: 'serve' })
    expect(await explain('/articles/1')).not.toHaveProperty('observe')
    expect(world.received).toEqual([])
  })

  it('never shows the signature', async () => {
    const token = await world.token()
    const text = JSON.stringify(await explain('/articles/1', withToken(token)))
    expect(text).not.toContain(token.split('.')[2])
  })

  it.each(['/__faregate/explain', '/__faregate/explain?target=articles', '/__faregate/explain?target=/%00'])(
    'answers %s with 400',
    async (path) => {
      expect((await ask(path)).status).toBe(400)
    },
  )

  it('of a target that cannot be read leaves the challenge of later refusals as it is', async () => {
    await ask('/__faregate/explain?target=/%2500')
    expect((await ask('/%00')).headers.get('www-authenticate')).toBe('Bearer realm="news"')
  })

  it('is the only page under /__faregate/, and no other path there reaches the origin', async () => {
    for (const path of ['/__faregate', '/__faregate/']) {
      const response = await ask(path)
      expect([404, 200], path).toContain(response.status)
    }
    expect((await ask('/__faregate/other')).status).toBe(404)
    expect((await ask('/__faregate/purge')).status).toBe(405)
    expect(world.received.filter(({ url }) => url.includes('/__faregate/'))).toEqual([])
  })
})
