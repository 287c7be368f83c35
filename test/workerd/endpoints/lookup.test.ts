import { afterEach, beforeEach, expect, it } from 'vitest'
import { lookup } from '../../../src/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { type AccountClient, appWith, createAccountClient } from '../../support/account.ts'
import { postOrder, withToken } from '../../support/world.ts'

let client: AccountClient

beforeEach(async () => {
  client = await createAccountClient()
})
afterEach(() => client.world.end())

it('an account is looked up in objects as in memory: refusals, statements and who did what', async () => {
  const { world, account, send, visit, order } = client
  await order('/__faregate/credit', 'credit', { account, amount: '1', currency: 'USD', id: 'invoice' })
  const token = withToken(await client.token({ entitlements: ['premium'] }))
  for (const status of [200, 200, 200, 402]) expect(await visit('/metered/1', token)).toBe(status)
  await order('/__faregate/hold', 'hold', { account })
  const app = appWith({}, [...ENDPOINTS, lookup()])
  const asked = { account, entitlements: ['premium'], target: '/metered/1' }
  const answer = await send('/__faregate/lookup', postOrder(await world.operator({ scope: 'view' }), asked), app)
  expect([answer.status, await answer.json()]).toMatchObject([
    200,
    {
      account: {
        id: account,
        standing: { state: 'on-hold' },
        statements: { heldSince: { at: expect.any(String) } },
        refusals: { last: [{ reason: 'usage-limit-reached', route: '/metered/*', method: 'GET' }] },
        credentials: [],
        audit: { total: 2, chain: 'whole', records: [{ action: 'hold' }, { action: 'credit' }] },
      },
      explained: { decision: { action: 'refuse', reason: 'security-hold' } },
    },
  ])
})
