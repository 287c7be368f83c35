import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { AccountWorld, BROWSER } from './world.ts'

const ACCOUNT = '/__faregate/account'
const FEEDS = '/__faregate/feeds'

let parties: Parties
let world: AccountWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new AccountWorld(parties)
})
afterEach(() => vi.restoreAllMocks())

describe('an account whose token calls its limits anything', () => {
  it('had a formula in the file of its charges, where a spreadsheet ends cells at semicolons', async () => {
    const names = ['=1+1', 'a;=2+2', 'b; @SUM(3)', '-4']
    const limits = names.map((name) => ({ name, quota: 9, unit: 'requests', window: 'P1D' }))
    const token = await world.token({ limits })
    await world.ask('/archive/1', { headers: { authorization: `Bearer ${token}` } })
    const file = await (await world.open(`${ACCOUNT}?format=csv`, {}, token)).text()
    expect(file).toContain('2+2')
    expect(file).not.toMatch(/[,;"\n][ \t]*[=+@-]/)
  })
})

describe('a pasted key', () => {
  async function paste(): Promise<string> {
    const answer = await world.post(ACCOUNT, { key: await world.key() })
    return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  }

  it('was forgotten while its ledger did not answer', async () => {
    const headers = { ...BROWSER, cookie: await paste() }
    world.renew()
    world.isDown = true
    const silent = await world.ask(ACCOUNT, { headers })
    expect([silent.status, silent.headers.getSetCookie()]).toEqual([503, []])
    world.isDown = false
    world.now += 10_000
    expect((await world.ask(ACCOUNT, { headers })).status).toBe(200)
  })
})

describe('a feed', () => {
  it.each([
    ['that no one can tell by its name', { name: ' ', path: '/feed/1' }],
    ['whose URL has its parameter twice, and so opens nothing', { name: 'phone', path: '/feed/1?a=1&TOKEN=2' }],
  ])('was made %s', async (_how, made) => {
    const cookie = `__Host-faregate=${await world.token()}`
    expect((await world.post(FEEDS, { action: 'create', ...made }, { cookie })).status).toBe(400)
    expect((await world.order({ action: 'create', ...made })).status).toBe(400)
  })
})

describe('a feed whose page has a long address', () => {
  it.each(['é', 'a'])('was made, and its URL shown to nobody: of %s', async (letter) => {
    const cookie = `__Host-faregate=${await world.token({ sub: 'x'.repeat(255) })}`
    const path = `/feed/${letter.repeat(1000)}`
    const answer = await world.post(FEEDS, { action: 'create', name: 'phone', path }, { cookie })
    const shown = answer.headers.getSetCookie().map((one) => one.split(';')[0] ?? '')
    for (const one of shown) expect(one.length).toBeLessThan(4096)
    const headers = { ...BROWSER, cookie: [cookie, ...shown].join('; ') }
    const page = answer.status === 303 ? await world.ask(FEEDS, { headers }) : answer
    const text = await page.text()
    const url = URL.parse(/ readonly value="([^"]+)"/.exec(text)?.[1] ?? '')
    expect(await world.reason(`${url?.pathname}${url?.search}`)).toBe('200')
    expect(text).toContain('<h2>phone</h2>')
  })
})
