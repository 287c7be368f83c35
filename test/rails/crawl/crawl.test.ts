import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type Agent, createAgent, NOW } from './agent.ts'
import { BOT, type CrawledSite, openSite, PAGE, Web } from './site.ts'

const CENT = 10_000_000n
const EXACT = { 'crawler-exact-price': 'USD 0.75' }
const MAX = { 'crawler-max-price': 'USD 1.00' }

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

describe('an agent with credit', () => {
  it('pays the price of the page, not the most that it offered, and is told so', async () => {
    const response = await site.crawl(bot, MAX)
    expect([...facts(response), await response.text()]).toEqual([200, null, null, 'USD 0.75', 'the whole page'])
    expect(await site.credit()).toBe(925n * CENT)
    const exact = await site.crawl(bot, EXACT, { url: 'https://a.test/articles/2' })
    expect(facts(exact)).toEqual([200, null, null, 'USD 0.75'])
    expect(await site.credit()).toBe(850n * CENT)
    expect(web.asked).toHaveLength(1)
  })

  it('pays in the older form of Signature-Agent, and with RSA', async () => {
    const legacy = await site.crawl(bot, EXACT, {
      signing: {
        isLegacy: true,
        components: ['"@method"', '"@target-uri"', '"signature-agent"', '"crawler-exact-price"'],
      },
    })
    expect(legacy.status).toBe(200)
    const rsa = await createAgent(BOT, 'rsa-pss-sha512')
    site.now += 61_000 // for a key that is not known, its place is asked once in a minute
    web.publish(rsa)
    expect((await site.crawl(rsa, EXACT)).status).toBe(200)
  })

  it('is one charge for one signed request, which opens no other page', async () => {
    const fields = await bot.sign(PAGE, { fields: EXACT })
    const first = await site.ask(fields)
    expect([first.status, await first.text()]).toEqual([200, 'the whole page'])
    await site.settle()
    const again = await site.ask(fields)
    expect([again.status, await again.text()]).toEqual([200, 'the whole page'])
    expect(await site.credit()).toBe(925n * CENT)
    const other = await site.ask(fields, { url: 'https://a.test/articles/2' })
    expect(facts(other)).toEqual([400, 'InvalidSignature', 'USD 0.75', null])
    const query = await site.ask(fields, { url: `${PAGE}?x` })
    expect(facts(query)).toEqual([400, 'InvalidSignature', 'USD 0.75', null])
    const method = await site.ask(fields, { method: 'POST' })
    expect(facts(method)).toEqual([400, 'InvalidSignature', 'USD 0.75', null])
    const price = await site.ask({ ...fields, 'crawler-exact-price': 'USD 0.7500' })
    expect(facts(price)).toEqual([400, 'InvalidSignature', 'USD 0.75', null])
    expect([await site.credit(), site.received.length]).toEqual([925n * CENT, 1])
  })

  it('pays once for ten requests of one signature at once: nine wait for the first', async () => {
    const fields = await bot.sign(PAGE, { fields: EXACT })
    const answer = Promise.withResolvers<Response>()
    const asked = Promise.withResolvers<undefined>()
    site.origin = () => {
      asked.resolve(undefined)
      return answer.promise
    }
    const first = site.ask(fields)
    await asked.promise
    const others = await Promise.all(Array.from({ length: 9 }, () => site.ask(fields)))
    expect(others.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 409))
    expect(others[0]?.headers.get('retry-after')).toMatch(/^[1-9]/)
    answer.resolve(new Response('the whole page'))
    expect((await first).status).toBe(200)
    expect([await site.credit(), site.received.length]).toEqual([925n * CENT, 1])
  })

  it.each([404, 500, 302])('pays nothing for an answer of %d, and is told of no charge', async (status) => {
    site.origin = () => new Response('no', { status })
    expect(facts(await site.crawl(bot, EXACT))).toEqual([status, null, null, null])
    expect(await site.credit()).toBe(1000n * CENT)
  })

  it('pays nothing for HEAD', async () => {
    expect((await site.crawl(bot, EXACT, { signing: { method: 'HEAD' } })).status).toBe(200)
    expect(await site.credit()).toBe(1000n * CENT)
  })

  it('sees its fields stripped, and the origin learns of nobody', async () => {
    await site.crawl(bot, EXACT)
    const names = [...(site.received[0]?.headers.keys() ?? [])]
    expect(names.filter((name) => /signature|crawler|faregate/.test(name))).toEqual([])
  })

  it('is named to the origin where copies are kept for each account', async () => {
    await site.crawl(bot, EXACT, { url: 'https://a.test/keyed/1' })
    expect(site.received[0]?.headers.get('faregate-subject')).toBe(`"${BOT}"`)
  })

  it('is known to the log by its account, whether it paid or not', async () => {
    await site.crawl(bot, EXACT)
    await site.crawl(bot, {})
    await site.settle()
    const [paid, asked] = site.lines
    expect(paid).toMatchObject({ decision: 'serve', charged: { price: { amount: '0.75', currency: 'USD' } } })
    expect(asked).toMatchObject({ decision: 'refuse', reason: 'payment-required', account: paid?.account })
    expect(paid?.account).toMatch(/^[\w-]{10,}$/)
  })
})

