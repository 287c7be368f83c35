import { causeOf } from '../core/error.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readBounded } from '../http/download.ts'
import type { SinkPlatform } from './sink.ts'

/**
 * Billing's response. `text` is read for a 400 only, up to 64 KiB: billing explains the fault there. Empty for other
 * statuses.
 */
export interface PostResponse {
  readonly status: number
  readonly text: string
}

const TIMEOUT_MS = 5000
const MAX_TEXT_BYTES = 64 * 1024

/** Posts a body, and waits 5 seconds at most. The error says what went wrong, without any part of the body. */
export async function postBatch(
  { fetch }: Pick<SinkPlatform, 'fetch'>,
  url: string,
  fields: Record<string, string>,
  body: string,
): Promise<Result<PostResponse, string>> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    // Redirects are not followed: records for one address go to no other.
    const response = await fetch(url, { method: 'POST', headers: fields, body, redirect: 'manual', signal })
    if (response.status === 400) {
      return ok({ status: 400, text: await readBounded(response, MAX_TEXT_BYTES).catch(() => '') })
    }
    await response.body?.cancel().catch(() => undefined)
    return ok({ status: response.status, text: '' })
  } catch (error) {
    return err(causeOf(error))
  }
}
