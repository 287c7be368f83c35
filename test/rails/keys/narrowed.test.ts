import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { bearer, keys } from '../../../src/index.ts'
import { createEmergency } from '../../endpoints/emergencyworld.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-28T12:00:00Z'), toFake: ['Date'] })
})
afterEach(() => void vi.useRealTimers())

it('A key first read after its account was moved to a lesser plan opened no more once the account was moved back', async () => {
  const { isolate, tokens, honest } = await createEmergency()
  const gate = () => isolate({ rails: [bearer(), keys()] }, { GATE_SECRET: 'a secret of the gate, of 32 bytes' })
  const one = gate()
  const other = gate()
  const made = await one.order('keys', {
    action: 'create',
    name: 'CI',
    account: 'ann',
    entitlements: ['premium', 'api'],
  })
  const key = String(made.body['secret'])
  const tell = async (jti: string, entitlements: string[]) => {
    const event = await tokens(honest).event(jti, { 'entitlements-changed': { entitlements } })
    expect((await one.event(event)).status).toBe(202)
    vi.setSystemTime(Date.now() + 5000)
  }
  await tell('down', ['api'])
  expect(await other.statuses([key])).toEqual([402])
  await tell('up', ['api', 'premium'])
  expect(await other.statuses([key])).toEqual([200])
})
