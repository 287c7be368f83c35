import type { InUrl } from './parameter.ts'
import type { Target } from './target.ts'
import type { Trace } from './trace.ts'

/** The header fields of a request, as `Headers` reads them. */
export interface Fields {
  get(name: string): string | null
}

/** One header field. A name may come in several. */
export type Field = readonly [name: string, value: string]

/** One request as the pipeline sees it: captured once, never changed. */
export interface Exchange {
  /** A UUID; `urn:uuid:` of it is the `instance` of a problem document. */
  readonly id: string
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** Lower case, without port or trailing dot. */
  readonly host: string
  /** `scheme://host:port`, as a browser writes it: without the scheme's own port. */
  readonly origin: string
  readonly target: Target
  /** A token that came in the URL; `target` is without it. */
  readonly inUrl?: InUrl
  readonly fields: Fields
  /** The trace that the client began, continued. Without one, the request's id names the trace. */
  readonly trace: Trace | undefined
  /** Milliseconds since 1970, when the request came. */
  readonly now: number
}

const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)*localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/

/** Plain http to this host stays on the machine. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host)
}

/** RFC 9110 §9.2.1. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

/** True where a list of methods has this one. GET covers HEAD. */
export function allowsMethod(methods: readonly string[], method: string): boolean {
  return methods.includes(method) || (method === 'HEAD' && methods.includes('GET'))
}

/** A WebSocket handshake (RFC 6455 §4.1). Whatever its method was, runtimes send it on as GET. */
export function isUpgrade(fields: Fields): boolean {
  return fields.get('upgrade')?.toLowerCase() === 'websocket'
}

/** True for a CORS preflight (Fetch §3.3.2), which never carries a credential. */
export function isPreflight(method: string, fields: Fields): boolean {
  if (method !== 'OPTIONS' || fields.get('origin') === null) return false
  return METHOD.test(fields.get('access-control-request-method') ?? '')
}

/** A token (RFC 9110 §9.1), no longer than any method there is. */
const METHOD = /^[\w!#$%&'*+.^`|~-]{1,32}$/

/** The method that a request is about. A preflight is about the one that it asks leave for. */
export function methodAsked(method: string, fields: Fields): string {
  return isPreflight(method, fields) ? (fields.get('access-control-request-method') ?? method) : method
}
