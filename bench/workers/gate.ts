import { createApp } from '../../src/gate.ts'
import { type Compiled, compile } from '../../src/config/config.ts'
import { ok } from '../../src/core/result.ts'
import { createServices } from '../../src/services.ts'
import { siteOptions } from './options.ts'
import { PAGE } from './pages.ts'
import { web } from '../../src/platform/web/index.ts'

/** The pipeline with a stage behind it that answers in the same call: what the gate itself costs, and nothing else. */
let app: ReturnType<typeof createApp> | undefined

function compiled(env: Record<string, unknown>): Compiled {
  const result = compile(siteOptions(), env, { needsOrigin: false })
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

const FIELDS = { headers: { 'content-type': 'text/plain; charset=UTF-8' } }

export default {
  fetch(request, env, ctx) {
    app ??= createApp(createServices(compiled(env), web({})), [])
    return app(
      request,
      { origin: () => ok({ response: new Response(PAGE, FIELDS), isWhole: true }), purge: async () => false },
      (work) => ctx.waitUntil(work),
    )
  },
} satisfies ExportedHandler<Record<string, unknown>>
