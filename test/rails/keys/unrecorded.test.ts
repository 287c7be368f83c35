import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MemoryJournal } from '../../../src/platform/memory/journal.ts'
import { createSite, makeKeyAt } from './site.ts'

beforeEach(() => {
  for (const method of ['warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => vi.restoreAllMocks())

it.each([
  [{ action: 'create', name: 'another', entitlements: ['premium'] }],
  [{ action: 'disable' }],
  [{ action: 'rotate' }],
  [{ action: 'remove' }],
])('an order for an API key that cannot be recorded is not carried out: %j', async (order) => {
  const site = createSite()
  const one = site.isolate()
  const { key, id } = await makeKeyAt(one)
  const listed = async (): Promise<unknown> => (await one.order({ action: 'list', account: 'ann' })).json['keys']
  const before = await listed()
  const broken = vi.spyOn(MemoryJournal.prototype, 'putAudit').mockImplementation(() => {
    throw new Error('the disk is full')
  })
  const named = order.action === 'create' ? order : { ...order, id }
  expect(await one.order({ account: 'ann', ...named })).toMatchObject({ status: 503 })
  broken.mockRestore()
  expect(await listed()).toEqual(before)
  expect(await site.isolate().withKey(key)).toMatchObject({ status: 200 })
})
