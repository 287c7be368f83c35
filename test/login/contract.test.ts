import { afterEach, vi } from 'vitest'
import { err } from '../../src/core/result.ts'
import { sites } from './world.ts'
import { holdLoginToContract } from './contract.ts'
import { agreed, declined, FakeLogin } from './fakelogin.ts'

afterEach(() => void vi.restoreAllMocks())

holdLoginToContract('of the tests', async () => {
  const plugin = new FakeLogin({ offers: [{ name: 'monthly', title: 'Monthly' }] })
  const made = plugin.create()
  let isDown = false
  const silent = err({ kind: 'unavailable' as const, detail: 'There is no answer.' })
  const login = {
    ...made,
    begin: async (...asked: Parameters<typeof made.begin>) => {
      const isKnown = asked[0].offer === undefined || asked[0].offer === 'monthly'
      if (!isKnown) return err({ kind: 'refused' as const, detail: 'There is no such offer.' })
      return isDown ? silent : made.begin(...asked)
    },
    finish: async (...asked: Parameters<typeof made.finish>) => (isDown ? silent : made.finish(...asked)),
    renew: async (...asked: Parameters<typeof made.renew>) =>
      isDown ? ({ kind: 'unavailable' } as const) : made.renew(...asked),
  }
  return {
    login,
    context: sites(plugin),
    agree: async (location) => agreed(location),
    turnBack: async (location) => declined(location),
    become: (state) => void (isDown = state !== 'up'),
    secrets: () => ['canary'],
  }
})
