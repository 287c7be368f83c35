import { SignJWT } from 'jose'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createAgent, NOW } from './agent.ts'
import { BOT, type CrawledSite, openSite, PAGE, Web } from './site.ts'

const CENT = 10_000_000n
const EXACT = { 'crawler-exact-price': 'USD 0.75' }

const bot = await createAgent(BOT)
const stranger = await createAgent('https://stranger.example')

let web: Web
let site: CrawledSite

const facts = (response: Response) => [
  response.status,
  response.headers.get('crawler-error'),
  response.headers.get('crawler-price'),
  response.headers.get('crawler-charged'),
]

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  web = new Web()
  web.publish(bot)
  web.publish(stranger)
  site = openSite({ web })
  await site.grant(BOT, 1000n * CENT)
})

describe('an agent that pays later', () => {
  const LATER = { agents: { [BOT]: { billing: 'postpaid', maxPerDay: '2.00' } } } as const

  it('owes what it has read, up to the most of a day', async () => {
    site = openSite({ web, options: LATER })
    const pages = [1, 2, 3].map((page) => ({ url: `https://a.test/articles/${page}` }))
    const first = await site.crawl(bot, EXACT, pages[0])
    const second = await site.crawl(bot, EXACT, pages[1])
    expect([first.status, second.status, await site.credit()]).toEqual([200, 200, -150n * CENT])
    const third = await site.crawl(bot, EXACT, pages[2])
    expect(facts(third)).toEqual([403, 'PaymentFailed', 'USD 0.75', null])
    expect(await third.json()).toMatchObject({ reason: 'usage-limit-reached' })
    expect([...third.headers.keys()].filter((name) => name.startsWith('ratelimit'))).toEqual([])
    site.now += 86_400_000
    expect((await site.crawl(bot, EXACT, pages[2])).status).toBe(200)
    expect(await site.credit()).toBe(-225n * CENT)
  })

  it('gets the room back that a failed answer took', async () => {
    site = openSite({ web, options: LATER })
    site.origin = () => new Response('no', { status: 500 })
    for (let at = 0; at < 5; at++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await site.crawl(bot, EXACT, { url: `https://a.test/articles/${at}` })).status).toBe(500)
      // oxlint-disable-next-line no-await-in-loop
      await site.settle()
    }
    site.origin = () => new Response('the page')
    expect((await site.crawl(bot, EXACT)).status).toBe(200)
    expect(await site.credit()).toBe(-75n * CENT)
  })

  it('a single price above the most is refused', async () => {
    site = openSite({ web, options: LATER })
    const response = await site.crawl(bot, { 'crawler-max-price': 'USD 3' }, { url: 'https://a.test/dear/1' })
    expect(facts(response)).toEqual([403, 'PaymentFailed', 'USD 3', null])
  })

  it('credit is bounded by the day as well', async () => {
    site = openSite({ web, options: { agents: { [BOT]: { billing: 'credit', maxPerDay: '1' } } } })
    await site.grant(BOT, 1000n * CENT)
    expect((await site.crawl(bot, EXACT)).status).toBe(200)
    expect(facts(await site.crawl(bot, EXACT, { url: 'https://a.test/articles/2' }))[1]).toBe('PaymentFailed')
    expect(await site.credit()).toBe(925n * CENT)
  })
})

describe('who an agent is', () => {
  it("nobody is an agent by its URL alone: another's key there is unverified", async () => {
    const borrowed = await site.ask(await stranger.sign(PAGE, { fields: EXACT, agent: `sig1="${BOT}"` }))
    expect(facts(borrowed)).toEqual([400, 'StrongAuthRequired', 'USD 0.75', null])
    expect(await site.credit()).toBe(1000n * CENT)
  })

  it('a key that was fetched for one URL counts for no other', async () => {
    site = openSite({ web, options: { any: true } })
    await site.crawl(stranger, EXACT)
    const borrowed = await site.ask(await stranger.sign(PAGE, { fields: EXACT, agent: `sig1="${BOT}"` }))
    expect(facts(borrowed)).toEqual([400, 'StrongAuthRequired', 'USD 0.75', null])
  })

  it('any: true lets any agent pay, from credit', async () => {
    site = openSite({ web, options: { any: true } })
    await site.grant(stranger.url, 100n * CENT)
    expect((await site.crawl(stranger, EXACT)).status).toBe(200)
    expect(await site.credit(stranger.url)).toBe(25n * CENT)
    expect(facts(await site.crawl(stranger, EXACT, { url: 'https://a.test/articles/2' }))[1]).toBe('PaymentFailed')
  })

  it('a key whose private half is in an RFC is nobody, unless a test says otherwise', async () => {
    const published = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
    const known = { ...bot, keyid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k', jwk: published }
    const fields = await bot.sign(PAGE, { fields: EXACT })
    const named = { ...fields, 'signature-input': (fields['signature-input'] ?? '').replace(bot.keyid, known.keyid) }
    expect(facts(await site.ask(named))[1]).toBe('StrongAuthRequired')
    expect(web.asked).toEqual([])
  })
})

it('whoever pays with a token is told of no price that a crawler would have paid', async () => {
  const routes = [
    {
      path: '/articles/*',
      requires: 'premium',
      price: { amount: '0.75', currency: 'USD' },
      quotas: [{ name: 'pages', unit: 'requests', quota: 5, window: 3600 }],
    },
  ]
  site = openSite({ web, zone: { routes } })
  await site.grant(BOT, 1000n * CENT)
  const claims = { iss: 'https://i.test', aud: 'https://a.test', sub: 'reader', entitlements: ['premium'] }
  const token = await new SignJWT({ ...claims, iat: NOW, exp: NOW + 60 })
    .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
    .sign(new TextEncoder().encode('x'.repeat(32)))
  const fields = await bot.sign(PAGE, { fields: EXACT })
  const response = await site.ask({ ...fields, authorization: `Bearer ${token}` })
  expect(facts(response)).toEqual([200, null, null, null])
  expect(await site.credit()).toBe(1000n * CENT)
  await site.settle()
  expect(site.lines.at(-1)).toMatchObject({ charged: { units: { pages: '1' } } })
})
