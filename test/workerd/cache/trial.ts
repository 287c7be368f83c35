import { vi } from 'vitest'
import { type Purge, PURGE_BOUND_MS } from '../../../src/cache/rules/purge.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createGate, type Gate, type Implementation } from './gate.ts'

/** One case of the contract. Where the implementations differ by nature, it is for one of them, and says why. */
export interface Case {
  readonly name: string
  readonly only?: { readonly implementation: Implementation; readonly because: string }
  readonly run: (trial: Trial) => Promise<void>
}

/** A response that has been read to its end. */
export interface Seen {
  readonly status: number
  readonly bytes: Uint8Array
  readonly text: string
  readonly headers: Headers
  /** The gate's own member of `Cache-Status`. */
  readonly cache: string
  readonly isHit: boolean
}

export interface Ask {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly claims?: Record<string, unknown>
  readonly body?: string
  readonly host?: string
}

/** A gate at a time that stands still until it is moved, and an origin that counts. */
export interface Trial {
  readonly world: World
  /** Asks with a token. What has outlived the request is done when it resolves. */
  paid(path: string, ask?: Ask): Promise<Seen>
  /** Asks without one. */
  anonymous(path: string, ask?: Ask): Promise<Seen>
  /** The origin answers so from now on. */
  answers(body: BodyInit | null, headers?: Record<string, string>, status?: number): void
  /** How many requests the origin has got. */
  asked(): number
  /** The last of them. */
  last(): Request
  pass(seconds: number): void
  /** Purges, and lets the time pass after which that holds everywhere. */
  purge(zone: string, purge: Partial<Purge>): Promise<void>
}

/** When all trials begin, to the second. */
export const START = Date.parse('2026-10-25T12:00:00Z')
/** How soon a purge holds in every isolate. */
export const BOUND_SECONDS = PURGE_BOUND_MS / 1000

const NOTHING: Purge = { everything: false, tags: [], pathPrefixes: [] }

/** Runs a case against one implementation. Only the date stands still: timers are the runtime's. */
export async function runCase(run: (trial: Trial) => Promise<void>, implementation: Implementation): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  const world = await createWorld()
  try {
    await run(createTrial(createGate(implementation), world))
  } finally {
    world.end()
    vi.useRealTimers()
  }
}

function createTrial(gate: Gate, world: World): Trial {
  const anonymous = async (path: string, { host = 'https://news.test', body, ...ask }: Ask = {}): Promise<Seen> => {
    const { method = 'GET', headers = {} } = ask
    const seen = await seenOf(await gate.fetch(new Request(`${host}${path}`, { method, headers, body: body ?? null })))
    await gate.settled()
    return seen
  }
  const pass = (seconds: number): void => {
    vi.setSystemTime(Date.now() + seconds * 1000)
  }
  return {
    world,
    anonymous,
    paid: async (path, ask = {}) => {
      const authorization = `Bearer ${await world.token(ask.claims)}`
      return anonymous(path, { ...ask, headers: { ...ask.headers, authorization } })
    },
    answers: (body, headers = {}, status = 200) => {
      world.origin = () => new Response(body, { status, headers, encodeBody: 'manual' })
    },
    asked: () => world.received.length,
    last: () => {
      const request = world.received.at(-1)
      if (request === undefined) throw new Error('nothing reached the origin')
      return request
    },
    pass,
    purge: async (zone, purge) => {
      if (!(await gate.purge(zone, { ...NOTHING, ...purge }))) throw new Error('the purge failed')
      pass(BOUND_SECONDS)
    },
  }
}

async function seenOf(response: Response): Promise<Seen> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  const cache = (response.headers.get('cache-status') ?? '').replace(/^.*faregate; /, '')
  const text = new TextDecoder().decode(bytes)
  return { status: response.status, bytes, text, headers: response.headers, cache, isHit: cache.startsWith('hit') }
}
