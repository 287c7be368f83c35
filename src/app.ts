import { Hono } from 'hono/tiny'
import { answerExplain } from './explain.ts'
import { handle, type House } from './paywall.ts'
import type { Origin, WaitUntil } from './ports.ts'

/** What comes with each request: the stage that answers what is let through, and a way to outlive the request. */
export interface AppEnv {
  Bindings: { readonly origin: Origin; readonly waitUntil: WaitUntil }
}

/** The gate's own endpoints under /__faregate, and the paywall for everything else. */
export function createApp(house: House): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.get('/__faregate/explain', (c) => answerExplain(c.req.raw, house, c.env.waitUntil))
  app.all('/__faregate/*', () => notFound())
  app.all('*', (c) => handle(c.req.raw, house, c.env.origin, c.env.waitUntil))
  app.onError(() => new Response('{"type":"about:blank","status":500}', { status: 500, headers: PROBLEM_FIELDS }))
  return app
}

const PROBLEM_FIELDS = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }

function notFound(): Response {
  return new Response('{"type":"about:blank","title":"Not Found","status":404}', {
    status: 404,
    headers: PROBLEM_FIELDS,
  })
}
