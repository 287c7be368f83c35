import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountLedger, receiptLedger } from '../../support/ledger.ts'
import { linesOf } from '../../support/world.ts'
import { type Gate, limiter, openGate } from './rates/gate.ts'
import { readingOf } from '../objects.ts'
import { useReader } from './reader.ts'

const reader = useReader('prefetch.test.ts', 1_000_000_000n)

type Fields = Record<string, string>

const ask = (path: string, headers: Fields): Promise<Response> => reader.askAndSettle(path, { headers })

const bearer = async (claims: object = {}): Promise<Fields> => ({
  authorization: `Bearer ${await reader.world.token({ sub: reader.account, ...claims })}`,
})
const cookie = async (): Promise<Fields> => ({
  cookie: `__Host-faregate=${await reader.world.token({ sub: reader.account })}`,
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
})
const jti = (): string => `${reader.account} receipt`
const receipt = async (): Promise<Fields> => ({
  'faregate-receipt': await reader.world.receipt({ jti: jti(), amount: '0.25', currency: 'USD', resource: '/*' }),
})

async function chargesOf(name: string): Promise<number> {
  return (await readingOf(name)).totals.charges
}

const AHEAD = { 'sec-purpose': 'prefetch;prerender' }

const counted: [what: string, path: string, fields: () => Promise<Fields>][] = [
  ['a quota', '/metered/1', bearer],
  ['a quota, by cookie', '/metered/1', cookie],
  ['a price from credit', '/reports/1', bearer],
  ['a price for each unit', '/pages/1', bearer],
  ['a use of a receipt', '/reports/1', receipt],
  ['a receipt beside a plan', '/both/1', async () => ({ ...(await bearer()), ...(await receipt()) })],
  [
    'a receipt in place of a plan',
    '/both/1',
    async () => ({ ...(await bearer({ entitlements: [] })), ...(await receipt()) }),
  ],
]

describe('what is only fetched ahead', () => {
  it.each(counted)(
    'takes nothing where %s would be taken, and is told to come back when it is wanted',
    async (_what, path, fields) => {
      const response = await ask(path, { ...(await fields()), ...AHEAD })
      expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
      expect(response.headers.get('retry-after')).toBeNull()
      expect(await response.json()).toMatchObject({ reason: 'prefetch-declined', remedies: [] })
      expect(reader.world.received).toEqual([])
      expect(await chargesOf(accountLedger(reader.account))).toBe(0)
      expect(await chargesOf(receiptLedger(jti()))).toBe(0)
      expect(linesOf(reader.world)).toMatchObject([{ decision: 'prefetch', status: 503, reason: 'prefetch-declined' }])
    },
  )

  it('leaves a receipt good for the one who then comes', async () => {
    const fields = await receipt()
    expect((await ask('/reports/1', { ...fields, purpose: 'prefetch' })).status).toBe(503)
    expect((await ask('/reports/1', fields)).status).toBe(200)
  })

  it('is served where nothing is counted', async () => {
    expect((await ask('/articles/1', { ...(await bearer()), ...AHEAD })).status).toBe(200)
    expect((await ask('/free/1', AHEAD)).status).toBe(200)
    expect((await ask('/watched/1', { ...(await bearer()), ...AHEAD })).status).toBe(200)
  })

  it('is refused as anyone is who has not paid', async () => {
    expect((await ask('/articles/1', AHEAD)).status).toBe(402)
    expect((await ask('/metered/1', AHEAD)).status).toBe(402)
  })
})

describe('a place under a rate', () => {
  let gate: Gate
  beforeEach(async () => {
    gate = await openGate()
  })
  afterEach(() => gate.world.end())

  it.each(['/two/1', '/bound/1'])('is not taken ahead on %s', async (path) => {
    const headers = { authorization: `Bearer ${await gate.token()}` }
    expect(await gate.askInTurn(5, path, { headers: { ...headers, ...AHEAD } })).toEqual(Array(5).fill(503))
    expect(limiter).not.toHaveBeenCalled()
    expect(await gate.askInTurn(2, path, { headers })).toEqual([200, 200])
  })
})

describe('the page of what was only fetched ahead', () => {
  it('asks again by a script of its own when it is shown, and runs no other', async () => {
    const response = await ask('/metered/1', { ...(await bearer()), ...AHEAD, accept: 'text/html' })
    const page = await response.text()
    const [script = ''] = Array.from(page.matchAll(/<script>([^]*?)<\/script>/g), ([, text]) => text)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(script)))
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain(`script-src 'sha256-${btoa(String.fromCharCode(...digest))}';`)
    expect(policy).toContain("default-src 'none'")
    expect(page).toContain('<a class="main" href="">Open the page</a>')
  })

  it('is the only one with a script', async () => {
    const response = await ask('/metered/1', { accept: 'text/html' })
    expect(response.headers.get('content-security-policy')).not.toContain('script-src')
    expect(await response.text()).not.toContain('<script')
  })
})
