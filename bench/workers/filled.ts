import { bearer, dashboard } from '../../src/index.ts'
import { cloudflare } from '../../src/platform/cloudflare/platform.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { encodeTally } from '../../src/tallies/rules/encoding.ts'
import { trafficKindOf, Tally } from '../../src/tallies/rules/tally.ts'
import { SHARDS } from '../../src/tallies/zones.ts'
import { AUDIENCE, ISSUER } from './claims.ts'

const ZONE = 'filled'
const TIME_ZONE = 'Europe/Berlin'
const REASONS = [
  undefined,
  'payment-required',
  'credential-expired',
  'credential-invalid',
  'usage-limit-reached',
  'subscription-inactive',
  'entitlement-insufficient',
  'not-found',
  'origin-timeout',
]

const { Gate, Origin, Ledger } = faregate((env) => {
  const keys = JSON.parse(env['KEYS'] ?? '[]') as Record<string, unknown>[]
  return {
    secrets: { gate: 'ACCOUNT_HASH_KEY' },
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    endpoints: [dashboard()],
    zones: [
      {
        name: ZONE,
        hosts: ['127.0.0.1'],
        audience: AUDIENCE,
        issuers: [{ issuer: ISSUER, keys }],
        operators: [{ issuer: ISSUER, keys }],
        timeZone: TIME_ZONE,
        rails: [bearer()],
        origin: { servers: [{ binding: 'ORIGIN' }] },
        routes: [{ path: '/articles/*', requires: 'premium' }],
        unmatched: 'free',
      },
    ],
  }
})
export { Ledger, Origin }

/**
 * A site with a dashboard, whose sums are filled by `POST /fill` as if each isolate had seen every route and reason in each minute
 * given.
 */
export default {
  async fetch(request, env, ctx) {
    if (request.method !== 'POST' || new URL(request.url).pathname !== '/fill') return Gate.fetch(request, env, ctx)
    const { routes, minutes } = (await request.json()) as { routes: number; minutes: readonly number[] }
    const stores = cloudflare(env as Record<string, unknown>).tallies
    const tally = encodeTally(dense(routes))
    const filled = minutes.map((minute) => [minute, tally] as const)
    const command = { kind: 'post', timeZone: TIME_ZONE, minutes: filled, configuration: 'one' } as const
    const answers = Array.from({ length: SHARDS }, async (_, shard) => (await stores?.(ZONE, shard, {})(command))?.ok)
    return Response.json((await Promise.all(answers)).every((ok) => ok === true))
  },
} satisfies ExportedHandler

function dense(routes: number): Tally {
  const tally = new Tally()
  for (let route = 0; route < routes; route++)
    for (const reason of REASONS) {
      const isServed = reason === undefined
      const kind = trafficKindOf({
        route: `/a-route-of-some-length-${route}/*`,
        decision: isServed ? 'serve' : 'refuse',
        status: isServed ? 200 : 402,
        reason,
        cache: isServed ? 'hit' : undefined,
        rail: undefined,
        credential: route % 2 === 0 ? 'verified' : undefined,
        exempt: undefined,
        model: undefined,
        observed: undefined,
        format: isServed ? undefined : 'html',
        account: undefined,
        bytes: undefined,
        originMs: undefined,
        totalMs: 1,
      })
      const cell = tally.cellOf(kind)
      cell.count += 5 + ((route * 31) % 7)
      cell.bytes += 5000
      cell.totalMs.push(cell.count)
    }
  return tally
}
