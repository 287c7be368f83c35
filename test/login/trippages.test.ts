import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { agreed, FakeLogin } from './fakelogin.ts'
import { leave, sendBack, tripsOf } from './journey.ts'
import { CLICK, FROM_ELSEWHERE, linksOf, Reader, SCRIPT } from './reader.ts'
import { OURS, TripWorld } from './world.ts'

let login: FakeLogin
let other: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  login = new FakeLogin({ offers: [MONTHLY] })
  other = new FakeLogin({ name: 'other' })
  world = new TripWorld([login, other])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

const MONTHLY = { name: 'monthly', title: 'Monthly', price: '5 EUR a month' }
const SIGN_IN = '/__faregate/sign-in?login=ident&to=/articles/1'
const BUY = '/__faregate/checkout?offer=monthly&to=/articles/1'

describe('the pages of trips', () => {
  const PAGES = [SIGN_IN, BUY, '/__faregate/return/ident?code=x&state=y', '/__faregate/portal?to=/articles/1']

  it.each(PAGES)('change nothing for HEAD and what is fetched ahead: %s', async (path) => {
    const location = await leave(SIGN_IN, reader)
    const asked = path.includes('return') ? `/__faregate/return/ident?${agreed(location).toString()}` : path
    const begun = login.begun.length
    for (const [fields, init] of [
      [{ ...CLICK, 'sec-purpose': 'prefetch' }, {}],
      [{ ...CLICK, 'sec-purpose': 'prefetch;prerender' }, {}],
      [{ purpose: 'prefetch' }, {}],
      [CLICK, { method: 'HEAD' }],
    ] as const) {
      const response = await reader.open(asked, fields, init)
      expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect([login.begun.length, login.finished, login.portals]).toEqual([begun, [], []])
  })

  it.each(PAGES)('know no other methods: %s', async (path) => {
    const isBeginning = path === SIGN_IN || path === BUY
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', ...(isBeginning ? [] : ['POST'])])
      expect((await reader.open(path, CLICK, { method })).status).toBe(405)
  })

  it.each([SIGN_IN, BUY])('begin nothing over plain http, from where no browser could come back: %s', async (path) => {
    const response = await world.ask(`http://www.news.example${path}`, { headers: { ...CLICK, accept: 'text/html' } })
    expect([response.status, response.headers.getSetCookie()]).toEqual([403, []])
    expect(Object.values(await linksOf(response))).toEqual([`https://www.news.example${path}`])
    expect(login.begun).toEqual([])
  })

  it.each([SIGN_IN, BUY])('begin nothing for crawlers and scripts, who see a button: %s', async (path) => {
    for (const fields of [{}, SCRIPT, { ...CLICK, 'sec-fetch-dest': 'iframe' }]) {
      const response = await reader.open(path, fields)
      expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
      expect(response.headers.get('referrer-policy')).toBe('same-origin')
      expect(await response.text()).toContain('<form method="post"')
    }
    expect(login.begun).toEqual([])
    const shown = await reader.open(path, {})
    for (const fields of [{}, FROM_ELSEWHERE, { origin: 'https://evil.example' }, { origin: 'null' }])
      expect((await reader.press(shown, fields)).status).toBe(403)
    expect(login.begun).toEqual([])
    const begun = await reader.press(shown, { origin: OURS })
    expect([begun.status, new URL(begun.headers.get('location') ?? '').origin]).toEqual([303, 'https://ident.example'])
    expect(login.begun).toMatchObject([{ to: `${OURS}/articles/1` }])
  })

  it('keep four trips, sealed, and the latest', async () => {
    for (let at = 1; at <= 9; at++) {
      world.now += 1000
      await leave(`/__faregate/sign-in?login=ident&to=/articles/${at}`, reader)
    }
    expect(tripsOf(reader)).toHaveLength(4)
    const states = login.begun.slice(-4).map(({ state }) => `__Host-faregate-trip-${state.slice(0, 8)}`)
    expect([...tripsOf(reader)].toSorted()).toEqual(states.toSorted())
    for (const name of tripsOf(reader)) expect(reader.value(name)).not.toContain('canary')
  })

  it('filled the cookies of a browser until no server took them, when another site began trips to long pages', async () => {
    for (let at = 0; at < 6; at++)
      await reader.open(`/__faregate/sign-in?login=ident&to=/${'a'.repeat(990)}${at}`, FROM_ELSEWHERE)
    const kept = tripsOf(reader).map((name) => name.length + (reader.value(name)?.length ?? 0))
    expect(kept.length).toBeGreaterThan(1)
    expect(kept.reduce((sum, length) => sum + length, 0)).toBeLessThan(4000)
  })

  it('remove what is no trip any more', async () => {
    const unread = '__Host-faregate-trip-AAAAAAAA'
    reader.put(unread, 'a.b.c.d.e')
    await leave(SIGN_IN, reader)
    expect(reader.names()).toHaveLength(1)
    expect(reader.names()).not.toContain(unread)
  })

  it('ask each login for no more than fifty things at once', async () => {
    const open: (() => void)[] = []
    const location = await leave(SIGN_IN, reader)
    login.endings.push(() => new Promise((resolve) => open.push(() => resolve(ok({ kind: 'cancelled' })))))
    const many = Array.from({ length: 50 }, (_, at) => {
      const parameters = agreed(location)
      parameters.set('n', String(at))
      return sendBack(parameters, reader.copy())
    })
    await vi.waitFor(() => expect(open).toHaveLength(50))
    const busy = await reader.open('/__faregate/sign-in?login=ident&to=/articles/2')
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await busy.text()).toContain('Nothing is lost')
    expect((await reader.open('/__faregate/sign-in?login=other&to=/articles/2')).status).toBe(303)
    for (const end of open) end()
    await Promise.all(many)
    expect((await reader.open('/__faregate/sign-in?login=ident&to=/articles/2')).status).toBe(303)
  })
})
