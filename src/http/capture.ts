import { PART_FIELDS } from '../cache/rules/conditional.ts'
import type { Exchange, Fields } from './rules/exchange.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { err } from '../core/result.ts'
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
  const { method, headers } = request
  const fields = fieldsOf(method, headers)
  const trace = continueTrace(fields.get('traceparent'), id)
  const parts = partsOf(request.url, fields.get('host') ?? '')
  const { scheme, host, origin } = parts?.authority ?? NO_AUTHORITY
  const target = parts === undefined ? HOST_UNKNOWN : readTarget(parts.path, parts.query)
  return {
    id,
    method,
    scheme,
    host,
    origin,
    target: target.ok ? target.value : NO_TARGET,
    fields,
    trace,
    now,
    ambiguity: target.ok ? undefined : target.error,
  }
}

interface Authority {
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly origin: string
}

interface UrlParts {
  readonly authority: Authority
  readonly path: string
  readonly query: string
}

const NO_AUTHORITY: Authority = { scheme: 'http', host: '', origin: '' }
const HOST_UNKNOWN = err(refusal('host-unknown', 'The request does not name a host that is served here.'))

/** The authority that was read last: most requests of an isolate are for one host. */
let last: { readonly prefix: string; readonly hostField: string; readonly authority: Authority } | undefined

/** Splits the URL of a request. Returns undefined unless it names a host that may be served. */
function partsOf(url: string, hostField: string): UrlParts | undefined {
  if (last !== undefined && last.hostField === hostField && url.startsWith(last.prefix) && !url.includes('#')) {
    const path = last.prefix.length - 1
    const query = url.indexOf('?', path)
    const end = query === -1 ? url.length : query
    return { authority: last.authority, path: url.slice(path, end), query: url.slice(end) }
  }
  // Plain workerd glues `Host` and target together, so a slash in the one would become part of the other.
  const parts = NOT_A_HOST.test(hostField) ? null : URL_PARTS.exec(url)
  const [, schemeText = '', hostText = '', digits, path = '', query = ''] = parts ?? []
  const scheme = schemeText.toLowerCase() === 'https' ? 'https' : 'http'
  const port = portOf(digits, scheme)
  if (parts === null || port === undefined) return undefined
  const host = hostText.toLowerCase().replace(/\.$/, '')
  const authority: Authority = { scheme, host, origin: `${scheme}://${host}${port}` }
  if (path !== '') last = { prefix: url.slice(0, url.length - path.length - query.length + 1), hostField, authority }
  return { authority, path, query }
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
function fieldsOf(method: string, headers: Headers): Fields {
  if (method === 'GET' || !PART_FIELDS.some((name) => headers.has(name))) return headers
  const fields = new Headers(headers)
  for (const name of PART_FIELDS) fields.delete(name)
  return fields
}
