import { beforeEach, describe, expect, it, vi } from 'vitest'
import { levers } from '../../src/index.ts'
import type { Options, ZoneOptions } from '../../src/config/options.ts'
import {
  buttonOf,
  createDesk,
  type Desk,
  fromItself,
  linesAbout,
  NEWS,
  OPS,
  optionsOf,
  readerToken,
  staffToken,
} from './desk.ts'

const AT = `${OPS}/__faregate/operator`
const ON_ZONE = `${NEWS}/__faregate/operator`
const HOUR_MS = 3_600_000

function withLevers(host?: string, change: Partial<ZoneOptions> = {}): Options {
  const { endpoints = [], ...all } = optionsOf(host === undefined ? {} : { host }, change)
  return { ...all, endpoints: [...endpoints, levers()] }
}

let desk: Desk
beforeEach(() => {
  desk = createDesk(withLevers('ops.site.test'))
})

const signedIn = async (scope = 'view levers', by: Desk = desk): Promise<string> =>
  by.signIn(OPS, await staffToken(scope))

const anonymous = async (by: Desk = desk): Promise<number> => (await by.ask(`${NEWS}/articles/1`)).status

async function press(cookie: string, fields: Record<string, string>, at = AT): Promise<Response> {
  return desk.post(at, fields, { ...fromItself(at), cookie })
}

/** The part of the page about levers. */
function panelOf(page: string): string {
  return /<section><h2>Levers<\/h2>[^]*?<\/section>/.exec(page)?.[0] ?? ''
}

