import { type Refusal, refusal } from '../../core/problem.ts'

/** No page can send these (Fetch §2.2.1). */
const FORBIDDEN = /^(?:CONNECT|TRACE|TRACK)$/i

/** True for a method that asks for no content: for a tunnel, or for the request itself. */
export function isForbidden(method: string): boolean {
  return FORBIDDEN.test(method)
}

/** RFC 9110 §15.5.6 wants a list; any other method is for a route and its origin to judge. */
const ALLOW = ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] as const

/**
 * Why a method is not passed on, or undefined. TRACE has an origin answer with the fields that it got (RFC 9110 §9.3.8): those
 * that the gate writes for its servers alone are among them.
 */
export function methodFault(method: string): Refusal | undefined {
  if (!isForbidden(method)) return undefined
  return refusal('method-not-allowed', 'This method is passed on to no origin.', { fields: [ALLOW] })
}
