/** Serves the metadata of a protected resource (RFC 9728): where a client signs in for the route. */
import type { Meter } from '../../access/meter.ts'
import { AS_RECEIVED, type Route } from '../../access/route.ts'
import { ok } from '../../core/result.ts'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Returns the path of the metadata of a resource, which has its path after the well-known one (RFC 9728 §3.1). */
export function metadataPath(mount: string): string {
  return `${WELL_KNOWN}${mount}`
}

interface MetadataFacts {
  readonly mount: string
  readonly authorizationServers: readonly string[]
  readonly scopes: readonly string[]
}

/** Returns the routes of the metadata: of the resource itself, and of its host for clients that look there alone. */
export function metadataRoutes(facts: MetadataFacts, { limits }: Route): readonly Route[] {
  const paths = new Set([metadataPath(facts.mount), WELL_KNOWN])
  return Array.from(paths, (path) => ({
    path,
    methods: undefined,
    terms: { kind: 'free' },
    meter: answeringMeter(facts),
    cache: { ...AS_RECEIVED, partition: 'off' },
    limits,
  }))
}

/** Pages of any origin may read it: clients in browsers look it up before they know anything. */
const FIELDS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'MCP-Protocol-Version',
  'access-control-allow-methods': 'GET',
  'cache-control': 'public, max-age=300',
}

/** A meter that counts nothing: it answers in place of any server. */
function answeringMeter({ mount, authorizationServers, scopes }: MetadataFacts): Meter {
  return {
    name: 'oauth-protected-resource',
    counted: [],
    boundsFree: true,
    classify: ({ method }) => (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'free' : 'closed'),
    bound({ exchange: { origin, method } }) {
      const metadata = {
        resource: `${origin}${mount}`,
        authorization_servers: authorizationServers,
        bearer_methods_supported: ['header'],
        ...(scopes.length > 0 && { scopes_supported: scopes }),
      }
      const answer = (): Response =>
        method === 'OPTIONS'
          ? new Response(null, { status: 204, headers: FIELDS })
          : Response.json(metadata, { headers: FIELDS })
      return ok({ amount: { counts: [] }, answer })
    },
    measure: (response) => ok({ response, used: () => undefined }),
  }
}
