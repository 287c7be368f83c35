/**
 * What a chain proves about an authorization of EIP-3009 whose outcome nobody has told.
 *
 * That an authorization was used proves nothing: its payer can sign the same nonce to himself. The transfer to the payee must
 * stand in the same transaction, right behind the use, where no other authorization's can; and a block that may yet be
 * replaced proves nothing either.
 */
import * as v from 'valibot'
import type { Settlement } from '../../../ledger/rules/payment.ts'
import { type SignedAuthorization, signedAuthorization } from './authorization.ts'

/** The movement of money to look for. */
export interface Sought extends Pick<SignedAuthorization, 'authorization'> {
  readonly chainId: string
  /** In lower case. */
  readonly asset: string
}

const USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'
const CANCELED = '0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81'
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
/** `authorizationState(address,bytes32)` */
const STATE = '0xe94a0102'

const stored = v.object({
  payload: signedAuthorization,
  requirements: v.object({
    network: v.pipe(v.string(), v.startsWith('eip155:')),
    asset: v.pipe(v.string(), v.toLowerCase()),
  }),
})

/** Reads what to look for from what was stored with a claim. */
export function soughtIn(payment: { readonly payload: unknown; readonly requirements: unknown }): Sought | undefined {
  const read = v.safeParse(stored, payment)
  if (!read.success) return undefined
  const { payload, requirements } = read.output
  const chainId = `0x${BigInt(requirements.network.slice('eip155:'.length)).toString(16)}`
  return { authorization: payload.authorization, chainId, asset: requirements.asset }
}

const quantity = v.pipe(v.string(), v.regex(/^0x[\da-f]{1,16}$/i))
const hash = v.pipe(v.string(), v.regex(/^0x[\da-f]{64}$/i), v.toLowerCase())
const log = v.object({
  address: v.pipe(v.string(), v.toLowerCase()),
  topics: v.array(v.pipe(v.string(), v.toLowerCase())),
  data: v.string(),
})
const found = v.array(v.object({ ...log.entries, transactionHash: hash, blockNumber: quantity }))
const block = v.object({ number: quantity, timestamp: quantity })
const receipt = v.object({ status: quantity, blockNumber: quantity, logs: v.array(log) })

/** The last block that will not be replaced. */
export interface SafeBlock {
  readonly number: bigint
  readonly tag: string
  /** In seconds since 1970. */
  readonly timestamp: bigint
}

export function readBlock(answer: unknown): SafeBlock | undefined {
  const read = v.safeParse(block, answer)
  if (!read.success) return undefined
  const { number: tag, timestamp } = read.output
  return { number: BigInt(tag), tag, timestamp: BigInt(timestamp) }
}

/** How far back is looked, in blocks: nodes limit it, and a payment is good for minutes. */
const BLOCKS = 5000n

/** The filter for what happened to an authorization (`eth_getLogs`). */
export function logFilter({ authorization: { from, nonce }, asset }: Sought, safe: SafeBlock): object {
  const fromBlock = safe.number > BLOCKS ? safe.number - BLOCKS : 0n
  return {
    address: asset,
    topics: [[USED, CANCELED], wordOf(from), nonce],
    fromBlock: `0x${fromBlock.toString(16)}`,
    toBlock: 'latest',
  }
}

/** What happened to an authorization. */
export interface AuthorizationEvent {
  readonly kind: 'used' | 'canceled'
  readonly transaction: string
  readonly isSafe: boolean
}

/** Reads the logs; undefined if they are no logs, and null if nothing has happened. */
export function readAuthorizationEvent(answer: unknown, safe: SafeBlock): AuthorizationEvent | null | undefined {
  const read = v.safeParse(found, answer)
  if (!read.success) return undefined
  const [first] = read.output
  if (first === undefined) return null
  const kind = first.topics[0] === USED ? 'used' : 'canceled'
  return { kind, transaction: first.transactionHash, isSafe: BigInt(first.blockNumber) <= safe.number }
}

/** Judges the transaction that has used the authorization; undefined if it is not final. */
export function judgeReceipt(
  answer: unknown,
  sought: Sought,
  used: AuthorizationEvent,
  safe: SafeBlock,
): Settlement | undefined {
  const read = v.safeParse(receipt, answer)
  if (!read.success || BigInt(read.output.blockNumber) > safe.number || !used.isSafe) return undefined
  const { asset, authorization } = sought
  const { from, to, value, nonce } = authorization
  const logs = read.output.logs.filter(({ address }) => address === asset)
  const at = logs.findIndex(({ topics: [event, by, of] }) => event === USED && by === wordOf(from) && of === nonce)
  const next = at === -1 ? undefined : logs[at + 1]
  const wanted = [TRANSFER, wordOf(from), wordOf(to)]
  const isPaid = next !== undefined && next.topics.join() === wanted.join() && isUnits(next.data, value)
  if (BigInt(read.output.status) === 1n && isPaid) return { kind: 'settled', reference: used.transaction }
  return { kind: 'failed', reason: 'invalid_exact_evm_transfer_event_mismatch' }
}

function isUnits(data: string, value: string): boolean {
  return /^0x[\da-f]{64}$/i.test(data) && BigInt(data) === BigInt(value)
}

/** The call that asks if an authorization is used or taken back (`eth_call`). */
export function stateCall({ authorization: { from, nonce }, asset }: Sought): object {
  return { to: asset, data: `${STATE}${wordOf(from).slice(2)}${nonce.slice(2)}` }
}

/** Returns true if the authorization can never be used: its time was over in a block that stays, and it was unused there. */
export function isOver(state: unknown, { authorization }: Sought, safe: SafeBlock): boolean {
  return state === `0x${'0'.repeat(64)}` && safe.timestamp > BigInt(authorization.validBefore)
}

function wordOf(address: string): string {
  return `0x${address.slice(2).padStart(64, '0')}`
}
