import type { Reason } from '../core/problem.ts'
import { REASONS } from '../core/problem.ts'

const PROOF = '-H "Authorization: Bearer $PROOF"'
/** The answer as programs read it. */
const ANSWER = `curl -s ${PROOF} -H "Accept: application/problem+json" "$URL"`
/** The fields of the answer alone. */
const FIELDS = `curl -sI ${PROOF} "$URL"`
const POST = `curl -i ${PROOF} -H "Content-Type: application/json"`

const LINES: Readonly<Partial<Record<Reason, string>>> = {
  'credential-ambiguous': `curl -i ${PROOF} -H "Cookie:" "$URL"`,
  'credential-invalid': ANSWER,
  'credential-not-yet-valid': FIELDS,
  'credit-insufficient': ANSWER,
  'entitlement-insufficient': ANSWER,
  'usage-limit-reached': FIELDS,
  'too-many-requests': FIELDS,
  'payment-insufficient': ANSWER,
  'security-hold': ANSWER,
  'origin-not-allowed': `${POST} -H "Origin: https://elsewhere.example" -d '{}' "$URL"`,
  'model-not-found': `${POST} -d '{"model": "…"}' "$URL"`,
  'idempotency-conflict': `${POST} -H "Idempotency-Key: order-2" -d '{}' "$URL"`,
  'method-not-allowed': 'curl -i -X OPTIONS "$URL"',
  'request-malformed': `${POST} --data-binary '{}' "$URL"`,
  'request-timeout': `${POST} --data-binary '{}' "$URL"`,
  'content-too-large': `${POST} --data-binary '{}' "$URL"`,
  'content-encoding-unsupported': `printf '{}' | gzip | ${POST} -H "Content-Encoding: gzip" --data-binary @- "$URL"`,
  'target-ambiguous': 'curl -i --path-as-is "$URL"',
  'host-unknown': 'curl -i "$URL"',
  'prefetch-declined': `curl -i -H "Sec-Purpose:" ${PROOF} "$URL"`,
}

/** Returns the line that shows a problem, or its cure, in a shell with the variables `URL` and `PROOF`. */
export function curlFor(reason: Reason): string {
  const isPassing = REASONS[reason].status >= 500
  return LINES[reason] ?? (isPassing ? `curl -i --retry 3 ${PROOF} "$URL"` : `curl -i ${PROOF} "$URL"`)
}
