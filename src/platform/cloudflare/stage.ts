import { err, ok, type Result } from '../../core/result.ts'
import type { OriginFailure } from '../../ports.ts'

/** What `ctx.props` of a call to the Origin entrypoint must hold. Part of the platform's cache key: no host is. */
export interface OriginProps {
  readonly zone: string
  /** Who shares the answer; without it no one does, and nothing may be stored. */
  readonly partition?: string
  /** The client's own, of which the origin is told. */
  readonly scheme?: string
  /** The server of the pool that is to answer, by its name. Only for what no one shares. */
  readonly server?: string
}

/** How the Origin entrypoint tells the gate of a failure; never sent on, and never taken from a server. */
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

/** A failure on its way from the Origin entrypoint to the gate. Not stored by a cache in between. */
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

/** The answer to a request for what is stored and nothing else. */
export function encodeNotStored(): Response {
  return new Response(null, { status: 504, headers: { 'cache-control': 'no-store' } })
}

/** RFC 9110 §15: no status is greater, and no response can be made with one. */
const MAX_STATUS = 599

/** The answer of the Origin entrypoint, its fields free to be changed and its content as it travels. */
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

/** A server's own answer, which cannot pass for a failure of ours. */
export function encodeAnswer(response: Response): Response {
  if (!response.headers.has(FAILURE_FIELD) || response.status === 101) return response
  const copy = new Response(response.body, response)
  copy.headers.delete(FAILURE_FIELD)
  return copy
}

/** The Origin entrypoint of this Worker, where it exports one. */
export interface Loopback {
  (options: { props: OriginProps }): OriginStub
}

interface OriginStub {
  fetch(request: Request, init?: RequestInit): Promise<Response>
  /** Purges what the platform's cache holds of the entrypoint. False where it would not. */
  purge(tags: readonly string[]): Promise<boolean>
}

/** From `ctx.exports`; undefined where no Origin is exported. */
export function loopbackOf(exports: unknown): Loopback | undefined {
  if (typeof exports !== 'object' || exports === null || !('Origin' in exports)) return undefined
  const { Origin } = exports
  return typeof Origin === 'function' ? (Origin as unknown as Loopback) : undefined
}

/** A service binding of this Worker. */
export function originBinding(env: unknown, name: string): { fetch(request: Request): Promise<Response> } | undefined {
  if (typeof env !== 'object' || env === null) return undefined
  const binding: unknown = (env as Record<string, unknown>)[name]
  return typeof binding === 'object' && binding !== null && 'fetch' in binding
    ? (binding as { fetch(request: Request): Promise<Response> })
    : undefined
}
