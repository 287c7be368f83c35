import { bindingsOf } from '../../../src/config/rules/bindings.ts'
import { PaymentFailures } from '../../../src/ledger/paymentfailures.ts'
import { Waiters } from '../../../src/ledger/waiting.ts'
import { createBatching } from '../../../src/ledger/batching.ts'
import { vi } from 'vitest'
import { ok } from '../../../src/core/result.ts'
import { createKeys } from '../../../src/tokens/jwks.ts'
import { createAccountHash } from '../../../src/log.ts'
import { createBodies } from '../../../src/http/body.ts'
import { createMemoryCache } from '../../../src/content/memory.ts'
import { createDistrustReader } from '../../../src/standing/bulletin.ts'
import { createListResolver } from '../../../src/standing/resolve.ts'
import { createStatusLists } from '../../../src/tokens/statuslists.ts'
import { handle } from '../../../src/paywall.ts'
import { bearer } from '../../../src/rails/bearer.ts'
import type { Rail } from '../../../src/rails/rail.ts'
import type { Clock } from '../../../src/ports.ts'
import { createVerifiers, type Verified } from '../../../src/tokens/verify.ts'
import { ACCOUNT_KEY, compiledFor, NOW, options, type Parties } from './parties.ts'
import type { Services } from '../../../src/services.ts'
import { lateFetch } from '../../support/fetch.ts'
import type { LogRecord } from '../../../src/logrecord.ts'

export const PAID_PAGE = 'the page that was paid for'

/** What came of one request, in all the places where something of a credential could show. */
export interface Answer {
  readonly status: number
  readonly reason: unknown
  readonly body: string
  readonly headers: Headers
  /** What verifying the token came to; undefined where no token was found to verify. */
  readonly verified: Verified | undefined
  /** The requests that the origin got. */
  readonly received: readonly Request[]
  /** Status, fields and body of the answer, and every line that was logged. */
  readonly everything: string
}

/** The pipeline as it is deployed, but for a clock that is driven and an origin that is a stub. */
export interface Gate {
  /** Milliseconds since 1970. */
  readonly at: { now: number }
  readonly ask: (request: Request) => Promise<Answer>
}

export function createGate(parties: Parties, rails: Rail[] = [bearer()]): Gate {
  const at = { now: NOW * 1000 }
  const clock: Clock = () => at.now
  const readDistrust = createDistrustReader(undefined)
  const failures: string[] = []
  const keys = createKeys({ clock, fetch: lateFetch }, (...failure) => failures.push(JSON.stringify(failure)))
  const verifiers = createVerifiers(keys, createAccountHash(ACCOUNT_KEY))
  const given = options(parties)
  const { sites } = compiledFor({ ...given, zones: given.zones.map((zone) => ({ ...zone, rails })) })
  const lists = createStatusLists(keys, { clock, fetch: lateFetch }, (...failure) =>
    failures.push(JSON.stringify(failure)),
  )
  const resolveStanding = createListResolver(lists, readDistrust)
  const ask = (request: Request): Promise<Answer> =>
    answer(request, { sites, keys, ...verifiers, resolveStanding, clock }, failures)
  return { at, ask }
}

async function answer(
  request: Request,
  {
    verify,
    ...parts
  }: Pick<
    Services,
    | 'sites'
    | 'keys'
    | 'verify'
    | 'verifyAs'
    | 'verifyOnce'
    | 'rememberedKind'
    | 'verdicts'
    | 'resolveStanding'
    | 'clock'
  >,
  failures: string[],
): Promise<Answer> {
  const records: LogRecord[] = []
  const received: Request[] = []
  let verified: Verified | undefined
  const services: Services = {
    bindings: bindingsOf({}),
    ...parts,
    fetch: lateFetch,
    verify: async (...args) => (verified = await verify(...args)),
    log: (record) => records.push(record),
    boundSocket: (response) => response,
    hashAccount: undefined,
    ledgers: undefined,
    bulletins: undefined,
    readDistrust: createDistrustReader(undefined),
    rates: undefined,
    previews: undefined,
    clientAddress: () => undefined,
    countryOf: () => undefined,
    batching: createBatching({ clock: Date.now }),
    settlers: { of: () => undefined, packsOf: () => undefined },
    makeRoom: createBodies(Date.now),
    waiters: new Waiters(),
    paymentFailures: new PaymentFailures(() => undefined),
    memory: createMemoryCache((response) => response, Date.now),
  }
  const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation(() => undefined),
  )
  const origin = async (_admitted: unknown, outgoing: () => Request) => {
    received.push(outgoing())
    return ok({ response: new Response(PAID_PAGE, { headers: { 'content-type': 'text/plain' } }) })
  }
  const response = await handle(request, services, origin, () => undefined)
  const body = await response.text()
  const lines = printed.flatMap((spy) => spy.mock.calls.map((call) => call.map(String).join(' ')))
  for (const spy of printed) spy.mockRestore()
  const fields = Array.from(response.headers, ([name, value]) => `${name}: ${value}`)
  return {
    status: response.status,
    reason: records[0]?.reason,
    body,
    headers: response.headers,
    verified,
    received,
    everything: [...fields, body, ...lines, ...failures, JSON.stringify(records)].join('\n'),
  }
}

const WINDOW = 12

/** The first twelve characters in a row of the token that stand in the text; undefined when there are none. */
export function leaked(token: string, text: string): string | undefined {
  const known = new Set<string>()
  for (let at = 0; at + WINDOW <= text.length; at++) known.add(text.slice(at, at + WINDOW))
  for (let at = 0; at + WINDOW <= token.length; at++) {
    const piece = token.slice(at, at + WINDOW)
    if (known.has(piece)) return piece
  }
  return undefined
}

export function withToken(token: string, path = '/paid/1', headers: Record<string, string> = {}): Request {
  return new Request(`https://news.example${path}`, { headers: { ...headers, authorization: `Bearer ${token}` } })
}
