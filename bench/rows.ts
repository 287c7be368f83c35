import { benchSession } from './session.ts'
import { FROM_MEMORY, talliedRows } from './tallied.ts'
import { createZipf } from './statistics.ts'
import { forge } from './tokens.ts'
import { benchKey } from './workers/benchkey.ts'

/** What is signed before the first round. */
export type Supply = {
  readonly es256: readonly string[]
  readonly ed25519: readonly string[]
  /** Payments by x402, for the rows that need some. */
  readonly payments: readonly string[]
}

/**
 * A token or a payment for each request, or none; what a client of many languages accepts; and a query that makes it another
 * page. Undefined once the supply is used up.
 */
export type Tokens = () =>
  | {
      readonly token: string | undefined
      readonly isInCookie?: true
      readonly accept?: string
      readonly payment?: string
      readonly query?: string
    }
  | undefined

/** One line of the table. */
export type Row = {
  readonly name: string
  /** A file in `workers`, or HAProxy. */
  readonly worker:
    | 'bare'
    | 'hono'
    | 'hono-jose'
    | 'handler'
    | 'sampled'
    | 'batched'
    | 'gate'
    | 'routes-10'
    | 'routes-1000'
    | 'routes-5000'
    | 'deployed'
    | 'embedded'
    | 'metered'
    | 'tallied'
    | 'keyed'
    | 'sessions'
    | 'newspaper'
    | 'middleware'
    | 'priced'
    | 'sold'
    | 'haproxy'
    | 'x402-proxy'
    | 'x402-hono'
    | 'x402-hono-paid'
  readonly path: string
  readonly tokens: (supply: Supply) => Tokens
  readonly expected: Expected
  /** How many ES256 tokens it needs; without it as many as it sends. */
  readonly supply?: number
  /** How long it is warmed up at least: what is remembered of many tokens takes its time. */
  readonly warmSeconds?: number
  /** The row that its CPU time is told as a multiple of as well, of the same round. */
  readonly against?: string
  /** True if each request pays: its latencies are at the rate of such rows. */
  readonly isPaid?: true
}

export type Expected = {
  readonly status: number
  /** `reason` of the problem document, or of the page that explains it to a reader; without it content is expected. */
  readonly reason?: string
  /** True for an answer of others, whose body is theirs. */
  readonly isAnyBody?: true
  /** How long the page is. Default: as long as the yardstick's. */
  readonly bytes?: number
}

const served: Expected = { status: 200 }
const article = '/articles/one'

const noToken = (): Tokens => () => ({ token: undefined })
const remembered = ({ es256: [token] }: Supply): Tokens => {
  return () => ({ token })
}
const fresh =
  (algorithm: 'es256' | 'ed25519') =>
  (supply: Supply): Tokens => {
    let next = 0
    return () => {
      const token = supply[algorithm][next++]
      return token === undefined ? undefined : { token }
    }
  }
function inTurn(count: number): Row['tokens'] {
  return ({ es256 }) => {
    let next = 0
    return () => ({ token: es256[next++ % count] })
  }
}

/** The n-th most frequent of so many tokens comes a n-th as often as the first. */
function byZipf(count: number): Row['tokens'] {
  return ({ es256 }) => {
    const draw = createZipf(count)
    return () => ({ token: es256[draw()] })
  }
}

const forgedOnce = ({ es256: [token = ''] }: Supply): Tokens => {
  const forged = forge(token, 0)
  return () => ({ token: forged })
}
const forgedAnew = ({ es256: [token = ''] }: Supply): Tokens => {
  let number = 0
  return () => ({ token: forge(token, number++) })
}

/** What every ratio is taken to. */
export const yardstick: Row = {
  name: 'Hono, bare route',
  worker: 'hono',
  path: article,
  tokens: noToken,
  expected: served,
}

const baselines: readonly Row[] = [
  { name: 'fetch handler, bare', worker: 'bare', path: article, tokens: noToken, expected: served },
  yardstick,
  { name: 'Hono + jose.jwtVerify', worker: 'hono-jose', path: article, tokens: remembered, expected: served },
]

/** The gate's refusal by hand, with and without its line; and the Worker that is deployed, with fewer lines. */
const refusals: readonly Row[] = [
  refusalRow('handler', 'handler: the same 402 by hand'),
  { ...refusalRow('handler', 'handler: the same 402, no line'), path: '/articles/quiet' },
  refusalRow('sampled', 'sampled lines: no token, 402'),
  refusalRow('batched', 'batched lines: no token, 402'),
]

function refusalRow(worker: 'handler' | 'sampled' | 'batched', name: string): Row {
  return { name, worker, path: article, tokens: noToken, expected: { status: 402, reason: 'payment-required' } }
}

/**
 * The same rows for the gate with a stage that answers in the same call, for the Worker that is deployed, and for the
 * middleware before the yardstick's own handler.
 */
function rowsOf(worker: 'gate' | 'deployed' | 'middleware'): readonly Row[] {
  const unpaid: Expected = { status: 402, reason: 'payment-required' }
  const invalid: Expected = { status: 402, reason: 'credential-invalid' }
  return [
    { name: `${worker}: no token, 402`, worker, path: article, tokens: noToken, expected: unpaid },
    { name: `${worker}: forged token, 402`, worker, path: article, tokens: forgedOnce, expected: invalid },
    { name: `${worker}: fresh forged tokens, 402`, worker, path: article, tokens: forgedAnew, expected: invalid },
    { name: `${worker}: paid, remembered token`, worker, path: article, tokens: remembered, expected: served },
    { name: `${worker}: paid, fresh ES256 tokens`, worker, path: article, tokens: fresh('es256'), expected: served },
    {
      name: `${worker}: paid, fresh Ed25519 tokens`,
      worker,
      path: article,
      tokens: fresh('ed25519'),
      expected: served,
    },
    { name: `${worker}: free`, worker, path: '/free/one', tokens: noToken, expected: served },
  ]
}

