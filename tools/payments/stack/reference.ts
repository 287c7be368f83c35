import { x402Facilitator } from '@x402/core/facilitator'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/facilitator'
import { type Chain, FACILITATOR } from './chain.ts'
import { type Engine, type Facilitator, serveFacilitator } from './facilitator.ts'
import { NETWORK } from './names.ts'

/** Starts the reference facilitator on a chain. */
export function startFacilitator(chain: Chain): Promise<Facilitator> {
  return serveFacilitator(engineOf(chain))
}

function engineOf({ client }: Chain): Engine {
  const signer = toFacilitatorEvmSigner({
    address: FACILITATOR.address,
    readContract: (args) => client.readContract(args),
    verifyTypedData: (args) => client.verifyTypedData(args as never),
    writeContract: (args) => client.writeContract(args),
    sendTransaction: (args) => client.sendTransaction(args as never),
    waitForTransactionReceipt: (args) => client.waitForTransactionReceipt(args),
    getCode: (args) => client.getCode(args),
  })
  const facilitator = new x402Facilitator()
    .register(NETWORK, new ExactEvmScheme(signer))
    .registerV1('base-sepolia' as never, new ExactEvmSchemeV1(signer))
  // One after another: the facilitator's own transactions are numbered.
  let last: Promise<unknown> = Promise.resolve()
  return {
    supported: () => facilitator.getSupported(),
    verify: ({ paymentPayload, paymentRequirements }) =>
      facilitator.verify(paymentPayload as never, paymentRequirements as never),
    settle: ({ paymentPayload, paymentRequirements }) => {
      const next = last.then(() => facilitator.settle(paymentPayload as never, paymentRequirements as never))
      last = next.catch(() => undefined)
      return next
    },
  }
}
