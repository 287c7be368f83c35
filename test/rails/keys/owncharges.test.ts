import { expect, it } from 'vitest'
import { charges, manageKeys, usageReport } from '../../../src/index.ts'
import { createSite } from './site.ts'

it('An API key reads the charges of its account, by key as well, until it is disabled', async () => {
  const site = createSite()
  const gate = site.isolate({ endpoints: [manageKeys(), charges(), usageReport()] })
  const made = await gate.order({ action: 'create', name: 'CI', account: 'ann', entitlements: ['premium'] })
  const { key, secret } = made.json as { key: { id: string }; secret: string }
  const { id } = key
  expect((await gate.withKey(secret, '/metered')).status).toBe(200)
  const line = site.lines.find(({ route }) => route === '/metered')
  const charge = await gate.withKey(secret, `/__faregate/charges/${line?.id}`)
  expect([charge.status, charge.json['charge']]).toMatchObject([
    200,
    { id: line?.id, kept: { counts: { calls: '1' } } },
  ])
  const used = await gate.withKey(secret, '/__faregate/usage?group=key')
  expect(used.json['sums']).toMatchObject([{ key: id, charges: 1, counts: { calls: '1' } }])
  expect((await gate.order({ action: 'disable', account: 'ann', id })).status).toBe(200)
  for (const path of ['usage', `charges/${line?.id}`])
    expect(
      (await site.isolate({ endpoints: [charges(), usageReport()] }).withKey(secret, `/__faregate/${path}`)).status,
    ).toBe(402)
})
