import { createHash } from 'node:crypto'
import { type Facilitator, paymentName, serveFacilitator } from './facilitator.ts'
import { NETWORK } from './names.ts'

export interface StubFacilitator extends Facilitator {
  /** How many units have moved since it was started. */
  readonly moved: () => bigint
}

/**
 * Starts a facilitator without a chain: it believes every signature, and moves a payment of one name once. For figures, and
 * for tests by the thousand.
 */
export async function startStubFacilitator(): Promise<StubFacilitator> {
  const used = new Set<string>()
  let moved = 0n
  const facilitator = await serveFacilitator({
    supported: () => ({
      kinds: [
        { x402Version: 2, scheme: 'exact', network: NETWORK },
        { x402Version: 1, scheme: 'exact', network: 'base-sepolia' },
      ],
      extensions: [],
      signers: {},
    }),
    verify: async (body) => {
      const { from: payer } = body.paymentPayload.payload.authorization
      return used.has(paymentName(body)) ? { isValid: false, payer, invalidReason: USED } : { isValid: true, payer }
    },
    settle: async (body) => {
      const { from: payer, value } = body.paymentPayload.payload.authorization
      const { network } = body.paymentRequirements
      const name = paymentName(body)
      if (used.has(name)) return { success: false, errorReason: USED, transaction: '', network, payer }
      used.add(name)
      moved += BigInt(value)
      return { success: true, transaction: `0x${createHash('sha256').update(name).digest('hex')}`, network, payer }
    },
  })
  return { ...facilitator, moved: () => moved }
}

const USED = 'invalid_exact_evm_nonce_already_used'
