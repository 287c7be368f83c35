import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { LedgerObject } from '../../../src/platform/cloudflare/ledger/ledger.ts'
import { objectsOf } from '../../../src/platform/cloudflare/ledgers.ts'
import type { Options } from '../../../src/config/options.ts'
import { credentialFor, type ReadChallenge, readChallenges } from '../../rails/mpp/wallet.ts'
import cards, { SECRETS, STRIPE } from '../../support/cards.ts'
import { listed } from '../../support/compiled.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createGate, type Gate } from '../cache/gate.ts'
import { Intents } from './intents.ts'
import { LATER } from './shop.ts'

/** The whole Worker before an origin and Stripe, with clients that pay by MPP. */
export interface Till {
  readonly world: World
  readonly stripe: Intents
  gate: Gate
  send(path: string, headers?: Record<string, string>, init?: RequestInit): Promise<Response>
  /** Asks for a page without a payment, and returns what it was asked for. */
  challenges(path: string, headers?: Record<string, string>): Promise<readonly ReadChallenge[]>
  /** Asks for a page, and returns the field that pays for it. */
  pay(path: string, spt?: string, headers?: Record<string, string>): Promise<Record<string, string>>
  /** Rings the alarm of the ledger of a challenge, at that time after the start. */
  ring(challenge: string, ms: number): Promise<boolean>
  /** A new isolate, of a configuration with these secrets. */
  reopen(env: Record<string, string>, secrets: NonNullable<Options['secrets']>): void
  end(): void
}

const { CARDS } = env as unknown as { readonly CARDS: DurableObjectNamespace<LedgerObject> }

export async function createTill(): Promise<Till> {
  vi.useFakeTimers({ toFake: ['Date'], now: LATER })
  const world = await createWorld()
  const stripe = new Intents()
  const fetching = vi.mocked(globalThis.fetch)
  const outside = fetching.getMockImplementation() ?? globalThis.fetch
  fetching.mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    return request.url.startsWith(STRIPE) ? stripe.answer(request) : outside(input, init)
  })
  const till: Till = {
    world,
    stripe,
    gate: createGate('embedded', cards, SECRETS, objectsOf({ LEDGER: CARDS })),
    reopen(env, secrets) {
      till.gate = createGate('embedded', { ...listed(cards), secrets }, env, objectsOf({ LEDGER: CARDS }))
    },
    async send(path, headers = {}, init = {}) {
      const url = path.startsWith('/') ? `https://cards.test${path}` : path
      const response = await till.gate.fetch(new Request(url, { ...init, headers }))
      const body = response.body === null ? null : await response.text()
      await till.gate.settled()
      return new Response(body, response)
    },
    async challenges(path, headers) {
      const response = await till.send(path, headers)
      return readChallenges(response.headers.get('www-authenticate') ?? '')
    },
    async pay(path, spt = 'spt_1', headers = {}) {
      const [challenge] = await till.challenges(path, headers)
      if (challenge === undefined) throw new Error('asked for nothing')
      return { ...headers, [challenge['header'] ?? 'Authorization']: `Payment ${credentialFor(challenge, { spt })}` }
    },
    async ring(challenge, ms) {
      vi.setSystemTime(LATER + ms)
      return runDurableObjectAlarm(CARDS.getByName(`payment ${JSON.stringify(['stripe', challenge])}`))
    },
    end() {
      world.end()
      vi.restoreAllMocks()
    },
  }
  return till
}
