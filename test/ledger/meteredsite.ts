import { SignJWT } from 'jose'
import { vi } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { createGate, type Upstream } from '../../src/gate.ts'
import type { Fields } from '../../src/http/rules/exchange.ts'
import { bearer, type Meter } from '../../src/index.ts'
import type { LedgerSnapshot } from '../../src/ledger/rules/commands.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { accountLedger } from '../support/ledger.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'
import { valueOf } from './host/driver.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const BINDINGS = { TOKEN_SECRET: SECRET }
const ISSUER = 'https://billing.test'

/** What the model of the tests answers: its words, and the end of the answer. */
export interface Answering {
  /** Fails in place of an answer. */
  readonly status?: number
  /** The words that the answer is said to have used; unknown if absent. */
  readonly used?: number
  /** The answer ends with this. Default: at once. */
  readonly until?: Promise<unknown>
}

/** Asks for at most `most` words, each of which costs a nano. */
export function chat(answer: (fields: Fields) => Answering): { readonly meter: Meter; readonly upstream: Upstream } {
  const meter: Meter = {
    name: 'chat',
    counted: ['words'],
    currency: 'USD',
    content: { maxBytes: 10_000, mostMs: 5000 },
    classify: () => 'metered',
    isRetry: ({ fields }) => Number(fields.get('x-stainless-retry-count') ?? '0') >= 1,
    bound({ content }) {
      const { most } = JSON.parse(new TextDecoder().decode(content)) as { most: number }
      return ok({ amount: amountOf(BigInt(most), 'reserved') })
    },
    measure(response) {
      const used = response.headers.get('x-used')
      return ok({ response, used: () => (used === null ? undefined : amountOf(BigInt(used), 'measured')) })
    },
  }
  const upstream: Upstream = {
    origin: async ({ exchange }) => {
      const { status = 200, used, until } = answer(exchange.fields)
      const body = new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode('begun '))
          await until
          controller.enqueue(new TextEncoder().encode('ended'))
          controller.close()
        },
      })
      return ok({
        response: new Response(body, { status, headers: used === undefined ? {} : { 'x-used': `${used}` } }),
      })
    },
    purge: async () => true,
  }
  return { meter, upstream }
}

const amountOf = (units: bigint, basis: 'measured' | 'reserved'): ReturnType<typeof amountIn> => amountIn(units, basis)

function amountIn(units: bigint, basis: 'measured' | 'reserved') {
  return {
    counts: [{ name: 'words', units }],
    price: { units, currency: 'USD' },
    breakdown: { of: 'parrot', basis, lines: [{ name: 'words', units, rate: '0.001' }], rates: 'configured' },
  }
}

/** A gate with one metered route over ledgers in memory. The clock is the test's: `vi.useFakeTimers()` comes before. */
export function meteredSite(answer: (fields: Fields) => Answering) {
  const background: Promise<unknown>[] = []
  const platform = memory(BINDINGS)
  const { ledgers } = platform
  if (ledgers === undefined) throw new Error('the platform has no ledgers')
  const { meter, upstream } = chat(answer)
  const zone = {
    ...ZONE,
    name: 'news',
    issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
    rails: [bearer()],
    routes: [{ path: '/chat/*', requires: 'api', cache: 'off' as const, meter }],
  }
  const options = ok(compiled({ zones: [zone], endpoints: ENDPOINTS }, BINDINGS))
  const gate = createGate(options, { ...platform, sharesPromises: true })
  const ledgerOf = (account: string) => ledgers(accountLedger(account), {})
  return {
    background,
    ask: async (request: Request) => gate.answer(request, upstream, (work) => void background.push(work)),
    grant: (account: string, units: bigint) => ledgerOf(account).grant({ id: 'g1', units, currency: 'USD' }),
    read: async (account: string): Promise<LedgerSnapshot> => valueOf(await ledgerOf(account).read({})),
    history: async (account: string) => valueOf(await ledgerOf(account).history({ most: 500 })).charges,
  }
}

/** A request for so many words, as an SDK sends it. */
export async function wishing(account: string, most: number, fields: Record<string, string> = {}): Promise<Request> {
  const now = Math.floor(Date.now() / 1000)
  const token = await new SignJWT({ sub: account, entitlements: ['api'] })
    .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
    .setIssuer(ISSUER)
    .setAudience(ZONE.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + 3000)
    .sign(new TextEncoder().encode(SECRET))
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...fields }
  return new Request('https://a.test/chat/completions', { method: 'POST', headers, body: JSON.stringify({ most }) })
}

/** Lets so many milliseconds pass, and all that happens in them. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms)
}
