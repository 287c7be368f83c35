import { type AddressRange, addressRange, isOfIpv4 } from '../../http/addressrange.ts'
import { clientBehind, FORWARDING_FIELDS, type ForwardingField } from '../../http/forwarded.ts'
import { logWarning } from '../../log.ts'
import type { Platform, PlatformFactory } from '../../ports.ts'
import { web } from '../web/index.ts'
import { peerOf } from './peer.ts'

/** What stands before an app in Node, Bun, Deno or a workerd of one's own. */
export interface NodeOptions {
  /**
   * The address ranges of your proxies, in the notation of CIDR. What one of them says of who asked it is believed, and what
   * anybody else says is not. Each of them must write the field itself, or add to it. Default: none, so that the client is whoever
   * opened the connection.
   */
  trustedProxies?: string[]
  /** The field that these proxies write. `forwarded`: RFC 7239. Default `x-forwarded-for`. */
  field?: ForwardingField
}

/**
 * The platform of an app outside Cloudflare that nobody spoke of proxies to: the client is the other end of the connection. Warns
 * once if it looks as if a proxy were there, because then all readers have one address.
 */
export const direct: PlatformFactory = (bindings) => {
  let isWarned = false
  return platformOf(bindings, (request) => {
    const peer = peerOf(request)
    if (!isWarned && peer !== undefined && FORWARDING_FIELDS.some((field) => request.headers.has(field))) {
      isWarned = true
      logWarning({ trustedProxies: NONE_NAMED })
    }
    return peer
  })
}

const NONE_NAMED =
  'a request came with X-Forwarded-For or Forwarded, which nobody is trusted to write: if it came by a proxy of yours, all readers count as one client; name it by paywall(config, node({ trustedProxies: [...] })), or nobody by an empty list'

/**
 * Returns the platform of an app in Node, Bun, Deno or a workerd of one's own, behind proxies. Throws a `TypeError` that names every
 * fault of the options.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { node, paywall, type PaywallEnv } from 'faregate/hono'
 * import config from './faregate.config.ts'
 *
 * const app = new Hono<PaywallEnv>()
 * app.use(paywall(config, node({ trustedProxies: ['10.0.0.0/8'] })))
 * export default app
 * ```
 */
export function node({ trustedProxies = [], field = 'x-forwarded-for' }: NodeOptions): PlatformFactory {
  const faults = [...rangeFaults(trustedProxies), ...(FORWARDING_FIELDS.includes(field) ? [] : [FIELD])]
  if (faults.length > 0) throw new TypeError(faults.join('\n'))
  const ranges = trustedProxies.flatMap((text) => addressRange(text) ?? [])
  return (bindings) =>
    platformOf(bindings, (request) => {
      const peer = peerOf(request)
      return peer === undefined ? undefined : clientBehind(peer, { ranges, field }, request.headers)
    })
}

function platformOf(bindings: Readonly<Record<string, unknown>>, clientAddress: Platform['clientAddress']): Platform {
  return { ...web(bindings), clientAddress }
}

const FIELD = `field: expected one of ${FORWARDING_FIELDS.join(', ')}`
const RANGE = 'expected an address range such as "10.0.0.0/8", /8 or longer, for IPv6 /7 or longer'

function rangeFaults(texts: unknown): readonly string[] {
  if (!Array.isArray(texts)) return ['trustedProxies: expected a list of address ranges']
  return texts.flatMap((text: unknown, at) => {
    const range = typeof text === 'string' ? addressRange(text) : undefined
    return range === undefined || isEverybody(range) ? [`trustedProxies[${at}]: ${RANGE}`] : []
  })
}

/** A range that holds a good part of all addresses is taken for a mistake: whoever is in it can write what they like. */
function isEverybody(range: AddressRange): boolean {
  return range.bits < (isOfIpv4(range) ? 8 : 7)
}
