import { env } from 'cloudflare:workers'
import { createApp } from '../../src/gate.ts'
import { upstreamOf } from '../../src/platform/cloudflare/stages.ts'
import { compile } from '../../src/config/config.ts'
import { createMemoryStore } from '../../src/cache/memorystore.ts'
import { createEmbeddedCache } from '../../src/cache/stage.ts'
import { createServices } from '../../src/services.ts'
import { originOf } from '../../src/platform/cloudflare/origin.ts'
import { siteOptions } from './options.ts'
import { cloudflare } from '../../src/platform/cloudflare/platform.ts'

const compiled = compile(
  siteOptions({ origin: { servers: [{ binding: 'ORIGIN' }] } }),
  env as unknown as Record<string, unknown>,
  {
    needsOrigin: true,
  },
)
if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))

/** The gate without its memory tier: every hit comes from the store of the embedded cache. */
const memory = { find: () => undefined, keep: () => undefined, forget: () => false }
const platform = cloudflare({})
const app = createApp({ ...createServices(compiled.value, platform), memory }, [])
const cache = createEmbeddedCache(createMemoryStore(64 * 1024 * 1024), platform.clock)

export const Origin = originOf(compiled, platform)
export default {
  fetch(request, _env, ctx) {
    const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work)
    return app(request, upstreamOf(ctx, cache, platform.clock, waitUntil), waitUntil)
  },
} satisfies ExportedHandler
