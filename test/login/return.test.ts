import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agreed, FakeLogin } from './fakelogin.ts'
import { comeBack, expectStranger, leave, sendBack, tripsOf } from './journey.ts'
import { CLICK, FROM_ELSEWHERE, Reader, SCRIPT, TYPED } from './reader.ts'
import { DAY, tripOptions, TripWorld } from './world.ts'

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

describe('a return', () => {
  it('without a trip of this browser ends nothing', async () => {
    const location = await leave(SIGN_IN, reader)
    await expectStranger(await comeBack(location, new Reader(world)))
    await expectStranger(await sendBack(new URLSearchParams(), new Reader(world)))
    expect(login.finished).toEqual([])
  })

  it.each([
    ['another state', (state: string) => ({ state: `${state.slice(0, 42)}${state.endsWith('A') ? 'B' : 'A'}` })],
    ['a state of another length', (state: string) => ({ state: state.slice(0, 42) })],
    ['the name of the cookie alone', (state: string) => ({ state: state.slice(0, 8) })],
    ['no state', () => ({ state: '' })],
    ['another issuer', () => ({ iss: 'https://evil.example' })],
    ["another login's issuer", () => ({ iss: 'https://other.example' })],
    ["the issuer's name in another spelling", () => ({ iss: 'https://IDENT.example' })],
  ])('with %s ends nothing, and leaves the trip', async (_what, change) => {
    const location = await leave(SIGN_IN, reader)
    const parameters = agreed(location)
    const changed: Record<string, string> = change(parameters.get('state') ?? '')
    for (const [name, value] of Object.entries(changed)) parameters.set(name, value)
    await expectStranger(await sendBack(parameters, reader))
    expect(login.finished).toEqual([])
    expect((await comeBack(location, reader)).status).toBe(200)
  })

  it('with two states, or to the path of another login, ends nothing', async () => {
    const location = await leave(SIGN_IN, reader)
    const twice = agreed(location)
    twice.append('state', twice.get('state') ?? '')
    await expectStranger(await sendBack(twice, reader))
    await expectStranger(await sendBack(agreed(location), reader, 'other'))
    await expectStranger(await sendBack(agreed(location), reader, 'nobody'))
    await expectStranger(await sendBack(agreed(location), reader, '..%2Fident'))
    expect([login.finished, other.finished]).toEqual([[], []])
  })

  it('whose account fits no cookie says so on a page', async () => {
    login.account = 'a'.repeat(900)
    const response = await comeBack(await leave(SIGN_IN, reader), reader)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('has more to it than a sign-in here can hold')
    expect(tripsOf(reader)).toEqual([])
  })

  it('to the path of another login ends nothing, though both are of one issuer', async () => {
    other = new FakeLogin({ name: 'other', issuer: login.issuer })
    world = new TripWorld([login, other])
    reader = new Reader(world)
    const location = await leave(SIGN_IN, reader)
    await expectStranger(await sendBack(agreed(location), reader, 'other'))
    expect([login.finished, other.finished]).toEqual([[], []])
    expect((await comeBack(location, reader)).status).toBe(200)
  })

  it('ends nothing once its login has become one of another issuer', async () => {
    const location = await leave(SIGN_IN, reader)
    const moved = new FakeLogin({ issuer: 'https://new.example' })
    const returned = new Reader(new TripWorld([moved]))
    for (const name of tripsOf(reader)) returned.put(name, reader.value(name) ?? '')
    await expectStranger(await comeBack(location, returned))
    expect(moved.finished).toEqual([])
  })

  it('with the code of another trip ends nothing', async () => {
    const [one, two] = [
      agreed(await leave(SIGN_IN, reader)),
      agreed(await leave('/__faregate/sign-in?login=ident&to=/articles/2', reader)),
    ]
    one.set('code', two.get('code') ?? '')
    const response = await sendBack(one, reader)
    expect(response.status).toBe(400)
    expect(reader.names()).not.toContain('__Host-faregate')
    expect((await sendBack(two, reader)).status).toBe(200)
  })

  it('that a thief has planted signs nobody in: the trip is of another browser', async () => {
    const thief = new Reader(world)
    login.account = 'thief'
    const planted = agreed(await leave(SIGN_IN, thief))
    await expectStranger(await sendBack(planted, reader))
    const own = agreed(await leave(SIGN_IN, reader))
    await expectStranger(await sendBack(planted, reader))
    login.account = 'ann'
    expect((await sendBack(own, reader)).status).toBe(200)
  })

  it.each([
    ['another name', (name: string, value: string) => [`${name.slice(0, -1)}${name.endsWith('A') ? 'B' : 'A'}`, value]],
    ['a letter changed', (name: string, value: string) => [name, `${value.slice(0, -3)}AAA`]],
    ['cut short', (name: string, value: string) => [name, value.slice(0, 100)]],
    ['nothing in it', (name: string) => [name, '.']],
  ])('with a cookie of %s ends nothing', async (_what, change) => {
    const location = await leave(SIGN_IN, reader)
    const [name = ''] = tripsOf(reader)
    const [forgedName = '', forged = ''] = change(name, reader.value(name) ?? '')
    const victim = new Reader(world)
    victim.put(forgedName, forged)
    await expectStranger(await comeBack(location, victim))
  })

  it('at another host, or in another zone, ends nothing', async () => {
    const options = tripOptions([login], { hosts: ['www.news.example', 'shop.news.example'] })
    const [zone] = options.zones
    if (zone === undefined) throw new Error('no zone')
    const abroad = { ...zone, name: 'abroad', hosts: ['www.abroad.example'] }
    world = new TripWorld([login], { ...options, zones: [...options.zones, abroad] })
    reader = new Reader(world)
    const location = await leave(SIGN_IN, reader)
    const [name = ''] = tripsOf(reader)
    for (const host of ['shop.news.example', 'www.abroad.example']) {
      const copied = new Reader(world)
      copied.put(name, reader.value(name) ?? '', host)
      await expectStranger(
        await copied.open(`https://${host}/__faregate/return/ident?${agreed(location).toString()}`, FROM_ELSEWHERE),
      )
    }
    expect(login.finished).toEqual([])
  })

  it('once more, by a reload or Back, leads a reader home who is signed in', async () => {
    const location = await leave(SIGN_IN, reader)
    await comeBack(location, reader)
    const before = reader.value('__Host-faregate')
    for (const fields of [FROM_ELSEWHERE, CLICK, TYPED]) {
      const again = await sendBack(agreed(location), reader, 'ident', fields)
      expect([again.status, again.headers.get('location')]).toEqual([303, '/'])
      expect(again.headers.getSetCookie()).toEqual([])
    }
    expect(reader.value('__Host-faregate')).toBe(before)
    reader.forget(/^__Host-faregate$/)
    await expectStranger(await comeBack(location, reader))
    expect(login.finished).toHaveLength(1)
  })

  it('after three days ends nothing', async () => {
    const location = await leave(SIGN_IN, reader)
    const late = reader.copy()
    const [name = ''] = tripsOf(reader)
    const value = reader.value(name) ?? ''
    world.now += 3 * DAY
    late.put(name, value)
    await expectStranger(await comeBack(location, late))
  })

  it.each([
    ['a script', SCRIPT],
    ['a frame', { ...FROM_ELSEWHERE, 'sec-fetch-dest': 'iframe' }],
    ['an image', { ...SCRIPT, 'sec-fetch-dest': 'image' }],
  ])('asked for by %s ends nothing', async (_what, fields) => {
    const location = await leave(SIGN_IN, reader)
    await expectStranger(await sendBack(agreed(location), reader, 'ident', fields))
    expect(login.finished).toEqual([])
  })

  it('works in a browser without Fetch Metadata', async () => {
    const location = await leave(SIGN_IN, reader)
    expect((await sendBack(agreed(location), reader, 'ident', {})).status).toBe(200)
  })
})