describe('a signature that is not of this one request charges nothing', () => {
  const DAY = { created: NOW, lifetime: 86_400 }

  it('a day long over the authority alone, on whatever page', async () => {
    const fields = await bot.sign(PAGE, {
      ...DAY,
      fields: EXACT,
      components: ['"@authority"', '"signature-agent";key="sig1"'],
    })
    for (const url of [PAGE, 'https://a.test/articles/2', 'https://a.test/dear/1'])
      expect(facts(await site.ask(fields, { url }))[1]).toBe('InvalidSignature')
    expect([await site.credit(), site.received.length]).toEqual([1000n * CENT, 0])
  })

  it.each([
    ['the method', ['"@target-uri"', '"signature-agent";key="sig1"', '"crawler-exact-price"']],
    ['the target', ['"@method"', '"@authority"', '"@path"', '"signature-agent";key="sig1"', '"crawler-exact-price"']],
    ['the price', ['"@method"', '"@target-uri"', '"signature-agent";key="sig1"']],
    ['its agent', ['"@method"', '"@target-uri"', '"crawler-exact-price"']],
  ])('one that leaves out %s', async (_what, components) => {
    const response = await site.crawl(bot, EXACT, { signing: { components } })
    expect(facts(response)).toEqual([400, 'InvalidSignature', 'USD 0.75', null])
    expect(await site.credit()).toBe(1000n * CENT)
  })

  it.each([
    ['older than five minutes', { created: NOW - 301, lifetime: 3600 }],
    ['expired', { created: NOW - 60, lifetime: 60 }],
    ['of the future', { created: NOW + 31 }],
    ['longer than a day', { lifetime: 86_401 }],
  ])('one that is %s', async (_what, signing) => {
    expect(facts(await site.crawl(bot, EXACT, { signing }))).toEqual([400, 'InvalidSignature', 'USD 0.75', null])
  })

  it('one with a byte of it changed', async () => {
    const fields = await bot.sign(PAGE, { fields: EXACT })
    const signature = fields['signature'] ?? ''
    const changed = `${signature.slice(0, 10)}${signature[10] === 'A' ? 'B' : 'A'}${signature.slice(11)}`
    expect(facts(await site.ask({ ...fields, signature: changed }))).toEqual([
      400,
      'InvalidSignature',
      'USD 0.75',
      null,
    ])
  })

  it('one that came over plain http', async () => {
    const url = PAGE.replace('https:', 'http:')
    const response = await site.crawl(bot, EXACT, { url })
    expect(response.status).toBe(402)
    expect(await response.json()).toMatchObject({ reason: 'credential-invalid', check: 'transport' })
  })
})

