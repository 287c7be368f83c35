import { base64url } from 'jose'

/** Shorter than the gate keeps a key set by default: a new key is known to every gate within both times together. */
const MAX_AGE_SECONDS = 300
const TAG_BYTES = 12

/** Returns a JWK Set (RFC 7517 §5) as a response, or 304 if the request has its `ETag` (RFC 9110 §13.1.2). */
export async function jwksResponse(jwks: object, request: Request | undefined): Promise<Response> {
  const body = JSON.stringify(jwks)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body)))
  const etag = `"${base64url.encode(digest.subarray(0, TAG_BYTES))}"`
  const headers = { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}`, etag }
  const tags = request?.headers.get('if-none-match')?.split(',') ?? []
  if (tags.some((tag) => tag.trim().replace(/^W\//, '') === etag)) return new Response(null, { status: 304, headers })
  return new Response(body, { headers: { ...headers, 'content-type': 'application/json' } })
}
