import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { err } from '../../../src/core/result.ts'
import { account } from '../../../src/index.ts'
import { appWith, createAccountClient, sites, type AccountClient } from '../../support/account.ts'
import { Browser, creditOf, type Fields, grantCredit, HERE, OPENING } from '../../support/browser.ts'
import { accountLedger, NO_LEDGER } from '../../support/ledger.ts'
import { linesOf } from '../../support/world.ts'
import { ledgerOf, readingOf } from '../objects.ts'

let client: AccountClient
let token: string

beforeEach(async () => {
  client = await createAccountClient()
  token = await client.token()
  await grantCredit(client, 1_000_000_000n)
})
afterEach(() => {
  vi.useRealTimers()
  client.world.end()
})

const PRICED = '/reports/a?b=1&c="<>'

describe('a page that the reader’s credit could pay', () => {
  it.each<[string, Fields]>([
    ['a link of another site', { 'sec-fetch-site': 'cross-site', ...OPENING }],
    ['a link of ours', HERE],
    ['the address bar', { 'sec-fetch-site': 'none', ...OPENING }],
    ['an old browser', {}],
  ])('asks, opened by %s, and names price and balance', async (_how, fields) => {
    const response = await new Browser(client, token).open(PRICED, fields)
    const page = await response.text()
    expect(response.status).toBe(402)
    expect(page).toContain('Pay $0.25 and open')
    expect(page).toContain('You have <strong>$1.00</strong>')
    expect(page).toContain('<form method="post" action="/__faregate/confirm">')
    expect(await creditOf(client)).toBe(1_000_000_000n)
    expect(client.world.received).toEqual([])
    expect(linesOf(client.world)).toMatchObject([{ decision: 'refuse', reason: 'payment-required', status: 402 }])
  })

  it('asks in the language of the reader', async () => {
    const page = await (await new Browser(client, token).open(PRICED, { 'accept-language': 'de' })).text()
    expect(page).toContain('<html lang="de"')
    for (const said of ['für 0,25 $ öffnen?', 'Sie haben <strong>1,00 $</strong>', '0,25 $ zahlen und öffnen'])
      expect(page.replaceAll('\u00a0', ' ')).toContain(said)
  })

  it('is for its reader alone: in no frame, readable by no other site, stored nowhere', async () => {
    const { headers } = await new Browser(client, token).open(PRICED)
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("form-action 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('script-src')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-store')
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(headers.get('www-authenticate')).toContain('payment+jwt')
  })

  it.each<[string, Fields]>([
    ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['an image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', accept: 'image/*' }],
    ['a script of ours', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', accept: '*/*' }],
    ['a script elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'https://evil.test' }],
  ])('tells %s no balance, and asks no ledger', async (_how, fields) => {
    const response = await new Browser(client, token).open(PRICED, fields)
    expect(response.status).toBe(402)
    expect(await response.text()).not.toMatch(/\$1\.00|<form/)
  })

  it('tells the balance of one reader to no other, whose refusal is of the same kind', async () => {
    await grantCredit(client, 770_000_000n)
    expect(await (await new Browser(client, token).open(PRICED)).text()).toContain('You have <strong>$1.77</strong>')
    const other = new Browser(client, await client.token({ sub: `${client.account} and another` }))
    for (const fields of [{ ...HERE, origin: 'https://news.test' }, HERE]) {
      const page = await (await other.open('/reports/b', fields)).text()
      expect(page).not.toMatch(/1\.77|\$1\.00|name="binding"/)
    }
  })

  it('is not fetched ahead', async () => {
    const response = await new Browser(client, token).open(PRICED, { ...HERE, 'sec-purpose': 'prefetch;prerender' })
    expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
    expect(await response.text()).not.toContain('$1.00')
  })

  it('says so where the credit is too low, or cannot be read', async () => {
    client.account = `${client.account} without credit`
    token = await client.token()
    const low = await (await new Browser(client, token).open(PRICED)).text()
    expect(low).toContain('Your credit is too low for this')
    expect(low).not.toContain('<form')
    const down = appWith({ ledgers: () => ({ ...NO_LEDGER, read: async () => err('ledger-unavailable') }) })
    const headers = { cookie: `__Host-faregate=${token}`, accept: 'text/html', ...HERE }
    expect((await client.send(PRICED, { headers }, down)).status).toBe(503)
    expect((await client.send(PRICED, { headers }, appWith({ ledgers: undefined }))).status).toBe(503)
  })

  it('is a problem document, and no ledger is asked, where the zone has no format to confirm a price on', async () => {
    const read = vi.fn(async () => err('ledger-unavailable' as const))
    const plain = new Map(Array.from(sites, ([host, site]) => [host, { ...site, refusals: [] }]))
    const app = appWith({ sites: plain, ledgers: () => ({ ...NO_LEDGER, read }) })
    const headers = { cookie: `__Host-faregate=${token}`, accept: 'text/html', ...HERE }
    const response = await client.send(PRICED, { headers }, app)
    expect([response.status, response.headers.get('content-type')]).toEqual([402, 'application/problem+json'])
    expect(read).not.toHaveBeenCalled()
  })

  it('is a page without a form, and no ledger is asked, where no endpoint takes one', async () => {
    const app = appWith({ ledgers: () => NO_LEDGER }, [account()])
    const headers = { cookie: `__Host-faregate=${token}`, accept: 'text/html', ...HERE }
    const response = await client.send(PRICED, { headers }, app)
    const page = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([402, 'text/html; charset=utf-8'])
    expect(page).toContain('Keep reading with')
    expect(page).not.toMatch(/<form|from your credit/)
    expect(response.headers.get('content-security-policy')).toContain("form-action 'none'")
  })

  it('is paid at once with a token that is sent on purpose', async () => {
    expect(await client.visit(PRICED, { headers: { authorization: `Bearer ${token}` } })).toBe(200)
    expect(await creditOf(client)).toBe(750_000_000n)
  })
})

describe('a price that the reader confirms', () => {
  it('sends them on to the page, which is charged once, and comes back free for five minutes', async () => {
    const browser = new Browser(client, token)
    const sent = await browser.confirm(PRICED)
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/reports/a?b=1&c=%22%3C%3E'])
    expect(sent.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-faregate-confirm=[\w~.|-]+; Path=\/; Max-Age=300; Secure; HttpOnly; SameSite=Strict$/,
      ),
    ])
    expect(await creditOf(client)).toBe(1_000_000_000n)
    // A page without a validator, and of another content each time.
    for (const visit of [1, 2, 3]) {
      client.world.origin = () => new Response(`visit ${visit}`)
      const page = await browser.open(sent.headers.get('location') ?? '', {
        'sec-fetch-site': 'same-origin',
        ...OPENING,
      })
      expect([page.status, await page.text()]).toEqual([200, `visit ${visit}`])
      expect(await creditOf(client)).toBe(750_000_000n)
    }
    vi.setSystemTime(Date.now() + 300_000)
    token = await client.token()
    browser.jar.set('__Host-faregate', token)
    expect((await browser.open(PRICED)).status).toBe(402)
    expect(await creditOf(client)).toBe(750_000_000n)
  })

  it('is charged once where the button is pressed twice, and where two tabs ask', async () => {
    const browser = new Browser(client, token)
    const [one, two] = [await (await browser.open(PRICED)).text(), await (await browser.open(PRICED)).text()]
    for (const page of [one, one, two]) {
      expect((await browser.press(page)).status).toBe(303)
      expect((await browser.open(PRICED)).status).toBe(200)
    }
    const both = await Promise.all([browser.open(PRICED), browser.open(PRICED)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(await creditOf(client)).toBe(750_000_000n)
  })

  it('costs nothing where the origin fails, and then once', async () => {
    const browser = new Browser(client, token)
    await browser.confirm(PRICED)
    client.world.origin = () => new Response('sorry', { status: 500 })
    expect((await browser.open(PRICED)).status).toBe(500)
    expect(await creditOf(client)).toBe(1_000_000_000n)
    client.world.origin = () => new Response('the report')
    expect((await browser.open(PRICED)).status).toBe(200)
    expect(await creditOf(client)).toBe(750_000_000n)
  })

  it('is confirmed for that page and account alone', async () => {
    const browser = new Browser(client, token)
    await browser.confirm(PRICED)
    for (const path of ['/reports/b', '/reports/a', '/reports/a?b=1', '/pages/1'])
      expect((await browser.open(path)).status).toBe(402)
    await ledgerOf(accountLedger(`${client.account} two`)).grant({ id: 'g', units: 10n ** 9n, currency: 'USD' })
    browser.jar.set('__Host-faregate', await client.token({ sub: `${client.account} two` }))
    expect((await browser.open(PRICED)).status).toBe(402)
    expect((await readingOf(accountLedger(`${client.account} two`))).totals.charges).toBe(0)
  })

  it('keeps several pages open', async () => {
    const browser = new Browser(client, token)
    for (const path of ['/reports/1', '/reports/2', '/pages/1']) await browser.confirm(path)
    for (const path of ['/reports/1', '/reports/2', '/reports/1', '/pages/1', '/pages/1'])
      expect((await browser.open(path)).status).toBe(200)
    expect(await creditOf(client)).toBe(200_000_000n)
  })

  it('opens its page five times, and then asks again', async () => {
    const browser = new Browser(client, token)
    await browser.confirm(PRICED)
    for (let time = 0; time < 5; time++) expect((await browser.open(PRICED)).status).toBe(200)
    const often = await browser.open(PRICED)
    expect([often.status, browser.jar.has('__Host-faregate-confirm')]).toEqual([402, false])
    expect(await often.text()).toContain('opened this as often as one payment allows')
    expect(await (await browser.open(PRICED)).text()).toContain('Pay $0.25 and open')
    expect(await creditOf(client)).toBe(750_000_000n)
  })

  it('is read in parts, each of what was opened, and opened anew by what is part of something else', async () => {
    const browser = new Browser(client, token)
    await browser.confirm(PRICED)
    let [tag, status] = ['"v1"', 206]
    client.world.origin = () =>
      new Response('the', { status, headers: { etag: tag, 'content-range': 'bytes 0-2/13', 'content-length': '3' } })
    const part = async (): Promise<number> => (await browser.open(PRICED, { ...HERE, range: 'bytes=0-2' })).status
    expect((await browser.open(PRICED)).status).toBe(206)
    for (let time = 0; time < 12; time++) expect(await part()).toBe(206)
    tag = '"v2"'
    expect([await part(), await part()]).toEqual([206, 206])
    status = 200
    expect([await part(), await part(), await part()]).toEqual([200, 200, 402])
    expect(await creditOf(client)).toBe(750_000_000n)
  })

  it('leaves what else was confirmed, where it has been opened as often as it may', async () => {
    const browser = new Browser(client, token)
    for (const path of ['/reports/1', PRICED]) {
      await browser.confirm(path)
      expect((await browser.open(path)).status).toBe(200)
    }
    while ((await browser.open(PRICED)).status === 200);
    expect(await (await browser.open(PRICED)).text()).toContain('Pay $0.25 and open')
    expect((await browser.open('/reports/1')).status).toBe(200)
    expect(await creditOf(client)).toBe(500_000_000n)
  })

  it('is not confirmed by another method, and pays for no key twice', async () => {
    const browser = new Browser(client, token)
    await browser.confirm(PRICED)
    expect((await browser.open(PRICED, HERE, { method: 'POST' })).status).toBe(402)
    for (const key of ['one', 'two'])
      expect((await browser.open(PRICED, { ...HERE, 'idempotency-key': key })).status).toBe(200)
    expect(await creditOf(client)).toBe(750_000_000n)
  })
})
