import { selectingFields } from '../cache/rules/key.ts'
import { select, varyNames } from '../cache/rules/vary.ts'
import type { AdmittedRequest } from '../ports.ts'
import { representationOf } from './idempotency.ts'

/** It is stored with its charge. */
const MAX_SELECTION = 512

/**
 * Returns the value that tells what a request was answered from the next version, and from the other variants of the same
 * resource (RFC 9110 §12.5.5): many servers give all of them one validator. Undefined if nothing does.
 */
export function variantOf(
  response: Response,
  { exchange, zone }: Pick<AdmittedRequest, 'exchange' | 'zone'>,
): string | undefined {
  const representation = representationOf(response)
  const names = varyNames(response.headers.get('vary'))
  if (representation === undefined || names === undefined) return undefined
  if (names.length === 0) return representation
  const selection = JSON.stringify(select(names, selectingFields(exchange.fields, zone.originFields)))
  return selection.length > MAX_SELECTION ? undefined : `${representation} ${selection}`
}
