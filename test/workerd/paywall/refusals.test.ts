import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, withToken, createWorld, type World } from '../../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

const hour = 3600

/** Path, claims of the token (`none`: no token), and what is answered. */
const cases: [name: string, path: string, claims: Record<string, unknown> | 'none', status: number, reason: string][] =
  [
    ['no credential', '/articles/1', 'none', 402, 'payment-required'],
    ['no credential for a page that is not sold', '/staff/1', 'none', 402, 'payment-required'],
    ['no credential for a page with a price', '/reports/1', 'none', 402, 'payment-required'],
    ['another audience', '/articles/1', { aud: 'https://shop.test' }, 402, 'credential-invalid'],
    [
      'a token that is not valid yet',
      '/articles/1',
      { nbf: now() + hour, exp: now() + 2 * hour },
      402,
      'credential-not-yet-valid',
    ],
    ['an expired token', '/articles/1', { iat: now() - 2 * hour, exp: now() - hour }, 402, 'credential-expired'],
    ['an inactive subscription', '/articles/1', { standing: 'inactive' }, 402, 'subscription-inactive'],
    ['a declined payment', '/articles/1', { standing: 'past-due' }, 402, 'payment-declined'],
    ['an account on hold', '/articles/1', { standing: 'on-hold' }, 402, 'security-hold'],
    ['another entitlement', '/api/1', {}, 402, 'entitlement-insufficient'],
    ['an account without credit where a payment is asked for', '/reports/1', {}, 402, 'credit-insufficient'],
    ['an entitlement that nothing sold would complete', '/staff/1', {}, 403, 'not-for-sale'],
    ['a closed page', '/closed/1', {}, 403, 'not-for-sale'],
    ['a method that the route does not list', '/read-only/1', 'none', 402, 'payment-required'],
    ['a target that two servers read differently', '/articles/%2e%2e%2f%00', 'none', 400, 'target-ambiguous'],
  ]

function now(): number {
  return Math.floor(Date.now() / 1000)
}

