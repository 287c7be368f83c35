import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CLICK, FROM_ELSEWHERE, linksOf, type Reader, SCRIPT } from '../login/reader.ts'
import { createCustomer } from './double/customers.ts'
import { createMails, type Mails } from './mails.ts'

let mails: Mails

beforeEach(() => {
  mails = createMails()
})
afterEach(() => void vi.restoreAllMocks())

const PAGE = '/__faregate/sign-in-code'

/** Posts a form of the page. */
function post(fields: Readonly<Record<string, string>>, by: Reader, how = CLICK): Promise<Response> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  return by.open(PAGE, { ...how, ...type }, { method: 'POST', body: new URLSearchParams(fields).toString() })
}

/** Asks for a code on another device, and returns that device. */
async function askFor(email: string, to = '/articles/1', by = mails.shop.newReader()): Promise<Reader> {
  const asked = await post({ email, to }, by)
  expect([asked.status, asked.headers.get('location')]).toEqual([303, `${PAGE}?to=${encodeURIComponent(to)}`])
  return by
}

describe('a customer of Stripe on another device', () => {
  it('signs in by a code in an email, from the refused page to the article', async () => {
    await mails.buy('monthly', 'ada@example.com')
    const phone = mails.shop.newReader()
    const { 'Sign in': signIn = '' } = await linksOf(await phone.open('/articles/1?a=b'))
    const asked = await phone.open(signIn)
    const page = await phone.open(asked.headers.get('location') ?? '')
    expect(await page.text()).toContain('name="email"')
    expect(page.headers.get('referrer-policy')).toBe('same-origin')
    await askFor('ada@example.com', '/articles/1?a=b', phone)
    expect(await (await phone.open(`${PAGE}?to=/`)).text()).toContain('name="code"')
    const done = await post({ code: mails.last().code.toLowerCase(), to: '/' }, phone)
    expect(await done.text()).toContain('<meta http-equiv="refresh" content="0; url=/articles/1?a=b">')
    expect(phone.names()).toEqual(['__Host-faregate'])
    expect((await phone.open('/articles/1')).status).toBe(200)
  })

  it('is asked for no address over plain http, where no code could be used', async () => {
    const path = '/__faregate/sign-in-code?to=%2Farticles%2F1'
    const page = await mails.shop.trips.ask(`http://www.news.example${path}`, { headers: CLICK })
    expect([page.status, (await page.clone().text()).includes('<form')]).toEqual([403, false])
    expect(Object.values(await linksOf(page))).toEqual([`https://www.news.example${path}`])
  })

  it('gets its receipts there too', async () => {
    await mails.buy('article', 'ada@example.com', '/single/1')
    const phone = await askFor('ada@example.com', '/single/1')
    await post({ code: mails.last().code }, phone)
    expect((await phone.open('/single/1')).status).toBe(200)
  })

  it('is found in any case, and of several the one that has a subscription, the oldest first', async () => {
    await mails.buy('topUp', 'ada@example.com')
    const customer = await mails.buy('monthly', 'ada@example.com')
    await mails.buy('monthly', 'ada@example.com')
    const phone = await askFor('Ada@Example.com')
    expect(mails.last().email).toBe('Ada@Example.com')
    await post({ code: mails.last().code }, phone)
    const portal = await phone.open('/__faregate/portal?to=/')
    expect(portal.status).toBe(303)
    expect(mails.portalOf(portal)).toBe(customer)
  })

  it('is found however many others have its address: it has the subscription, and the receipts bought last', async () => {
    for (let times = 0; times < 24; times++) createCustomer(mails.shop.double.state, { email: 'ada@example.com' })
    const customer = await mails.buy('monthly', 'ada@example.com')
    for (let times = 0; times < 4; times++) createCustomer(mails.shop.double.state, { email: 'ada@example.com' })
    await mails.buy('article', 'ada@example.com', '/single/1')
    const phone = await askFor('ada@example.com')
    await post({ code: mails.last().code }, phone)
    expect(mails.portalOf(await phone.open('/__faregate/portal?to=/'))).toBe(customer)
    expect(phone.names().filter((name) => name.includes('receipt'))).toHaveLength(1)
  })

  it('is told of by a signed post, that says for what site and how long', async () => {
    await mails.buy('monthly', 'ada@example.com')
    await askFor('ada@example.com')
    const { signature, text, ...mail } = mails.last()
    const expires = new Date(mails.shop.trips.now + 600_000).toISOString()
    const code: unknown = expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    expect(mail).toEqual({ email: 'ada@example.com', code, site: 'https://www.news.example', expires })
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? []
    expect(hex).toBe(createHmac('sha256', mails.secret).update(`${seconds}.${text}`).digest('hex'))
  })
})

