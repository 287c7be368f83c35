import { readBounded } from '../../http/download.ts'
import { withTimeout } from '../../http/timeout.ts'
import { operatorAccountFault, type FaultVerdict } from './rules/accountwords.ts'

const MOST_BYTES = 65_536
const MOST_MS = 10_000

/**
 * Reads an answer with a status of 4xx, and judges what it says: of the request, which its client may read, or of the operator's own
 * account. Never throws.
 */
export async function judgeFault(response: Response): Promise<FaultVerdict> {
  const reading = readBounded(response, MOST_BYTES).catch(() => undefined)
  const text = await withTimeout(reading, MOST_MS)
  if (text !== undefined) return operatorAccountFault(text)
  await response.body?.cancel().catch(() => undefined)
  return { kind: 'unread' }
}
