/**
 * Signs payments by x402 v2 before they are needed: `node tools/payments/stack/sign.ts <count> <units>` prints one value of
 * `PAYMENT-SIGNATURE` to a line. Each is another authorization of the same wallet, for the same page, valid for some hours.
 */
import { randomBytes } from 'node:crypto'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { NETWORK, PAY_TO, TIMEOUT_SECONDS, USDC, USDC_DOMAIN } from './names.ts'

const HOURS = 12
const TYPES = {
  TransferWithAuthorization: [
    { name: 'from', type: 'address' },
    { name: 'to', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'validAfter', type: 'uint256' },
    { name: 'validBefore', type: 'uint256' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

const [count = 1, units = 1] = process.argv.slice(2).map(Number)
const wallet = privateKeyToAccount(generatePrivateKey())
const chainId = Number(NETWORK.slice('eip155:'.length))
const accepted = {
  scheme: 'exact',
  network: NETWORK,
  amount: String(units),
  asset: USDC,
  payTo: PAY_TO,
  maxTimeoutSeconds: TIMEOUT_SECONDS,
  extra: USDC_DOMAIN,
}
for (let index = 0; index < count; index++) process.stdout.write(`${await signOne()}\n`)

async function signOne(): Promise<string> {
  const authorization = {
    from: wallet.address,
    to: PAY_TO,
    value: String(units),
    validAfter: '0',
    validBefore: String(Math.floor(Date.now() / 1000) + HOURS * 3600),
    nonce: `0x${randomBytes(32).toString('hex')}`,
  } as const
  const { value, validAfter, validBefore } = authorization
  const signature = await wallet.signTypedData({
    domain: { ...USDC_DOMAIN, chainId, verifyingContract: USDC },
    types: TYPES,
    primaryType: 'TransferWithAuthorization',
    message: {
      ...authorization,
      value: BigInt(value),
      validAfter: BigInt(validAfter),
      validBefore: BigInt(validBefore),
    },
  })
  const paid = { x402Version: 2, accepted, payload: { signature, authorization } }
  return Buffer.from(JSON.stringify(paid)).toString('base64')
}
