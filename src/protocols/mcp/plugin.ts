import type { Protocol } from '../../access/protocol.ts'
import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import { gateKey, type GateKeys, type GateKeyUse, newestGateKey } from '../../secrets/gatekeys.ts'
import type { NamedTerms, ProtocolPlugin } from '../plugin.ts'
import { metadataPath, metadataRoutes } from './metadata.ts'
import { type McpOptions, mcpOptionsSchema } from './options.ts'
import { METHODS, refineRequest } from './refine.ts'
import { mcpRefusals } from './refusals.ts'
import type { BindingKeys } from './rules/bound.ts'
import { createTariff } from './tariff.ts'

/**
 * Sells the tools of an MCP server (Model Context Protocol, streamable HTTP): each tool has its own terms, and refusals are errors of
 * the protocol. Sessions and events belong to the account that began them. Needs `secrets.gate`.
 *
 * @example
 * ```ts zone
 * routes: [
 *   {
 *     path: '/mcp',
 *     free: true,
 *     protocol: mcp({ tools: { search: { price: { amount: '0.01', currency: 'USD' } }, summarize: { requires: 'pro' }, now: 'free' } }),
 *   },
 * ],
 * ```
 */
export function mcp(options: McpOptions): ProtocolPlugin {
  const { faults, read } = pluginOptions(mcpOptionsSchema, options)
  return {
    name: 'mcp',
    needsGateKey: true,
    terms: [...termsIn(options?.tools, 'tools'), ...termsIn(options?.methods, 'methods')],
    faults,
    create({ route, mount, terms, isPayable, bindings, zoneId, gateKeys }) {
      const checked = read(bindings)
      const { authorizationServers, scopes, maxBytes } = checked
      const keysFor = (use: GateKeyUse): BindingKeys => bindingKeys(gateKeys, use, zoneId)
      const keys = { sessions: keysFor('mcp-sessions'), events: keysFor('mcp-events') }
      const protocol: Protocol = {
        name: 'mcp',
        methods: METHODS,
        refine: (asked) => refineRequest(asked, { find, maxBytes, keys }),
      }
      const find = createTariff(checked, { route: { ...route, protocol }, terms, isPayable })
      const signsIn = authorizationServers.length > 0
      return {
        protocol,
        refusals: mcpRefusals((one) => one === protocol, signsIn ? metadataPath(mount) : undefined),
        routes: signsIn ? metadataRoutes({ mount, authorizationServers, scopes }, route) : [],
      }
    },
  }
}

/** A configuration without the secret is at fault, so that nothing is asked for a key then. */
function bindingKeys(keys: GateKeys | undefined, use: GateKeyUse, zoneId: string): BindingKeys {
  if (keys === undefined) throw new TypeError('mcp() needs secrets.gate')
  return {
    newest: () => newestGateKey(keys, use, zoneId),
    of: (generation) => gateKey(keys, use, zoneId, generation),
  }
}

/** Returns the terms among what an operator wrote, which may be anything. */
function termsIn(given: unknown, member: 'tools' | 'methods'): readonly NamedTerms[] {
  if (typeof given !== 'object' || given === null) return []
  return Object.entries(given).flatMap(([name, access]) =>
    typeof access === 'object'
      ? [{ name: `${member.slice(0, -1)} ${name}`, path: `${member}.${name}`, given: access }]
      : [],
  )
}
