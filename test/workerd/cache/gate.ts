import { createApp } from '../../../src/gate.ts'
import { upstreamOf } from '../../../src/platform/cloudflare/stages.ts'
import type { Config, Environment } from '../../../src/config/options.ts'
import type { Purge } from '../../../src/cache/rules/purge.ts'
import { ok } from '../../../src/core/result.ts'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { createPurgeFeed } from '../../../src/cache/purgenews.ts'
import { createServices, type Services } from '../../../src/services.ts'
import { originOf } from '../../../src/platform/cloudflare/origin.ts'
import type { CopyStore, Objects } from '../../../src/ports.ts'
import type { OriginProps } from '../../../src/platform/cloudflare/stage.ts'
import { compiled } from '../../support/compiled.ts'
import config from '../../cache/config.ts'
import { createWorkersCache } from './platform.ts'
import { cloudflare } from '../../../src/platform/cloudflare/platform.ts'

export type Implementation = 'embedded' | 'platform'

/** The whole Worker, but for the runtime between its two entrypoints: in a test these are one request. */
export interface Gate {
  fetch(request: Request): Promise<Response>
  purge(zone: string, purge: Purge): Promise<boolean>
  /** What the embedded cache keeps its copies in. */
  readonly store: CopyStore
  /** Resolves when all that outlived its request is done. */
  settled(): Promise<void>
}

/** As the runtime calls it. */
type Entrypoint = InstanceType<ReturnType<typeof originOf>> & {
  fetch(request: Request): Promise<Response>
  purge(tags: readonly string[]): Promise<boolean>
}

const STORE_BYTES = 64 * 1024 * 1024
const clock = (): number => Date.now()

export function createGate(
  implementation: Implementation,
  given: Config = config,
  env: Environment = {},
  objects?: Objects,
  change: (services: Services) => Services = (services) => services,
): Gate {
  const whole = compiled(given, env)
  const services = change(createServices(whole, { ...cloudflare(env), ...objects }))
  const app = createApp(services, whole.endpoints)
  const store = createMemoryStore(STORE_BYTES)
  const news = services.bulletins && createPurgeFeed(services.bulletins)
  const embedded = createEmbeddedCache(store, clock, news)
  const Origin = originOf(ok(whole), cloudflare({}))
  const platform = createWorkersCache(clock)
  const left: Promise<unknown>[] = []
  const waitUntil = (work: Promise<unknown>): void => {
    left.push(work.catch(() => undefined))
  }
  const cacheOf = (entrypoint: string) => (implementation === 'platform' ? { cache: platform.context(entrypoint) } : {})
  const originWith = (props: OriginProps) =>
    new Origin({ props, waitUntil, ...cacheOf('Origin') } as unknown as ExecutionContext<OriginProps>, {}) as Entrypoint
  const loopback = ({ props }: { props: OriginProps }) => {
    const run = async (request: Request): Promise<Response> => originWith(props).fetch(request)
    return {
      fetch: (request: Request) =>
        implementation === 'platform'
          ? platform.fetch({ entrypoint: 'Origin', props, run, waitUntil }, request)
          : run(request),
      purge: (tags: readonly string[]) => originWith(props).purge(tags),
    }
  }
  const ctx = { waitUntil, exports: { Origin: loopback }, ...cacheOf('default') } as unknown as ExecutionContext
  const stage = () => upstreamOf(ctx, embedded, clock, waitUntil)
  return {
    store,
    fetch: async (request) => app(request, stage(), waitUntil),
    purge: (zone, purge) => stage().purge(zone, purge),
    async settled() {
      while (left.length > 0) await Promise.all(left.splice(0))
    },
  }
}
