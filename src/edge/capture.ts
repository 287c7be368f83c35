import { PART_FIELDS } from '../core/conditional.ts'
import type { Exchange, Fields } from '../core/exchange.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { readTarget, type Target } from '../core/target.ts'
import { continueTrace } from '../core/trace.ts'

/** Scheme, authority, path and query as sent. `Host` is the client's to write: what is not a plain authority is refused. */
const URL_PARTS = /^(https?):\/\/([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?(\/[^?#]*)?(\?[^#]*)?$/i

const NOT_A_HOST = /[^\w.:[\]-]/

/** An exchange without its target, where there is no telling what is asked for. */
export type Captured = Exchange & { readonly ambiguity: Refusal | undefined }

const NO_TARGET: Target = { path: '/', query: '', readings: [] }

/**
 * Takes from a request what the decision needs. What cannot be read is not guessed: the exchange then carries the
 * refusal in `ambiguity`, and its target is not to be used.
 */
export function capture(request: Request, now: number): Captured {
  const id = crypto.randomUUID()
  const fields = fieldsOf(request)
  const trace = continueTrace(fields.get('traceparent'), id)
  // Plain workerd glues `Host` and target together, so a slash in the one would become part of the other.
  const parts = NOT_A_HOST.test(fields.get('host') ?? '') ? null : URL_PARTS.exec(request.url)
  if (parts === null) {
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
  const scheme = parts[1]?.toLowerCase() === 'https' ? 'https' : 'http'
  const host = (parts[2] ?? '').toLowerCase().replace(/\.$/, '')
  const target = readTarget(parts[4] ?? '', parts[5] ?? '')
  return {
    id,
    method: request.method,
    scheme,
    host,
    origin: `${scheme}://${host}${parts[3] ?? ''}`,
    target: target.ok ? target.value : NO_TARGET,
    fields,
    trace,
    now,
    ambiguity: target.ok ? undefined : target.error,
  }
}

/** RFC 9110 §14.2: `Range` means something to GET alone, and `If-Range` nothing without it. With any other method both are ignored. */
function fieldsOf({ method, headers }: Request): Fields {
  if (method === 'GET' || !PART_FIELDS.some((name) => headers.has(name))) return headers
  const fields = new Headers(headers)
  for (const name of PART_FIELDS) fields.delete(name)
  return fields
}
