/**
 * The protocol between the gate and its Origin entrypoint, which are two entrypoints of one Worker.
 *
 * A call between them is a request and a response, and a cache of the platform may stand between. The facts that are no part
 * of a request travel in `ctx.props`, which belong to the cache's key. A failure travels as a response with a field of the
 * gate's own that no server can forge: it is removed from servers' responses.
 */
import { err, ok, type Result } from '../../core/result.ts'
import type { OriginFailure } from '../../ports.ts'

/** The `ctx.props` of a call to the Origin entrypoint. They are a part of the platform's cache key; the host is not. */
export interface OriginProps {
  readonly zone: string
  /** The readers who share the answer. Undefined if nobody does: the answer may then not be stored. */
  readonly partition?: string
  /** The client's own scheme, which the origin is told. */
  readonly scheme?: string
  /** The name of the server that must answer. Only for an answer that is not shared. */
  readonly server?: string
  /** Path and query to ask that server for, in place of the request's. */
  readonly path?: string
}

/**
 * The field by which the Origin entrypoint reports a failure to the gate. Never sent to a client, and never accepted from a
 * server.
 */
const FAILURE_FIELD = 'faregate-failure'

const FAILURE_STATUS: Record<OriginFailure, number> = {
  'origin-unreachable': 502,
  'origin-timeout': 504,
  overloaded: 503,
  misconfigured: 503,
  'request-malformed': 400,
  'request-timeout': 408,
}

function isFailure(name: string | null): name is OriginFailure {
  return name !== null && Object.hasOwn(FAILURE_STATUS, name)
}

/** Writes a failure as a response for the gate, which no cache in between stores. */
export function encodeFailure(failure: OriginFailure): Response {
  const status = FAILURE_STATUS[failure]
  return Response.json(
    { type: 'about:blank', status, reason: failure },
    {
      status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', [FAILURE_FIELD]: failure },
    },
  )
}

/** Returns the answer to a request that may only be answered from the store. */
export function encodeNotStored(): Response {
  return new Response(null, { status: 504, headers: { 'cache-control': 'no-store' } })
}

/** The greatest status (RFC 9110 §15): `Response` rejects a greater one. */
const MAX_STATUS = 599

/** Reads the answer of the Origin entrypoint. Its fields can be changed, and its content is passed on encoded. */
export function decodeAnswer(response: Response): Result<Response, OriginFailure> {
  const failure = response.headers.get(FAILURE_FIELD)
  if (failure === null && response.status === 101) {
    const { webSocket, headers } = response
    return ok(new Response(null, { status: 101, webSocket, headers }))
  }
  if (failure === null && response.status <= MAX_STATUS) return ok(changeable(response))
  return err(isFailure(failure) ? failure : 'origin-unreachable')
}

function changeable({ body, status, statusText, headers }: Response): Response {
  return new Response(body, { status, statusText, headers, encodeBody: 'manual' })
}

/** Removes the failure field from a server's response, which then cannot pass for a failure. */
export function encodeAnswer(response: Response): Response {
  if (!response.headers.has(FAILURE_FIELD) || response.status === 101) return response
  const copy = new Response(response.body, response)
  copy.headers.delete(FAILURE_FIELD)
  return copy
}

/** The Origin entrypoint of this Worker. */
export interface Loopback {
  (options: { props: OriginProps }): OriginStub
}

interface OriginStub {
  fetch(request: Request, init?: RequestInit): Promise<Response>
  /** Purges the platform's cache of the entrypoint. Returns false if the platform refuses. */
  purge(tags: readonly string[]): Promise<boolean>
}

/** Returns the Origin entrypoint from `ctx.exports`. Undefined if the Worker exports none. */
export function loopbackOf(exports: unknown): Loopback | undefined {
  if (typeof exports !== 'object' || exports === null || !('Origin' in exports)) return undefined
  const { Origin } = exports
  return typeof Origin === 'function' ? (Origin as unknown as Loopback) : undefined
}

/** Returns a service binding of this Worker, or undefined. */
export function originBinding(env: unknown, name: string): { fetch(request: Request): Promise<Response> } | undefined {
  if (typeof env !== 'object' || env === null) return undefined
  const binding: unknown = (env as Record<string, unknown>)[name]
  return typeof binding === 'object' && binding !== null && 'fetch' in binding
    ? (binding as { fetch(request: Request): Promise<Response> })
    : undefined
}
