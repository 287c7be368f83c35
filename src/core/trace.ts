/** W3C Trace Context: where this request stands in the client's trace. */
export interface Trace {
  readonly traceId: string
  readonly spanId: string
  readonly flags: string
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(?:$|-)/

/** Continues the client's trace with a span of our own, or starts one. Both ids come from the request's UUID. */
export function continueTrace(traceparent: string | null, id: string): Trace {
  const digits = id.replaceAll('-', '')
  const match = traceparent === null ? null : TRACEPARENT.exec(traceparent)
  return { traceId: match?.[1] ?? digits, spanId: digits.slice(16), flags: match?.[2] ?? '00' }
}

/** The `traceparent` to send on. */
export function formatTrace(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.flags}`
}
