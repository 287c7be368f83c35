import { afterEach, beforeAll, vi } from 'vitest'
import { holdLoginToContract } from '../contract.ts'
import { makeServerKeys, SECRET, type ServerKeys } from './authserver.ts'
import { OAuthWorld } from './world.ts'

let keys: ServerKeys

beforeAll(async () => {
  keys = await makeServerKeys()
})
afterEach(() => void vi.restoreAllMocks())

for (const claims of ['access-token', 'id-token'] as const)
  holdLoginToContract(`oauth with the claims of the ${claims}`, async () => {
    const world = new OAuthWorld(keys, { claims })
    const { server, login, context } = world
    return {
      login,
      context,
      agree: async (location) => server.agree(location),
      turnBack: async (location) => server.turnBack(location),
      become: (state) => {
        server.answer =
          state === 'up'
            ? undefined
            : state === 'down'
              ? () => Promise.reject(new TypeError(`fetch failed: ${SECRET}`))
              : () => new Response('<h1>Maintenance</h1>', { headers: { 'content-type': 'text/html' } })
      },
      secrets: () => [SECRET, ...server.given],
    }
  })