describe('an address that nobody has', () => {
  it('is answered as one that somebody has, and gets no mail', async () => {
    await mails.buy('monthly', 'ada@example.com')
    const answers = await Promise.all(
      ['ada@example.com', 'eve@example.com'].map(async (email) => {
        const phone = mails.shop.newReader()
        const asked = await post({ email, to: '/' }, phone)
        const shown = await (await phone.open(`${PAGE}?to=/`)).text()
        const cookie = asked.headers.getSetCookie().map((one) => one.length)
        return [asked.status, [...asked.headers.keys()], cookie, shown.replaceAll(email, '…')]
      }),
    )
    expect(answers[0]).toEqual(answers[1])
    expect(mails.all().map(({ email }) => email)).toEqual(['ada@example.com'])
  })

  it('is answered before anybody is asked, also if Stripe, the ledgers or the webhook are down', async () => {
    await mails.buy('monthly', 'ada@example.com')
    mails.status = 500
    await askFor('ada@example.com')
    expect(mails.shop.trips.told.some((line) => line.includes('the webhook: status 500'))).toBe(true)
    mails.isStripeDown = true
    await askFor('ada@example.com')
    mails.isStripeDown = false
    mails.shop.trips.isDown = true
    await askFor('ada@example.com')
    expect(mails.all()).toHaveLength(1)
  })
})

