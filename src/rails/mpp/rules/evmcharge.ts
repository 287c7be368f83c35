import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import * as v from 'valibot'
import { type SignedAuthorization, signedAuthorization } from '../../x402/rules/authorization.ts'
import type { PaymentChallenge } from './challenge.ts'

/** Returns the nonce by which an authorization answers a challenge. */
export function challengeNonce({ id, realm }: Pick<PaymentChallenge, 'id' | 'realm'>): string {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(`${id}${realm}`)))}`
}

/** Reads what a credential of the method `evm` proves; undefined if it is no authorization. */
export function readAuthorization(payload: Readonly<Record<string, unknown>>): SignedAuthorization | undefined {
  const { type, signature, ...authorization } = payload
  const read = v.safeParse(signedAuthorization, { signature, authorization })
  return type === 'authorization' && read.success ? read.output : undefined
}
