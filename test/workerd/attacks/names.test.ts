import { evictDurableObject } from 'cloudflare:test'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accountKey } from '../../../src/standing/rules/bulletin.ts'
import { ask, withToken, createWorld, type World } from '../../support/world.ts'
import { ledgerOf } from '../objects.ts'

let world: World

beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.end())

/** Half of a character, which JSON can hold and a database cannot. */
const HALF = 'account \ud800'
const WHOLE = 'account \ufffd\ufffd\ufffd'

describe('an account whose name no database can hold', () => {
  it('would be another one once the object that keeps what was said of it is made anew', async () => {
    const bulletin = ledgerOf('bulletin of names.test.ts')
    const entry = { revokedAt: 1_800_000_000 }
    const entries = [{ issuer: 'https://billing.test', account: HALF, entry }]
    await bulletin.post({ entries, longestTokenSeconds: 86_400, epoch: 'one' })
    await evictDurableObject(bulletin)
    const news = await bulletin.delta({ epoch: '', version: 0 })
    const keys = news.ok ? news.value.entries.map(({ key }) => key) : []
    expect(keys).toEqual([accountKey('https://billing.test', WHOLE)])
  })

  it.each([
    ['a token', '/articles/1', async () => withToken(await world.token({ sub: HALF }))],
    ['the id of a token', '/articles/1', async () => withToken(await world.token({ jti: HALF }))],
    [
      'a receipt',
      '/reports/1',
      async () =>
        withToken(await world.receipt({ sub: HALF, jti: '1', amount: '1', currency: 'USD', resource: '/reports/*' })),
    ],
  ])('is refused in %s', async (_what, path, init) => {
    const refused = await ask(path, await init())
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({ reason: 'credential-invalid', check: 'claims' })
  })
})
