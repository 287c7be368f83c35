import { afterEach, describe, expect, it, vi } from 'vitest'
import { exportLines } from '../../../src/endpoints/exportview.ts'
import { feeds, manageFeeds } from '../../../src/index.ts'
import { FETCH, OURS, SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

describe('the gate’s own endpoints', () => {
  it('show the account of whoever is signed in, and nothing that renews the session', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const answer = await reader.ask('/__faregate/account')
    const shown = await answer.text()
    expect([answer.status, shown]).toEqual([200, expect.stringContaining('"ann"')])
    expect(shown).not.toMatch(/sealed|refresh/)
  })

  it('show it in the minute of a renewal as well, and the next page brings the new cookie', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.now += 130_000
    expect((await reader.ask('/__faregate/account')).status).toBe(200)
    const before = reader.cookie
    expect(await reader.reason('/paid/1')).toBe('200')
    expect([world.other.renewals, reader.cookie === before]).toEqual([1, false])
  })

  it('explain what a session opens', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const answer = await reader.ask('/__faregate/explain?target=/paid/1&method=GET')
    const explained = await answer.text()
    expect([answer.status, explained]).toEqual([200, expect.stringContaining('"decision":{"action":"serve"}')])
    expect(explained).not.toContain(reader.cookie ?? '')
  })

  it('export a session without what renews it', async () => {
    const world = await SessionWorld.make()
    await world.reader({ group: 'group-of-the-provider' })
    const page = { charges: [], next: undefined, audit: [], issued: await world.kept() }
    const lines = exportLines({ zone: 'www' }, page)
    expect(JSON.parse(lines.split('\n')[0] ?? '')).toMatchObject({ kind: 'session', name: 'test', plan: 'Monthly' })
    expect(lines).not.toMatch(/sealed|group-of-the-provider|eyJ/)
  })

  it('make a feed for whoever is signed in', async () => {
    const world = await SessionWorld.make({
      change: (given) => ({
        ...given,
        endpoints: [manageFeeds()],
        zones: given.zones.map((zone) => ({ ...zone, rails: [...zone.rails, feeds({ routes: ['/paid/*'] })] })),
      }),
    })
    const reader = await world.reader()
    const body = JSON.stringify({ action: 'create', name: 'phone', path: '/paid/feed' })
    const headers = { 'content-type': 'application/json' }
    const made = await reader.ask('/__faregate/feeds', { method: 'POST', kind: FETCH, headers, body })
    const { url = '' } = (await made.json()) as { url?: string }
    expect((await world.ask(url.slice(OURS.length))).status).toBe(200)
  })
})
