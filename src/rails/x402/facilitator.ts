import type { Json } from '../../core/json.ts'
import { readBounded } from '../../http/download.ts'
import type { SettlerPlatform } from '../rail.ts'
import type { CheckedFacilitator } from './rules/options.ts'
import type { FacilitatorAnswer } from './rules/answers.ts'

const MAX_BYTES = 64 * 1024

/** Calls a facilitator. */
export interface Facilitator {
  /** Undefined if no answer came in time. */
  verify(body: Json): Promise<FacilitatorAnswer | undefined>
  settle(body: Json): Promise<FacilitatorAnswer | undefined>
  status(paymentId: string): Promise<FacilitatorAnswer | undefined>
}

/** A redirection is an answer like any other: whoever it leads to is not the facilitator. */
export function createFacilitator(
  { url, auth, verifyMs, settleMs }: CheckedFacilitator,
  { fetch }: Pick<SettlerPlatform, 'fetch'>,
): Facilitator {
  const base = url.replace(/\/$/, '')
  const headers = { 'content-type': 'application/json', ...(auth !== undefined && { authorization: `Bearer ${auth}` }) }
  const call = async (path: string, ms: number, body?: Json): Promise<FacilitatorAnswer | undefined> => {
    const sent = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const signal = AbortSignal.timeout(ms)
    try {
      const response = await fetch(new Request(`${base}${path}`, { ...sent, headers, redirect: 'manual', signal }))
      return { status: response.status, body: parse(await readBounded(response, MAX_BYTES)) }
    } catch {
      // What a runtime says of a failed call may quote what was sent.
      return undefined
    }
  }
  return {
    verify: (body) => call('/verify', verifyMs, body),
    settle: (body) => call('/settle', settleMs, body),
    status: (paymentId) => call(`/status/${paymentId}`, STATUS_MS),
  }
}

const STATUS_MS = 2000

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
