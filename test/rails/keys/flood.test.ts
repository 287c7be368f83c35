import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSite, makeKeyAt } from './site.ts'

const DAY = 86_400_000
const CREATE = { action: 'create', name: 'CI' }

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z'), toFake: ['Date'] })
})
afterEach(() => void vi.useRealTimers())

describe('an owner', () => {
  it('filled the bulletin and the audit by making and removing keys without end', async () => {
    const site = createSite()
    const one = site.isolate()
    const statuses: number[] = []
    for (let round = 0; round < 60; round += 1) {
      const made = await one.own(CREATE)
      statuses.push(made.status)
      if (made.status !== 200) break
      const { id } = (made.json as { key: { id: string } }).key
      statuses.push((await one.own({ action: 'remove', id })).status)
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(100)
    expect(statuses).toHaveLength(101)
    const refused = await one.own(CREATE)
    expect(refused).toMatchObject({ status: 429, json: { title: 'Too Many Requests' } })
    expect(refused.headers.get('retry-after')).toBe('3600')
    // Nothing of a refused order is left: neither here nor in the list of the site.
    const listed = await one.order({ action: 'zone' })
    expect(listed.json).toMatchObject({ keys: [] })
    expect((await one.own({ action: 'list' })).status).toBe(200)
    // Whoever used them up has stolen a token: its owner can still end what they made.
    const { id } = await makeKeyAt(one)
    for (const action of ['disable', 'remove']) expect((await one.own({ action, id })).status).toBe(200)
    // An operator goes on, and so does the owner tomorrow.
    await makeKeyAt(one)
    vi.setSystemTime(Date.now() + DAY)
    expect((await one.own(CREATE)).status).toBe(200)
  })

  it('filled the list of the site with a hundred keys of each account', async () => {
    const one = createSite().isolate()
    for (let made = 0; made < 20; made += 1) expect((await one.own(CREATE)).status).toBe(200)
    expect((await one.own(CREATE)).status).toBe(409)
    await makeKeyAt(one)
  })

  it('made a record grow without end by replacing a secret with a long overlap', async () => {
    const one = createSite().isolate()
    const made = (await one.own(CREATE)).json as { key: { id: string }; secret: string }
    const until = new Date(Date.now() + 80 * DAY).toISOString()
    const rotate = () => one.own({ action: 'rotate', id: made.key.id, until })
    const first = (await rotate()).json as { secret: string }
    for (let times = 0; times < 6; times += 1) await rotate()
    expect((await one.withKey(first.secret)).status).toBe(200)
    for (let times = 0; times < 4; times += 1) await rotate()
    const { keys } = (await one.own({ action: 'list' })).json as { keys: { secrets: unknown[] }[] }
    expect(keys[0]?.secrets).toHaveLength(8)
    expect((await one.withKey(first.secret)).status).toBe(402)
  })
})
