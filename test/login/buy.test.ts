import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { agreed, declined, FakeLogin } from './fakelogin.ts'
import { leave, sendBack } from './journey.ts'
import { linksOf, Reader, SCRIPT } from './reader.ts'
import { DAY, OURS, tripOptions, TripWorld } from './world.ts'

const MONTHLY = { name: 'monthly', title: 'Monthly', price: '5 EUR a month' }
const YEARLY = { name: 'yearly', title: 'Yearly' }

let shop: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  shop = new FakeLogin({ name: 'shop', offers: [MONTHLY] })
  world = new TripWorld([shop])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

const BUY = '/__faregate/checkout?offer=monthly&to=/articles/1'
const WAITING = ok({ kind: 'waiting' as const })

function back(parameters: URLSearchParams): Promise<Response> {
  return sendBack(parameters, reader, 'shop')
}

interface Refused {
  readonly detail: string
  readonly remedies: readonly { readonly rel: string; readonly href: string; readonly title: string }[]
}

/** The refusal of a page, as a program reads it and as a reader does. */
async function refusalOf(
  path = '/articles/2',
  by = reader,
): Promise<Refused & { link: string; links: Readonly<Record<string, string>> }> {
  const page = await by.open(path)
  expect(page.status).toBe(402)
  const document = await by.open(path, { ...SCRIPT, accept: 'application/json' })
  expect(document.status).toBe(402)
  const link = document.headers.get('link') ?? ''
  return { ...(await document.json<Refused>()), link, links: await linksOf(page) }
}

