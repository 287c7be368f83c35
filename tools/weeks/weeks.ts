/**
 * Two weeks of the demo's newspaper, played within a minute: the real gate answers real requests by a clock that is moved, so
 * that the dashboard has something to show. In the second week language models go on sale, nine cards are declined, and the origin
 * fails for an hour.
 */
import { setTimeout } from 'node:timers/promises'
import { startBilling } from '../../demo/billing.ts'
import { entitlementClaims, signToken, zoneAudience } from '../../demo/entitlement.ts'
import { type SigningKey, signingKey } from '../../demo/keys.ts'
import { modelVariables } from '../../demo/models/models.ts'
import { serveModels } from '../../demo/models/serve.ts'
import { startOrigin } from '../../demo/origin.ts'
import { randomFrom } from '../../demo/random.ts'
import { type BillingIssuer, createIssuer } from '../../src/billing/index.ts'
import { freePort } from '../loopback.ts'
import { startWorkerd, type Workerd } from '../workerd.ts'
import { operate } from './operate.ts'
import { DECLINED, DEVELOPERS, type Visit, visitsOf } from './people.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const SCRAPER = 'a-secret-of-weeks-that-are-played'
const SECRET = 'a secret of weeks that are played'

export interface Weeks {
  readonly gate: string
  /** A token of an operator who may look. */
  readonly viewToken: () => Promise<string>
  readonly stop: () => Promise<void>
}

export interface WeeksOptions {
  /** The bundle of `worker.ts`. */
  readonly module: string
  /** Where ledgers and sums are kept while the gate is deployed anew. */
  readonly storage: string
  /** How many days are played, at most fourteen. */
  readonly days: number
  /** How many come within an ordinary hour: 50 by default. */
  readonly visitsAnHour?: number
}

/** The paper, its billing and the gate, and the clock that all of them go by. */
interface Town {
  readonly gate: string
  readonly issuer: BillingIssuer
  /** The URL that tokens name as their issuer, and the key that signs them. */
  readonly billing: string
  readonly key: SigningKey
  readonly clock: () => number
  readonly visitsAnHour: number
  /** The time at which cards are declined; their owners pay within a day. */
  declinedAt: number
  readonly random: () => number
  readonly moveTo: (ms: number) => Promise<void>
  readonly cookies: Map<string, string>
  readonly tokens: Map<string, string>
  /** How many charges there were. */
  charges: number
}

/** Plays the days before now. What is returned stands at the machine's own time. */
export async function playWeeks(options: WeeksOptions): Promise<Weeks> {
  const { town, models, deploy, close } = await build(options)
  let running = await deploy({})
  const end = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  const begin = end - options.days * DAY_MS
  const launch = end - Math.min(options.days, 7) * 0.6 * DAY_MS
  await open(town, begin)
  await play(town, begin, launch, { end, hasModels: false })
  await running.stop()
  running = await deploy(modelVariables(models))
  await play(town, launch, end, { end, hasModels: true })
  await watched(town)
  await operate(town)
  await town.moveTo(Date.now())
  await addedUp(town)
  return {
    gate: town.gate,
    viewToken: () => town.issuer.signOperator({ scopes: ['view'], lifetimeSeconds: 3600 }),
    async stop() {
      await running.stop()
      await close()
    },
  }
}

interface Built {
  readonly town: Town
  /** The URL of the provider of models. */
  readonly models: string
  /** Starts the gate with further variables. */
  readonly deploy: (more: Readonly<Record<string, string>>) => Promise<Workerd>
  readonly close: () => Promise<void>
}

