import { afterAll, vi } from 'vitest'
import { bearer, feeds } from '../../src/index.ts'
import { holdRailToContract } from '../rails/contract.ts'
import { siteAt } from '../support/compiled.ts'
import { feedOptions, FeedWorld } from './world.ts'

let world: FeedWorld
afterAll(() => vi.restoreAllMocks())

holdRailToContract('feeds', {
  create: () => feeds({ routes: ['/feed/*'] }),
  open: (parties, rail) => {
    const given = feedOptions(parties)
    world = new FeedWorld(parties, {
      ...given,
      zones: given.zones.map((zone) => ({ ...zone, rails: [bearer(), rail] })),
    })
    return { services: world.services, site: siteAt(world.services, 'news.example') }
  },
  credential: async () => (await world.make()).token,
  sent: (token) => ['URL', token],
  path: '/feed/1',
  shown: { sub: 'ann' },
})
