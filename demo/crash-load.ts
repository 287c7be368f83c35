import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import type { Pool } from 'undici'
import { open, shut } from '../tools/loopback.ts'

export const secret = 'a secret of the crash script, and of nobody else'
const ISSUER = 'https://billing.example'

/** The name under which the gate keeps the ledger of an account, or of a receipt. */
export const ledgerNames = {
  account: (account: string): string => `account ${JSON.stringify(['crash', ISSUER, account])}`,
  receipt: (jti: string): string => `receipt ${JSON.stringify([ISSUER, jti])}`,
}

/** A token of the issuer, who is the operator too. */
export function signed(typ: string, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ })
    .setIssuer(ISSUER)
    .setAudience('https://crash.example')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))
}

/** A credential, the ledger that it is paid from, and a path that it opens. */
export type Payer = { readonly ledger: string; readonly token: string; readonly path: string }

export async function newReceipt(): Promise<Payer> {
  const jti = randomUUID()
  const paid = { jti, amount: '0.75', currency: 'USD', resource: '/reports/*', uses: 3 }
  return { ledger: ledgerNames.receipt(jti), token: await signed('payment+jwt', paid), path: '/reports' }
}

export async function newAccount(sub: string): Promise<Payer> {
  const token = await signed('entitlement+jwt', { sub, entitlements: [] })
  return { ledger: ledgerNames.account(sub), token, path: '/metered' }
}

/** What clients know when all is over. */
export type Seen = {
  /** How many there were, which also numbers them. */
  requests: number
  /** The numbers of those that their clients left before they had a head. */
  readonly left: Set<number>
  /** The ids of the requests that were answered with a 2xx head, for each ledger that was to be charged. */
  readonly heads: Map<string, Set<string>>
  readonly others: Map<number, number>
  /** Requests that failed while the gate was alive, and were not left. */
  failed: number
  /** True from the moment at which the round ends. */
  isOver: boolean
}

/** How a client behaves. */
export type Manners = {
  readonly random: () => number
  readonly pauseMs: number
  /** Leaves every third request within so many milliseconds, wherever it is by then. */
  readonly leavesWithinMs?: number | undefined
}

/** The id of a request names its trace, which the origin is told: it tells the client, who could not know it otherwise. */
const ID_FIELD = 'request-id'

/** Asks again and again, until the round is over. `next` is asked who pays, and told what came of it. */
export async function ask(
  pool: Pool,
  seen: Seen,
  next: (status: number | undefined) => Payer | Promise<Payer>,
  { random, pauseMs, leavesWithinMs }: Manners,
): Promise<void> {
  let status: number | undefined
  while (!seen.isOver) {
    const { ledger, token, path } = await next(status)
    const heads = seen.heads.get(ledger) ?? new Set()
    seen.heads.set(ledger, heads)
    const number = ++seen.requests
    const page = pages[Math.floor(random() * pages.length)] ?? 'page'
    const leaving = new AbortController()
    const leavesAfterMs = leavesWithinMs !== undefined && random() < 1 / 3 ? leavesWithinMs * random() : undefined
    const timer = leavesAfterMs === undefined ? undefined : setTimeout(() => leaving.abort(), leavesAfterMs)
    const headers = { authorization: `Bearer ${token}` }
    let hasHead = false
    try {
      const request = { method: 'GET', path: `${path}/${number}/${page}`, headers, signal: leaving.signal } as const
      const { statusCode, headers: fields, body } = await pool.request(request)
      hasHead = true
      status = statusCode
      // The head alone counts, whatever becomes of the rest.
      if (status >= 200 && status < 300) heads.add(String(fields[ID_FIELD]))
      else seen.others.set(status, (seen.others.get(status) ?? 0) + 1)
      if (page === 'left') body.on('error', () => undefined).destroy()
      else await body.dump()
    } catch {
      if (!hasHead && (seen.isOver || leaving.signal.aborted)) seen.left.add(number)
      else if (!leaving.signal.aborted && !seen.isOver) seen.failed += 1
    } finally {
      clearTimeout(timer)
    }
    if (pauseMs > 0) await sleep(pauseMs * random())
  }
}

/** Most are whole at once; of some a part comes late, or is never waited for; some cost nothing. */
const pages = ['page', 'page', 'page', 'page', 'page', 'empty', 'slow', 'slow', 'left', 'missing']

/** A request as the origin got it: the number that its client gave it, and the page. */
export type Asked = { readonly number: number; readonly page: string }

function answer(request: IncomingMessage, response: ServerResponse, asked: Map<string, Asked>): void {
  const [number, page = ''] = request.url?.split('/').slice(-2) ?? []
  const id = String(request.headers['traceparent']).split('-')[1] ?? ''
  asked.set(id, { number: Number(number), page })
  response.setHeader(ID_FIELD, id).setHeader('content-type', 'text/plain').setHeader('cache-control', 'no-store')
  if (page === 'missing') return void response.writeHead(404).end('nothing')
  if (page === 'empty') return void response.writeHead(204).end()
  if (page === 'page') return void response.end('the page')
  response.write('half of')
  const rest = setTimeout(() => response.end(' the page'), 100 + 200 * Math.random())
  response.on('close', () => clearTimeout(rest))
}

/** The origin, in this process: it outlives the gate. `asked` is what each request that it got was for. */
export async function startOrigin(): Promise<{
  url: string
  asked: ReadonlyMap<string, Asked>
  close: () => Promise<void>
}> {
  const asked = new Map<string, Asked>()
  const server = createServer((request, response) => answer(request, response, asked))
  server.keepAliveTimeout = 60_000
  return { url: await open(server), asked, close: () => shut(server) }
}