describe('a code', () => {
  const wrong = (code: string): string => (code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`)

  it('is of no use in another browser, for another site, or after ten minutes', async () => {
    await mails.buy('monthly', 'ada@example.com')
    const phone = await askFor('ada@example.com')
    const { code } = mails.last()
    const other = await post({ code }, mails.shop.newReader())
    expect([other.status, await other.text()]).toEqual([400, expect.stringContaining('another browser')])
    mails.shop.trips.now += 600_000
    expect((await post({ code }, phone)).status).toBe(400)
    expect(phone.names()).toEqual([])
  })

  it('that is wrong is told so, five times at most in all isolates', async () => {
    await mails.buy('monthly', 'ada@example.com')
    const phone = await askFor('ada@example.com')
    const { code } = mails.last()
    // The tries of a copy of the cookie count with those of the browser itself.
    const thief = phone.copy()
    for (let times = 0; times < 5; times++) expect((await post({ code: wrong(code) }, thief)).status).toBe(400)
    const late = await post({ code }, phone)
    expect([late.status, await late.text()]).toEqual([400, expect.stringContaining('too often')])
    expect(phone.names()).toEqual([])
  })

  it('that makes no sense is told so, and counts for nothing', async () => {
    await mails.buy('monthly', 'ada@example.com')
    const phone = await askFor('ada@example.com')
    for (let times = 0; times < 9; times++) expect((await post({ code: 'no code' }, phone)).status).toBe(400)
    expect((await post({ code: mails.last().code }, phone)).status).toBe(200)
  })

  it('cannot be tried while nobody counts the tries', async () => {
    await mails.buy('monthly', 'ada@example.com')
    const phone = await askFor('ada@example.com')
    mails.shop.trips.isDown = true
    expect((await post({ code: mails.last().code }, phone)).status).toBe(503)
    mails.shop.trips.isDown = false
    expect((await post({ code: mails.last().code }, phone)).status).toBe(200)
  })

  it('is sent to one address five times in an hour at most', async () => {
    await mails.buy('monthly', 'ada@example.com')
    for (let times = 0; times < 7; times++) await askFor(times % 2 === 0 ? 'ada@example.com' : 'ADA@example.com')
    expect(mails.all()).toHaveLength(5)
    mails.shop.trips.now += 7_200_000
    await askFor('ada@example.com')
    expect(mails.all()).toHaveLength(6)
  })

  it('signs nobody in whose customer was deleted meanwhile', async () => {
    const customer = await mails.buy('monthly', 'ada@example.com')
    const phone = await askFor('ada@example.com')
    mails.shop.double.deleteCustomer(customer)
    expect((await post({ code: mails.last().code }, phone)).status).toBe(404)
    expect(phone.names()).toEqual([])
  })

  it('can be typed again if Stripe did not answer', async () => {
    await mails.buy('monthly', 'ada@example.com')
    const phone = await askFor('ada@example.com')
    mails.isStripeDown = true
    expect((await post({ code: mails.last().code }, phone)).status).toBe(503)
    mails.isStripeDown = false
    expect((await post({ code: mails.last().code }, phone)).status).toBe(200)
  })
})

describe('the page', () => {
  it.each([
    ['another site', FROM_ELSEWHERE],
    ['a frame of another site', { ...FROM_ELSEWHERE, 'sec-fetch-dest': 'iframe' }],
    ['who does not say where from', {}],
    ['a sandbox', { origin: 'null' }],
  ])('does nothing for a form of %s', async (_who, how) => {
    await mails.buy('monthly', 'ada@example.com')
    const reader = mails.shop.newReader()
    expect((await post({ email: 'ada@example.com' }, reader, how)).status).toBe(403)
    expect([reader.names(), mails.all()]).toEqual([[], []])
    const phone = await askFor('ada@example.com')
    expect((await post({ code: mails.last().code }, phone, how)).status).toBe(403)
    expect(phone.names()).toEqual(['__Host-faregate-code'])
  })

  it('does nothing on GET, HEAD or ahead of time', async () => {
    const reader = mails.shop.newReader()
    for (const method of ['GET', 'HEAD'])
      await reader.open(`${PAGE}?email=ada%40example.com&code=00000000&to=/`, CLICK, { method })
    expect((await reader.open(PAGE, { ...CLICK, 'sec-purpose': 'prefetch' })).status).toBe(503)
    expect([reader.names(), mails.all()]).toEqual([[], []])
  })

  it.each(['', 'ada', 'ada@example.com\r\nBcc: eve@example.com'])('takes no address such as %j', async (email) => {
    const answer = await post({ email }, mails.shop.newReader())
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('not an email address')])
  })

  it('leads to no other site, and shows an address as text', async () => {
    const phone = await askFor(`a<b@example.com`.replace('<', "'"), '/')
    const shown = await phone.open(`${PAGE}?to=https://evil.example/`)
    expect(await shown.clone().text()).toContain('a&#39;b@example.com')
    expect(JSON.stringify(await linksOf(shown))).not.toContain('evil')
    const script = await phone.open(`${PAGE}?again=1&to=//evil.example`, SCRIPT)
    expect(await script.text()).toContain('<a href="/">')
  })

  it('writes neither addresses nor codes into a log', async () => {
    await mails.buy('monthly', 'ada@example.com')
    mails.status = 500
    const phone = await askFor('ada@example.com')
    await post({ code: mails.last().code }, phone)
    const logged = mails.shop.trips.told.filter((line) => line.startsWith('{')).join('\n')
    const { code } = mails.last()
    expect(logged).toContain('status 500')
    for (const secret of ['ada@example', code, code.replace('-', '')]) expect(logged).not.toContain(secret)
  })

  it('is not there if nobody signs in by email', async () => {
    const { 'Sign in': none } = await linksOf(await mails.without().open('/articles/1'))
    expect(none).toBeUndefined()
    expect((await mails.without().open(PAGE)).status).toBe(404)
  })
})
