import * as v from 'valibot'
import type { Bindings } from '../../config/rules/bindings.ts'
import { safeUrl, text } from '../../config/rules/values.ts'
import type { RouteOptions } from '../../config/options.ts'

/**
 * The terms of one tool, or of one method: those of a route, without what belongs to its path.
 *
 * @example
 * ```ts zone
 * routes: [{ path: '/mcp', free: true, protocol: mcp({ tools: { search: { price: { amount: '0.01', currency: 'USD' } } } }) }],
 * ```
 */
export type McpTerms = Pick<
  RouteOptions,
  | 'requires'
  | 'price'
  | 'pay'
  | 'settle'
  | 'offer'
  | 'offers'
  | 'counts'
  | 'quotas'
  | 'rates'
  | 'observe'
  | 'credentials'
>

/**
 * `free`: for anyone, whatever the route asks for. `included`: under the terms of the route. `closed`: for nobody.
 */
export type McpAccess = McpTerms | 'free' | 'included' | 'closed'

/** What the requests to an MCP server cost. */
export interface McpOptions {
  /**
   * The tools by name, exactly as the server spells them: each call (`tools/call`) is a request under these terms.
   */
  tools: Record<string, McpAccess>
  /** Tools that are not in `tools`. Default `closed`. */
  unknown?: 'closed' | 'included'
  /**
   * Other methods by name, such as `resources/read`. Default: `included` for the methods of the protocol that list, read, ping and
   * subscribe, and for notifications and responses; `closed` for tasks, and for every method that the protocol does not know.
   */
  methods?: Record<string, McpAccess>
  /**
   * The issuers at which clients sign in (OAuth 2.0 authorization servers): https URLs. The gate then serves
   * `/.well-known/oauth-protected-resource` (RFC 9728), and answers 401 with `resource_metadata` where only an account opens what is asked
   * for. Their tokens are taken if `issuers` of the zone has them. Default: none.
   */
  authorizationServers?: string[]
  /** The scopes that clients ask for when they sign in. Default: none are named. */
  scopes?: string[]
  /** The largest request, in bytes: at most 1048576, which is the default. */
  maxBytes?: number
}

const MAX_BYTES = 1024 * 1024

export type CheckedMcpOptions = v.InferOutput<ReturnType<typeof mcpOptionsSchema>>

const ACCESS = "expected 'free', 'included', 'closed' or terms such as {price: {amount: '0.01', currency: 'USD'}}"
const SCOPE = /^[!#-[\]-~]+$/

/** The members of terms that belong to a path. */
const OF_PATH = ['cache', 'limits', 'meter', 'preview', 'idempotency', 'confirm', 'free', 'closed', 'packs']

const access = v.union(
  [
    v.picklist(['free', 'included', 'closed']),
    v.custom<McpTerms>(
      (value) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) && !OF_PATH.some((name) => name in value),
    ),
  ],
  ACCESS,
)
const named = v.record(v.pipe(text, v.maxLength(128, 'expected at most 128 characters')), access)
const BYTES = `expected a whole number from 1 to ${MAX_BYTES}`

export function mcpOptionsSchema(_bindings: Bindings) {
  return v.strictObject(
    {
      tools: named,
      unknown: v.optional(v.picklist(['closed', 'included'], "expected 'closed' or 'included'"), 'closed'),
      methods: v.optional(named, {}),
      authorizationServers: v.optional(v.array(safeUrl), []),
      scopes: v.optional(v.array(v.pipe(text, v.regex(SCOPE, 'expected a scope (RFC 6749 §3.3)'))), []),
      maxBytes: v.optional(
        v.pipe(v.number(BYTES), v.integer(BYTES), v.minValue(1, BYTES), v.maxValue(MAX_BYTES, BYTES)),
        MAX_BYTES,
      ),
    },
    "expected an object such as {tools: {search: {price: {amount: '0.01', currency: 'USD'}}}}",
  )
}
