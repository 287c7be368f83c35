import { beforeEach, describe, expect, it, vi } from 'vitest'
import { faultsOf } from '../support/compiled.ts'
import {
  buttonOf,
  createDesk,
  type Desk,
  fromItself,
  NEWS,
  OPS,
  optionsOf,
  SHOP,
  staffToken,
  zonesWith,
} from './desk.ts'

const PATH = '/__faregate/operator'
const AT = `${OPS}${PATH}`
const HOST = { host: 'ops.site.test' }

let desk: Desk
beforeEach(() => {
  desk = createDesk(optionsOf(HOST))
})

/** The status of an answer, and whether it has the dashboard. */
async function seen(answer: Promise<Response>): Promise<[number, boolean]> {
  const { status, text } = await answer.then(async (one) => ({ status: one.status, text: await one.text() }))
  return [status, text.includes('What happens on')]
}

describe('a dashboard on a host of its own', () => {
  it('is on no host of a zone, for no method, and is answered there as what does not exist', async () => {
    const cookie = await desk.signIn(OPS, await staffToken('view'))
    for (const at of [NEWS, SHOP])
      for (const init of [
        {},
        { headers: { cookie, 'sec-fetch-site': 'none' } },
        { method: 'POST' },
        { method: 'OPTIONS' },
      ]) {
        const [answer, unknown] = await Promise.all([
          desk.ask(`${at}${PATH}`, init),
          desk.ask(`${at}/__faregate/nothing`, init),
        ])
        const told = async (one: Response) => [one.status, (await one.text()).replace(/urn:uuid:[\w-]+/, '')]
        expect(await told(answer)).toEqual(await told(unknown))
        expect(answer.status).toBe(404)
      }
  })

  it('serves nothing else on that host', async () => {
    for (const path of ['/', '/articles/1', '/__faregate/hold', '/__faregate/explain', '/__faregate/lookup'])
      expect((await desk.ask(`${OPS}${path}`, { method: 'POST' })).status).toBe(421)
    expect((await desk.ask(`${AT}/more`)).status).toBe(404)
    expect((await desk.ask(`${AT}?zone=other`)).status).toBe(404)
  })

  it('shows each zone that the token covers, one at a time', async () => {
    const both = await desk.signIn(OPS, await staffToken('view'))
    expect(await desk.page(AT, both)).toContain('What happens on news')
    const shop = await desk.page(`${AT}?zone=shop&range=7d`, both)
    expect(shop).toContain('What happens on shop')
    expect(shop).toContain('href="/__faregate/operator?zone=news"')
    expect(shop).toContain('href="?zone=shop&amp;range=1h"')
    const one = await desk.signIn(OPS, await staffToken('view', { aud: SHOP }))
    const refused = await desk.ask(AT, { headers: { cookie: one, 'sec-fetch-site': 'none' } })
    expect(refused.status).toBe(401)
    expect(await desk.page(`${AT}?zone=shop`, one)).not.toContain('zone=news')
  })

  it('sends whoever may look at another zone alone to that one', async () => {
    const answer = await desk.post(AT, { token: await staffToken('view', { aud: SHOP }) })
    expect(answer.headers.get('location')).toBe('/__faregate/operator?zone=shop')
  })

  it('ends the session after an hour, and with the token', async () => {
    const answer = await desk.post(AT, { token: await staffToken('view', { exp: Math.floor(Date.now() / 1000) + 90 }) })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^__Host-faregate-operator=[^;]+; Max-Age=90; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    )
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const look = () => seen(desk.ask(AT, { headers: { cookie, 'sec-fetch-site': 'none' } }))
    expect(await look()).toEqual([200, true])
    vi.setSystemTime(Date.now() + 91_000)
    expect(await look()).toEqual([401, false])
  })

  it('loads nothing that the site has, may be in no frame, and has no script', async () => {
    const plain = createDesk(
      optionsOf(HOST, {
        pages: {
          site: { name: 'The Daily Fare', home: '/', logo: { path: '/logo.svg', alt: 'Fare' } },
          stylesheet: '/own.css',
        },
        unmatched: 'free',
      }),
    )
    const cookie = await plain.signIn(OPS, await staffToken('view'))
    const answer = await plain.ask(AT, { headers: { cookie, 'sec-fetch-site': 'none' } })
    const page = await answer.text()
    expect(page).not.toMatch(/logo\.svg|own\.css|<script/)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('script-src')
    expect(answer.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(answer.headers.get('access-control-allow-origin')).toBe(null)
  })
})

