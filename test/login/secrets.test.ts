import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { err, ok } from '../../src/core/result.ts'
import { agreed, declined, FakeLogin } from './fakelogin.ts'
import { leave, sendBack } from './journey.ts'
import { CLICK, Reader, SCRIPT } from './reader.ts'
import { OURS, TripWorld } from './world.ts'

const OFFERS = [
  { name: 'monthly', title: 'Monthly' },
  { name: 'yearly', title: 'Yearly' },
]

let login: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  login = new FakeLogin({ offers: OFFERS, isSilent: true, portal: 'https://ident.example/portal' })
  world = new TripWorld([login])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

const SIGN_IN = '/__faregate/sign-in?to=/articles/1'
const BUY = '/__faregate/checkout?offer=monthly&to=/articles/1'

/** Every way that a trip can go; returns all answers to returns. */
async function goEverywhere(): Promise<readonly Response[]> {
  const returns: Response[] = []
  const end = async (path: string, change?: (parameters: URLSearchParams) => void): Promise<void> => {
    const parameters = agreed(await leave(path, reader))
    change?.(parameters)
    returns.push(await sendBack(parameters, reader))
  }
  await end(SIGN_IN)
  await end(SIGN_IN, (parameters) => parameters.set('iss', 'https://evil.example'))
  await end(SIGN_IN, (parameters) => parameters.set('code', 'canary-code-forged'))
  reader.forget(/^__Host-faregate$/)
  await end(SIGN_IN, (parameters) => parameters.set('state', `${parameters.get('state')?.slice(1)}A`))
  login.endings.push(err({ kind: 'unavailable', detail: 'There is no answer.', code: 'timeout' }))
  await end(SIGN_IN)
  login.endings.splice(0, 1, err({ kind: 'refused', detail: 'The code is of no use.', code: 'invalid_grant' }))
  await end(SIGN_IN)
  login.endings.splice(0, 1, async () => {
    throw new Error('canary-code in the message of a bug')
  })
  await end(SIGN_IN)
  login.endings.splice(0, 1, ok({ kind: 'waiting' }))
  await end(BUY)
  world.now += 700_000
  await end(BUY)
  for (const fields of [CLICK, SCRIPT, { accept: 'application/json' }]) await reader.open('/articles/2', fields)
  login.endings.splice(0, 1)
  world.isDown = true
  await end(SIGN_IN)
  world.isDown = false
  await end(SIGN_IN)
  await reader.open('/articles/1')
  await reader.open('/__faregate/portal?to=/articles/1')
  await reader.open('/__faregate/checkout?to=/articles/1')
  const location = await leave(SIGN_IN, reader)
  returns.push(await sendBack(declined(location), reader), await sendBack(declined(location), reader))
  return returns
}

describe('what ends a sign-in or a purchase', () => {
  it('is in no line of the log, no page, no field and no request to the origin', async () => {
    await goEverywhere()
    expect(login.finished.length).toBeGreaterThan(5)
    const told = world.told.join('\n')
    expect(told).toContain('"status":503')
    expect(world.told.filter((line) => line.includes('canary'))).toEqual([])
    for (const { state } of login.begun) {
      const seen = world.told.filter((line) => line.includes(state))
      // Nothing but the redirects that begin the trip, one for each beginning.
      for (const line of seen) expect(line).toMatch(/^location: https:\/\/ident\.example\/authorize\?state=/)
    }
    const lines = world.told.filter((line) => line.startsWith('{'))
    for (const { state } of login.begun) expect(lines.join('\n')).not.toContain(state.slice(0, 8))
  })

  it('is told to no other page: the return sends no Referer, and is not stored', async () => {
    const returns = await goEverywhere()
    expect(returns.map(({ status }) => status)).toEqual([
      200, 303, 400, 400, 503, 400, 500, 200, 200, 503, 200, 303, 303,
    ])
    for (const { headers, status } of returns) {
      expect([headers.get('referrer-policy'), headers.get('cache-control')], String(status)).toEqual([
        'no-referrer',
        'no-store',
      ])
      const location = headers.get('location')
      if (location !== null) expect(location).toMatch(/^\/(?:articles\/1)?$/)
    }
  })

  it('is in no link of a page', async () => {
    for (const response of await goEverywhere()) {
      const page = await response.text()
      for (const [, href = ''] of page.matchAll(/(?:href|url|action)="?=?([^"]*)"/g)) {
        expect(href).not.toMatch(/state|code|canary/)
        if (href !== '') expect(new URL(href, OURS).origin).toBe(OURS)
      }
    }
  })
})
