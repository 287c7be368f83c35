import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import type { Pool } from 'undici'
import { open, shut } from '../tools/loopback.ts'
import { type History, judge, newHistory, planOf, type State, type Verdict } from './standing-truth.ts'

export const secret = 'a secret of the standing script, and of nobody else'
const key = new TextEncoder().encode(secret)

export type Isolate = 'main' | 'other'

/** The bound, as it is without configuration. */
const BOUND_MS = 5000

function signed(typ: string, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT({ iss: 'https://billing.example', aud: 'https://standing.example', ...claims })
    .setProtectedHeader({ alg: 'HS256', typ })
    .sign(key)
}

export type Account = {
  readonly name: string
  readonly token: string
  readonly history: History
  readonly plan: readonly State[]
}

/** An account whose token was signed a minute ago. */
export async function newAccount(index: number): Promise<Account> {
  const name = `account-${index}`
  const iat = Math.floor(Date.now() / 1000) - 60
  const token = await signed('entitlement+jwt', { sub: name, entitlements: ['premium'], iat, exp: iat + 7200 })
  return { name, token, history: newHistory(), plan: planOf(index) }
}

/** What all that was asked came to. */
export type Seen = {
  readonly verdicts: Record<Verdict, number>
  readonly wrong: string[]
  readonly tookMs: number[]
  events: number
  repeated: number
}

export function newSeen(): Seen {
  return { verdicts: { right: 0, new: 0, old: 0, wrong: 0 }, wrong: [], tookMs: [], events: 0, repeated: 0 }
}

const MOST_TOLD = 20

/** Asks for a page as an account, and judges the answer. Where the event was posted, it holds at once. */
export async function ask(pool: Pool, account: Account, isolate: Isolate, seen: Seen): Promise<void> {
  const headers = { authorization: `Bearer ${account.token}`, accept: 'application/json', 'demo-isolate': isolate }
  const [sentAt, began] = [Date.now(), performance.now()]
  const { statusCode, body } = await pool.request({ method: 'GET', path: '/articles/page', headers })
  const text = await body.text()
  seen.tookMs.push(performance.now() - began)
  const answer = statusCode === 200 ? '200' : reasonOf(statusCode, text)
  const asked = { sentAt, answeredAt: Date.now(), answer }
  const verdict = judge(account.history, asked, isolate === 'main' ? 0 : BOUND_MS)
  seen.verdicts[verdict] += 1
  if (verdict !== 'wrong' || seen.wrong.length >= MOST_TOLD) return
  const changes = account.history
    .slice(1)
    .map(({ state, acknowledgedAt }) => `${state} ${sentAt - acknowledgedAt} ms before`)
  seen.wrong.push(`${account.name} in ${isolate}: ${answer}; ${changes.join(', ') || 'never changed'}`)
}

function reasonOf(status: number, text: string): string {
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown }
    return String(reason)
  } catch {
    return String(status)
  }
}

/** Asks as one account after the other, in both isolates, until it is told to end. */
export async function askOn(
  pool: Pool,
  accounts: readonly Account[],
  seen: Seen,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const account = accounts[Math.floor(Math.random() * accounts.length)]
    if (account !== undefined) await ask(pool, account, Math.random() < 0.5 ? 'main' : 'other', seen)
    await sleep(PAUSE_MS)
  }
}

const PAUSE_MS = 10

const payloads: Record<State, readonly [type: string, payload: object]> = {
  active: ['standing-changed', { standing: 'active' }],
  'past-due': ['standing-changed', { standing: 'past-due' }],
  revoked: ['tokens-revoked', {}],
  held: ['hold-placed', {}],
}

/** What is said in one second ties, and the stricter counts: an account's next event is of a later one. */
async function nextSecond(history: History): Promise<void> {
  const isSame = (): boolean => Math.floor((history.at(-1)?.sentAt ?? 0) / 1000) === Math.floor(Date.now() / 1000)
  while (isSame() || history.at(-1)?.acknowledgedAt === Number.POSITIVE_INFINITY) await sleep(PAUSE_MS)
}

/** Posts the event that makes an account so, again until it is taken. */
export async function change(pool: Pool, { name, history }: Account, state: State, seen: Seen): Promise<void> {
  await nextSecond(history)
  const [type, payload] = state === 'active' && history.at(-1)?.state === 'held' ? LIFTED : payloads[state]
  const made = { state, sentAt: Date.now(), acknowledgedAt: Number.POSITIVE_INFINITY }
  history.push(made)
  const iat = Math.floor(made.sentAt / 1000)
  const events = { [`urn:faregate:event:${type}`]: payload }
  const body = await signed('secevent+jwt', { jti: randomUUID(), iat, toe: iat, sub: name, events })
  for (;;) {
    const headers = { 'content-type': 'application/secevent+jwt' }
    const { statusCode, body: said } = await pool.request({ method: 'POST', path: '/__faregate/events', headers, body })
    const text = await said.text()
    if (statusCode === 202) break
    if (statusCode !== 503) throw new Error(`an event was not taken: ${statusCode} ${text}`)
    seen.repeated += 1
    await sleep(PAUSE_MS)
  }
  made.acknowledgedAt = Date.now()
  seen.events += 1
}

const LIFTED = ['hold-lifted', {}] as const

/** One page, which may be stored. */
export async function startOrigin(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((_request, response) => {
    response.setHeader('cache-control', 'public, max-age=3600').setHeader('content-type', 'text/plain').end('the page')
  })
  return { url: await open(server), close: () => shut(server) }
}
