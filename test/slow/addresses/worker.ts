/** The middleware in workerd, on the platform that the query names. */
import { Hono } from 'hono'
import { cloudflare } from '../../../src/platform/cloudflare/platform.ts'
import { node, paywall, type PaywallEnv } from '../../../src/platform/hono/index.ts'
import config from './config.ts'

const appOf = (gate: ReturnType<typeof paywall>): Hono<PaywallEnv> =>
  new Hono<PaywallEnv>().use(gate).get('*', (c) => c.text('the page'))
const gates = {
  cloudflare: appOf(paywall(config, cloudflare)),
  direct: appOf(paywall(config)),
  node: appOf(paywall(config, node({ trustedProxies: ['127.0.0.0/8'] }))),
}

export default {
  fetch(request: Request, env: object, ctx: ExecutionContext): Response | Promise<Response> {
    const kind = new URL(request.url).searchParams.get('platform') as keyof typeof gates
    return gates[kind].fetch(request, env, ctx)
  },
}