/** Starts what stands behind the gate. */
async function build({ module, storage, visitsAnHour = 50 }: WeeksOptions): Promise<Built> {
  const time = { aheadMs: 0 }
  const clock = (): number => Date.now() + time.aheadMs
  const port = await freePort()
  const gate = `http://localhost:${port}`
  const origin = await startOrigin({ site: gate })
  const billing = await startBilling({ gates: [gate], clock })
  const models = await serveModels()
  const key = await signingKey()
  const vars = {
    ORIGIN_URL: origin.url,
    BILLING_URL: billing.url,
    ACCOUNT_HASH_KEY: SECRET,
    GATE_SECRET: `${SECRET} by a gate`,
    CLIENT_SECRET: 'a-secret-of-the-tests-of-43-letters-or-more',
    FREE_VIEWS: '3',
    METRICS_SECRET: SCRAPER,
    ANOMALY_SALT: `${SECRET} by who watches`,
  }
  const address = `127.0.0.1:${port}`
  const deploy: Built['deploy'] = (more) =>
    startWorkerd({ module, storage, address, objects: { LEDGER: 'Ledger' }, vars: { ...vars, ...more } })
  const moveTo = async (ms: number): Promise<void> => {
    time.aheadMs = ms - Date.now()
    const moved = await fetch(`${gate}/?clock-ahead=${time.aheadMs / 1000}`)
    if (moved.status !== 204) throw new Error(`the gate has no clock to move: ${moved.status}`)
  }
  const issuer = createIssuer({ issuer: billing.url, audience: zoneAudience, keys: key.keys, clock })
  const facts = { gate, issuer, billing: billing.url, key, clock, visitsAnHour, moveTo }
  const town = {
    ...facts,
    random: randomFrom(7),
    declinedAt: Infinity,
    cookies: new Map(),
    tokens: new Map(),
    charges: 0,
  }
  const close = async (): Promise<void> => {
    await Promise.all([origin.close(), billing.close(), models.close()])
  }
  return { town, models: models.url, deploy, close }
}

/** Developers come with credit. */
async function open(town: Town, at: number): Promise<void> {
  await town.moveTo(at)
  for (const account of DEVELOPERS) await tell(town, account, { 'credit-granted': { amount: '500', currency: 'USD' } })
}

type Events = Parameters<BillingIssuer['signEvent']>[0]['events']

async function tell({ gate, issuer }: Town, account: string, events: Events): Promise<void> {
  const body = await issuer.signEvent({ account, events })
  const headers = { 'content-type': 'application/secevent+jwt' }
  const told = await fetch(`${gate}/__faregate/events`, { method: 'POST', headers, body })
  if (told.status !== 202) throw new Error(`an event was answered ${told.status}: ${await told.text()}`)
}

/** Hour by hour, and the last one minute by minute, as the dashboard shows them. */
async function play(
  town: Town,
  from: number,
  to: number,
  { end, hasModels }: { readonly end: number; readonly hasModels: boolean },
): Promise<void> {
  town.declinedAt = end - 1.1 * DAY_MS
  const failing = end - 2.2 * DAY_MS
  let at = from
  while (at < to) {
    const stepMs = at < end - HOUR_MS ? HOUR_MS : MINUTE_MS
    await town.moveTo(at)
    const originFails = at >= failing && at < failing + HOUR_MS
    const visits = visitsOf(at, (town.visitsAnHour * stepMs) / HOUR_MS, town.random, { hasModels, originFails })
    await Promise.all(Array.from({ length: AT_ONCE }, () => comeInTurn(town, visits)))
    await closed(town)
    if (at <= town.declinedAt && town.declinedAt < at + stepMs)
      for (const account of DECLINED) await tell(town, account, { 'standing-changed': { standing: 'past-due' } })
    at += stepMs
  }
}

/** Within the last minute: two developers come near what their plans allow, and a part of the site is only watched yet. */
async function watched(town: Town): Promise<void> {
  for (const [account, times] of [
    ['developer-7', 9],
    ['developer-8', 10],
  ] as const)
    for (let time = 0; time < times; time += 1)
      await come(town, { kind: 'member', path: '/api/sailings', account, quota: 10 })
  for (let time = 0; time < 3; time += 1) await come(town, { kind: 'program', path: '/free/archive' })
}

const AT_ONCE = 4

async function comeInTurn(town: Town, visits: Visit[]): Promise<void> {
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) await come(town, visit)
}

