import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, withToken, createWorld, type World } from '../../support/world.ts'

let world: World
/** The Worker keeps the lists that it has fetched: each test has its own. */
let url: string
let number = 0
let fetched: string[]

beforeEach(async () => {
  world = await createWorld()
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  url = `https://billing.test/status/${number++}`
  fetched = []
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

/** The issuer publishes these statuses from now on. */
function publish(...statuses: number[]): void {
  world.status = (request) => {
    fetched.push(request.url)
    return world.statusList(request.url, statuses)
  }
}

function fail(): void {
  world.status = (request) => {
    fetched.push(request.url)
    return new Response('', { status: 500 })
  }
}

const listed = (idx: number) => ({ status: { status_list: { idx, uri: url } } })
const token = (idx: number, claims = {}): Promise<string> => world.token({ ...listed(idx), ...claims })

let receipts = 0
const receipt = (idx: number, claims = {}): Promise<string> =>
  world.receipt({
    jti: `listed-${receipts++}`,
    amount: '0.25',
    currency: 'USD',
    resource: '/reports/*',
    ...listed(idx),
    ...claims,
  })

async function outcome(response: Response): Promise<unknown> {
  const body = await response.text()
  return response.ok ? response.status : [response.status, (JSON.parse(body) as { reason: unknown }).reason]
}

const STATUSES: [name: string, idx: number, outcome: unknown][] = [
  ['valid opens what it covers', 0, 200],
  ['invalid is a subscription that has ended', 1, [402, 'subscription-inactive']],
  ['suspended is held for review', 2, [402, 'security-hold']],
  ['application specific opens nothing', 3, [402, 'subscription-inactive']],
  ['not in the list opens nothing', 9, [402, 'credential-invalid']],
]

describe('a token whose status is', () => {
  it.each(STATUSES)('%s', async (_name, idx, expected) => {
    publish(0, 1, 2, 3)
    const presented = await token(idx)
    expect(await outcome(await ask('/articles/1', withToken(presented)))).toEqual(expected)
    expect(await outcome(await ask('/articles/1', withToken(presented)))).toEqual(expected) // remembered as it is
    expect(fetched).toEqual([url])
    if (expected !== 200) expect(world.received).toEqual([])
  })
})

describe('a receipt whose status is', () => {
  it.each(STATUSES)('%s', async (_name, idx, expected) => {
    publish(0, 1, 2, 3)
    const response = await ask('/reports/1', withToken(await receipt(idx)))
    expect(await outcome(response)).toEqual(expected)
    expect(fetched).toEqual([url])
  })
})

describe('a list that cannot be had', () => {
  it('is a 503 that says when to try again, and no content', async () => {
    fail()
    const response = await ask('/articles/1', withToken(await token(0)))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await response.json()).toMatchObject({ reason: 'standing-unavailable', check: 'standing', remedies: [] })
    expect(world.received).toEqual([])
  })

  it('lets no receipt be spent in place of the token, which may be good', async () => {
    fail()
    const unlisted = await receipt(0, { status: undefined })
    const headers = { ...withToken(await token(0)).headers, 'faregate-receipt': unlisted }
    expect(await outcome(await ask('/reports/1', { headers }))).toEqual([503, 'standing-unavailable'])
    expect(await outcome(await ask('/reports/1', withToken(unlisted)))).toBe(200)
  })

  it('leaves a free page open, to nobody in particular', async () => {
    fail()
    expect((await ask('/free/1', withToken(await token(0)))).status).toBe(200)
    expect(fetched).toHaveLength(1)
    expect(world.received[0]?.headers.has('faregate-subject')).toBe(false)
  })
})

describe('on a free page', () => {
  it('a token that was revoked counts as none', async () => {
    publish(0, 1)
    expect((await ask('/free/1', withToken(await token(1)))).status).toBe(200)
    expect((await ask('/free/1', withToken(await token(0)))).status).toBe(200)
    expect(world.received.map(({ headers }) => headers.get('faregate-subject'))).toEqual([null, '"account-7"'])
  })

  it('that is the same for all, no list is fetched', async () => {
    publish(1)
    expect((await ask('/free/shared/1', withToken(await token(0)))).status).toBe(200)
    expect(fetched).toEqual([])
  })
})

describe('no list is fetched', () => {
  const now = Math.floor(Date.now() / 1000)
  const cases: [name: string, claims: () => Record<string, unknown>, reason: string][] = [
    ['for a token that has expired', () => ({ iat: now - 60, exp: now - 30 }), 'credential-expired'],
    ['for one that is not valid yet', () => ({ nbf: now + 600 }), 'credential-not-yet-valid'],
    [
      'from elsewhere',
      () => ({ status: { status_list: { idx: 0, uri: 'https://evil.test/1' } } }),
      'credential-invalid',
    ],
    ['for another mechanism', () => ({ status: { other: { uri: url } } }), 'credential-invalid'],
  ]
  it.each(cases)('%s', async (_name, claims, reason) => {
    publish(1)
    expect(await outcome(await ask('/articles/1', withToken(await token(0, claims()))))).toEqual([402, reason])
    expect(fetched).toEqual([])
  })

  it('in a zone that reads none, and the token is refused', async () => {
    publish(0)
    const presented = await token(0, { aud: 'https://shop.test' })
    const response = await ask('/articles/1', { host: 'https://shop.test', ...withToken(presented) })
    expect(await outcome(response)).toEqual([402, 'credential-invalid'])
    expect(fetched).toEqual([])
  })
})

describe('explain', () => {
  it('shows that the standing failed, and what was before it passed', async () => {
    publish(0, 1)
    const response = await ask('/__faregate/explain?target=/articles/1', withToken(await token(1)))
    const { checks } = await response.json<{ checks: { check: string; outcome: string; detail?: string }[] }>()
    const shown = (name: string) => checks.find(({ check }) => check === name)
    expect(shown('time')).toMatchObject({ outcome: 'pass' })
    expect(shown('standing')).toMatchObject({ outcome: 'fail', detail: 'The token was revoked by its issuer.' })
    expect(shown('cover')).toMatchObject({ outcome: 'skipped' })
  })
})
