import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createActingSite, HOME, place, stepsFound } from './gate.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('a receipt that was passed on', () => {
  it('is held by itself, and neither who paid for it nor another receipt', async () => {
    const site = createActingSite()
    const claims = { amount: '0.25', currency: 'EUR', resource: '/reports/*', uses: 1 }
    const receipt = await site.token('ann', { ...claims, jti: 'spent' }, 'payment+jwt')
    expect((await site.ask('/reports/1', receipt)).status).toBe(200)
    for (let index = 0; index < 8; index++) {
      const { reason } = await site.ask('/reports/1', receipt, place(index))
      expect(reason).toBe('payment-spent')
    }
    await site.settle()
    expect(stepsFound(await site.found())).toEqual(['hold token by reuse: carried-out'])
    expect((await site.ask('/reports/1', receipt)).reason).toBe('security-hold')
    expect((await site.ask('/articles/1', await site.token('ann'))).status).toBe(200)
    const other = await site.token('ann', { ...claims, jti: 'another' }, 'payment+jwt')
    expect((await site.ask('/reports/1', other)).status).toBe(200)
    expect(site.told).toMatchObject([{ facts: { receipt: 'spent' }, anomaly: { step: 'hold' } }])
  })
})

describe('a network that guesses', () => {
  it('is slowed in what is not genuine, and never in what is', async () => {
    const site = createActingSite()
    const genuine = await site.token('ann')
    const invented = (index: number): string => `${genuine.slice(0, -43)}${String(index).padStart(43, 'x')}`
    for (let index = 0; index < 40; index++) await site.ask('/articles/1', invented(index), HOME)
    await site.settle()
    expect(stepsFound(await site.found())).toEqual(['slow network by guessing: nothing'])
    const answers = []
    for (let index = 100; index < 130; index++) answers.push(await site.ask('/articles/1', invented(index), HOME))
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20)
    expect((await site.ask('/articles/1', invented(200), place(1))).status).toBe(402)
    const own = []
    for (let index = 0; index < 50; index++) own.push((await site.ask('/articles/1', genuine, HOME)).status)
    expect(new Set(own)).toEqual(new Set([200]))
    expect((await site.ask('/articles/1', undefined, HOME)).reason).toBe('payment-required')
  })
})
