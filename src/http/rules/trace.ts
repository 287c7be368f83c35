/** W3C Trace Context: the place of this request in the client's trace. */
export interface Trace {
  readonly traceId: string
  readonly spanId: string
  readonly flags: string
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:$|-)/

/** Continues the client's trace with a span of our own. Returns undefined if the client sent no valid trace. */
export function continueTrace(traceparent: string | null, id: string): Trace | undefined {
  const match = traceparent === null ? null : TRACEPARENT.exec(traceparent)
  if (match === null) return undefined
  return { traceId: match[1] ?? '', spanId: spanOf(id), flags: match[2] ?? '00' }
}

/** Begins a trace of our own, named by the request's UUID. */
export function beginTrace(id: string): Trace {
  return { traceId: id.replaceAll('-', ''), spanId: spanOf(id), flags: '00' }
}

function spanOf(id: string): string {
  return id.replaceAll('-', '').slice(16)
}

/** Formats the `traceparent` to send on. */
export function formatTrace(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.flags}`
}
