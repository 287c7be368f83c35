import { beforeEach, describe, expect, it, vi } from 'vitest'
import { bearer, crawl, verifiedAgents } from '../../../src/index.ts'
import { createAgent, NOW } from '../../rails/crawl/agent.ts'
import { BOT, type CrawledSite, directoryOf, openSite, PAGE, Web } from '../../rails/crawl/site.ts'
import { faultsOf, ZONE } from '../../support/compiled.ts'

const bot = await createAgent(BOT)
const stranger = await createAgent('https://stranger.example')

let web: Web
let site: CrawledSite

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  web = new Web()
  web.publish(bot)
  web.publish(stranger)
  site = openSite({ web, zone: { rails: [bearer()], exemptions: [verifiedAgents({ agents: [BOT] })] } })
})

describe('an agent that is named', () => {
  it('reads every page on sale, uncharged, and the log knows which one it was', async () => {
    const response = await site.crawl(bot, {})
    expect([response.status, await response.text()]).toEqual([200, 'the whole page'])
    expect((await site.crawl(bot, {}, { url: 'https://a.test/subscribers/1' })).status).toBe(200)
    await site.settle()
    expect(site.lines).toMatchObject([{ decision: 'serve', exempt: 'verified-agent' }, { exempt: 'verified-agent' }])
    expect(site.lines.map(({ charged }) => charged)).toEqual([undefined, undefined])
    expect(site.lines[0]?.account).toMatch(/^[\w-]{10,}$/)
    expect(site.lines[1]?.account).toBe(site.lines[0]?.account)
  })

  it('is nobody to the origin', async () => {
    await site.crawl(bot, {}, { url: 'https://a.test/keyed/1' })
    expect(site.received[0]?.headers.get('faregate-subject')).toBeNull()
  })

  it.each([
    ['five minutes ago', NOW - 300, 200],
    ['longer ago than that', NOW - 301, 402],
  ])('has signed the request %s', async (_when, created, status) => {
    expect((await site.crawl(bot, {}, { signing: { created, lifetime: 3600 } })).status).toBe(status)
  })

  it('is asked to come again while its keys cannot be had, and drops nothing', async () => {
    web.answers.set(directoryOf(BOT), () => new Response('', { status: 500 }))
    const response = await site.crawl(bot, {})
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60'])
  })

  it('opens one page by a signature with a nonce, as often as it asks for that page', async () => {
    const own = '"signature-agent";key="sig1"'
    const signing = { components: ['"@authority"', own], nonce: 'once', created: NOW, lifetime: 3600 }
    const fields = await bot.sign(PAGE, signing)
    const statusOf = async (url: string, sent = fields) => (await site.ask(sent, { url })).status
    expect([await statusOf(PAGE), await statusOf(`${PAGE}?all`), await statusOf(`${PAGE}0`)]).toEqual([200, 402, 402])
    expect(await statusOf(PAGE)).toBe(200)
    // A nonce is used once by its key, whatever else is signed; without one, any page opens for five minutes.
    expect(await statusOf(`${PAGE}0`, await bot.sign(PAGE, { ...signing, created: NOW - 1 }))).toBe(402)
    expect(await statusOf(`${PAGE}0`, await bot.sign(PAGE, { ...signing, nonce: 'next' }))).toBe(200)
    const { nonce: _none, ...without } = signing
    const reused = await bot.sign(PAGE, without)
    expect([await statusOf(PAGE, reused), await statusOf(`${PAGE}0`, reused)]).toEqual([200, 200])
    site.now += 301_000
    expect([await statusOf(PAGE), await statusOf(PAGE, reused)]).toEqual([402, 402])
  })

  it('changes nothing by POST', async () => {
    expect((await site.crawl(bot, {}, { signing: { method: 'POST' } })).status).toBe(402)
  })
})

describe('nothing is opened', () => {
  it('to an agent that is verified, and not named: its keys are not even fetched', async () => {
    expect((await site.crawl(stranger, {})).status).toBe(402)
    expect(web.asked).toEqual([])
  })

  it("to another's key under its URL", async () => {
    const fields = await stranger.sign(PAGE, { agent: `sig1="${BOT}"` })
    expect((await site.ask(fields)).status).toBe(402)
  })

  it('by its name alone', async () => {
    expect((await site.ask({ 'signature-agent': `sig1="${BOT}"`, 'user-agent': BOT })).status).toBe(402)
  })

  it('over plain http', async () => {
    expect((await site.crawl(bot, {}, { url: PAGE.replace('https:', 'http:') })).status).toBe(402)
  })
})

it('a page is free to an agent that reads for free, where others pay for it', async () => {
  const rails = [
    bearer(),
    crawl({ agents: { [BOT]: { billing: 'postpaid' }, [stranger.url]: { billing: 'postpaid' } } }),
  ]
  site = openSite({ web, zone: { rails, exemptions: [verifiedAgents({ agents: [BOT] })] } })
  expect((await site.crawl(bot, {})).status).toBe(200)
  expect((await site.crawl(stranger, {})).headers.get('crawler-price')).toBe('USD 0.75')
  expect(web.asked).toHaveLength(2)
})

it.each([
  ['agents', {}],
  ['agents', { agents: [] }],
  ['agents[0]', { agents: ['http://bot.example'] }],
  ['agents[0]', { agents: ['https://localhost'] }],
  ['names', { agents: [BOT], names: [] }],
])('a fault of the options is told at %s', (path, options) => {
  const zone = { ...ZONE, exemptions: [verifiedAgents(options as never)] }
  expect(faultsOf({ zones: [zone] }).map((fault) => fault.path)).toContain(`zones[0].exemptions[0].${path}`)
})
