import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeLogin } from './fakelogin.ts'
import { comeBack, leave } from './journey.ts'
import { CLICK, FROM_ELSEWHERE, linksOf, Reader, SCRIPT } from './reader.ts'
import { DAY, OURS, TripWorld } from './world.ts'

const THERE = 'https://shop.example/portal/canary-portal'
const PORTAL = '/__faregate/portal?to=/articles/1'

let login: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(async () => {
  login = new FakeLogin({ portal: THERE })
  world = new TripWorld([login])
  reader = new Reader(world)
  await comeBack(await leave('/__faregate/sign-in?to=/articles/1', reader), reader)
})
afterEach(() => void vi.restoreAllMocks())

async function expectNobody(response: Response): Promise<void> {
  expect(response.status).toBe(401)
  expect(await linksOf(response)).toEqual({
    'Sign in': '/__faregate/sign-in?to=%2Farticles%2F1',
    'Go back to the page': '/articles/1',
  })
  expect(login.portals).toEqual([])
}

describe('the portal of an account', () => {
  it('is opened by a click, and is neither stored nor logged', async () => {
    const response = await reader.open(PORTAL)
    expect([response.status, response.headers.get('location')]).toEqual([303, THERE])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(login.portals).toEqual([{ account: 'ann', to: `${OURS}/articles/1` }])
    const lines = world.told.filter((line) => line.startsWith('{'))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('\n')).not.toContain('canary')
  })

  it('asks a reader whom another site has sent for a click', async () => {
    const response = await reader.open(PORTAL, FROM_ELSEWHERE)
    expect(response.status).toBe(200)
    expect(login.portals).toEqual([])
    expect((await reader.open((await linksOf(response))['Go on'] ?? '')).status).toBe(303)
  })

  it('is closed to nobody, to scripts, and to other accounts', async () => {
    await expectNobody(await new Reader(world).open(PORTAL))
    await expectNobody(await reader.open(PORTAL, SCRIPT))
    await expectNobody(await reader.open(PORTAL, { ...CLICK, 'sec-fetch-dest': 'iframe' }))
    const stranger = new Reader(world)
    stranger.put('__Host-faregate', 'x')
    await expectNobody(await stranger.open(PORTAL))
  })

  it('is closed to whoever has signed out, and to a thief of the cookie', async () => {
    const thief = reader.copy()
    const fields = { ...CLICK, 'content-type': 'application/x-www-form-urlencoded' }
    await reader.open('/__faregate/sign-out', fields, { method: 'POST', body: '' })
    world.now += 10_000
    await expectNobody(await reader.open(PORTAL))
    await expectNobody(await thief.open(PORTAL))
  })

  it('is closed once the session is over', async () => {
    const old = reader.copy()
    world.now += 60 * DAY
    old.put('__Host-faregate', reader.value('__Host-faregate') ?? '')
    await expectNobody(await old.open(PORTAL))
  })

  it('is closed where no login has one', async () => {
    world = new TripWorld([new FakeLogin()])
    expect((await new Reader(world).open(PORTAL)).status).toBe(401)
  })
})
