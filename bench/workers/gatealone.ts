import { createApp } from '../../src/gate.ts'
import { type Compiled, compile } from '../../src/config/config.ts'
import { ok } from '../../src/core/result.ts'
import type { Config } from '../../src/index.ts'
import { createServices } from '../../src/services.ts'
import { PAGE } from './pages.ts'
import { web } from '../../src/platform/web/index.ts'

const FIELDS = { headers: { 'content-type': 'text/plain; charset=UTF-8' } }

/** The pipeline with a stage behind it that answers in the same call: what the gate itself costs, and nothing else. */
export function gateAlone(config: Config): ExportedHandler<Record<string, unknown>> {
  let app: ReturnType<typeof createApp> | undefined
  return {
    fetch(request, env, ctx) {
      app ??= createApp(createServices(compiled(config, env), web({})), [])
      return app(
        request,
        { origin: () => ok({ response: new Response(PAGE, FIELDS), isWhole: true }), purge: async () => false },
        (work) => ctx.waitUntil(work),
      )
    },
  }
}

function compiled(config: Config, env: Record<string, unknown>): Compiled {
  const result = compile(config, env, { needsOrigin: false })
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}
