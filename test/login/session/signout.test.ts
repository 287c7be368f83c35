import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Browser } from './browser.ts'
import { BOUND, FETCH, OURS, SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

/** Presses the button of the page. */
function leave(
  reader: Browser,
  fields: Record<string, string> = {},
  more: Record<string, string> = {},
): Promise<Response> {
  const headers = { origin: OURS, ...more }
  return reader.ask('/__faregate/sign-out', { method: 'POST', kind: FETCH, body: new URLSearchParams(fields), headers })
}

describe('signing out', () => {
  it('removes every cookie of the gate, and what the browser has stored', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    for (const name of ['trip-abcdefgh', 'receipt-abcdefgh', 'confirm']) reader.put(`__Host-faregate-${name}`, 'x')
    reader.put('theirs', 'x')
    reader.put('faregate-hint', '1')
    const answer = await leave(reader)
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
    expect(answer.headers.get('clear-site-data')).toBe('"cache"')
    expect(answer.headers.getSetCookie().filter((one) => one.includes('Domain=example.com;'))).toHaveLength(1)
    expect(reader.names()).toEqual(['theirs'])
    expect(await reader.reason('/paid/1')).toBe('402 payment-required')
  })

  it('leaves a copy of the cookie that opens nothing after the bound, and renews nothing at once', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const [thief, isolate] = [reader.copy(), world.isolate()]
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('200')
    await leave(reader)
    world.now += BOUND
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('402 credential-expired')
    expect(await thief.reason('/counted/1', {}, isolate)).toBe('402 credential-expired')
    world.now += 120_000
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('402 credential-expired')
    expect([world.other.renewals, await world.kept()]).toEqual([0, []])
  })

  it('renews nothing for a copy of an old cookie in the very moment', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const [thief, isolate] = [reader.copy(), world.isolate()]
    world.now += 130_000
    await leave(reader)
    expect(await thief.reason('/paid/1', {}, isolate)).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(0)
  })

  it('is not undone by a renewal that is answered afterwards: what that brought is revoked', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const tab = reader.copy()
    world.now += 70_000
    world.other.answer = async (renewed) => {
      await leave(reader)
      return world.other.rotate(renewed)
    }
    expect(await tab.reason('/paid/1')).toBe('402 credential-expired')
    await world.first.settle()
    expect([tab.cookie, await world.kept()]).toEqual([undefined, []])
    expect(world.other.revoked).toEqual(['refresh-0-secret', world.other.current])
  })

  it('ends what renews the session on the other side, and goes on to its last page', async () => {
    const world = await SessionWorld.make()
    world.other.endsAt = 'https://login.example.net/end'
    const reader = await world.reader()
    const answer = await leave(reader)
    await world.first.settle()
    expect(answer.headers.get('location')).toBe(`https://login.example.net/end?to=${OURS}/`)
    expect([answer.headers.get('referrer-policy'), answer.headers.get('cache-control')]).toEqual([
      'no-referrer',
      'no-store',
    ])
    expect(world.other.revoked).toEqual(['refresh-0-secret'])
  })

  it('ends the sessions of the same sign-in on all hosts, and no others', async () => {
    const world = await SessionWorld.make()
    const [one, two, other] = [
      await world.reader({ group: 'g' }),
      await world.reader({ group: 'g' }),
      await world.reader(),
    ]
    await leave(one)
    world.now += BOUND
    expect(await two.reason('/paid/1')).toBe('402 credential-expired')
    expect(await other.reason('/paid/1')).toBe('200')
  })

  it('ends all sessions of the account where that is asked for', async () => {
    const world = await SessionWorld.make()
    const [one, other] = [await world.reader(), await world.reader()]
    await leave(one, { everywhere: '1' })
    world.now += BOUND
    expect(await other.reason('/paid/1')).toBe('402 credential-expired')
    expect(await world.kept()).toEqual([])
  })

  it('is done by pages of the site alone', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const kind = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const crossed = await reader.ask('/__faregate/sign-out', { method: 'POST', kind })
    const foreign = await reader.ask('/__faregate/sign-out', {
      method: 'POST',
      kind: {},
      headers: { origin: 'https://evil.example' },
    })
    expect([crossed.status, foreign.status, reader.cookie === undefined]).toEqual([403, 403, false])
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('is a page with a button, which changes nothing by itself', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const answer = await reader.ask('/__faregate/sign-out')
    const page = await answer.text()
    expect(answer.headers.get('referrer-policy')).toBe('same-origin')
    expect(page).toContain('<form method="post" action="/__faregate/sign-out">')
    expect(page).not.toContain('bought')
    expect(await world.kept()).toHaveLength(1)
    reader.put('__Host-faregate-receipt-abcdefgh', 'x')
    expect(await (await reader.ask('/__faregate/sign-out')).text()).toContain('removed as well')
  })

  it('that could not be kept says so, and leaves the cookie to try again', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.isDown = true
    const answer = await leave(reader)
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('may still be signed in')])
    world.isDown = false
    expect((await leave(reader)).status).toBe(303)
  })

  it('revokes a token in the cookie by its name', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const token = await world.token({ jti: 'token-1' })
    reader.put('__Host-faregate', token)
    const thief = reader.copy()
    expect(await thief.reason('/paid/1')).toBe('200')
    await leave(reader)
    expect(reader.cookie).toBeUndefined()
    expect(await thief.reason('/paid/1')).toBe('402 subscription-inactive')
  })

  it('is of who is in the cookie: a token that a program sends is not revoked', async () => {
    const world = await SessionWorld.make()
    const authorization = `Bearer ${await world.token({ jti: 'token-1' })}`
    const headers = { origin: OURS, authorization }
    const answer = await world.ask('/__faregate/sign-out', { method: 'POST', kind: FETCH, headers })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
    world.now += BOUND
    expect((await world.ask('/paid/1', { headers: { authorization } })).status).toBe(200)
  })

  it('of nobody goes home', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    reader.put('__Host-faregate', 'garbage')
    const answer = await leave(reader)
    expect([answer.status, answer.headers.get('location'), reader.cookie]).toEqual([303, '/', undefined])
  })
})
