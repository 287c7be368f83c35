import { createHash } from 'node:crypto'
import { decodeJwt } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { startBilling } from '../../demo/billing.ts'
import { demoVariable } from '../../demo/state.ts'
import { startForFile } from './startforfile.ts'

process.env[demoVariable] ??= 'tests'

const clientSecret = 'a-secret-of-the-tests-of-43-letters-or-more'
const RETURN = 'http://localhost:8787/__faregate/return/billing'
const VERIFIER = 'a verifier of the tests'
let now = Date.now()
const billing = await startForFile(
  startBilling({ clientSecret, clock: () => now }).then(({ url, close }) => ({ url, stop: close })),
)

/** A browser at the shop. */
let cookie: string
beforeEach(() => {
  now = Date.now()
  cookie = ''
})

function urlOf(scope: string, more: Record<string, string> = {}): string {
  const asked = {
    response_type: 'code',
    client_id: 'demo',
    redirect_uri: RETURN,
    state: 'a state',
    scope,
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  }
  return `${billing.url}/authorize?${new URLSearchParams(asked)}`
}

async function send(url: string, form?: Record<string, string>, origin = billing.url): Promise<Response> {
  const body = form === undefined ? null : new URLSearchParams(form)
  const init = {
    headers: { cookie, origin },
    redirect: 'manual',
    method: body === null ? 'GET' : 'POST',
    body,
  } as const
  const response = await fetch(url, init)
  const set = response.headers.get('set-cookie')
  if (set !== null) cookie = set.split(';', 1)[0] ?? ''
  return response
}

async function answerTo(url: string, form?: Record<string, string>): Promise<Record<string, string>> {
  const response = await send(url, form)
  return Object.fromEntries(URL.parse(response.headers.get('location') ?? '')?.searchParams ?? [])
}

async function redeem(fields: Record<string, string>): Promise<Record<string, string>> {
  const headers = { authorization: `Basic ${btoa(`demo:${clientSecret}`)}` }
  const response = await fetch(`${billing.url}/token`, { method: 'POST', headers, body: new URLSearchParams(fields) })
  return (await response.json()) as Record<string, string>
}

const byCode = (code = ''): Promise<Record<string, string>> =>
  redeem({ grant_type: 'authorization_code', code, redirect_uri: RETURN, code_verifier: VERIFIER })

async function claimsOf(answer: Record<string, string>): Promise<Record<string, unknown>> {
  return decodeJwt((await byCode(answer['code']))['access_token'] ?? '')
}

