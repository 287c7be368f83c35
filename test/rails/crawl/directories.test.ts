import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { createAgent } from './agent.ts'
import { HOSTILE_URLS } from './hostileurls.ts'
import { BOT, type CrawledSite, directoryOf, openSite, PAGE, Web } from './site.ts'

const EXACT = { 'crawler-exact-price': 'USD 0.75' }
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const bot = await createAgent(BOT)
const next = await createAgent(BOT)

let web: Web
let site: CrawledSite
let pages = 0

/** Returns the status of a page that is bought; each is another one. */
const buy = async (agent = bot, at = site): Promise<number> =>
  (await at.crawl(agent, EXACT, { url: `https://a.test/articles/${pages++}` })).status

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  web = new Web()
  web.publish(bot, { 'cache-control': 'max-age=3600' })
  site = openSite({ web, options: { agents: { [BOT]: { billing: 'postpaid' } } } })
})

const down = (): void => void web.answers.set(directoryOf(BOT), () => new Response('busy', { status: 503 }))

describe('the keys of an agent', () => {
  it('are fetched once for requests that come together, and used while they are fresh', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => buy()))).toEqual(Array.from({ length: 20 }, () => 200))
    site.now += 44 * MINUTE_MS
    expect(await buy()).toBe(200)
    expect(web.asked).toEqual([directoryOf(BOT)])
  })

  it('are fetched anew behind a request before they are old', async () => {
    await buy()
    site.now += 46 * MINUTE_MS
    expect(await buy()).toBe(200)
    await site.settle()
    expect(web.asked).toHaveLength(2)
    site.now += 44 * MINUTE_MS
    expect(await buy()).toBe(200)
    expect(web.asked).toHaveLength(2)
  })

  it('serve for a day after they were fresh, if their place is down', async () => {
    await buy()
    down()
    site.now += HOUR_MS + DAY_MS - MINUTE_MS
    expect(await buy()).toBe(200)
    site.now += MINUTE_MS
    const response = await site.crawl(bot, EXACT)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60'])
    expect(await response.json()).toMatchObject({ reason: 'keys-unavailable' })
  })

  it('are asked for once in a minute while their place is down, and never by others', async () => {
    down()
    for (let at = 0; at < 5; at++) expect(await buy()).toBe(503) // oxlint-disable-line no-await-in-loop
    expect(web.asked).toHaveLength(1)
    site.now += MINUTE_MS
    web.publish(bot)
    expect(await buy()).toBe(200)
    expect(web.asked).toHaveLength(2)
  })

  it('may be new: a key that is not known is looked for, once in a minute', async () => {
    await buy()
    web.publish(next)
    expect(await buy(next)).toBe(400)
    site.now += MINUTE_MS
    expect(await buy(next)).toBe(200)
    expect(await buy(bot)).toBe(400)
    expect(web.asked).toHaveLength(2)
  })

  it('are gone if their place answers without them', async () => {
    await buy()
    web.publish(next)
    site.now += HOUR_MS
    expect(await buy()).toBe(400)
    down()
    site.now += HOUR_MS
    expect(await buy()).toBe(400)
  })

  it('outlive the isolate that fetched them, where there is a store', async () => {
    const copies = createMemoryStore(1024 * 1024)
    const terms = { copies, options: { agents: { [BOT]: { billing: 'postpaid' } } } } as const
    const one = openSite({ web, ...terms })
    expect(await buy(bot, one)).toBe(200)
    await one.settle()
    const elsewhere = new Web()
    const other = openSite({ web: elsewhere, ...terms })
    expect(await buy(bot, other)).toBe(200)
    other.now += HOUR_MS + DAY_MS - MINUTE_MS
    expect(await buy(bot, other)).toBe(200)
    expect(elsewhere.asked).toEqual([directoryOf(BOT)])
  })

  it('are looked for in a store that fails, without harm', async () => {
    const copies = createMemoryStore(1024)
    const failing = {
      ...copies,
      getFacts: () => Promise.reject(new Error('x')),
      putFacts: () => Promise.reject(new Error('y')),
    }
    const one = openSite({ web, copies: failing, options: { agents: { [BOT]: { billing: 'postpaid' } } } })
    expect(await buy(bot, one)).toBe(200)
    await one.settle()
    expect(await buy(bot, one)).toBe(200)
  })
})

