import { randomUUID } from 'node:crypto'
import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SignJWT } from 'jose'
import { Pool } from 'undici'
import { bundle } from '../tools/bundle.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { AUDIENCE, ISSUER } from './workers/claims.ts'

const HELP = `Counts what a metered request costs on Cloudflare: rows, calls, alarms, dollars for a million.

  npm run -s costs                    1,000 requests of each kind, about two minutes
  npm run -s costs -- --requests 200  fewer
  npm run -s costs -- --rows receipt  kinds and paces whose name holds this text
  npm run -s costs -- --json          JSON and nothing else

The gate and its SQLite objects run in plain workerd, with a clock that is moved: flushes and clean-up are waited for, and
alarms ring until nothing is due. Figures are means for one request.`

/** USD for one, after what is included (developers.cloudflare.com/durable-objects/platform/pricing, November 2026). */
const PRICES = { rowsWritten: 1 / 1e6, rowsRead: 0.001 / 1e6, calls: 0.15 / 1e6 }
const root = resolve(import.meta.dirname, '..')
const SECRET = 'a secret of a benchmark, and of nobody else'

type Counts = Readonly<Record<'rowsWritten' | 'rowsRead' | 'setAlarms' | 'calls' | 'alarms' | 'deletions', number>>
type Answer = { readonly now: number; readonly ledgers: Counts; readonly bulletins: Counts }

/** One way of being charged: what a client sends, given a new name and the time at the gate. */
type Kind = {
  readonly name: string
  readonly path: string
  /** Claims of the token; a new token for each request where `isEachAnew`. */
  readonly claims: (name: string) => { readonly typ: string } & Record<string, unknown>
  readonly isEachAnew?: true
  readonly hasKey?: true
  readonly hasCredit?: true
}

const account = (sub: string) => ({ typ: 'entitlement+jwt', sub, entitlements: ['premium'] })
const paid = (jti: string) => ({
  typ: 'payment+jwt',
  jti,
  amount: '0.01',
  currency: 'USD',
  resource: '/reports/*',
  uses: 1,
})

const KINDS: readonly Kind[] = [
  { name: 'one window', path: '/hour/470', claims: account },
  { name: 'two windows', path: '/month/470', claims: account },
  { name: 'a key', path: '/hour/470', claims: account, hasKey: true },
  { name: 'a key and its answer', path: '/kept/470', claims: account, hasKey: true },
  { name: 'a one-use receipt', path: '/reports/470', claims: paid, isEachAnew: true },
  { name: 'credit', path: '/priced/470', claims: account, hasCredit: true },
]

/** How requests follow each other: `everyMs` of made time lies between two, or so many go on at once, by the clock. */
type Pace =
  | { readonly name: string; readonly everyMs: number; readonly evicts?: true }
  | { readonly name: string; readonly atOnce: number }

const MOST_AT_ONCE = 64
const PACES: readonly Pace[] = [
  { name: 'one a second', everyMs: 1000 },
  { name: 'one a minute, evicted between', everyMs: 60_000, evicts: true },
  { name: 'one after the other', atOnce: 1 },
  { name: `${MOST_AT_ONCE} at once`, atOnce: MOST_AT_ONCE },
]

type Measured = { readonly name: string; readonly first: Counts; readonly all: Counts; readonly bulletins: Counts }

class Costs {
  readonly #server: Workerd
  readonly #pool: Pool

  constructor(server: Workerd) {
    this.#server = server
    this.#pool = new Pool(server.url, { connections: MOST_AT_ONCE })
  }

  async measure(kind: Kind, pace: Pace, requests: number): Promise<Measured> {
    const begin = 'everyMs' in pace ? 'begin?stopped' : 'begin'
    const { now } = await this.#tell(begin)
    const client = new Client(kind, now)
    if (kind.hasCredit) await this.#grant(client)
    await this.#tell(begin)
    await this.#ask(client)
    const first = await this.#tell('counts')
    await ('everyMs' in pace
      ? this.#askInTurn(client, requests - 1, pace)
      : this.#askAtOnce(client, requests - 1, pace))
    const all = await this.#tell('end')
    return { name: `${kind.name}, ${pace.name}`, first: first.ledgers, all: all.ledgers, bulletins: all.bulletins }
  }

  async #askInTurn(
    client: Client,
    requests: number,
    { everyMs, evicts }: Extract<Pace, { everyMs: number }>,
  ): Promise<void> {
    for (let asked = 0; asked < requests; asked++) {
      await this.#tell(`move?ms=${everyMs}${evicts ? '&evicts' : ''}`)
      await this.#ask(client)
    }
  }

  async #askAtOnce(client: Client, requests: number, { atOnce }: Extract<Pace, { atOnce: number }>): Promise<void> {
    let left = requests
    const caller = async (): Promise<void> => {
      while (left-- > 0) await this.#ask(client)
    }
    const callers = Promise.all(Array.from({ length: atOnce }, caller))
    // Alarms ring meanwhile, as they would.
    const ringing = setInterval(() => void this.#tell('due'), 250)
    await callers.finally(() => clearInterval(ringing))
  }

