import { expect, it } from 'vitest'
import { bearer, keys } from '../../../src/index.ts'
import { createEmergency } from '../../endpoints/emergencyworld.ts'

it('A key was made for an account that no token and no event can name, and that nobody could ever cancel', async () => {
  const { isolate } = await createEmergency({ claims: { account: '{tid}/{oid}' } })
  const gate = isolate({ rails: [bearer(), keys()] }, { GATE_SECRET: 'a secret of the gate, of 32 bytes' })
  const create = (account: string) => gate.order('keys', { action: 'create', name: 'CI', account })
  expect(await create('ann')).toMatchObject({ status: 400, body: { detail: expect.stringContaining('{tid}/{oid}') } })
  expect(await create('t1/ann')).toMatchObject({ status: 200 })
  expect(await gate.order('keys', { action: 'list', account: 'ann' })).toMatchObject({ status: 200 })
})
