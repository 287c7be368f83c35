/**
 * Finds the endpoints of an authorization server: named by hand, or by its metadata.
 *
 * Metadata is read as OpenID Connect Discovery has it, else as RFC 8414. It must name exactly the issuer that was asked, or
 * a server could send codes to another one's endpoints. A copy serves for an hour, and for longer while the server does not
 * answer.
 */
import * as v from 'valibot'
import { safeUrl } from '../../config/rules/values.ts'
import { failureName, loggableAddress, withoutSecrets } from '../../core/error.ts'
import { type Backoff, isResting, isWithin, NO_BACKOFF, tryFetch, tryFetchOrWait } from '../../http/backoff.ts'
import { readBounded } from '../../http/download.ts'
import { logWarning } from '../../log.ts'
import type { Call, Platform } from '../../ports.ts'
import type { CheckedOAuth } from './options.ts'

const HOUR_MS = 3_600_000
const POLICY = { cooldownMs: 30_000, timeoutMs: 5000 }
const MAX_BYTES = 256 * 1024

const metadataSchema = /* @__PURE__ */ v.object({
  issuer: v.string(),
  authorization_endpoint: safeUrl,
  token_endpoint: safeUrl,
  revocation_endpoint: v.exactOptional(safeUrl),
  end_session_endpoint: v.exactOptional(safeUrl),
  token_endpoint_auth_methods_supported: v.exactOptional(v.array(v.string())),
  authorization_response_iss_parameter_supported: v.exactOptional(v.boolean()),
})

/** What is used of the metadata of an authorization server (RFC 8414 §2). All URLs are https, or http on loopback. */
export type ServerMetadata = v.InferOutput<typeof metadataSchema>

/** Finds a server's metadata; undefined if it cannot be had now. */
export type FindMetadata = (call: Call) => Promise<ServerMetadata | undefined>

interface MetadataState extends Backoff {
  copy: { readonly metadata: ServerMetadata; readonly asOf: number } | undefined
}

/** Creates the finder of one login, for one isolate. */
export function createMetadata(
  { issuer, endpoints }: Pick<CheckedOAuth, 'issuer' | 'endpoints'>,
  { clock, fetch }: Pick<Platform, 'clock' | 'fetch'>,
): FindMetadata {
  if (endpoints !== undefined) {
    const named = metadataOf(issuer, endpoints)
    return async () => named
  }
  const state: MetadataState = { policy: POLICY, copy: undefined, ...NO_BACKOFF }
  const refresh = (): Promise<void> =>
    tryFetch(
      state,
      clock,
      async (asOf) => void (state.copy = { metadata: await discover(issuer, fetch), asOf }),
      (message) => logWarning({ oauth: loggableAddress(issuer), error: withoutSecrets(message, issuer) }),
    )
  return async ({ waitUntil }) => {
    const { copy } = state
    if (copy !== undefined && isWithin(HOUR_MS, copy.asOf, clock())) return copy.metadata
    if (!isResting(state, clock())) await tryFetchOrWait(state, clock, refresh, waitUntil)
    return state.copy?.metadata
  }
}

function metadataOf(issuer: string, endpoints: NonNullable<CheckedOAuth['endpoints']>): ServerMetadata {
  const { authorization, token, revocation, endSession } = endpoints
  return {
    issuer,
    authorization_endpoint: authorization,
    token_endpoint: token,
    ...(revocation !== undefined && { revocation_endpoint: revocation }),
    ...(endSession !== undefined && { end_session_endpoint: endSession }),
  }
}

/** Throws Error, with a message fit for the log, if the server has no metadata that can be used. */
async function discover(issuer: string, fetch: Platform['fetch']): Promise<ServerMetadata> {
  const signal = AbortSignal.timeout(POLICY.timeoutMs)
  const asked: RequestInit = { redirect: 'manual', cache: 'no-store', signal, headers: { accept: 'application/json' } }
  const statuses: number[] = []
  for (const url of addressesOf(issuer)) {
    const response = await fetch(url, asked).catch((error: unknown) => {
      throw new Error(`no metadata: ${failureName(error)}`)
    })
    if (response.status === 200) return readMetadata(await readBounded(response, MAX_BYTES), issuer)
    await response.body?.cancel()
    statuses.push(response.status)
    // Only a server that has nothing there is asked for the other kind.
    if (response.status >= 500 || response.status === 429) break
  }
  throw new Error(`no metadata: status ${statuses.join(', then ')}`)
}

/** Returns the addresses of OpenID Connect Discovery §4 and of RFC 8414 §3. */
function addressesOf(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

function readMetadata(text: string, issuer: string): ServerMetadata {
  const read = v.safeParse(metadataSchema, parsed(text))
  if (!read.success) {
    const at = read.issues.map(({ path = [] }) => path.map(({ key }) => String(key)).join('.'))
    throw new Error(`metadata that cannot be used: ${at.join(', ')}`)
  }
  if (read.output.issuer !== issuer) throw new Error('metadata of another issuer')
  return read.output
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('metadata that is not JSON')
  }
}