describe('levers on the dashboard', () => {
  it('open a route for a time by a form, show it, and take it back by the button of its row', async () => {
    const cookie = await signedIn()
    const page = panelOf(await desk.page(AT, cookie))
    expect(page).toContain('None is in effect')
    expect(await anonymous()).toBe(402)
    const open = { do: buttonOf(page, 'Open'), part: 'route /articles/*', hours: '4' }
    const answer = await press(cookie, open)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/__faregate/operator?zone=news&did=open'])
    expect(await anonymous()).toBe(200)
    expect(linesAbout(desk).at(-1)).toMatchObject({ action: 'open', route: '/articles/*', by: 'ann', done: true })

    const after = await desk.page(`${AT}?zone=news&did=open`, cookie)
    expect(after).toContain('<p role="status" class="done">It is opened.</p>')
    expect(panelOf(after)).toMatch(/<th scope="row">route \/articles\/\*<\/th><td>open<\/td>/)
    expect(panelOf(after)).toContain('aria-label="Undo: route /articles/* is open"')
    const undo = { do: buttonOf(panelOf(after), 'Undo'), lever: 'open route /articles/*' }
    expect((await press(cookie, undo)).headers.get('location')).toContain('did=undo-open')
    expect(await anonymous()).toBe(402)
    expect(panelOf(await desk.page(AT, cookie))).toContain('None is in effect')
  })

  it('end by themselves: what is opened for four hours is on sale again after them', async () => {
    const cookie = await signedIn()
    const open = { do: buttonOf(await desk.page(AT, cookie), 'Open'), part: 'zone news', hours: '4' }
    expect((await press(cookie, open)).status).toBe(303)
    vi.setSystemTime(Date.now() + 4 * HOUR_MS - 2000)
    expect(await anonymous()).toBe(200)
    vi.setSystemTime(Date.now() + 2000)
    expect(await anonymous()).toBe(402)
  })

  it('close a route for a week, for everyone', async () => {
    const cookie = await signedIn()
    const close = { do: buttonOf(await desk.page(AT, cookie), 'Close'), part: 'route /articles/*', hours: '168' }
    expect((await press(cookie, close)).headers.get('location')).toContain('did=close')
    const headers = { authorization: `Bearer ${await readerToken('account-1')}` }
    expect((await desk.ask(`${NEWS}/articles/1`, { headers })).status).toBe(503)
    expect(panelOf(await desk.page(AT, cookie))).toContain('<td>closed</td>')
  })

  it('are offered by the names of the configuration, and none is chosen before', async () => {
    const routes: ZoneOptions['routes'] = [
      { path: '/articles/*', requires: 'premium' },
      { path: '/staff/*', requires: 'premium', offer: false },
      { path: '/free/*', free: true },
      { path: '/gone/*', closed: true },
    ]
    const other = createDesk(withLevers('ops.site.test', { routes }))
    const page = panelOf(await other.page(AT, await signedIn('view levers', other)))
    const [open = '', close = ''] = Array.from(page.matchAll(/<select name="part"[^]*?<\/select>/g), ([text]) => text)
    const choices = (select: string): string[] =>
      Array.from(select.matchAll(/<option[^>]*>([^<]*)</g), ([, text = '']) => text)
    expect(choices(open)).toEqual(['Choose', 'zone news', 'route /articles/*'])
    expect(choices(close)).toEqual(['Choose', 'route /articles/*', 'route /staff/*', 'route /free/*', 'route /*'])
    expect(open).toContain('<select name="part" required>')
  })

  it('carry out nothing that no form of the page offers', async () => {
    const cookie = await signedIn()
    const page = await desk.page(AT, cookie)
    const [open, close] = [buttonOf(page, 'Open'), buttonOf(page, 'Close')]
    const refused: Record<string, string>[] = [
      { do: open },
      { do: open, part: 'route /articles/*' },
      { do: open, part: 'route /articles/*', hours: '' },
      { do: open, part: 'route /articles/*', hours: '168' },
      { do: open, part: 'route /articles/*', hours: '1e9' },
      { do: open, part: 'route /articles/*', hours: '4', until: '2999-01-01T00:00:00Z' },
      { do: open, part: '', hours: '4' },
      { do: open, part: 'zone shop', hours: '4' },
      { do: open, part: 'route /other', hours: '4' },
      { do: open, part: '__proto__ x', hours: '4' },
      { do: open, part: 'x', hours: '4' },
      { do: open, lever: 'open zone news', undo: 'true' },
      { do: close, part: 'zone news', hours: '4' },
      { do: close, part: 'model gpt', hours: '4' },
      { do: close, part: 'route /articles/*', hours: '169' },
    ]
    for (const fields of refused.filter((one) => one['until'] === undefined))
      expect((await press(cookie, fields)).status, JSON.stringify(fields)).toBe(400)
    expect(panelOf(await desk.page(AT, cookie))).toContain('None is in effect')
    // A member that the form has not is not taken.
    for (const fields of refused.filter((one) => one['until'] !== undefined)) await press(cookie, fields)
    expect(panelOf(await desk.page(AT, cookie))).not.toContain('2999')
  })

  it('take back what is not in effect as nothing, and nothing else', async () => {
    const cookie = await signedIn()
    const open = buttonOf(await desk.page(AT, cookie), 'Open')
    await press(cookie, { do: open, part: 'zone news', hours: '1' })
    const undo = buttonOf(panelOf(await desk.page(AT, cookie)), 'Undo')
    for (const lever of ['', 'open', 'undo zone news', 'until zone news', 'open planet earth', '__proto__ zone news'])
      expect((await press(cookie, { do: undo, lever })).status, lever).toBe(400)
    expect((await press(cookie, { do: undo, lever: 'close route /articles/*' })).status).toBe(303)
    expect(await anonymous()).toBe(200)
  })

  it('have no button for whoever has not the scope, who sees what is in effect', async () => {
    const holder = await signedIn()
    const open = buttonOf(await desk.page(AT, holder), 'Open')
    await press(holder, { do: open, part: 'zone news', hours: '1' })
    const viewer = await signedIn('view hold')
    const page = panelOf(await desk.page(AT, viewer))
    expect(page).toContain('<th scope="row">zone news</th><td>open</td>')
    expect(page).not.toMatch(/<form|<button|Undo/)
    const undo = buttonOf(panelOf(await desk.page(AT, holder)), 'Undo')
    expect((await press(viewer, { do: undo, lever: 'open zone news' })).status).toBe(400)
    expect(await anonymous()).toBe(200)
  })

  it('are those of the zone that is shown, and its orders are none in another', async () => {
    const cookie = await signedIn()
    const [news, shop] = [await desk.page(AT, cookie), await desk.page(`${AT}?zone=shop`, cookie)]
    expect(panelOf(shop)).toContain('<option>zone shop</option>')
    const fields = { do: buttonOf(news, 'Open'), part: 'zone news', hours: '1' }
    expect((await press(cookie, fields, `${AT}?zone=shop`)).status).toBe(400)
    expect(await anonymous()).toBe(402)
  })

  it('are not there where the configuration has none', async () => {
    const bare = createDesk(optionsOf({ host: 'ops.site.test' }))
    expect(panelOf(await bare.page(AT, await signedIn('view levers', bare)))).toBe('')
  })

  it('of a zone with very many routes leave the page small, and the others can be named', async () => {
    const routes = Array.from({ length: 400 }, (_, at) => ({
      path: `/part-${'x'.repeat(40)}-${at}`,
      requires: 'premium',
    }))
    const large = createDesk(withLevers('ops.site.test', { routes }))
    const cookie = await signedIn('view levers', large)
    const bodyOf = (at: number) => ({ do: '', part: '', route: `/part-${'x'.repeat(40)}-${at}`, hours: '24' })
    for (let at = 0; at < 64; at += 1) {
      const page = await large.page(AT, cookie)
      const fields = { ...bodyOf(399 - at), do: buttonOf(page, 'Close') }
      expect((await large.post(AT, fields, { ...fromItself(AT), cookie })).status).toBe(303)
    }
    const page = await large.page(AT, cookie)
    expect(panelOf(page).match(/>Undo<\/button>/g)).toHaveLength(20)
    expect(panelOf(page)).toContain('And 44 that began earlier.')
    expect(Buffer.byteLength(panelOf(page))).toBeLessThan(20_000)
    expect(Buffer.byteLength(page)).toBeLessThan(60_000)
    const full = { ...bodyOf(0), do: buttonOf(page, 'Close') }
    expect((await large.post(AT, full, { ...fromItself(AT), cookie })).status).toBe(409)
  })
})

