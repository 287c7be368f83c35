import { createMemoryStore } from '../../cache/memorystore.ts'
import { writeLine } from '../../log.ts'
import type { Platform } from '../../ports.ts'
import { boundSocket } from './socket.ts'

/**
 * What every runtime of the web's standards has, and no more: no ledgers, so that what is metered is answered 503, no rate
 * limits, and no knowledge of who is at the other end of a connection.
 */
export function web(bindings: Readonly<Record<string, unknown>>): Platform {
  return {
    clock: () => Date.now(),
    random: () => Math.random(),
    log: writeLine,
    fetch: (input, init) => fetch(input, { cache: 'no-store', ...init }),
    copies: (maxBytes) => createMemoryStore(maxBytes),
    boundSocket,
    bindings,
    clientAddress: () => undefined,
  }
}
