import { env as bound } from 'cloudflare:workers'
import { type Context, Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bearer, type Options, receipt, reported } from '../../../../src/index.ts'
import { cloudflare } from '../../../../src/platform/cloudflare/index.ts'
import { paywall, type PaywallEnv } from '../../../../src/platform/hono/index.ts'
import { words } from '../../../meters/toy.ts'
import { accountLedger } from '../../../support/ledger.ts'
import { withToken, createWorld, type World } from '../../../support/world.ts'
import { readingOf } from '../../objects.ts'

const ONE = 'https://one.test'
const TWO = 'https://two.test'
const THREE = 'https://three.test'
const FOUR = 'https://four.test'
const brought = { ...words({ models: { one: THREE, two: FOUR } }), servers: [THREE, FOUR] }
const metered = { requires: 'api', cache: 'off' } as const
const config: Options = {
  zones: [
    {
      name: 'news',
      hosts: ['news.test'],
      audience: 'https://news.test',
      issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
      rails: [bearer(), receipt()],
      routes: [
        { path: '/query/*', ...metered, meter: reported({ most: { rows: 100, bytes: 100 } }) },
        { path: '/plain/*', ...metered },
        { path: '/sold/*', price: { amount: '0.25', currency: 'USD' } },
        {
          path: '/words/*',
          ...metered,
          meter: words({ models: { one: ONE, two: TWO } }),
        },
        {
          path: '/elsewhere/*',
          ...metered,
          meter: brought,
        },
      ],
      unmatched: 'free',
      remedies: { documentation: 'https://billing.test/problems' },
    },
  ],
}

type Faregate = PaywallEnv['Variables']['faregate']

let world: World
let account: string
let number = 0