/**
 * What is answered from a copy: in memory, or without that from the embedded store; and the same done by HAProxy. With
 * standing, the gate has its objects, and looks each account up in what it knows of the zone's bulletin.
 */
function cachedRow(worker: 'deployed' | 'embedded' | 'haproxy' | 'metered', name: string, bytes: number): Row {
  return { name, worker, path: `/articles/${bytes}`, tokens: remembered, expected: { status: 200, bytes } }
}

const cached: readonly Row[] = [
  cachedRow('deployed', 'memory: paid, 0.5 kB', 470),
  cachedRow('metered', FROM_MEMORY, 470),
  cachedRow('deployed', 'memory: paid, 10 kB', 10_000),
  cachedRow('metered', 'memory and standing: paid, 10 kB', 10_000),
  cachedRow('deployed', 'memory: paid, 100 kB', 100_000),
  {
    name: 'memory: free, 0.5 kB',
    worker: 'deployed',
    path: '/shared/470',
    tokens: noToken,
    expected: { status: 200, bytes: 470 },
  },
  cachedRow('embedded', 'store: paid, 0.5 kB', 470),
  cachedRow('embedded', 'store: paid, 10 kB', 10_000),
  cachedRow('embedded', 'store: paid, 1 MB', 1_000_000),
  cachedRow('haproxy', 'HAProxy, ES256 and cache, 0.5 kB', 470),
  cachedRow('haproxy', 'HAProxy, ES256 and cache, 10 kB', 10_000),
  cachedRow('haproxy', 'HAProxy, ES256 and cache, 100 kB', 100_000),
]

/** Each request is charged by the ledger of its account before it is answered from memory, and settled behind its answer. */
const ACCOUNTS = 64
const metered: readonly Row[] = [
  {
    name: 'metered: one account',
    worker: 'metered',
    path: '/metered/470',
    tokens: remembered,
    expected: { status: 200, bytes: 470 },
  },
  {
    name: `metered: ${ACCOUNTS} accounts`,
    worker: 'metered',
    path: '/metered/470',
    tokens: inTurn(ACCOUNTS),
    expected: { status: 200, bytes: 470 },
  },
]

const rememberedKey = (): Tokens => {
  const token = benchKey()
  return () => ({ token })
}

/** A key beside a token, in one Worker. */
const keyed: readonly Row[] = [
  {
    name: 'keys: paid, remembered token',
    worker: 'keyed',
    path: '/articles/470',
    tokens: remembered,
    expected: { status: 200, bytes: 470 },
  },
  {
    name: 'keys: paid, remembered key',
    worker: 'keyed',
    path: '/articles/470',
    tokens: rememberedKey,
    expected: { status: 200, bytes: 470 },
  },
]

const inCookie = (token: string | undefined): Tokens => {
  const sent = { token, isInCookie: true } as const
  return () => sent
}

const session = await benchSession()

/** A session beside a token in the same cookie, and a site with sessions beside one without. On the gate alone. */
const sessions: readonly Row[] = [
  grownRow('sessions: paid, token in the cookie', 'sessions', ({ es256: [token] }) => inCookie(token)),
  grownRow('sessions: paid, session in the cookie', 'sessions', () => inCookie(session)),
  grownRow('sessions: paid, remembered token', 'sessions', remembered),
]

/** One refusal as programs get it and as readers do: the page of a newspaper that sells two offers. On the gate alone. */
const readers: readonly Row[] = [
  newspaperRow('newspaper: no token, 402 as JSON', 'application/json,*/*;q=0.8'),
  newspaperRow('newspaper: no token, 402 as page', 'text/html,application/xhtml+xml,*/*;q=0.8'),
]

function newspaperRow(name: string, accept: string): Row {
  const tokens = (): Tokens => () => ({ token: undefined, accept })
  return { name, worker: 'newspaper', path: article, tokens, expected: { status: 402, reason: 'payment-required' } }
}

/** What grows with a site: its routes, and the tokens of its readers. On the gate alone, which shows it most. */
const TURN = 20_000
const READERS = 100_000
const growing: readonly Row[] = [
  grownRow('routes: 10', 'routes-10', remembered),
  grownRow('routes: 1,000', 'routes-1000', remembered),
  grownRow('routes: 5,000', 'routes-5000', remembered),
  grownRow('tokens: 1', 'gate', remembered),
  { ...grownRow('tokens: 20,000 in turn', 'gate', inTurn(TURN)), supply: TURN, warmSeconds: 8 },
  { ...grownRow("tokens: 100,000 by Zipf's law", 'gate', byZipf(READERS)), supply: READERS, warmSeconds: 25 },
]

function grownRow(name: string, worker: Row['worker'], tokens: Row['tokens']): Row {
  return { name, worker, path: article, tokens, expected: served }
}

/** A refusal has one way out, so only the gate's own rows show all of them. */
export const rows: readonly Row[] = [
  ...baselines,
  ...refusals,
  ...cached,
  ...metered,
  ...talliedRows(article, noToken, remembered),
  ...keyed,
  ...sessions,
  ...readers,
  ...growing,
  ...rowsOf('gate'),
  ...rowsOf('deployed').filter(({ expected, tokens }) => expected.status === 200 || tokens === noToken),
  ...rowsOf('middleware').filter(({ tokens }) => tokens === noToken || tokens === remembered),
]
