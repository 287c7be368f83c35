import { env } from 'cloudflare:workers'
import type { Upstream } from '../../src/gate.ts'
import { err, ok } from '../../src/core/result.ts'
import { createServices, type Services } from '../../src/services.ts'
import { objectsOf } from '../../src/platform/cloudflare/ledgers.ts'
import type { Objects, Origin, WaitUntil } from '../../src/ports.ts'
import { compiled } from './compiled.ts'
import config from './config.ts'
import type { World } from './world.ts'
import { web } from '../../src/platform/web/index.ts'

/** The ledgers and the bulletins of the tests' Worker. */
export function realObjects(): Objects {
  const objects = objectsOf(env)
  if (objects === undefined) throw new Error('no objects are bound')
  return objects
}

/** What the gate of the tests' configuration stands on, as a new isolate has it: nothing is remembered. */
export function newServices(objects?: Objects): Services {
  return createServices(compiled(config, { ...env }), { ...web({}), ...objects })
}

/** The next stage is the world's origin, with no cache before it. */
export function worldOrigin(world: World): Origin {
  return async (_admitted, outgoing) => {
    const request = outgoing()
    world.received.push(request)
    return ok({ response: await world.origin(request) })
  }
}

/** Behind a gate that is asked for its own endpoints alone: no origin, and copies that are purged at a word. */
export const NO_UPSTREAM: Upstream = { origin: () => err('origin-unreachable'), purge: async () => true }

/** What answers leave behind, to be waited for as the runtime does. */
export interface Background {
  readonly waitUntil: WaitUntil
  /** Resolves when all of it is done, and what came of that. */
  readonly settled: () => Promise<void>
}

export function createBackground(): Background {
  const begun: Promise<unknown>[] = []
  return {
    waitUntil: (work) => void begun.push(work),
    settled: async () => {
      while (begun.length > 0) await Promise.all(begun.splice(0))
    },
  }
}
