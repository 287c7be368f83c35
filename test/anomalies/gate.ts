import { vi } from 'vitest'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import { anomalies, bearer, credit, dashboard, erase, hold, lookup, receipt } from '../../src/index.ts'
import type { LedgerRecord } from '../../src/ledger/rules/record.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import type { AnomaliesOptions } from '../../src/operator/anomalies.ts'
import { memory } from '../../src/platform/memory/index.ts'
import type { BulletinStores } from '../../src/ports.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { secretKey, sign } from '../support/issuer.ts'
import { DAY, START } from './lines.ts'

const ISSUER = 'https://billing.test'
export const SITE = ZONE.audience
const SECRET = '0123456789abcdef0123456789abcdef'
const ENV = { GATE_SECRET: `gate ${SECRET}`, TOKEN_SECRET: SECRET, ACCOUNT_KEY: SECRET, SALT: `salt ${SECRET}` }

/** Where a request comes from. */
export interface Place {
  readonly address: string
  readonly asn: number
}

/** The place of each number: a network and a system of its own. */
export const place = (index: number): Place => ({ address: `198.51.${index}.7`, asn: 60_000 + index })
export const HOME: Place = { address: '203.0.113.9', asn: 3320 }

export interface Answer {
  readonly status: number
  readonly reason: string
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

/** A site in memory that acts on what it finds, one isolate of it, and the time, which only the test moves. */
export function createActingSite(options: Partial<AnomaliesOptions> = {}) {
  let now = START * 1000
  const lines: LogRecord[] = []
  const told: LedgerRecord[] = []
  const store = { isDown: false }
  const sink = async (records: readonly LedgerRecord[]): Promise<readonly number[]> => {
    told.push(...records.filter(({ kind }) => kind === 'anomaly'))
    return records.map(({ position }) => position)
  }
  const platform = memory(
    ENV,
    { hasOutbox: true, sinks: new Map([['billing', sink]]) },
    { clock: () => now, log: (written) => lines.push(...written) },
  )
  const bulletins: BulletinStores = (zone, at) => {
    if (store.isDown || platform.bulletins === undefined) throw new Error('the store is down')
    return platform.bulletins(zone, at)
  }
  const settings = compiled(
    {
      zones: [
        {
          ...ZONE,
          name: 'news',
          issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
          operators: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
          rails: [bearer(), receipt()],
          routes: [
            { path: '/articles/*', requires: 'premium' },
            { path: '/reports/*', price: { amount: '0.25', currency: 'EUR' }, cache: 'off' },
            { path: '/archive/*', price: { amount: '9', currency: 'EUR' }, cache: 'off' },
          ],
        },
      ],
      secrets: { gate: 'GATE_SECRET' },
      log: { accountKey: 'ACCOUNT_KEY' },
      endpoints: [
        anomalies({ secret: 'SALT', mode: 'act', ...options }),
        hold(),
        lookup(),
        credit(),
        erase(),
        dashboard(),
      ],
    },
    ENV,
  )
  const from = (request: Request): Place => JSON.parse(request.headers.get('x-from') ?? JSON.stringify(HOME)) as Place
  const isolate = createGate(ok(settings), {
    ...platform,
    bulletins,
    clientAddress: (request) => from(request).address,
    asnOf: (request) => from(request).asn,
  })
  const upstream = {
    origin: async () => ok({ response: new Response('text', { headers: { 'cache-control': 'no-store' } }) }),
    purge: async () => true,
  }
  const work: Promise<unknown>[] = []

  const site = {
    lines,
    told,
    store,
    services: isolate.services,
    now: (): number => now,
    pass(seconds: number): void {
      now += seconds * 1000
    },
    /** Moves the time to so many seconds after the first midnight. */
    at(seconds: number): void {
      now = Math.max(now, (START + seconds) * 1000)
    },
    async token(sub: string, claims: Readonly<Record<string, unknown>> = {}, typ = 'entitlement+jwt'): Promise<string> {
      const iat = Math.floor(now / 1000)
      const common = { iss: ISSUER, aud: SITE, sub, iat, exp: iat + DAY, entitlements: ['premium'] }
      return sign(await secretKey(SECRET), { ...common, ...claims }, { typ })
    },
    async ask(path: string, token: string | undefined, where: Place = HOME, init: RequestInit = {}): Promise<Answer> {
      const headers = new Headers(init.headers)
      headers.set('x-from', JSON.stringify(where))
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      const request = new Request(`${SITE}${path}`, { ...init, headers })
      const response = await isolate.answer(request, upstream, (each) => void work.push(each))
      const text = await response.text()
      const isJson = /json/.test(response.headers.get('content-type') ?? '')
      const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text }
      const { reason } = body
      return { status: response.status, reason: String(reason), body, headers: response.headers }
    },
    async order(path: string, scope: string, body: object): Promise<Answer> {
      const token = await site.token('ops', { scope, exp: Math.floor(now / 1000) + 300 }, 'operator+jwt')
      const headers = { 'content-type': 'application/json' }
      return site.ask(`/__faregate/${path}`, token, HOME, { method: 'POST', headers, body: JSON.stringify(body) })
    },
    async found(): Promise<Found> {
      const token = await site.token('ops', { scope: 'view', exp: Math.floor(now / 1000) + 300 }, 'operator+jwt')
      return (await site.ask('/__faregate/anomalies', token)).body as unknown as Found
    },
    /** Lets eleven seconds pass, and has this isolate tell what it saw and do what it is told. */
    async settle(): Promise<void> {
      site.pass(11)
      await site.ask('/articles/1', await site.token('nobody', { jti: `n${now}` }))
      await vi.advanceTimersByTimeAsync(11_000)
      while (work.length > 0) await Promise.all(work.splice(0))
      await platform.ring()
    },
    /** Gives an account credit, and two weeks of buying a report from home and one from work every day. Returns a token. */
    async habitOf(account: string, days = 14): Promise<string> {
      const granted = await site.order('credit', 'credit', {
        account,
        amount: '5000',
        currency: 'EUR',
        id: `grant of ${account}`,
      })
      if (granted.status !== 200) throw new Error(JSON.stringify(granted.body))
      for (let day = 0; day < days; day++) {
        for (const where of [HOME, { address: '192.0.2.4', asn: 680 }]) {
          const { status, body } = await site.ask('/reports/1', await site.token(account), where)
          if (status !== 200) throw new Error(`a habit ended with ${status}: ${JSON.stringify(body)}`)
          await site.settle()
          site.pass(DAY / 2 - 11)
        }
      }
      return site.token(account)
    },
    /** Lets strangers use a token: each on a network of their own, a minute apart. */
    async strangers(token: string, path: string, count = 14): Promise<Answer[]> {
      const answers: Answer[] = []
      for (let index = 0; index < count; index++) {
        answers.push(await site.ask(path, token, place(index)))
        site.pass(20)
      }
      return answers
    },
  }
  return site
}

export interface Found {
  readonly mode: string
  readonly findings: readonly {
    readonly step: string
    readonly suspect: string
    readonly key: string
    readonly disposition?: string
    readonly reference: string
    readonly until?: number
    readonly isOverBudget?: true
    readonly evidence: readonly { readonly signal: string }[]
  }[]
}

/** What was found, in words: `hold account by hands, spend: carried-out`. Notes are left out. */
export function stepsFound({ findings }: Found): string[] {
  return findings
    .filter(({ step }) => step !== 'note')
    .map(({ step, suspect, disposition, isOverBudget, evidence }) => {
      const why = evidence
        .map(({ signal }) => signal)
        .sort()
        .join(', ')
      return `${step} ${suspect} by ${why}: ${disposition ?? 'nothing'}${isOverBudget === true ? ', over budget' : ''}`
    })
}
