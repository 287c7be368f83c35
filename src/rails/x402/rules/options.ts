import * as v from 'valibot'
import type { Bindings } from '../../../config/rules/bindings.ts'
import { baseUrl, safeUrl, secretValue, text, TOKEN_BYTES, whole } from '../../../config/rules/values.ts'
import type { X402Token } from './requirements.ts'

/** Who settles payments by x402, in what, and for whom. */
export interface X402Options {
  /** Who checks payments, and moves the money. */
  facilitator: FacilitatorOptions
  /** The tokens that are taken, the preferred one first: 1 to 4. */
  accepts: X402Token[]
  /**
   * A node of the tokens' network (JSON-RPC, https). It is asked for evidence of payments whose outcome the facilitator does
   * not know. Without it, such a payment may stay `unsettled`.
   */
  rpc?: string
  /** How many failed payments a client's address may bring in so many seconds. Default: 20 in 60. */
  failures?: { requests: number; seconds: number }
}

/** Where a facilitator is, and how long it may take. */
export interface FacilitatorOptions {
  /** https, or http on loopback; `/verify` and `/settle` are below it. */
  url: string
  /** Names the environment's secret that it asks for, as a bearer token: at least 16 bytes. Default: none. */
  auth?: string
  /** The time limit of a check, in milliseconds: 100 to 10,000. Default: 5,000. */
  verifyMs?: number
  /** That of a settlement: 1,000 to 20,000. Default: 20,000. What is later is unknown. */
  settleMs?: number
}

/** The options, checked, with the secret in place of its name. */
export interface CheckedX402 {
  readonly facilitator: CheckedFacilitator
  readonly accepts: readonly X402Token[]
  readonly rpc?: string | undefined
  readonly failures: { readonly requests: number; readonly seconds: number }
}

export interface CheckedFacilitator {
  readonly url: string
  readonly auth?: string | undefined
  readonly verifyMs: number
  readonly settleMs: number
}

const ADDRESS = 'expected an address of 20 bytes: "0x" and 40 hexadecimal digits'
const NETWORK = 'expected a network of the kind "eip155:8453"'
const CURRENCY = 'expected a code of ISO 4217, such as "USD"'

const address = v.pipe(text, v.regex(/^0x[\da-fA-F]{40}$/, ADDRESS))

const token = v.strictObject({
  network: v.pipe(text, v.regex(/^eip155:[1-9]\d{0,15}$/, NETWORK)),
  asset: address,
  name: text,
  version: text,
  decimals: whole(0, 36),
  currency: v.pipe(text, v.regex(/^[A-Z]{3}$/, CURRENCY)),
  payTo: address,
})

const TOKENS = 'expected a list of 1 to 4 tokens'

const x402Tokens: v.GenericSchema<unknown, X402Token[]> = v.pipe(
  v.array(token, TOKENS),
  v.minLength(1, TOKENS),
  v.maxLength(4, TOKENS),
  v.check((tokens) => new Set(tokens.map(keyOf)).size === tokens.length, 'expected each token once'),
)

function keyOf({ network, asset }: X402Token): string {
  return `${network} ${asset.toLowerCase()}`
}

const FAILURES = { requests: 20, seconds: 60 }

/** Returns the schema of the options in an environment. */
export function x402Schema({ secrets }: Bindings): v.GenericSchema<unknown, CheckedX402> {
  const facilitator = v.strictObject({
    url: baseUrl,
    auth: v.optional(secretValue(secrets, TOKEN_BYTES)),
    verifyMs: v.optional(whole(100, 10_000), 5000),
    settleMs: v.optional(whole(1000, 20_000), 20_000),
  })
  return v.strictObject({
    facilitator,
    accepts: x402Tokens,
    rpc: v.optional(safeUrl),
    failures: v.optional(v.strictObject({ requests: whole(1, 10_000), seconds: whole(1, 3600) }), FAILURES),
  })
}

/** Returns the tokens of options that may have faults; undefined if they have. */
export function tokensIn({ accepts }: X402Options): readonly X402Token[] | undefined {
  const read = v.safeParse(x402Tokens, accepts)
  return read.success ? read.output : undefined
}