describe('the shop of the demo', () => {
  it('asks who somebody is, once', async () => {
    const page = await send(urlOf(''))
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<h1>Sign in</h1>')])
    const claims = await claimsOf(await answerTo(urlOf(''), { account: 'reader' }))
    expect(claims).toMatchObject({ sub: 'reader', entitlements: ['premium'], plan: 'Premium' })
    expect(await claimsOf(await answerTo(urlOf('')))).toMatchObject({ sub: 'reader' })
    const [first, second] = [
      await byCode((await answerTo(urlOf('')))['code']),
      await byCode((await answerTo(urlOf('')))['code']),
    ]
    expect(first['sid']).toMatch(/^[\w-]{22}$/)
    expect(second['sid']).toBe(first['sid'])
  })

  it('sells what the scope names, and no plan twice', async () => {
    const page = await send(urlOf('offer:api'))
    expect(await page.text()).toMatch(/>API plan<\/h2>[\s\S]*\$20\.00 per month/)
    const claims = await claimsOf(await answerTo(urlOf('offer:api'), { account: '', pay: 'card' }))
    expect(claims).toMatchObject({ sub: expect.stringMatching(/^account-/) as unknown, entitlements: ['api'] })
    expect(await claimsOf(await answerTo(urlOf('offer:api')))).toMatchObject({ sub: claims['sub'] })
    expect((await (await send(`${billing.url}/account`)).text()).match(/<li>/g)).toHaveLength(1)
  })

  it('sells the page that the scope names, once, for as long as the receipt is good', async () => {
    const page = await send(urlOf('offer:article:/articles/3'))
    expect(await page.text()).toMatch(/\/articles\/3<[\s\S]*€0\.90 once/)
    const claims = await claimsOf(await answerTo(urlOf('offer:article:/articles/3'), { account: 'fay', pay: 'card' }))
    expect(claims).toMatchObject({ resource: '/articles/3', amount: '0.90', currency: 'EUR', pass: 2_592_000 })
    expect(await (await send(urlOf('offer:article:/articles/4'))).text()).toContain('/articles/4<')
  })

  it('speaks the language that the gate passes on', async () => {
    const page = await send(urlOf('offer:premium', { ui_locales: 'de-CH en' }))
    expect(await page.text()).toMatch(/<html lang="de">[\s\S]*9,00\s€ pro Monat[\s\S]*Mit Karte zahlen/)
  })

  it('sells a receipt that opens reports, and signs the same one again', async () => {
    const answer = await answerTo(urlOf('offer:reports'), { account: 'ann', pay: 'card' })
    const first = await byCode(answer['code'])
    const again = await redeem({ grant_type: 'refresh_token', refresh_token: first['refresh_token'] ?? '' })
    const [receipt, same] = [first, again].map(({ access_token = '' }) => decodeJwt(access_token))
    expect(receipt).toMatchObject({ sub: 'ann', resource: '/reports/*', amount: '0.25', pass: 3600 })
    expect(same?.jti).toBe(receipt?.jti)
  })

  it('waits for a slow bank, and sells nothing a second time meanwhile', async () => {
    const { code } = await answerTo(urlOf('offer:premium'), { account: 'bob', pay: 'bank' })
    expect(await byCode(code)).toEqual({ error: 'authorization_pending' })
    const again = await answerTo(urlOf('offer:premium'))
    expect(await byCode(again['code'])).toEqual({ error: 'authorization_pending' })
    now += 90_000
    expect(decodeJwt((await byCode(code))['access_token'] ?? '')).toMatchObject({
      sub: 'bob',
      entitlements: ['premium'],
    })
    expect((await (await send(`${billing.url}/account`)).text()).match(/<li>/g)).toHaveLength(1)
  })

  it.each([
    ['', {}, 'login_required'],
    ['offer:api', { account: 'carl' }, 'interaction_required'],
  ])('shows no page where none may be shown, to sell "%s"', async (scope, account, error) => {
    if ('account' in account) await send(`${billing.url}/account`, account)
    expect(await answerTo(urlOf(scope, { prompt: 'none' }))).toMatchObject({ error, state: 'a state' })
  })

  it('does not know what it does not sell, and lets a buyer turn back', async () => {
    expect(await answerTo(urlOf('offer:moon'))).toMatchObject({ error: 'invalid_scope' })
    expect(await answerTo(urlOf('offer:api'), { answer: 'cancel' })).toMatchObject({ error: 'access_denied' })
  })

  it('takes no form of another site', async () => {
    const sent = await send(urlOf('offer:api'), { account: 'dan', pay: 'card' }, 'https://evil.example')
    expect([sent.status, cookie]).toEqual([403, ''])
  })

  it('signs out, and goes back to the gate alone', async () => {
    await send(`${billing.url}/account`, { account: 'eve' })
    const to = (url: string): string => `${billing.url}/sign-out?post_logout_redirect_uri=${encodeURIComponent(url)}`
    expect((await send(to('https://evil.example/'))).headers.get('location')).toBe('/account')
    expect((await send(to('http://localhost:8787/'))).headers.get('location')).toBe('http://localhost:8787/')
    expect(await answerTo(urlOf('', { prompt: 'none' }))).toMatchObject({ error: 'login_required' })
  })
})
