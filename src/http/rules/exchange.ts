import type { InUrl } from './parameter.ts'
import type { Target } from './target.ts'
import type { Trace } from './trace.ts'

/** The header fields of a request, as `Headers` reads them. */
export interface Fields {
  get(name: string): string | null
}

/** One header field. A name may occur several times. */
export type Field = readonly [name: string, value: string]

/** One request as the pipeline sees it: captured once, never changed. */
export interface Exchange {
  /** A UUID; `urn:uuid:` and this is the `instance` of a problem document. */
  readonly id: string
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** Lower case, without port or trailing dot. */
  readonly host: string
  /** `scheme://host:port`, as a browser writes it: without the scheme's own port. */
  readonly origin: string
  readonly target: Target
  /** A token taken from the URL; `target` no longer holds it. */
  readonly inUrl?: InUrl
  readonly fields: Fields
  /** The JSON text of the id that an answer to the content names, where its protocol has ids. */
  readonly messageId?: string
  /** The client's trace, continued. Without a trace of the client's, the request's id names the trace. */
  readonly trace: Trace | undefined
  /** The time of the request, in milliseconds since 1970. */
  readonly now: number
}

const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)*localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/

/** Returns true for a host that plain http reaches without leaving the machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** Returns true for a safe method (RFC 9110 §9.2.1). */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

/** Returns true if `methods` has `method`. GET covers HEAD. */
export function allowsMethod(methods: readonly string[], method: string): boolean {
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
}

/**
 * Returns true for a WebSocket handshake (RFC 6455 §4.1). Runtimes send a handshake on as GET, whatever its method was.
 */
export function isUpgrade(fields: Fields): boolean {
  return fields.get('upgrade')?.toLowerCase() === 'websocket'
}

/** Returns true for a CORS preflight (Fetch §3.3.2). Preflights never carry a credential. */
export function isPreflight(method: string, fields: Fields): boolean {
  if (method !== 'OPTIONS' || fields.get('origin') === null) return false
  return METHOD.test(fields.get('access-control-request-method') ?? '')
}

/** A token (RFC 9110 §9.1), no longer than any registered method. */
const METHOD = /^[\w!#$%&'*+.^`|~-]{1,32}$/

/** Returns the method that a request is about; for a preflight, the method it asks leave for. */
export function methodAsked(method: string, fields: Fields): string {
  return isPreflight(method, fields) ? (fields.get('access-control-request-method') ?? method) : method
}
