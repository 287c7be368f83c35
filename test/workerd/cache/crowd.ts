import { vi } from 'vitest'
import { compiled } from '../../support/compiled.ts'
import { err, ok } from '../../../src/core/result.ts'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { createServices } from '../../../src/services.ts'
import { handle } from '../../../src/paywall.ts'
import type { Origin, OriginFailure } from '../../../src/ports.ts'
import type { World } from '../../support/world.ts'
import config from '../../cache/config.ts'
import { web } from '../../../src/platform/web/index.ts'

/** One request that has reached the origin, which answers when the test says so. */
export interface Call {
  readonly request: Request
  readonly answer: (response: Response) => void
  readonly fail: (failure: OriginFailure) => void
}

/** Many readers at once before one gate. All timers stand still until `tick`. */
export interface Crowd {
  /** Asks with all tokens at once, and resolves when each request is at the cache. */
  arrive(path: string, headersOf?: (reader: number) => Record<string, string>): Promise<readonly Promise<Response>[]>
  /** Has the gate fetch the keys by which it knows them. Keys are fetched in real time. */
  warm(): Promise<void>
  /** One more reader. */
  ask(path: string): Promise<Response>
  readonly calls: Call[]
  /** Lets time pass: enough that each of those who wait has looked, where not said otherwise. */
  tick(ms?: number): Promise<void>
  /** Lets time pass until it is settled. */
  finish<T>(work: Promise<T>): Promise<T>
}

/** No one who waits looks less often than this. */
const LONGEST_POLL_MS = 50
/** The runtime's own, which no test sets. */
const runtimeTimeout = setTimeout

/** All timers that are due run at once, and then what they have made possible. */
async function pass(ms: number): Promise<void> {
  const stepMs = Math.max(2, ms / 100)
  for (let left = ms; left > 0; left -= stepMs) {
    vi.advanceTimersByTime(stepMs)
    await new Promise((resolve) => runtimeTimeout(resolve, 0))
  }
}
const STORE_BYTES = 64 * 1024 * 1024

export function createCrowd(tokens: readonly string[]): Crowd {
  const services = createServices(compiled(config), web({}))
  const waitUntil = (work: Promise<unknown>): void => {
    work.catch(() => undefined)
  }
  const calls: Call[] = []
  const next: Origin = (_admitted, outgoing) =>
    new Promise((resolve) => {
      calls.push({
        request: outgoing(),
        answer: (response) => resolve(ok({ response })),
        fail: (failure) => resolve(err(failure)),
      })
    })
  const stage = createEmbeddedCache(createMemoryStore(STORE_BYTES), () => Date.now()).stage(next, waitUntil)
  const askWith = async (path: string, headers: Record<string, string>, origin: Origin): Promise<Response> =>
    handle(new Request(`https://news.test${path}`, { headers }), services, origin, waitUntil)
  return {
    calls,
    warm: async () => {
      const served = await askWith('/off/1', withToken(tokens[0]), () => ok({ response: new Response('warm') }))
      if (served.status !== 200) throw new Error(`not warm: ${served.status}`)
    },
    tick: (ms = LONGEST_POLL_MS) => pass(ms),
    finish: async (work) => {
      const state = { isOver: false }
      const end = (): void => {
        state.isOver = true
      }
      work.then(end, end)
      while (!state.isOver) await pass(LONGEST_POLL_MS)
      return work
    },
    ask: (path) => askWith(path, withToken(tokens[0]), stage),
    async arrive(path, headersOf = () => ({})) {
      let missing = tokens.length
      let asked: readonly Promise<Response>[] = []
      await new Promise<void>((resolve) => {
        const counted: Origin = (admitted, outgoing) => {
          const answered = stage(admitted, outgoing)
          if (--missing === 0) resolve()
          return answered
        }
        asked = tokens.map((token, reader) => askWith(path, { ...headersOf(reader), ...withToken(token) }, counted))
      })
      return asked
    },
  }
}

function withToken(token = ''): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

/** A token for each of so many accounts. */
export function tokensFor(world: World, accounts: number): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: accounts }, (_none, index) => world.token({ sub: `account-${index}` })))
}

/** A body that comes as the test writes it. */
export interface Pen {
  readonly body: ReadableStream<Uint8Array>
  readonly write: (text: string) => void
  readonly end: () => void
  readonly break: () => void
}

export function openBody(): Pen {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
  })
  return {
    body,
    write: (text) => controller?.enqueue(new TextEncoder().encode(text)),
    end: () => controller?.close(),
    break: () => controller?.error(new Error('the connection was lost')),
  }
}

/** The next chunk of a response; undefined at its end. */
export type NextChunk = () => Promise<string | undefined>

export function chunksOf(response: Response): NextChunk {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  return async () => {
    const chunk = await reader?.read()
    return chunk === undefined || chunk.done ? undefined : new TextDecoder().decode(chunk.value)
  }
}