describe('what a crawler is told', () => {
  const POOR = 'https://poor.example'

  it.each<[string, (poor: Agent) => Promise<Response>, unknown[]]>([
    ['a price without a signature', () => site.ask(EXACT), [400, 'StrongAuthRequired', 'USD 0.75', null]],
    [
      'a misspelt price',
      () => site.crawl(bot, { 'crawler-exact-price': '0.75' }),
      [400, 'InvalidCrawlerPriceValue', 'USD 0.75', null],
    ],
    ['two prices', () => site.crawl(bot, { ...EXACT, ...MAX }), [400, 'ConflictingPriceHeaders', 'USD 0.75', null]],
    [
      'another price',
      () => site.crawl(bot, { 'crawler-exact-price': 'USD 0.74' }),
      [402, 'InvalidCrawlerExactPrice', 'USD 0.75', null],
    ],
    [
      'another currency',
      () => site.crawl(bot, { 'crawler-exact-price': 'EUR 0.75' }),
      [402, 'InvalidCrawlerExactPrice', 'USD 0.75', null],
    ],
    [
      'too low a price',
      () => site.crawl(bot, { 'crawler-max-price': 'USD 0.50' }),
      [402, 'InvalidCrawlerMaxPrice', 'USD 0.75', null],
    ],
    ['no price, signed', () => site.crawl(bot, {}), [402, 'MissingCrawlerPrice', 'USD 0.75', null]],
    ['an agent that is not named', () => site.crawl(stranger, EXACT), [403, 'CrawlerForbidden', 'USD 0.75', null]],
    ['an agent without credit', (poor) => site.crawl(poor, EXACT), [403, 'PaymentFailed', 'USD 0.75', null]],
    ['nothing of a crawler', () => site.ask(), [402, null, null, null]],
    ['an agent that is not named, without a price', () => site.crawl(stranger, {}), [402, null, null, null]],
    [
      'a page without a price',
      () => site.crawl(bot, EXACT, { url: 'https://a.test/subscribers/1' }),
      [402, null, null, null],
    ],
  ])('%s', async (_what, ask, told) => {
    const poor = await createAgent(POOR)
    web.publish(poor)
    site = openSite({ web, options: { agents: { [BOT]: { billing: 'credit' }, [POOR]: { billing: 'credit' } } } })
    await site.grant(BOT, 1000n * CENT)
    const response = await ask(poor)
    expect(facts(response)).toEqual(told)
    const { status } = (await response.json()) as { status: number }
    expect(status).toBe(response.status)
    expect(await site.credit()).toBe(1000n * CENT)
    expect(site.received).toEqual([])
  })

  it('tells no two requests of one kind the status of the other', async () => {
    const detail = await site.crawl(bot, { 'crawler-exact-price': 'USD 0.74' })
    expect((await site.crawl(bot, {})).status).toBe(402)
    expect(detail.status).toBe(402)
    expect((await site.ask(EXACT)).status).toBe(400)
    expect((await site.ask()).status).toBe(402)
  })

  it('leaves a reader with a token alone', async () => {
    const fields = await bot.sign(PAGE)
    const response = await site.ask({ ...fields, authorization: 'Bearer x.y.z' })
    expect(facts(response)).toEqual([402, null, null, null])
  })
})

describe('who is told prices', () => {
  const HTML = { accept: 'text/html,application/xhtml+xml', 'sec-fetch-mode': 'navigate', 'user-agent': 'Mozilla/5.0' }
  const asked = async (ask: 'verified' | 'all' | { userAgents: string[] }, fields: Record<string, string>) => {
    const told = openSite({ web, options: { agents: { [BOT]: { billing: 'credit' } }, ask } })
    return (await told.ask(fields)).headers.get('crawler-price')
  }

  it('agents that are verified, by default, and nobody else', async () => {
    expect((await site.crawl(bot, {}, { signing: {} })).headers.get('crawler-price')).toBe('USD 0.75')
    expect(await asked('verified', { 'user-agent': 'GPTBot/1.2' })).toBeNull()
    expect(await asked('verified', HTML)).toBeNull()
  })

  it('everyone but people, if the operator says so', async () => {
    expect(await asked('all', {})).toBe('USD 0.75')
    expect(await asked('all', { accept: '*/*' })).toBe('USD 0.75')
    expect(await asked('all', HTML)).toBeNull()
  })

  it('crawlers by a word of their user agent', async () => {
    const named = { userAgents: ['GPTBot', 'ClaudeBot'] }
    expect(await asked(named, { 'user-agent': 'Mozilla/5.0 (compatible; gptbot/1.2)', accept: 'text/html' })).toBe(
      'USD 0.75',
    )
    expect(await asked(named, { 'user-agent': 'curl/8' })).toBeNull()
    expect(await asked(named, HTML)).toBeNull()
  })

  it('programs in browsers may read what is told', async () => {
    const response = await site.crawl(bot, {})
    const exposed = response.headers.get('access-control-expose-headers') ?? ''
    for (const name of ['crawler-price', 'crawler-charged', 'crawler-error'])
      expect(exposed.toLowerCase()).toContain(name)
  })
})