describe('a reader who buys', () => {
  it('goes from the refused page to the shop and back to the page', async () => {
    const refused = await reader.open('/articles/1')
    const location = await leave((await linksOf(refused))['Buy access'], reader)
    expect(shop.begun).toMatchObject([{ offer: 'monthly', to: `${OURS}/articles/1` }])
    const done = await back(agreed(location))
    expect(await done.text()).toContain('url=/articles/1"')
    expect((await reader.open('/articles/1')).status).toBe(200)
  })

  it('leaves each step of the trip in the log, once, with the offer', async () => {
    const steps = (): unknown[] =>
      world.told
        .filter((line) => line.startsWith('{"time"'))
        .map((line) => JSON.parse(line) as { trip?: string; offer?: string; format?: string; decision: string })
        .filter(({ trip, decision }) => trip !== undefined || decision === 'refuse')
        .map(({ trip, offer, format }) => ({ trip, offer, format }))
    const { 'Buy access': buy } = await linksOf(await reader.open('/articles/1'))
    const cancelled = await leave(buy, reader)
    await back(declined(cancelled))
    const location = await leave(buy, reader)
    await leave(buy, reader)
    await back(agreed(location))
    await back(agreed(location))
    expect(steps()).toEqual([
      { format: 'html' },
      { trip: 'begun', offer: 'monthly' },
      { trip: 'cancelled', offer: 'monthly' },
      { trip: 'begun', offer: 'monthly' },
      { trip: 'finished', offer: 'monthly' },
    ])
  })

  it('chooses among several offers, with their prices; an offer that is none is a choice, too', async () => {
    world = new TripWorld([new FakeLogin({ name: 'shop', offers: [MONTHLY, YEARLY] })])
    reader = new Reader(world)
    for (const path of ['/__faregate/checkout?to=/articles/1', '/__faregate/checkout?offer=x&to=/articles/1']) {
      const links = await linksOf(await reader.open(path))
      expect(links).toEqual({
        'Monthly · 5 EUR a month': '/__faregate/checkout?login=shop&offer=monthly&to=%2Farticles%2F1',
        Yearly: '/__faregate/checkout?login=shop&offer=yearly&to=%2Farticles%2F1',
        'Sign in': '/__faregate/sign-in?to=%2Farticles%2F1',
        'Go back to the page': '/articles/1',
      })
    }
  })

  it("chooses by the shop's own titles and prices, and by those configured if it does not answer", async () => {
    const titles = async (described: () => Promise<readonly (typeof MONTHLY)[]>): Promise<string[]> => {
      world = new TripWorld([new FakeLogin({ name: 'shop', offers: [MONTHLY, YEARLY], described })])
      const choice = await new Reader(world).open('/__faregate/checkout?to=/articles/1')
      return Object.keys(await linksOf(choice)).slice(0, 2)
    }
    const now = { name: 'monthly', title: 'Every month', price: '6 EUR' }
    expect(await titles(async () => [now])).toEqual(['Every month · 6 EUR', 'Yearly'])
    expect(await titles(async () => Promise.reject(new Error('down')))).toEqual(['Monthly · 5 EUR a month', 'Yearly'])
  })

  it('chooses among what opens the page', async () => {
    const plugin = new FakeLogin({ name: 'shop', offers: [MONTHLY, YEARLY, { name: 'day', title: 'Day' }] })
    const routes = [
      { path: '/articles/*', requires: 'premium', offers: ['monthly', 'yearly'] },
      { path: '/archive/*', requires: 'premium', offers: ['yearly'] },
      { path: '/lost/*', requires: 'premium', offers: ['no-such-offer'] },
    ]
    world = new TripWorld([plugin], tripOptions([plugin], { routes }))
    reader = new Reader(world)
    const titles = async (to: string): Promise<string[]> =>
      Object.keys(await linksOf(await reader.open(`/__faregate/checkout?to=${to}`))).slice(0, -2)
    expect(await titles('/articles/1')).toEqual(['Monthly · 5 EUR a month', 'Yearly'])
    expect(await titles('/lost/1')).toEqual(['Monthly · 5 EUR a month', 'Yearly', 'Day'])
    expect(await titles('/')).toHaveLength(3)
    await leave('/__faregate/checkout?to=/archive/1', reader)
    expect(plugin.begun).toMatchObject([{ offer: 'yearly' }])
  })

  it('finds nothing where nothing is sold', async () => {
    world = new TripWorld([new FakeLogin()])
    const response = await new Reader(world).open('/__faregate/checkout?to=/articles/1')
    expect(response.status).toBe(404)
    expect(await linksOf(response)).toEqual({
      'Go back to the page': '/articles/1',
      'Sign in': '/__faregate/sign-in?to=%2Farticles%2F1',
    })
  })

  it('comes back as the same page was left, after turning back', async () => {
    const response = await back(declined(await leave(BUY, reader)))
    expect([response.status, response.headers.get('location')]).toEqual([303, '/articles/1'])
    expect((await refusalOf()).remedies.map(({ title }) => title)).toEqual(['Buy access', 'Sign in'])
  })

  it('who begins the same again goes to the same purchase', async () => {
    const first = await leave(BUY, reader)
    world.now += 60_000
    const second = await leave(BUY, reader)
    expect(new URL(second).searchParams.get('state')).toBe(new URL(first).searchParams.get('state'))
    expect(shop.begun).toMatchObject([{}, { earlier: { secret: expect.stringContaining('canary-verifier') } }])
    expect(reader.names()).toHaveLength(1)
    const third = await leave('/__faregate/checkout?offer=monthly&to=/articles/2', reader)
    expect(new URL(third).searchParams.get('state')).not.toBe(new URL(first).searchParams.get('state'))
    expect(shop.begun[2]?.earlier).toBeUndefined()
    expect((await back(agreed(third))).status).toBe(200)
    expect((await back(agreed(first))).status).toBe(200)
  })

  it('is told that the shop does not answer, and may try again', async () => {
    shop.fault = { kind: 'unavailable', detail: 'canary-detail' }
    const response = await reader.open(BUY)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(response.headers.getSetCookie()).toEqual([])
    expect(await linksOf(response)).toEqual({ 'Try again': '', 'Go back to the page': '/articles/1' })
    shop.fault = { kind: 'refused', detail: 'This is not sold in your country.' }
    const refused = await reader.open(BUY)
    expect(refused.status).toBe(400)
    expect(await refused.text()).toContain('This is not sold in your country.')
  })
})