describe('a refusal', () => {
  it.each(cases)('for %s: %s', async (_name, path, claims, status, reason) => {
    const response = await ask(path, claims === 'none' ? {} : withToken(await world.token(claims)))
    expect(response.status).toBe(status)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toMatchObject({ status, reason, type: `https://billing.test/problems#${reason}` })
    expect(world.received).toEqual([])
  })

  it('has a date, as every answer of the gate’s own has', async () => {
    const preflight = { origin: 'https://app.test', 'access-control-request-method': 'GET' }
    const answers: [path: string, init: RequestInit][] = [
      ['/articles/1', {}],
      ['/articles/1', { headers: { accept: 'text/html' } }],
      ['/articles/1', { method: 'HEAD' }],
      ['/articles/1', { method: 'OPTIONS', headers: preflight }],
      ['/__faregate/account', {}],
      ['/__faregate/account', { method: 'OPTIONS', headers: preflight }],
      ['/__faregate/explain?target=/articles/1', {}],
      ['/__faregate/purge', { method: 'POST' }],
      ['/__faregate/events', { method: 'POST' }],
      ['/__faregate/events/nobody', { method: 'POST' }],
      ['/__faregate/unknown', {}],
    ]
    try {
      for (const date of ['Sun, 25 Oct 2026 12:00:00 GMT', 'Sun, 25 Oct 2026 12:00:01 GMT']) {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(date) + 999 })
        for (const [path, init] of answers) {
          const { headers } = await ask(path, init)
          expect(headers.get('date'), `${init.method ?? 'GET'} ${path}`).toBe(date)
        }
      }
    } finally {
      vi.useRealTimers()
    }
  })

  it('for a method that a route does not list does not fall through to a free route', async () => {
    const response = await ask('/read-only/1', { method: 'POST', ...withToken(await world.token()) })
    expect(response.status).toBe(403)
    expect(world.received).toEqual([])
  })

  it('for an unknown host is 421 and names no zone', async () => {
    const response = await ask('/articles/1', { host: 'https://other.test' })
    expect(response.status).toBe(421)
    expect(await response.json()).toMatchObject({
      reason: 'host-unknown',
      type: 'urn:faregate:problem:host-unknown',
      remedies: [],
    })
  })

  it('of an unmatched path is what the configuration states', async () => {
    expect((await ask('/anything')).status).toBe(200)
    expect((await ask('/anything', { host: 'https://shop.test' })).status).toBe(403)
  })

  it('offers what is on sale, its price exact', async () => {
    const problem = await (await ask('/reports/1')).json()
    expect(problem).toMatchObject({ offer: { resource: '/reports/*', price: { amount: '0.25', currency: 'USD' } } })
  })

  it('on hold offers support and no payment challenge', async () => {
    const response = await ask('/articles/1', withToken(await world.token({ standing: 'on-hold' })))
    expect(response.headers.get('www-authenticate')).toBeNull()
    expect(await response.json()).toMatchObject({ remedies: [{ rel: 'support', href: 'mailto:support@billing.test' }] })
  })

  it('of a credential says so in the challenge (RFC 6750)', async () => {
    const response = await ask('/articles/1', withToken(await world.token({ aud: 'https://shop.test' })))
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="news", scope="premium", error="invalid_token", error_description="The audience (\'aud\') of the token is not this site."',
    )
  })

  it('to a HEAD request has the same fields and no body', async () => {
    const response = await ask('/articles/1', { method: 'HEAD' })
    expect(response.status).toBe(402)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.text()).toBe('')
  })

  it('to a browser is a page with the same facts, every one escaped', async () => {
    const response = await ask('/articles/1?x="><script>', {
      headers: { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' },
    })
    expect(response.status).toBe(402)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    const page = await response.text()
    expect(page).toContain('Premium &quot;all&quot; &lt;articles&gt;')
    expect(page).toContain('rel="payment"')
    expect(page).not.toContain('<script>')
  })

  it.each([
    [null, 'application/problem+json'],
    ['*/*', 'application/problem+json'],
    ['application/json, text/html;q=0.9', 'application/problem+json'],
    ['text/html;q=0', 'application/problem+json'],
    ['text/html, application/json;q=0.5', 'text/html; charset=utf-8'],
  ])('to a client that accepts %s is %s', async (accept, type) => {
    const response = await ask('/articles/1', accept === null ? {} : { headers: { accept } })
    expect(response.headers.get('content-type')).toBe(type)
  })

  it('keeps all its fields under 6 KB, however long the URL', async () => {
    const response = await ask(`/articles/1?${'x'.repeat(6000)}`)
    const bytes = [...response.headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
    expect(response.status).toBe(402)
    expect(bytes).toBeLessThan(6 * 1024)
  })
})

describe('a preflight', () => {
  const preflight = {
    origin: 'https://reader.test',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'authorization',
  }

  it('on a paid route is answered by the gate, so that a browser can go on to pay', async () => {
    const response = await ask('/articles/1', { method: 'OPTIONS', headers: preflight })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.get('access-control-allow-headers')).toBe('authorization')
    expect(response.headers.get('access-control-allow-methods')).toContain('GET')
    expect(world.received).toEqual([])
  })

  it('on a free route is the origin’s to answer', async () => {
    await ask('/free/1', { method: 'OPTIONS', headers: preflight })
    expect(world.received.map(({ method }) => method)).toEqual(['OPTIONS'])
  })

  it('is not what an OPTIONS request without its fields is: that is asked to pay', async () => {
    expect((await ask('/articles/1', { method: 'OPTIONS' })).status).toBe(402)
  })

  it('does not echo what is not a list of field names', async () => {
    const response = await ask('/articles/1', {
      method: 'OPTIONS',
      headers: { ...preflight, 'access-control-request-headers': 'a b;c' },
    })
    expect(response.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type')
  })
})