describe('the session of one place is nothing in another', () => {
  it('neither way', async () => {
    const onZone = createDesk(optionsOf())
    const [viewer, own] = [
      await onZone.signIn(NEWS, await staffToken('view')),
      await desk.signIn(OPS, await staffToken('view')),
    ]
    const look = (one: Desk, at: string, cookie: string) =>
      seen(one.ask(`${at}${PATH}`, { headers: { cookie, 'sec-fetch-site': 'none' } }))
    expect(await look(onZone, NEWS, viewer)).toEqual([200, true])
    expect(await look(onZone, NEWS, own)).toEqual([401, false])
    expect(await look(onZone, SHOP, viewer)).toEqual([401, false])
    expect(await look(desk, OPS, viewer)).toEqual([401, false])
  })
})

describe('an order', () => {
  // Whoever runs script on the publisher's pages shares the site of the dashboard, and none of its origin.
  const ATTACKS: readonly [string, Record<string, string>][] = [
    [
      'a form of a page of the same site',
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', origin: NEWS },
    ],
    ['fetch of a page of the same site', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', origin: NEWS }],
    ['fetch with no-cors', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', origin: NEWS }],
    [
      'a form of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', origin: 'https://evil.test' },
    ],
    ['a sandboxed frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', origin: 'null' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['an old browser, from a page of the same site', { origin: NEWS }],
    ['an old browser, without an origin', {}],
    ['an old browser, with a referrer alone', { referer: AT }],
  ]

  it.each(ATTACKS)('of %s is not carried out', async (_, headers) => {
    const cookie = await desk.signIn(OPS, await staffToken('view'))
    const leave = buttonOf(await desk.page(AT, cookie), 'Sign out')
    expect(leave).not.toBe('')
    const answer = await desk.post(AT, { do: leave }, { ...headers, cookie })
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([400, null])
  })

  it.each<[string, Record<string, string>]>([
    ['a browser', fromItself(AT)],
    ['an old browser', { origin: OPS }],
  ])('of the page itself is, by %s', async (_, headers) => {
    const cookie = await desk.signIn(OPS, await staffToken('view'))
    const leave = buttonOf(await desk.page(AT, cookie), 'Sign out')
    const answer = await desk.post(AT, { do: leave }, { ...headers, cookie })
    expect([
      answer.status,
      answer.headers.get('set-cookie')?.startsWith('__Host-faregate-operator=; Max-Age=0'),
    ]).toEqual([303, true])
  })

  it('is nothing without the token of the form, or with that of another session, zone or kind', async () => {
    const cookie = await desk.signIn(OPS, await staffToken('view'))
    const [mine, ofShop] = [await desk.page(AT, cookie), await desk.page(`${AT}?zone=shop`, cookie)]
    const other = await desk.signIn(OPS, await staffToken('view'))
    const theirs = await desk.page(AT, other)
    const sent = [
      '',
      'x',
      cookie.split('=')[1] ?? '',
      buttonOf(theirs, 'Sign out'),
      buttonOf(ofShop, 'Sign out'),
      `${buttonOf(mine, 'Sign out')}A`,
    ]
    for (const value of sent)
      expect((await desk.post(AT, { do: value }, { ...fromItself(AT), cookie })).status, value).toBe(400)
    expect((await desk.post(AT, { do: buttonOf(mine, 'Sign out') })).status).toBe(401)
    expect((await desk.post(AT, { do: buttonOf(mine, 'Sign out') }, { ...fromItself(AT), cookie })).status).toBe(303)
  })
})

describe('the host in a configuration', () => {
  it.each<[unknown, string]>([
    ['www.site.test', 'expected a host that serves nothing else, and it is zones[0].hosts[0]'],
    ['shop.site.test', 'expected a host that serves nothing else, and it is zones[1].hosts[0]'],
    ['Ops.site.test', 'expected a host name in lower case, without port'],
    ['ops.site.test:8443', 'expected a host name in lower case, without port'],
    ['https://ops.site.test', 'expected a host name in lower case, without port'],
  ])('may not be %s', (host, message) => {
    const env = {
      TOKEN_SECRET: 's'.repeat(32),
      STAFF_SECRET: 't'.repeat(32),
      GATE_SECRET: 'u'.repeat(32),
      ACCOUNT_KEY: 'v'.repeat(32),
    }
    expect(faultsOf(optionsOf({ host: String(host) }), env)).toEqual([{ path: 'endpoints[4].host', message }])
  })

  it('needs the hosts of the site beside it', () => {
    const [{ name: _name, hosts: _hosts, ...single } = {}] = zonesWith()
    const { zones: _zones, ...all } = optionsOf(HOST)
    const env = {
      TOKEN_SECRET: 's'.repeat(32),
      STAFF_SECRET: 't'.repeat(32),
      GATE_SECRET: 'u'.repeat(32),
      ACCOUNT_KEY: 'v'.repeat(32),
    }
    expect(faultsOf({ ...all, ...single }, env)).toEqual([
      { path: 'endpoints[4].host', message: 'expected "hosts" beside it: without them the site answers at any host' },
    ])
  })
})