describe('a payment that is late', () => {
  it('is waited for without a script, less and less often, for ten minutes', async () => {
    shop.endings.push(WAITING)
    const parameters = agreed(await leave(BUY, reader))
    const rests: (string | null)[] = []
    let response = await back(parameters)
    const begun = world.now
    for (; response.headers.get('refresh') !== null; response = await back(parameters)) {
      rests.push(response.headers.get('refresh'))
      world.now += 1000 * Number(response.headers.get('refresh'))
      expect(await response.clone().text()).toContain('You need not do anything')
    }
    expect(rests.slice(0, 9)).toEqual(['2', '3', '5', '8', '13', '20', '30', '30', '30'])
    expect((world.now - begun) / 1000).toBeGreaterThanOrEqual(600)
    expect((world.now - begun) / 1000).toBeLessThan(640)
    const page = await response.clone().text()
    expect(page).toContain('we go on without you')
    const id = /<code>([^<]*)<\/code>/.exec(page)?.[1]
    expect(world.told.join('\n')).toContain(`"id":"${id}"`)
    expect((await linksOf(response))['Check again']).toBe(
      '/__faregate/checkout?login=shop&offer=monthly&to=%2Farticles%2F1',
    )
    const asked = shop.finished.length
    await back(parameters)
    expect(shop.finished).toHaveLength(asked)
  })

  it('ends on the page, 90 seconds later, and was asked for once', async () => {
    shop.endings.push(WAITING)
    const parameters = agreed(await leave(BUY, reader))
    let response = await back(parameters)
    for (let waited = 0; response.headers.get('refresh') !== null; ) {
      const seconds = Number(response.headers.get('refresh'))
      world.now += 1000 * seconds
      waited += seconds
      if (waited >= 90) shop.endings.splice(0, 1, shop.signedIn())
      response = await back(parameters)
    }
    expect(await response.text()).toContain('url=/articles/1"')
    expect(shop.begun).toHaveLength(1)
    expect((await reader.open('/articles/1')).status).toBe(200)
  })

  it('keeps every page from selling again: programs and readers are told to check', async () => {
    const before = await refusalOf()
    shop.endings.push(WAITING)
    await back(agreed(await leave(BUY, reader)))
    const { detail, remedies, link, links } = await refusalOf()
    const href = `${OURS}/__faregate/checkout?login=shop&offer=monthly&to=%2Farticles%2F1`
    expect(detail).toBe(`${before.detail} We are still waiting for your payment. You need not buy again.`)
    expect(remedies.map(({ title }) => title)).toEqual(['Check again', 'Sign in'])
    expect(remedies[0]).toEqual({ rel: 'status', href, title: 'Check again' })
    expect(link).toContain(`<${href}>; rel="status"; title="Check again"`)
    expect(link).not.toContain('rel="payment"')
    expect(Object.keys(links)).toEqual(expect.arrayContaining(['Check again', 'Sign in']))
    expect(Object.keys(links)).not.toContain('Buy access')
    const others = await refusalOf('/articles/2', new Reader(world))
    expect([others.remedies, others.link, others.links]).toEqual([before.remedies, before.link, before.links])
  })

  it('is checked again from any page, days later, and then opens it', async () => {
    shop.endings.push(WAITING)
    await back(agreed(await leave(BUY, reader)))
    world.now += 2 * DAY
    const { links } = await refusalOf()
    const location = await leave(links['Check again'], reader)
    expect(shop.begun[1]).toMatchObject({ state: shop.begun[0]?.state, earlier: {} })
    // Nobody is asked to buy while the reader is away.
    expect((await refusalOf()).remedies.map(({ title }) => title)).toEqual(['Check again', 'Sign in'])
    expect((await back(agreed(location))).headers.get('refresh')).toBe('2')
    shop.endings.splice(0, 1, shop.signedIn())
    expect((await back(agreed(location))).status).toBe(200)
    expect((await reader.open('/articles/2')).status).toBe(200)
    expect(reader.names()).toEqual(['__Host-faregate'])
  })

  it('is forgotten after three days', async () => {
    shop.endings.push(WAITING)
    await back(agreed(await leave(BUY, reader)))
    world.now += 3 * DAY
    expect((await refusalOf()).remedies.map(({ title }) => title)).toEqual(['Buy access', 'Sign in'])
  })

  it('is kept when other trips come', async () => {
    shop.endings.push(WAITING)
    await back(agreed(await leave(BUY, reader)))
    for (let at = 3; at < 9; at++) {
      world.now += 1000
      await leave(`/__faregate/sign-in?to=/articles/${at}`, reader)
    }
    expect((await refusalOf()).remedies[0]?.title).toBe('Check again')
  })
})

describe('a purchase that was begun', () => {
  it('comes first on every refusal, and buying stays possible', async () => {
    await leave(BUY, reader)
    const { remedies, link, links } = await refusalOf()
    expect(remedies.map(({ title }) => title)).toEqual(['Check again, or go on buying', 'Buy access', 'Sign in'])
    expect(link).toContain('rel="status"')
    expect(link).toContain('rel="payment"')
    expect(Object.keys(links)).toEqual(expect.arrayContaining(['Check again', 'Buy access', 'Sign in']))
    await leave(links['Check again'], reader)
    expect(shop.begun[1]).toMatchObject({ earlier: {} })
  })

  it('of which a cookie tells that nobody has sealed changes nothing', async () => {
    const before = await refusalOf()
    await leave(BUY, reader)
    const [name = ''] = reader.names()
    const forger = new Reader(world)
    forger.put(name, `${reader.value(name)?.slice(0, -4)}AAAA`)
    expect((await refusalOf('/articles/2', forger)).remedies).toEqual(before.remedies)
  })

  it('to sign in changes nothing', async () => {
    const before = await refusalOf()
    await leave('/__faregate/sign-in?to=/articles/1', reader)
    expect((await refusalOf()).remedies).toEqual(before.remedies)
  })
})
