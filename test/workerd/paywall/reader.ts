import { afterEach, beforeEach } from 'vitest'
import { handle } from '../../../src/paywall.ts'
import type { Origin } from '../../../src/ports.ts'
import type { Services } from '../../../src/services.ts'
import { accountLedger } from '../../support/ledger.ts'
import { type Background, createBackground, newServices, realObjects, worldOrigin } from '../../support/services.ts'
import { createWorld, type World } from '../../support/world.ts'
import { ledgerOf } from '../objects.ts'

/** Somebody who asks a gate with real ledgers. All but the services is new for each test. */
export interface Reader {
  readonly services: Services
  readonly background: Background
  readonly world: World
  readonly account: string
  /** Sends the request through the pipeline to this origin, or to the world's. */
  readonly ask: (path: string, init?: RequestInit, origin?: Origin) => Promise<Response>
  /** Asks, reads all of it, and lets all be done that the answer left behind. */
  readonly askAndSettle: (path: string, init?: RequestInit, origin?: Origin) => Promise<Response>
}

/** The reader of each test of a file, whose account has this much credit, in billionths of a dollar. */
export function useReader(file: string, credit = 0n): Reader {
  const services = newServices(realObjects())
  const state: { world?: World; number: number; background: Background } = { number: 0, background: createBackground() }
  beforeEach(async () => {
    state.number += 1
    state.background = createBackground()
    state.world = await createWorld()
    if (credit > 0n) await ledgerOf(accountLedger(reader.account)).grant({ id: 'all', units: credit, currency: 'USD' })
  })
  afterEach(() => state.world?.end())
  const reader: Reader = {
    services,
    get background() {
      return state.background
    },
    get world() {
      if (state.world === undefined) throw new Error('there is a world only while a test runs')
      return state.world
    },
    get account() {
      return `account ${state.number} of ${file}`
    },
    ask: async (path, init, origin = worldOrigin(reader.world)) =>
      handle(new Request(`https://news.test${path}`, init), services, origin, reader.background.waitUntil),
    askAndSettle: async (path, init, origin) => {
      const response = await reader.ask(path, init, origin)
      const body = response.status === 101 ? null : await response.text().catch(() => 'broken')
      await reader.background.settled()
      return response.status === 101 ? response : new Response(body, response)
    },
  }
  return reader
}
