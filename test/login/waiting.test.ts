import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { confirm } from '../../src/endpoints/confirm.ts'
import type { EndpointFactory } from '../../src/endpoints/endpoint.ts'
import { applyEvent } from '../../src/standing/apply.ts'
import type { StandingChange } from '../../src/standing/rules/event.ts'
import { agreed, FakeLogin } from './fakelogin.ts'
import { comeBack, leave, sendBack } from './journey.ts'
import { CLICK, Reader } from './reader.ts'
import { tripOptions, TripWorld } from './world.ts'

const MONTHLY = { name: 'monthly', title: 'Monthly' }

let login: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(async () => {
  login = new FakeLogin({ offers: [MONTHLY] })
  world = new TripWorld([login], tripOptions([login], { unmatched: 'closed' }))
  reader = new Reader(world)
  await comeBack(await leave('/__faregate/sign-in?to=/articles/1', reader), reader)
})
afterEach(() => void vi.restoreAllMocks())

async function say(...changes: readonly StandingChange[]): Promise<void> {
  const event = { id: crypto.randomUUID(), issuer: login.issuer, account: 'ann', changes }
  const applied = await applyEvent(event, world.zone, world.services, { action: 'event', by: 'billing' })
  if (!applied.ok) throw new Error(JSON.stringify(applied.error))
  world.now += 6000
}

async function waitForPayment(to = '/articles/1'): Promise<void> {
  login.endings.push(ok({ kind: 'waiting' }))
  await sendBack(agreed(await leave(`/__faregate/checkout?offer=monthly&to=${to}`, reader)), reader)
}

const LISTED: readonly (readonly [string, readonly EndpointFactory[]])[] = [
  ['comes with the login', []],
  ['is listed', [confirm()]],
]

describe('while a payment is on its way', () => {
  it.each(LISTED)('its page does not ask to pay once more from credit; confirm() %s', async (_how, endpoints) => {
    world = new TripWorld([login], { ...tripOptions([login]), endpoints: [...endpoints] })
    reader = new Reader(world)
    await comeBack(await leave('/__faregate/sign-in?to=/articles/1', reader), reader)
    await say({ kind: 'credit-granted', money: { units: 5_000_000_000n, currency: 'EUR' } })
    expect(await (await reader.open('/dear/1')).text()).toContain('Pay €1.00 and open')
    await waitForPayment('/dear/1')
    const page = await (await reader.open('/dear/1')).text()
    expect(page).toContain('Check again')
    expect(page).not.toContain('<form')
    // What is there already still opens other pages: a bank takes days.
    const other = await (await reader.open('/dear/2')).text()
    expect(other).toContain('Check again')
    expect(other).toContain('Pay €1.00 and open')
  })

  it.each([
    ['an account that is held', '/articles/1', 402],
    ['a page that nobody may open', '/secret', 403],
  ])('%s is not told to check again', async (_what, path, status) => {
    await say({ kind: 'statement', statement: { kind: 'hold', at: world.now / 1000, isLifted: false } })
    await waitForPayment()
    const response = await reader.open(path)
    expect([response.status, (await response.text()).includes('Check again')]).toEqual([status, false])
  })
})

describe('a browser with many cookies of trips', () => {
  it('has six of them opened at most', async () => {
    const other = new Reader(world)
    await leave('/__faregate/sign-in?to=/articles/1', other)
    const [name = ''] = other.names()
    for (let at = 0; at < 40; at++)
      other.put(`${name.slice(0, -2)}${String(at).padStart(2, '0')}`, other.value(name) ?? '')
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    expect((await other.open('/articles/1', CLICK)).status).toBe(402)
    expect(decrypt.mock.calls.length).toBeLessThanOrEqual(6)
  })
})
