import { faregate } from '../../src/platform/cloudflare/index.ts'
import { bearer, type Config, credit, defineConfig, receipt } from '../../src/index.ts'
import type { UsageSink } from '../../src/usage/sink.ts'
import { AUDIENCE, ISSUER } from './claims.ts'
import {
  alarms,
  awake,
  type Driven,
  counting,
  counts,
  moveClock,
  quiet,
  replaced,
  resetCounts,
  stopClock,
  track,
} from './counting.ts'

/** Takes every record at once: what the ledger writes for billing is counted, and what billing costs is not. */
const sink: UsageSink = {
  name: 'counted',
  to: 'nobody',
  faults: () => [],
  create: () => async (records) => records.map(({ position }) => position),
}

const hourly = { name: 'hour', quota: 1_000_000_000, window: 3600 }
const price = { amount: '0.01', currency: 'USD' }

/** A site of which each route is charged in another way, with the pages of `site.ts` behind it. */
const config: Config = defineConfig(() => ({
  endpoints: [credit()],
  usage: [sink],
  zones: [
    {
      name: 'costs',
      hosts: ['127.0.0.1'],
      audience: AUDIENCE,
      issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
      rails: [bearer(), receipt()],
      origin: { servers: [{ binding: 'ORIGIN' }] },
      routes: [
        { path: '/hour/*', requires: 'premium', quotas: [hourly] },
        { path: '/kept/*', requires: 'premium', quotas: [hourly], cache: 'off' },
        {
          path: '/month/*',
          requires: 'premium',
          quotas: [hourly, { name: 'month', quota: 1_000_000_000, window: 'P1M' }],
        },
        { path: '/priced/*', price },
        { path: '/reports/*', price },
      ],
      unmatched: 'closed',
      remedies: { documentation: `${ISSUER}/docs/problems` },
    },
  ],
}))

const { Gate, Origin, Ledger: Deployed } = faregate(config)
export const Ledger = counting(Deployed)
export { Origin }

interface Objects {
  readonly LEDGER: DurableObjectNamespace<Rpc.DurableObjectBranded & Driven>
}

/** The gate; and under `/__costs/` what the script `bench/costs.ts` asks for. */
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url)
    if (url.pathname.startsWith('/__costs/')) return command(url, env)
    const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(track(work))
    return track(Promise.resolve(Gate.fetch(request, env, replaced(ctx, { waitUntil }))))
  },
} satisfies ExportedHandler<Objects>

async function command({ pathname, searchParams }: URL, { LEDGER }: Objects): Promise<Response> {
  if (pathname !== '/__costs/due') await quiet()
  switch (pathname) {
    case '/__costs/due':
      await ringUntil(LEDGER, Date.now())
      break
    case '/__costs/begin':
      resetCounts()
      stopClock(searchParams.has('stopped'))
      break
    case '/__costs/move': {
      const [now, ms] = [Date.now(), Number(searchParams.get('ms'))]
      await ringUntil(LEDGER, now + ms / 2, quiet)
      if (searchParams.has('evicts')) await evictAll(LEDGER)
      await ringUntil(LEDGER, now + ms, quiet)
      break
    }
    case '/__costs/end':
      await ringUntil(LEDGER, Infinity, quiet)
  }
  return Response.json({ now: Date.now(), ...counts })
}

/** More than any object needs, so that one which sets its alarm for ever does not hang the script. */
const MOST_ALARMS = 200_000

/** Rings what is due up to a time, each alarm at its own; then it is that time. `rest` waits for what an alarm sets off. */
async function ringUntil(namespace: Objects['LEDGER'], until: number, rest?: () => Promise<void>): Promise<void> {
  for (let rung = 0; ; rung++) {
    const [id, time] = first() ?? ['', Infinity]
    if (time === Infinity || time > until) break
    if (rung === MOST_ALARMS) throw new Error('alarms are set without end')
    alarms.delete(id)
    moveClock(time)
    await namespace.get(namespace.idFromString(id)).ring()
    await rest?.()
  }
  if (until !== Infinity) moveClock(until)
}

function first(): [id: string, time: number] | undefined {
  let earliest: [string, number] | undefined
  for (const entry of alarms) if (earliest === undefined || entry[1] < earliest[1]) earliest = entry
  return earliest
}

/** Drops every object from memory. */
async function evictAll(namespace: Objects['LEDGER']): Promise<void> {
  for (const id of awake) {
    // An object that is dropped answers nothing more.
    await namespace
      .get(namespace.idFromString(id))
      .evict()
      .catch(() => undefined)
  }
}
