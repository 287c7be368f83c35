import type { Json } from '../../core/json.ts'
import { readBounded } from '../../http/download.ts'
import type { Settlement, StoredPayment } from '../../ledger/rules/payment.ts'
import type { SettlerPlatform } from '../rail.ts'
import {
  isOver,
  judgeReceipt,
  logFilter,
  readBlock,
  readAuthorizationEvent,
  type SafeBlock,
  type Sought,
  soughtIn,
  stateCall,
} from './rules/evidence.ts'

/**
 * Asks a chain what became of a payment; undefined if it does not say for good. `isUnsent`: true if the facilitator has sent
 * nothing, so that an authorization that was taken back stays so.
 */
export type FindEvidence = (payment: StoredPayment, isUnsent: boolean) => Promise<Settlement | undefined>

type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>

/** All questions about one payment together may take as long: a settler has its own limit. */
const EVIDENCE_MS = 4000
const MAX_BYTES = 256 * 1024

export function createEvidence(rpc: string, { fetch }: Pick<SettlerPlatform, 'fetch'>): FindEvidence {
  return async (payment, isUnsent) => {
    const sought = soughtIn(payment)
    if (sought === undefined) return undefined
    const signal = AbortSignal.timeout(EVIDENCE_MS)
    const ask: Ask = async (method, params) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
      const headers = { 'content-type': 'application/json' }
      const request = new Request(rpc, { method: 'POST', body, headers, redirect: 'manual', signal })
      const answer: unknown = JSON.parse(await readBounded(await fetch(request), MAX_BYTES))
      return isAnswer(answer) ? answer.result : undefined
    }
    // A node that fails proves nothing, whatever it says of that.
    return find(ask, sought, isUnsent).catch(() => undefined)
  }
}

function isAnswer(answer: unknown): answer is { readonly result: Json } {
  return typeof answer === 'object' && answer !== null && 'result' in answer
}

async function find(ask: Ask, sought: Sought, isUnsent: boolean): Promise<Settlement | undefined> {
  const [chainId, block] = await Promise.all([ask('eth_chainId', []), ask('eth_getBlockByNumber', ['safe', false])])
  const safe = readBlock(block)
  // A node of another chain has seen no payment of this one.
  if (chainId !== sought.chainId || safe === undefined) return undefined
  const event = readAuthorizationEvent(await ask('eth_getLogs', [logFilter(sought, safe)]), safe)
  if (event === undefined) return undefined
  if (event === null) return unused(ask, sought, safe)
  if (event.kind === 'canceled') return event.isSafe || isUnsent ? TAKEN_BACK : undefined
  return judgeReceipt(await ask('eth_getTransactionReceipt', [event.transaction]), sought, event, safe)
}

const TAKEN_BACK: Settlement = { kind: 'failed', reason: 'invalid_exact_evm_nonce_already_used' }
const EXPIRED: Settlement = { kind: 'failed', reason: 'payment_expired' }

async function unused(ask: Ask, sought: Sought, safe: SafeBlock): Promise<Settlement | undefined> {
  const state = await ask('eth_call', [stateCall(sought), safe.tag])
  return isOver(state, sought, safe) ? EXPIRED : undefined
}
