import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDeployments, PRICE } from './deployments.ts'

type World = ReturnType<typeof createDeployments>
type Deployed = ReturnType<World['deploy']>

const BEFORE = { name: 'news' }
const KEPT = { name: 'press', id: 'news' }
const LOST = { name: 'press' }

const GRANT = { account: 'ann', ...PRICE, amount: '5', id: 'g1' }
const BUY = { method: 'POST', headers: { 'idempotency-key': 'k1' } }
interface Case {
  readonly what: string
  /** Done before the zone is renamed. */
  readonly before: (zone: Deployed) => Promise<unknown>
  /** What is found afterwards. */
  readonly after: (zone: Deployed, of: World) => Promise<unknown>
  readonly kept: unknown
  /** What a zone finds that begins anew. */
  readonly lost: unknown
}

const cases: readonly Case[] = [
  {
    what: 'the credit of its accounts',
    before: (zone) => zone.order('credit', GRANT),
    after: async (zone) => (await zone.ask('/__faregate/account')).body.includes('"amount":"5"'),
    kept: true,
    lost: false,
  },
  {
    what: 'what its accounts used of their quotas',
    before: async (zone) => [await zone.ask('/metered'), await zone.ask('/metered')],
    after: async (zone) => (await zone.ask('/metered')).status,
    kept: 402,
    lost: 200,
  },
  {
    what: 'holds',
    before: (zone) => zone.order('hold', { account: 'ann' }),
    after: async (zone) => (await zone.ask('/paid')).status,
    kept: 402,
    lost: 200,
  },
  {
    what: 'what was paid under a key',
    before: async (zone) => [await zone.order('credit', GRANT), await zone.ask('/sold', BUY)],
    after: async (zone) => (await zone.ask('/sold', BUY)).body.includes('credit-insufficient'),
    kept: false,
    lost: true,
  },
  {
    what: 'copies',
    before: (zone) => zone.ask('/paid'),
    after: async (zone, { originCalls }) => [(await zone.ask('/paid')).status, originCalls()],
    kept: [200, 1],
    lost: [200, 2],
  },
  {
    what: 'purges of copies',
    before: async (zone) => [await zone.ask('/paid'), await zone.order('purge', { everything: true })],
    after: async (zone, { originCalls }) => [(await zone.ask('/paid')).status, originCalls()],
    kept: [200, 2],
    lost: [200, 2],
  },
  {
    what: 'the hashes of its accounts in the log',
    before: (zone) => zone.ask('/paid'),
    after: async (zone, { lines }) => {
      await zone.ask('/paid')
      return new Set(lines.map((line) => line.account)).size
    },
    kept: 1,
    lost: 2,
  },
]

describe('a zone that is renamed', () => {
  beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))
  afterEach(() => void vi.restoreAllMocks())

  it.each(cases)('finds $what if its id is kept', async ({ before, after, kept }) => {
    const of = createDeployments()
    await before(of.deploy(BEFORE))
    expect(await after(of.deploy(KEPT), of)).toEqual(kept)
  })

  it.each(cases)('begins anew without its id: $what', async ({ before, after, lost }) => {
    const of = createDeployments()
    await before(of.deploy(BEFORE))
    expect(await after(of.deploy(LOST), of)).toEqual(lost)
  })

  it('is shown by its new name in the log', async () => {
    const { deploy, lines } = createDeployments()
    await deploy(KEPT).ask('/paid')
    expect(lines).toMatchObject([{ zone: 'press' }])
  })
})
