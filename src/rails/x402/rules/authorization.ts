import * as v from 'valibot'
import type { JsonMembers } from '../../../core/json.ts'

const ADDRESS = /^0x[\da-fA-F]{40}$/
const WORD = /^0x[\da-fA-F]{64}$/
/** Wallets that are contracts sign with more than 65 bytes. */
const SIGNATURE = /^0x(?:[\da-fA-F]{2})+$/
/** A uint256 at most, to the digit. */
const UINT = /^(?:0|[1-9]\d{0,77})$/

const lower = (pattern: RegExp) => v.pipe(v.string(), v.regex(pattern), v.toLowerCase())
const uint = v.pipe(v.string(), v.regex(UINT))

/** An authorization of EIP-3009 as its payer signs it. Addresses and nonce in lower case. */
export interface ChainAuthorization extends JsonMembers {
  readonly from: string
  readonly to: string
  readonly value: string
  readonly validAfter: string
  readonly validBefore: string
  readonly nonce: string
}

/** The payload of a payment: what moves the money. It is the same in each wire format. */
export interface SignedAuthorization extends JsonMembers {
  readonly signature: string
  readonly authorization: ChainAuthorization
}

/** The schema of a payload. Members that it does not know are dropped: nobody has signed them. */
export const signedAuthorization = v.object({
  signature: lower(SIGNATURE),
  authorization: v.object({
    from: lower(ADDRESS),
    to: lower(ADDRESS),
    value: uint,
    validAfter: uint,
    validBefore: uint,
    nonce: lower(WORD),
  }),
})
