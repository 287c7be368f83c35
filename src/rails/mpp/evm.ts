/**
 * The method `evm` of MPP (draft-evm-charge-00), in its form `authorization`: an EIP-3009 authorization whose nonce is the hash
 * of the challenge.
 *
 * It is a payment by x402 in another envelope: a facilitator settles it, and the ledger knows it by the same name. So the rail
 * of x402 says in what tokens it is paid, and its settler settles it.
 */
import { bindingsOf } from '../../config/rules/bindings.ts'
import type { JsonMembers } from '../../core/json.ts'
import type { Money } from '../../core/money.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { SettlerPlatform } from '../rail.ts'
import { type X402Options, x402Schema } from '../x402/rules/options.ts'
import { chainPaymentName } from '../x402/rules/paymentname.ts'
import { type Requirements, tokenUnits, type X402Token } from '../x402/rules/requirements.ts'
import { createChainSettler } from '../x402/settler.ts'
import { pluginOptions } from '../../config/rules/pluginoptions.ts'
import type { ChargeMethod, MethodPayment, MethodSettler } from './method.ts'
import type { PaymentCredential } from './rules/credential.ts'
import { isMembers } from './rules/decode.ts'
import { challengeNonce, readAuthorization } from './rules/evmcharge.ts'
import { parseInstant } from '../../core/instant.ts'

const CHAIN = /^eip155:(\d+)$/
/** The clock difference that is forgiven, and the time that a settlement needs, in seconds. */
const EARLY_SECONDS = 5
const LEAST_SECONDS = 6
/** Long enough for an origin to answer and for a settlement behind it. */
const TIMEOUT_SECONDS = 300

const MALFORMED = /* @__PURE__ */ refusal(
  'credential-malformed',
  'The payment is no authorization of EIP-3009 with its signature.',
  { check: 'spelling' },
)
const OTHER_NONCE = /* @__PURE__ */ refusal(
  'credential-invalid',
  'The nonce of the authorization is not that of its challenge.',
  { check: 'signature' },
)
const OTHER_TERMS = /* @__PURE__ */ refusal(
  'payment-insufficient',
  'The authorization is for another amount or payee than its challenge asks for.',
  { check: 'cover' },
)
const TOO_LONG = /* @__PURE__ */ refusal(
  'credential-invalid',
  'The authorization is valid for longer than its challenge.',
  { check: 'lifetime' },
)

export function evmMethod(options: X402Options): ChargeMethod {
  const { accepts } = options
  return {
    name: 'evm',
    requestsFor: (amount) => accepts.flatMap((token) => requestOf(token, amount)),
    read: (credential, request) => read(credential, request, accepts),
    createSettler: (platform) => createSettler(options, platform),
  }
}

function requestOf(token: X402Token, amount: Money): JsonMembers[] {
  const chainId = chainIdOf(token)
  const units = token.currency === amount.currency ? tokenUnits(amount, token.decimals) : undefined
  if (!units || chainId === undefined) return []
  const methodDetails = { chainId, credentialTypes: ['authorization'], decimals: token.decimals }
  return [{ amount: String(units), currency: token.asset, recipient: token.payTo, methodDetails }]
}

function chainIdOf({ network }: X402Token): number | undefined {
  const id = Number(CHAIN.exec(network)?.[1])
  return Number.isSafeInteger(id) ? id : undefined
}

function read(
  { challenge, payload }: PaymentCredential,
  request: JsonMembers,
  accepts: readonly X402Token[],
): Result<MethodPayment, Refusal> {
  const { amount, methodDetails } = request
  const chainId = isMembers(methodDetails) ? methodDetails['chainId'] : undefined
  const token = accepts.find((one) => one.asset === request['currency'] && chainIdOf(one) === chainId)
  const paid = readAuthorization(payload)
  if (token === undefined || typeof amount !== 'string' || paid === undefined) return err(MALFORMED)
  const { from, to, value, validAfter, validBefore, nonce } = paid.authorization
  if (nonce !== challengeNonce(challenge)) return err(OTHER_NONCE)
  if (value !== amount || to !== token.payTo.toLowerCase()) return err(OTHER_TERMS)
  if (BigInt(validBefore) > BigInt(parseInstant(challenge.expires ?? '') ?? 0)) return err(TOO_LONG)
  const { network, asset, payTo, name, version } = token
  const requirements: Requirements = {
    scheme: 'exact',
    network,
    amount,
    asset,
    payTo,
    maxTimeoutSeconds: TIMEOUT_SECONDS,
    extra: { name, version },
  }
  return ok({
    name: chainPaymentName({ network, asset, from, nonce }),
    payer: from,
    signature: paid.signature,
    payload: paid,
    requirements,
    notBefore: Number(validAfter) - EARLY_SECONDS,
    expires: Number(validBefore) - LEAST_SECONDS,
  })
}

function createSettler(options: X402Options, platform: SettlerPlatform): MethodSettler {
  const checked = pluginOptions(x402Schema, options).read(bindingsOf(platform.bindings))
  return createChainSettler(checked, platform)
}