/** Waits until each charge has its end: a commit waits for company, and the next hour comes at once. */
async function closed(town: Town): Promise<void> {
  for (const account of DEVELOPERS) {
    const headers = { authorization: `Bearer ${tokenOf(town, account)}` }
    const isOpen = async (): Promise<boolean> => {
      const listed = await fetch(`${town.gate}/__faregate/account`, { headers })
      if (!listed.ok) throw new Error(`an account was answered ${listed.status}`)
      return (await listed.text()).includes('"state":"open"')
    }
    while (await isOpen()) await setTimeout(50)
  }
}

/** Waits until the sums have each charge. */
async function addedUp({ gate, charges }: Town): Promise<void> {
  const headers = { authorization: `Bearer ${SCRAPER}` }
  const isAddedUp = async (): Promise<boolean> => {
    const text = await (await fetch(`${gate}/__faregate/metrics`, { headers })).text()
    const sums = text.matchAll(/^faregate_charges_total{[^}]*} (\d+)$/gm)
    return Array.from(sums, ([, sum]) => Number(sum)).reduce((all, one) => all + one, 0) >= charges
  }
  while (!(await isAddedUp())) await setTimeout(200)
}

/** A browser that opens a page by itself. */
const NAVIGATES = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
  'user-agent': 'Mozilla/5.0',
}

async function come(town: Town, visit: Visit): Promise<void> {
  const { path, init } = requestOf(town, visit)
  const answer = await fetch(town.gate + path, init)
  await answer.arrayBuffer()
  if ('account' in visit && visit.account.startsWith('developer-') && answer.ok) town.charges += 1
  if (visit.kind !== 'guest' || visit.guest === '') return
  const kept = answer.headers.getSetCookie().map((text) => text.split(';', 1)[0] ?? '')
  if (kept.length > 0) town.cookies.set(visit.guest, kept.join('; '))
}

function requestOf(town: Town, visit: Visit): { readonly path: string; readonly init: RequestInit } {
  switch (visit.kind) {
    case 'program':
      return { path: visit.path, init: {} }
    case 'guest': {
      const cookie = town.cookies.get(visit.guest)
      return { path: visit.path, init: { headers: { ...NAVIGATES, ...(cookie !== undefined && { cookie }) } } }
    }
    case 'member': {
      const token = tokenOf(town, visit.account, visit)
      const headers = { authorization: `Bearer ${token}` }
      return { path: visit.path, init: { headers } }
    }
    case 'model': {
      const headers = {
        authorization: `Bearer ${tokenOf(town, visit.account)}`,
        'content-type': 'application/json',
      }
      const messages = [{ role: 'user', content: 'What does a word cost?' }]
      const body = JSON.stringify({ model: visit.model, messages })
      return { path: '/openai/v1/chat/completions', init: { method: 'POST', headers, body } }
    }
  }
}

/** Returns the account's token of the hour. */
function tokenOf(
  { billing, key, clock, tokens, declinedAt }: Town,
  account: string,
  { fault, quota }: Pick<Extract<Visit, { kind: 'member' }>, 'fault' | 'quota'> = {},
): string {
  const seconds = Math.floor(clock() / 3_600_000) * 3600
  const name = `${account} ${seconds} ${fault === 'expired'}`
  const issuedAt = fault === 'expired' ? seconds - 2 * 3600 : seconds
  const entitlements = account.startsWith('developer-') ? ['api'] : ['premium']
  const claims = { issuer: billing, account, entitlements, plan: entitlements[0], issuedAt, expires: issuedAt + 3600 }
  const sinceMs = clock() - declinedAt
  const isDeclined = DECLINED.includes(account) && sinceMs > 0 && sinceMs < DAY_MS
  const standing = isDeclined ? { standing: 'past-due' } : {}
  const limited = quota === undefined ? {} : { limits: [{ name: 'requests', quota, window: 'P1M' }] }
  const token = tokens.get(name) ?? signToken(key, { ...entitlementClaims(claims), ...standing, ...limited })
  tokens.set(name, token)
  return fault === 'forged' ? `${token.slice(0, -6)}AAAAAA` : token
}