describe('a place that is no directory', () => {
  it.each<[string, () => Response]>([
    ['a redirect', () => Response.redirect(`${BOT}/elsewhere`, 302)],
    ['a created', () => Response.json({ keys: [bot.jwk] }, { status: 201 })],
    ['a 404', () => new Response('', { status: 404 })],
    ['no JSON', () => new Response('<html>')],
    ['no key set', () => Response.json([bot.jwk])],
    ['65 KB', () => Response.json({ keys: [bot.jwk], more: 'x'.repeat(65 * 1024) })],
    ['33 keys', () => Response.json({ keys: Array.from({ length: 33 }, () => bot.jwk) })],
  ])('%s is no answer: nobody is verified', async (_what, answer) => {
    web.answers.set(directoryOf(BOT), answer)
    expect(await buy()).toBe(503)
    expect(web.asked).toEqual([directoryOf(BOT)])
  })

  it.each(HOSTILE_URLS)('nothing is fetched from %s, though any agent may pay', async (url) => {
    const open = openSite({ web, options: { any: true } })
    const text = url.replaceAll(/[^\x20-\x7e]|["\\]/g, '')
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (const type of ['', ';type=directory', ';type=jwks_uri', ';type=cimd'])
      expect((await open.ask(await bot.sign(PAGE, { fields: EXACT, agent: `sig1="${text}"${type}` }))).status).not.toBe(
        200,
      )
    expect(web.asked).toEqual([])
  })

  it('asks a few places at once, whoever names them', async () => {
    const open = openSite({ web, options: { any: true } })
    const held = Promise.withResolvers<Response>()
    const agents = Array.from({ length: 40 }, (_, at) => `https://bot${at}.example`)
    for (const url of agents) web.answers.set(directoryOf(url), () => held.promise)
    const signed = await Promise.all(agents.map((url) => bot.sign(PAGE, { fields: EXACT, agent: `sig1="${url}"` })))
    const asked = signed.map((fields) => open.ask(fields))
    const first = await Promise.race(asked)
    expect([first.status, web.asked.length <= 16]).toEqual([503, true])
    held.resolve(new Response('', { status: 404 }))
    await Promise.all(asked)
    expect(web.asked).toHaveLength(16)
  })
})

describe('other ways of publishing keys', () => {
  const KEYS = 'https://bot.example/keys.json'
  const CARD = 'https://bot.example/card'
  const open = (url: string) => openSite({ web, options: { agents: { [url]: { billing: 'postpaid' } } } })
  const buyAs = async (at: CrawledSite, agent: string) =>
    (await at.crawl(bot, EXACT, { signing: { agent: `sig1=${agent}` } })).status

  it('a key set by its URL, which is another agent than the origin', async () => {
    web.answers.set(KEYS, () => Response.json({ keys: [bot.jwk] }))
    expect(await buyAs(open(KEYS), `"${KEYS}";type=jwks_uri`)).toBe(200)
    expect(await buyAs(site, `"${KEYS}";type=jwks_uri`)).toBe(403)
    expect(web.asked).toEqual([KEYS])
  })

  it.each<[string, object, number]>([
    ['keys in the metadata', { jwks: { keys: [bot.jwk] } }, 200],
    ['keys by a URL in it', { jwks_uri: KEYS }, 200],
    ['keys by a URL of a local network', { jwks_uri: 'https://10.0.0.1/keys' }, 503],
    ['keys by plain http', { jwks_uri: 'http://bot.example/keys' }, 503],
    ['no keys', {}, 503],
  ])('metadata of a client: %s', async (_what, document, status) => {
    web.answers.set(KEYS, () => Response.json({ keys: [bot.jwk] }))
    web.answers.set(CARD, () => Response.json(document))
    expect(await buyAs(open(CARD), `"${CARD}";type=cimd`)).toBe(status)
  })
})
