import { PART_FIELDS } from '../cache/rules/conditional.ts'
import type { Exchange, Fields } from './rules/exchange.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { readTarget, type Target } from './rules/target.ts'
import { continueTrace } from './rules/trace.ts'

/** Scheme, authority, path and query as sent. The client writes `Host`: anything but a plain authority is refused. */
const URL_PARTS = /^(https?):\/\/([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(\d*))?(\/[^?#]*)?(\?[^#]*)?$/i

const NOT_A_HOST = /[^\w.:[\]-]/

/** An exchange. If `ambiguity` is set, the target could not be read, and must not be used. */
export type Captured = Exchange & { readonly ambiguity: Refusal | undefined }

const NO_TARGET: Target = { path: '/', query: '', interpretations: [] }

/**
 * Captures the parts of a request that a decision needs. An unreadable part is not guessed: the exchange then carries the
 * refusal in `ambiguity`. Errors in `ambiguity`: `host-unknown`, `target-ambiguous`.
 */
export function capture(request: Request, now: number): Captured {
  const id = crypto.randomUUID()
  const fields = fieldsOf(request)
  const trace = continueTrace(fields.get('traceparent'), id)
  // Plain workerd glues `Host` and target together, so a slash in the one would become part of the other.
  const parts = NOT_A_HOST.test(fields.get('host') ?? '') ? null : URL_PARTS.exec(request.url)
  const scheme = parts?.[1]?.toLowerCase() === 'https' ? 'https' : 'http'
  const port = portOf(parts?.[3], scheme)
  if (parts === null || port === undefined) {
    const ambiguity = refusal('host-unknown', 'The request does not name a host that is served here.')
    return {
      id,
      method: request.method,
      scheme: 'http',
      host: '',
      origin: '',
      target: NO_TARGET,
      fields,
      trace,
      now,
      ambiguity,
    }
  }
  const host = (parts[2] ?? '').toLowerCase().replace(/\.$/, '')
  const target = readTarget(parts[4] ?? '', parts[5] ?? '')
  return {
    id,
    method: request.method,
    scheme,
    host,
    origin: `${scheme}://${host}${port}`,
    target: target.ok ? target.value : NO_TARGET,
    fields,
    trace,
    now,
    ambiguity: target.ok ? undefined : target.error,
  }
}

/**
 * Returns the port as an origin spells it: `:` and digits, or nothing for the scheme's own. Ports may be empty or have
 * leading zeros (RFC 3986 §3.2.3). Returns undefined if there is no such port.
 */
function portOf(digits: string | undefined, scheme: 'http' | 'https'): string | undefined {
  if (digits === undefined || digits === '') return ''
  const port = Number(digits)
  if (port > MAX_PORT) return undefined
  return port === DEFAULT_PORTS[scheme] ? '' : `:${port}`
}

const MAX_PORT = 65_535
const DEFAULT_PORTS = { http: 80, https: 443 } as const

/**
 * Removes `Range` and `If-Range` from methods other than GET. RFC 9110 §14.2: `Range` means something to GET alone, and
 * `If-Range` nothing without `Range`.
 */
function fieldsOf({ method, headers }: Request): Fields {
  if (method === 'GET' || !PART_FIELDS.some((name) => headers.has(name))) return headers
  const fields = new Headers(headers)
  for (const name of PART_FIELDS) fields.delete(name)
  return fields
}