  async #ask(client: Client): Promise<void> {
    const { statusCode, body } = await this.#pool.request({ method: 'GET', ...(await client.next()) })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`expected 200 and got ${statusCode}: ${text}`)
  }

  async #grant({ name, now }: Client): Promise<void> {
    const headers = {
      authorization: `Bearer ${await signed({ typ: 'operator+jwt', scope: 'credit' }, now)}`,
      'content-type': 'application/json',
    }
    const body = JSON.stringify({ account: name, amount: '1000000', currency: 'USD', id: name })
    const answer = await this.#pool.request({ method: 'POST', path: '/__faregate/credit', headers, body })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`the credit was not granted: ${answer.statusCode} ${text}`)
  }

  async #tell(command: string): Promise<Answer> {
    const response = await fetch(`${this.#server.url}/__costs/${command}`)
    if (!response.ok) throw new Error(`${command}: ${await response.text()}`)
    return (await response.json()) as Answer
  }
}

/** Whoever asks: an account, or who buys one receipt after the other. */
class Client {
  readonly name = randomUUID()
  readonly now: number
  readonly #kind: Kind
  #token: string | undefined

  constructor(kind: Kind, now: number) {
    this.#kind = kind
    this.now = now
  }

  async next(): Promise<{ path: string; headers: Record<string, string> }> {
    const { path, claims, isEachAnew, hasKey } = this.#kind
    if (isEachAnew) this.#token = undefined
    this.#token ??= await signed(claims(isEachAnew ? randomUUID() : this.name), this.now)
    const headers = { authorization: `Bearer ${this.#token}` }
    return { path, headers: hasKey ? { ...headers, 'idempotency-key': randomUUID() } : headers }
  }
}

function signed({ typ, ...claims }: { typ: string } & Record<string, unknown>, now: number): Promise<string> {
  const seconds = Math.floor(now / 1000)
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + (typ === 'operator+jwt' ? 3600 : 86_400))
    .sign(new TextEncoder().encode(SECRET))
}

/** USD for a million requests; what objects keep and how long they are awake is not in it. */
function dollars({ rowsWritten, rowsRead, calls, alarms }: Counts, requests: number): number {
  const all = rowsWritten * PRICES.rowsWritten + rowsRead * PRICES.rowsRead + (calls + alarms) * PRICES.calls
  return (all / requests) * 1e6
}

const HEAD = [
  '',
  'rows written',
  'of them setAlarm',
  'rows read',
  'calls',
  'alarms run',
  'USD a million',
  'first: rows',
]

function table(all: readonly Measured[], requests: number): string {
  const lines = all.map(({ name, first, all: counts }) => {
    const { rowsWritten, setAlarms, rowsRead, calls, alarms } = counts
    const means = [rowsWritten, setAlarms, rowsRead, calls, alarms].map((count) => (count / requests).toFixed(2))
    return [name, ...means, dollars(counts, requests).toFixed(2), String(first.rowsWritten)]
  })
  return [HEAD, ['---', ...HEAD.slice(1).map(() => '--:')], ...lines].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/** Rows are counted here and not timed, and no disk need be waited for. */
async function memoryFolder(): Promise<string> {
  const isThere = await access('/dev/shm', constants.W_OK).then(
    () => true,
    () => false,
  )
  return isThere ? '/dev/shm' : tmpdir()
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      requests: { type: 'string', default: '1000' },
      rows: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return console.log(HELP)
  const requests = Number(values.requests)
  const [module, site] = await Promise.all(
    ['costs', 'site'].map((name) =>
      bundle({ entry: `bench/workers/${name}.ts`, outdir: resolve(root, '.faregate/bench', name) }),
    ),
  )
  const storage = await mkdtemp(join(await memoryFolder(), 'faregate-costs-'))
  const server = await startWorkerd({
    module: module ?? '',
    vars: { TOKEN_SECRET: SECRET },
    objects: { LEDGER: 'Ledger' },
    storage,
    services: { ORIGIN: 'site' },
    workers: { site: { module: site ?? '' } },
    dropsOutput: true,
    onLine: (line) => console.error(line),
  })
  const all: Measured[] = []
  try {
    const costs = new Costs(server)
    for (const kind of KINDS) {
      for (const pace of PACES.filter(({ name }) => `${kind.name}, ${name}`.includes(values.rows))) {
        if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${kind.name}, ${pace.name}`)
        all.push(await costs.measure(kind, pace, requests))
      }
    }
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    await server.stop()
    await rm(storage, { recursive: true, force: true })
  }
  console.log(values.json ? JSON.stringify({ requests, rows: all }, null, 2) : table(all, requests))
}

await main()
