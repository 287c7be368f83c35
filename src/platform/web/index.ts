import { createMemoryStore } from '../../cache/memorystore.ts'
import { writeLines } from '../../log.ts'
import type { Platform } from '../../ports.ts'
import { boundSocket } from './socket.ts'

/**
 * Returns the platform of any runtime with web standards. Without ledgers, metered requests are answered 503. There are no
 * rate limits, and no address of the client: what knows one adds it.
 */
export function web(bindings: Readonly<Record<string, unknown>>): Platform {
  return {
    clock: () => Date.now(),
    random: () => Math.random(),
    log: writeLines,
    fetch: (input, init) => fetch(input, { cache: 'no-store', ...init }),
    copies: (maxBytes) => createMemoryStore(maxBytes),
    boundSocket,
    bindings,
    clientAddress: () => undefined,
    sharesPromises: sharesPromises(),
  }
}

/** In workerd a compatibility flag decides, on by default since 2024-10-14. Other runtimes do not tell requests apart. */
function sharesPromises(): boolean {
  const flags = typeof Cloudflare === 'undefined' ? undefined : Cloudflare.compatibilityFlags
  return flags === undefined || flags['handle_cross_request_promise_resolution'] === true
}
