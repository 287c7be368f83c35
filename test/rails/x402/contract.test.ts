import { createHash } from 'node:crypto'
import { x402 } from '../../../src/index.ts'
import { TOKEN } from '../../support/paid.ts'
import { NOW } from '../../tokens/hostile/parties.ts'
import { holdRailToContract } from '../contract.ts'
import { PAY_TO, PAYER, type Signing, v1Credential, v2Credential } from './payer.ts'

const AUTHORIZATION = {
  from: PAYER.toLowerCase(),
  to: PAY_TO.toLowerCase(),
  value: '250000',
  validAfter: '0',
  validBefore: String(NOW + 300),
  nonce: `0x${'7'.repeat(64)}`,
}
const ACCEPTED = {
  scheme: 'exact',
  network: TOKEN.network,
  amount: '250000',
  asset: TOKEN.asset,
  payTo: TOKEN.payTo,
  maxTimeoutSeconds: 300,
  extra: { name: 'USDC', version: '2' },
}

function signatureOf({ from, to, value, validAfter, validBefore, nonce }: Signing): string {
  const signed = [from, to, value, validAfter, validBefore, nonce].join()
  const bytes = createHash('sha512').update(`a key ${signed}`).digest('hex')
  return `0x${bytes}1c`
}

interface Body {
  readonly paymentPayload: { readonly payload: { readonly authorization: Signing; readonly signature: string } }
}

const readBody = (request: Request): Promise<Body> => request.json()

/** A facilitator that can tell who signed. */
const platform = {
  clock: () => NOW * 1000,
  bindings: {},
  fetch: async (request: Request) => {
    const { authorization, signature } = (await readBody(request)).paymentPayload.payload
    return Response.json({ isValid: signature === signatureOf(authorization) })
  },
}

const rail = {
  create: () => x402({ facilitator: { url: 'https://facilitator.test' }, accepts: [TOKEN] }),
  path: '/reports/1',
  shown: AUTHORIZATION,
  platform,
  // The rest is what the refusal asks for, too.
  secretIn: () => `${AUTHORIZATION.nonce} ${AUTHORIZATION.from} ${signatureOf(AUTHORIZATION)}`,
}

holdRailToContract('x402 v2', {
  ...rail,
  credential: async () => v2Credential(AUTHORIZATION, ACCEPTED, signatureOf(AUTHORIZATION)),
  sent: (credential) => ['PAYMENT-SIGNATURE', credential],
})

holdRailToContract('x402 v1', {
  ...rail,
  credential: async () => v1Credential(AUTHORIZATION, 'base-sepolia', signatureOf(AUTHORIZATION)),
  sent: (credential) => ['X-PAYMENT', credential],
})
