import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import type { BulletinStore, Objects } from '../../../../src/ports.ts'
import type { LedgerPlace } from '../../../../src/ledger/rules/place.ts'
import { createGate, type Gate, type Implementation } from '../gate.ts'
import config from '../../../support/config.ts'
import { realObjects } from '../../../support/services.ts'
import { withToken, createWorld, postOrder, type World } from '../../../support/world.ts'

const NEWS = 'https://news.test'

export interface Seen {
  readonly text: string
  readonly cache: string
}

/** Two isolates with a bulletin between them and nothing else, at a time that stands still until it is moved. */
export interface Pair {
  readonly world: World
  readonly objects: Objects
  here: Gate
  there: Gate
  /** Lies over the bulletin while a test has it fail. */
  broken: Partial<BulletinStore>
  /** One more of them. */
  isolate(implementation?: Implementation): Gate
  /** What the origin answers now: pages differ by what was purged alone, and may be kept for a day. */
  readonly page: () => Response
  /** What a reader of one isolate gets. All that outlived the request is done then. */
  read(gate: Gate, path: string): Promise<Seen>
  /** The same, and what outlives it goes on. */
  begin(gate: Gate, path: string): Promise<Seen>
  /** Has both isolates hold the page in their stores and in their memory. */
  held(path: string): Promise<void>
  /** Has the origin answer something new, and one isolate purge what was before. */
  purge(body: unknown): Promise<Response>
  end(): void
}

let pairs = 0

export async function createPair(): Promise<Pair> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-10-25T12:00:00Z') })
  const world = await createWorld()
  let version = 'old'
  const page = (): Response =>
    new Response(version, { headers: { 'cache-control': 'max-age=86400', 'cache-tag': 'Red, __proto__' } })
  world.origin = page
  const objects = objectsUnder(`pair ${pairs++}`, () => pair.broken)
  const isolate = (implementation: Implementation = 'embedded'): Gate =>
    createGate(implementation, config, { ACCOUNT_HASH_KEY: env.ACCOUNT_HASH_KEY }, objects)
  const begin = async (gate: Gate, path: string): Promise<Seen> => {
    const init = path.startsWith('/articles') ? withToken(await world.token()) : {}
    const response = await gate.fetch(new Request(`${NEWS}${path}`, init))
    const cache = (response.headers.get('cache-status') ?? '').replace(/^.*faregate; /, '')
    return { text: await response.text(), cache }
  }
  const read = async (gate: Gate, path: string): Promise<Seen> => {
    const seen = await begin(gate, path)
    await gate.settled()
    return seen
  }
  const pair: Pair = {
    world,
    objects,
    here: isolate(),
    there: isolate(),
    broken: {},
    isolate,
    page,
    read,
    begin,
    async held(path) {
      for (const gate of [pair.here, pair.there]) {
        for (let times = 0; times < 2; times++) await read(gate, path)
        expect(await read(gate, path)).toEqual({ text: 'old', cache: expect.stringContaining('detail=memory') })
      }
    },
    async purge(body) {
      const order = new Request(`${NEWS}/__faregate/purge`, postOrder(await world.operator(), body))
      advanceTime(1)
      version = 'new'
      const response = await pair.here.fetch(order)
      await pair.here.settled()
      advanceTime(1)
      return response
    },
    end() {
      world.end()
      vi.useRealTimers()
    },
  }
  return pair
}

/** The objects of the Worker, with bulletins that no other pair reads. */
function objectsUnder(name: string, broken: () => Partial<BulletinStore>): Objects {
  const real = realObjects()
  const bulletins = (zone: string, place: LedgerPlace): BulletinStore => {
    const store = real.bulletins(`${name} ${zone}`, place)
    return {
      post: (command, act) => store.post(command, act),
      delta: (since) => store.delta(since),
      order: (name, command) => store.order(name, command),
      ...broken(),
    }
  }
  return { ...real, bulletins }
}

export function advanceTime(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}