beforeEach(async () => {
  world = await createWorld()
  account = `account ${++number} of report.test.ts`
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

/** Asks the app, reads all of the answer, and lets all be done that it left behind. */
async function visit(
  handler: (c: Context<PaywallEnv>) => Response | Promise<Response>,
  path: string,
  init?: RequestInit,
) {
  const app = new Hono<PaywallEnv>().use(paywall(config, cloudflare)).all('*', handler)
  const behind: Promise<unknown>[] = []
  const context = {
    waitUntil: (work: Promise<unknown>) => void behind.push(work),
    passThroughOnException() {},
    props: {},
  }
  const response = await app.request(
    `https://news.test${path}`,
    init ?? (await reader()),
    { LEDGER: bound.LEDGER },
    context,
  )
  const text = await response.text()
  while (behind.length > 0) await Promise.all(behind.splice(0))
  return { status: response.status, text, headers: response.headers }
}

async function reader(): Promise<RequestInit> {
  const limits = ['rows', 'bytes', 'words'].map((name) => ({ name, unit: name, quota: 1000, window: 'P1D' }))
  return withToken(await world.token({ sub: account, entitlements: ['api'], limits }))
}

async function charged(): Promise<Record<string, number>> {
  const { counts } = (await readingOf(accountLedger(account))).totals
  return Object.fromEntries(counts.map(({ name, units }) => [name, Number(units)]))
}

describe('what an app reports', () => {
  it('is added up, and committed', async () => {
    await visit((c) => {
      c.var.faregate.report({ rows: 5, bytes: 0 })
      c.var.faregate.report({ rows: 7 })
      return c.text('rows')
    }, '/query/x')
    expect(await charged()).toMatchObject({ rows: 12, bytes: 0 })
  })

  it('may come until the body has ended', async () => {
    const { text } = await visit((c) => {
      let left = 3
      return new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            if (left-- === 0) return controller.close()
            c.var.faregate.report({ rows: 1, bytes: 10 })
            controller.enqueue(new TextEncoder().encode('row\n'))
          },
        }),
      )
    }, '/query/x')
    expect([text, await charged()]).toMatchObject(['row\nrow\nrow\n', { rows: 3, bytes: 30 }])
  })

  it('costs the reservation where a name is left out, or all are', async () => {
    await visit((c) => {
      c.var.faregate.report({ rows: 5 })
      return c.text('rows')
    }, '/query/x')
    expect(await charged()).toMatchObject({ rows: 5, bytes: 100 })
    await visit((c) => c.text('rows'), '/query/x')
    expect(await charged()).toMatchObject({ rows: 105, bytes: 200 })
  })

  it('goes before the field that the app writes, which does not leave', async () => {
    const { headers } = await visit((c) => {
      c.var.faregate.report({ rows: 1, bytes: 1 })
      return c.text('rows', 200, { 'faregate-usage': 'rows=9, bytes=9' })
    }, '/query/x')
    expect([headers.has('faregate-usage'), await charged()]).toMatchObject([false, { rows: 1, bytes: 1 }])
    await visit((c) => c.text('rows', 200, { 'faregate-usage': 'rows=9, bytes=9' }), '/query/x')
    expect(await charged()).toMatchObject({ rows: 10, bytes: 10 })
  })

  it('costs nothing where the app fails', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { status } = await visit((c) => {
      c.var.faregate.report({ rows: 5 })
      throw new Error('a bug')
    }, '/query/x')
    expect([status, await charged()]).toMatchObject([500, { rows: 0, bytes: 0 }])
  })

  it('is nothing to a route without a meter, nor for who is anonymous or has a receipt', async () => {
    const handler = (c: Context<PaywallEnv>) => {
      c.var.faregate.report({ rows: 5 })
      const { report: _report, ...known } = c.var.faregate
      return c.json(known)
    }
    expect(JSON.parse((await visit(handler, '/plain/x')).text)).toEqual({
      account,
      plan: 'Gold',
      entitlements: ['api'],
    })
    expect(await charged()).toEqual({})
    const paid = await world.receipt({ jti: account, amount: '0.25', currency: 'USD', resource: '/sold/*' })
    const [anonymous, holder] = [await visit(handler, '/free', {}), await visit(handler, '/sold/x', withToken(paid))]
    for (const { status, text } of [anonymous, holder])
      expect([status, JSON.parse(text)]).toEqual([200, { entitlements: [] }])
  })

  it.each<[string, unknown]>([
    ['a half', { rows: 0.5 }],
    ['less than nothing', { rows: -1 }],
    ['no number', { rows: Number.NaN }],
    ['more than can be told exactly', { rows: 2 ** 53 }],
    ['a text', { rows: '5' }],
    ['a bigint', { rows: 5n }],
    ['nothing', undefined],
    ['a number alone', 5],
    ['a list', [5]],
    ['one good and one not', { bytes: 5, rows: -1 }],
  ])('is a TypeError in the app for %s, and nothing is added', async (_what, units) => {
    let thrown: unknown
    await visit((c) => {
      const { report } = c.var.faregate as { report: (units: unknown) => void } & Faregate
      report({ rows: 1, bytes: 1 })
      try {
        report(units)
      } catch (error) {
        thrown = error
      }
      return c.text('rows')
    }, '/query/x')
    expect(thrown).toBeInstanceOf(TypeError)
    expect(String(thrown)).toMatch(/c\.var\.faregate\.report: expected (?:an object|a whole number)/)
    expect(await charged()).toMatchObject({ rows: 1, bytes: 1 })
  })
})

it('an app is asked once, whatever attempts a meter would make', async () => {
  const handler = vi.fn((c: Context<PaywallEnv>) => c.text('later', 503))
  const wish = { method: 'POST', body: '{"words":4,"models":["one","two"]}' }
  const { status } = await visit(handler, '/words/x', { ...wish, ...(await reader()) })
  expect([status, handler.mock.calls.length]).toEqual([502, 1])
  const answered = await visit((c) => c.text('one two three'), '/words/x', { ...wish, ...(await reader()) })
  expect([answered.status, await charged()]).toMatchObject([200, { words: 3 }])
})

describe('a server that a meter brings', () => {
  it('is asked in place of the app, and the next one after it has failed', async () => {
    world.origin = ({ url }) => new Response(url.startsWith(THREE) ? 'error' : 'two words', { status: 200 })
    const asked = { ...(await reader()), method: 'POST', body: JSON.stringify({ words: 40, models: ['one', 'two'] }) }
    const { status, text } = await visit(() => new Response('of the app'), '/elsewhere/x?y=1', asked)
    expect([status, text]).toEqual([200, 'two words\n[2 of at most 40 words]'])
    expect(world.received.map(({ url }) => url)).toEqual([`${THREE}/elsewhere/x?y=1`, `${FOUR}/elsewhere/x?y=1`])
    expect(world.received.every(({ headers }) => !headers.has('authorization'))).toBe(true)
  })
})
