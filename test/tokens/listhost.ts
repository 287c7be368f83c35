import { vi } from 'vitest'
import { OWN_MAPPING } from '../../src/access/ownclaims.ts'
import type { Issuer, StatusListPolicy } from '../../src/access/issuer.ts'
import type { Refusal } from '../../src/core/problem.ts'
import type { Result } from '../../src/core/result.ts'
import type { TokenStatus } from '../../src/access/statuslist.ts'
import { createKeys } from '../../src/tokens/jwks.ts'
import { createStatusLists } from '../../src/tokens/statuslists.ts'
import { sign, type TestKey } from '../support/issuer.ts'
import { packed } from '../support/statuslist.ts'
import { SECOND } from './endpoint.ts'

export const URI = 'https://billing.example/status/1'
export const COOLDOWN = 30 * SECOND
export const STALE = 600 * SECOND

export type Answer = (url: string) => Response | Promise<Response>

/** A host of status lists, what one isolate knows of them, and the clock of both. */
export interface Host {
  answer: Answer
  readonly issuer: Issuer
  readonly fetched: string[]
  readonly accepted: (string | null)[]
  readonly failures: string[]
  readonly behind: Promise<unknown>[]
  readonly look: (idx?: number, uri?: string, entry?: Issuer) => Promise<Result<TokenStatus, Refusal>>
  /** What is said of a token: its status, or the reason why nothing is. */
  readonly ask: (idx?: number, uri?: string, entry?: Issuer) => Promise<string>
  /** Undefined where that has to be waited for. */
  readonly askAtOnce: (idx?: number) => string | undefined
}

/** Time stands still from here on until `advanceTime` is called. */
export function createHost(key: TestKey, answer: Answer, policy: Partial<StatusListPolicy> = {}): Host {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 1_800_000_000_000 })
  const accepted: (string | null)[] = []
  const fetched: string[] = []
  const failures: string[] = []
  const behind: Promise<unknown>[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    fetched.push(request.url)
    accepted.push(request.headers.get('accept'))
    return host.answer(request.url)
  }
  const clock = (): number => Date.now()
  const keys = createKeys({ clock, fetch }, () => undefined)
  const lists = createStatusLists(keys, { clock, fetch }, (...failure) => failures.push(failure.join(' ')))
  const limits = { staleMs: STALE, cooldownMs: COOLDOWN, timeoutMs: 3 * SECOND }
  const full: StatusListPolicy = { allow: ['https://billing.example/status/*'], ...limits, ...policy }
  const issuer = issuerOf(key, full)
  const find = (idx: number, uri: string, entry: Issuer) =>
    lists.of(
      { issuer: entry, policy: full, uri, idx },
      { now: clock(), waitUntil: (work: Promise<unknown>): void => void behind.push(work) },
    )
  const told = (found: Result<TokenStatus, Refusal>): string => (found.ok ? found.value : found.error.reason)
  const host: Host = {
    answer,
    issuer,
    fetched,
    accepted,
    failures,
    behind,
    look: async (idx = 0, uri = URI, entry = issuer) => find(idx, uri, entry),
    ask: async (idx = 0, uri = URI, entry = issuer) => told(await find(idx, uri, entry)),
    askAtOnce: (idx = 0) => {
      const found = find(idx, URI, issuer)
      return found instanceof Promise ? undefined : told(found)
    },
  }
  return host
}

function issuerOf(key: TestKey, statusLists: StatusListPolicy): Issuer {
  return {
    issuer: 'https://billing.example',
    audience: 'https://news.example',
    algorithms: ['ES256'],
    keys: { kind: 'inline', keys: [key.jwk] },
    types: { statuslist: ['statuslist+jwt'] },
    allowsAbsentType: false,
    claims: OWN_MAPPING,
    clockToleranceSeconds: 5,
    maxLifetimeSeconds: 3600,
    statusLists,
  }
}

export interface Publishing {
  readonly statuses?: readonly number[]
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
}

/** A list of two bits for each token, as of now. */
export async function listToken(
  key: TestKey,
  { statuses = [0], claims = {}, header = {} }: Publishing,
): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const list = { sub: URI, iat, ttl: 300, status_list: await packed(2, statuses), ...claims }
  return sign(key, list, { typ: 'statuslist+jwt', ...header })
}
