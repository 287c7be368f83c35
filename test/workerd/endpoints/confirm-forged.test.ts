import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccountClient, type AccountClient } from '../../support/account.ts'
import { Browser, creditOf, type Fields, grantCredit, HERE, OPENING } from '../../support/browser.ts'

let client: AccountClient
let token: string

beforeEach(async () => {
  client = await createAccountClient()
  token = await client.token()
  await grantCredit(client, 1_000_000_000n)
})
afterEach(() => client.world.end())

const PRICED = '/reports/a?b=1&c="<>'

describe('another site', () => {
  it.each<[string, Fields]>([
    ['a form elsewhere', { 'sec-fetch-site': 'cross-site', ...OPENING, origin: 'https://evil.test' }],
    ['a form of a sibling host', { 'sec-fetch-site': 'same-site', ...OPENING, origin: 'https://sub.news.test' }],
    ['a form that says our origin', { 'sec-fetch-site': 'cross-site', ...OPENING, origin: 'https://news.test' }],
    ['no page at all', { 'sec-fetch-site': 'none', ...OPENING }],
    ['an old browser elsewhere', { origin: 'https://evil.test' }],
    ['an old browser that hides where', { origin: 'null', referer: 'https://news.test/' }],
    ['an old browser, by its referrer', { referer: 'https://evil.test/' }],
    ['an old browser that says nothing', {}],
  ])('confirms nothing: %s', async (_how, fields) => {
    const browser = new Browser(client, token)
    const page = await (await browser.open(PRICED)).text()
    const sent = await browser.press(page, fields)
    expect([sent.status, sent.headers.getSetCookie()]).toEqual([403, []])
    expect((await browser.open(PRICED)).status).toBe(402)
    expect(await creditOf(client)).toBe(1_000_000_000n)
  })

  it.each<[string, Fields]>([
    ['its Origin', { origin: 'https://news.test' }],
    ['its referrer', { referer: 'https://news.test/reports/a' }],
  ])('is told from a page of ours by %s in an old browser', async (_how, fields) => {
    const browser = new Browser(client, token)
    const page = await (await browser.open(PRICED, {})).text()
    expect((await browser.press(page, fields)).status).toBe(303)
    expect((await browser.open(PRICED, { referer: 'https://news.test/reports/a' })).status).toBe(200)
    expect(await creditOf(client)).toBe(750_000_000n)
  })
})

describe('what is confirmed', () => {
  it.each<[string, Fields]>([
    ['another price', { amount: '0.01' }],
    ['another currency', { currency: 'EUR' }],
    ['another page', { target: '/reports/b' }],
    ['another account', { binding: 'of-someone-else' }],
  ])('pays nothing where the form says %s: the page asks again', async (_what, change) => {
    const browser = new Browser(client, token)
    const page = await (await browser.open(PRICED)).text()
    expect((await browser.press(page, HERE, change)).status).toBe(303)
    for (const path of [PRICED, '/reports/b']) expect((await browser.open(path)).status).toBe(402)
    expect(await creditOf(client)).toBe(1_000_000_000n)
  })

  it.each(['https://evil.test/', '//evil.test/', '/\\evil.test', '/\t/evil.test', 'evil', '', '/%zz'])(
    'leads to no other site: %j',
    async (target) => {
      const browser = new Browser(client, token)
      const page = await (await browser.open(PRICED)).text()
      const sent = await browser.press(page, HERE, { target })
      const location = sent.headers.get('location')
      if (sent.status === 400) expect(location).toBeNull()
      else expect(new URL(location ?? '', 'https://news.test').host).toBe('news.test')
    },
  )

  it.each<[string, RequestInit, number]>([
    ['no form', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }, 400],
    ['no fields', { method: 'POST', body: '', headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 400],
    ['a GET', { method: 'GET' }, 405],
    [
      'too much',
      { method: 'POST', body: 'x'.repeat(40_000), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      413,
    ],
  ])('is not %s', async (_what, init, status) => {
    const headers = { ...HERE, ...(init.headers as Fields | undefined) }
    expect((await client.send('/__faregate/confirm', { ...init, headers })).status).toBe(status)
  })

  it('is nobody’s who is signed out meanwhile', async () => {
    const browser = new Browser(client, token)
    const page = await (await browser.open(PRICED)).text()
    browser.jar.clear()
    const sent = await browser.press(page)
    expect([sent.status, sent.headers.getSetCookie()]).toEqual([303, []])
  })
})
