import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createActingSite, stepsFound } from './gate.ts'
import { DAY, detectorOf, habit, served, strangers, watch } from './lines.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it('an account whose confirmed hold another order lifted is watched again, and not left alone for good', async () => {
  const site = createActingSite({ act: { hands: 'slow', spend: 'slow' } })
  const token = await site.habitOf('ann')
  await site.strangers(token, '/archive/1')
  await site.settle()
  const reference = (await site.found()).findings[0]?.reference ?? ''
  expect((await site.order('anomalies', 'hold', { confirm: reference })).status).toBe(200)
  expect((await site.order('hold', 'hold', { account: 'ann', lift: true })).body['isHeld']).toBe(false)
  // What led to it is not listened to for a week, as after every lift.
  for (let day = 0; day < 9; day++) {
    site.pass(DAY)
    expect((await site.ask('/articles/1', await site.token('ann'))).status).toBe(200)
    await site.settle()
  }
  await site.strangers(await site.token('ann'), '/articles/1', 20)
  await site.settle()
  expect(stepsFound(await site.found())[0]).toBe('slow account by hands: nothing')
})

it('a hold that is lifted by its reference leaves a hold of another kind, and says so', async () => {
  const site = createActingSite({ act: { hands: 'slow', spend: 'slow' } })
  const token = await site.habitOf('ann')
  await site.strangers(token, '/archive/1')
  await site.settle()
  const reference = (await site.found()).findings[0]?.reference ?? ''
  await site.order('hold', 'hold', { account: 'ann' })
  expect((await site.order('anomalies', 'hold', { lift: reference })).body).toEqual({ reference, isHeld: true })
  expect((await site.ask('/articles/1', token)).reason).toBe('security-hold')
})

it('nobody has answered a request to sign in that was only found', () => {
  const detector = detectorOf({ mode: 'observe' })
  watch([...habit(5), ...strangers(5, 14)], detector)
  expect(detector.stateOf('account', 'reader')?.taken?.step).toBe('ask')
  watch([served(5 * DAY + 80_000, { issued: 4_000_000_000 })], detector)
  expect(detector.stateOf('account', 'reader')).toMatchObject({ taken: { step: 'ask' } })
  expect(detector.stateOf('account', 'reader')?.answered).toBeUndefined()
})
