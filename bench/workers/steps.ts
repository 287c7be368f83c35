import { anomalies, dashboard, type EndpointFactory, levers } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { ISSUER } from './claims.ts'
import { siteOptions } from './options.ts'

const SITE = siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] } })

/** What is switched on, by the name in the variable `STEP`. */
const STEPS: Readonly<Record<string, () => readonly EndpointFactory[]>> = {
  nothing: () => [],
  levers: () => [levers()],
  sums: () => [dashboard()],
  watch: () => [dashboard(), anomalies({ secret: 'ACCOUNT_HASH_KEY' })],
  act: () => [dashboard(), anomalies({ secret: 'ACCOUNT_HASH_KEY', mode: 'act' })],
}

const { Gate, Origin, Ledger } = faregate((env) => {
  const config = typeof SITE === 'function' ? SITE(env) : SITE
  const keys = JSON.parse(env['KEYS'] ?? '[]') as Record<string, unknown>[]
  const endpoints = STEPS[String(env['STEP'])]?.() ?? []
  if (!('zones' in config)) throw new Error('the site has no zones')
  return {
    ...config,
    zones: config.zones.map((zone) => ({ ...zone, operators: [{ issuer: ISSUER, keys }] })),
    secrets: { gate: 'ACCOUNT_HASH_KEY' },
    endpoints: [...endpoints],
  }
})

export { Ledger, Origin }

/**
 * The Worker that is deployed, asked in a loop in its own process: of what a request costs, this leaves the socket out and
 * nothing else.
 * `X-Times` says how often, and the answer is the last status.
 */
export default {
  async fetch(request, env, ctx) {
    const times = Number(request.headers.get('x-times') ?? 1)
    const headers = new Headers(request.headers)
    headers.delete('x-times')
    let status = 0
    for (let done = 0; done < times; done++) {
      const response = await Gate.fetch(new Request(request.url, { headers }), env, ctx)
      await response.arrayBuffer()
      status = response.status
    }
    return new Response(String(status))
  },
} satisfies ExportedHandler
