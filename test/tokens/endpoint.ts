import { type Mock, vi } from 'vitest'
import { OWN_MAPPING } from '../../src/access/ownclaims.ts'
import type { Issuer, RefreshPolicy } from '../../src/access/issuer.ts'
import type { Refusal } from '../../src/core/problem.ts'
import type { Result } from '../../src/core/result.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import type { FoundKeys, Keys } from '../../src/ports.ts'

export const URL = 'https://billing.example/jwks.json'
export const SECOND = 1000
export const POLICY: RefreshPolicy = {
  refreshMs: 600 * SECOND,
  staleMs: 3600 * SECOND,
  cooldownMs: 30 * SECOND,
  timeoutMs: 3 * SECOND,
}

export type Found = Result<FoundKeys, Refusal>

/** An issuer's JWKS endpoint, the keys that one isolate knows of it, and the clock of both. */
export interface Endpoint {
  /** What it answers from now on. */
  answer: (url: string, signal: AbortSignal | null | undefined) => Response | Promise<Response>
  /** The URLs that were fetched. */
  readonly fetched: string[]
  /** What was said of failures. */
  readonly failures: string[]
  /** Work that outlives its request. */
  readonly behind: Promise<unknown>[]
  readonly keys: Keys
  readonly issuer: Issuer
  readonly find: (kid: string | undefined, alg?: string) => Promise<Found>
  /** As a request sees it that came at `now`. */
  readonly generation: (now?: number) => number | undefined
  readonly fetch: Mock<typeof fetch>
}

export function issuerAt(url: string, policy: RefreshPolicy): Issuer {
  return {
    issuer: 'https://billing.example',
    audience: 'https://news.example',
    algorithms: ['ES256'],
    keys: { kind: 'url', url, policy },
    types: { entitlement: ['entitlement+jwt'] },
    allowsAbsentType: false,
    claims: OWN_MAPPING,
    clockToleranceSeconds: 0,
    maxLifetimeSeconds: 3600,
  }
}

/** Time stands still from here on until `advanceTime` is called. */
export function createEndpoint(answer: Endpoint['answer'], policy: Partial<RefreshPolicy> = {}): Endpoint {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_800_000_000_000 })
  const fetched: string[] = []
  const failures: string[] = []
  const behind: Promise<unknown>[] = []
  const fetch = vi.fn<typeof globalThis.fetch>(async (input, init) => {
    const url = input instanceof Request ? input.url : input.toString()
    fetched.push(url)
    return endpoint.answer(url, init?.signal)
  })
  const clock = (): number => Date.now()
  const keys = createKeys({ clock, fetch }, (...failure) => failures.push(failure.join(' ')))
  const issuer = issuerAt(URL, { ...POLICY, ...policy })
  const waitUntil = (work: Promise<unknown>): void => void behind.push(work)
  const endpoint: Endpoint = {
    answer,
    fetched,
    failures,
    behind,
    keys,
    issuer,
    find: async (kid, alg = 'ES256') => keys.find(issuer, { alg, kid }, { now: clock(), waitUntil }),
    generation: (now = clock()) => keys.generation(issuer, now, waitUntil),
    fetch,
  }
  return endpoint
}

export async function advanceTime(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}

/** Later by so long, where nothing waits for a timer. */
export function skipTime(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}

const { setTimeout: realTimer } = globalThis
/** Short at first, when much is going on, and longer while a timer of seconds runs. */
const STEPS_MS = [...Array.from({ length: 100 }, () => 10), ...Array.from({ length: 300 }, () => 100)]

/** What the work comes to, with time passing until it does. */
export async function runUntilDone<T>(work: Promise<T>): Promise<T> {
  const state = { isOver: false }
  const end = (): void => {
    state.isOver = true
  }
  void work.then(end, end)
  for (const stepMs of STEPS_MS) {
    if (state.isOver) break
    await advanceTime(stepMs)
    // Bodies of responses are read in turns of the real event loop.
    await new Promise((resolve) => realTimer(resolve, 0))
  }
  if (!state.isOver) throw new Error('this never ends')
  return work
}

export function jwksResponse(...jwks: unknown[]): Response {
  return Response.json({ keys: jwks })
}

/** Answers after so long, as time passes for the gate. */
export async function delayed(ms: number, response: Response): Promise<Response> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return response
}

/** No answer at all. */
export function refuseConnection(): never {
  throw new Error('connection refused')
}

/** What came of looking for a key: its generation, or the reason there is none. */
export function outcomeOf(found: Found): number | string {
  return found.ok ? found.value.generation : found.error.reason
}
