import { type Refusal, refusal } from '../../core/problem.ts'

/** Methods that no page can send (Fetch §2.2.1). */
const FORBIDDEN = /^(?:CONNECT|TRACE|TRACK)$/i

/** Returns true for a method that asks for no content, but for a tunnel or for the request itself. */
export function isForbidden(method: string): boolean {
  return FORBIDDEN.test(method)
}

/** RFC 9110 §15.5.6 requires a list. Methods outside of it are judged by the route and its origin. */
const ALLOW = ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] as const

/**
 * Returns the refusal of a method that is never passed on, or undefined. An origin answers TRACE with the fields it got
 * (RFC 9110 §9.3.8), and would disclose the fields that the gate writes for its servers alone.
 */
export function methodFault(method: string): Refusal | undefined {
  if (!isForbidden(method)) return undefined
  return refusal('method-not-allowed', 'This method is passed on to no origin.', { fields: [ALLOW] })
}