describe("levers on a zone's host", () => {
  it('ask for a token with the scope, and Enter in its field takes nothing back', async () => {
    desk = createDesk(withLevers())
    const cookie = await desk.signIn(NEWS, await staffToken('view levers'))
    const open = { do: buttonOf(await desk.page(ON_ZONE, cookie), 'Open'), part: 'zone news', hours: '1' }
    expect((await press(cookie, open, ON_ZONE)).status).toBe(401)
    expect((await press(cookie, { ...open, token: await staffToken('view') }, ON_ZONE)).status).toBe(403)
    expect(await anonymous()).toBe(402)
    expect((await press(cookie, { ...open, token: await staffToken('levers') }, ON_ZONE)).status).toBe(303)
    expect(await anonymous()).toBe(200)
    const page = panelOf(await desk.page(ON_ZONE, cookie))
    const [form = ''] = /<form[^>]*>(?:(?!<\/form>)[^])*>Undo<\/button>/.exec(page) ?? []
    expect(form).toContain('A token with the scope levers')
    // The first button of a form is what Enter presses.
    expect(/<button[^>]*>/.exec(form)?.[0]).toBe('<button disabled hidden>')
  })
})

it('a page reads the bulletin once', async () => {
  const cookie = await signedIn()
  await desk.page(AT, cookie)
  const before = desk.reads.length
  vi.setSystemTime(Date.now() + 60_000)
  await desk.page(AT, cookie)
  expect(desk.reads.slice(before)).toHaveLength(1)
})
