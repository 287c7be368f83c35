import { CompactSign, type JWK } from 'jose'
import { TOKEN_TYPES, type TokenKind } from '../access/issuer.ts'
import { isName } from '../tokens/claims.ts'
import { type JsonObject, MAX_EVENT_BYTES, MAX_TOKEN_BYTES, readCompact } from '../tokens/jws.ts'
import { MAX_LIST_TOKEN_BYTES } from '../tokens/statuslisttoken.ts'
import { entitlementClaims, eventClaims, operatorClaims, receiptClaims, type SigningFacts } from './claims.ts'
import { systemClock } from './clock.ts'
import { InvalidClaimsError } from './fault.ts'
import { claimsFault, type IssuerFacts } from './judge.ts'
import { checkKey, DAY_SECONDS, type CheckedKey, type IssuerKey } from './keys.ts'
import { jwksResponse } from './jwks.ts'
import { refuseUnknown } from './members.ts'
import { publishedAt, retirementOf, scheduleFault, signingKeyAt } from './rules/schedule.ts'
import { listClaims, listResponse } from './statuslist.ts'
import type { EntitlementInput, EventInput, OperatorInput, ReceiptInput, StatusListInput } from './input.ts'

/** An issuer of tokens: the billing side of the gate. */
export interface BillingIssuerOptions {
  /** `iss` of the tokens. The gate compares it exactly. */
  readonly issuer: string
  /** The keys, in any order: `generateKeys` makes them, `rotateKeys` replaces them. Give either `keys` or `secret`. */
  readonly keys?: readonly IssuerKey[] | undefined
  /** Signs with HS256 in place of keys: the secret that the gate's `secret` names, of at least 32 bytes. */
  readonly secret?: string | undefined
  /** The audience of tokens that name none: that of the zone. */
  readonly audience?: string | undefined
  /** The issuers whose accounts events may be about, as in the gate's `speaksFor`. */
  readonly speaksFor?: readonly string[] | undefined
  /** The longest lifetime of a token, as in the gate's configuration. Default one day. */
  readonly maxLifetimeSeconds?: number | undefined
  /** The longest lifetime of an operator's token, as in the gate's configuration. Default one hour. */
  readonly maxOperatorLifetimeSeconds?: number | undefined
  /** The clock: milliseconds since 1970. Default: that of the machine. */
  readonly clock?: (() => number) | undefined
  /** Makes the ids of tokens. Default: random UUIDs. */
  readonly randomId?: (() => string) | undefined
}

/**
 * Signs what the gate takes. Every method that signs throws InvalidClaimsError, and signs nothing, if the gate would refuse
 * the result.
 */
export interface BillingIssuer {
  /** Returns the public keys: those that sign now, later, or have signed what has not ended yet. */
  jwks(): { readonly keys: readonly JWK[] }
  /** Returns the public keys as a response, to be cached for five minutes. Answers 304 if the request has its `ETag`. */
  jwksResponse(request?: Request): Promise<Response>
  signEntitlement(input: EntitlementInput): Promise<string>
  signReceipt(input: ReceiptInput): Promise<string>
  /** Signs an event, to be posted to `/__faregate/events` as `application/secevent+jwt`. */
  signEvent(input: EventInput): Promise<string>
  signOperator(input: OperatorInput): Promise<string>
  /** Signs a status list, to be served at its URI. */
  statusList(input: StatusListInput): Promise<string>
  /** Returns a status list as a response, to be cached for its `ttl`. */
  statusListResponse(input: StatusListInput): Promise<Response>
}

/**
 * Creates an issuer. Throws InvalidClaimsError if a key or an option is unfit.
 *
 * @example
 * ```ts
 * import { createIssuer, generateKeys } from 'faregate/billing'
 *
 * const billing = createIssuer({
 *   issuer: 'https://billing.example.com',
 *   audience: 'https://www.example.com',
 *   keys: await generateKeys(),
 * })
 * export const token = await billing.signEntitlement({ account: 'account-7', entitlements: ['premium'], plan: 'Gold' })
 * export const jwks = (request: Request) => billing.jwksResponse(request)
 * ```
 */
export function createIssuer(options: BillingIssuerOptions): BillingIssuer {
  const { facts, published, sign } = createSigner(options)
  const jwks = (): { readonly keys: readonly JWK[] } => ({ keys: published().map(({ publicJwk }) => publicJwk) })
  const statusList = async (input: StatusListInput): Promise<string> => {
    refuseUnknown('statusList', input)
    return sign('statuslist', await listClaims(input, facts()))
  }
  return {
    jwks,
    jwksResponse: (request) => jwksResponse(jwks(), request),
    async signEntitlement(input) {
      refuseUnknown('signEntitlement', input)
      return sign('entitlement', entitlementClaims(input, facts()))
    },
    async signReceipt(input) {
      refuseUnknown('signReceipt', input)
      return sign('payment', receiptClaims(input, facts()))
    },
    async signEvent(input) {
      refuseUnknown('signEvent', input)
      return sign('event', eventClaims(input, facts()))
    },
    async signOperator(input) {
      refuseUnknown('signOperator', input)
      return sign('operator', operatorClaims(input, facts()))
    },
    statusList,
    statusListResponse: async (input) => listResponse(await statusList(input), input),
  }
}

/** What signs and publishes for one issuer. */
interface Signer {
  readonly facts: () => SigningFacts
  readonly published: () => readonly CheckedKey[]
  /** Judges claims as the gate would, then signs them. */
  readonly sign: (kind: TokenKind, claims: JsonObject) => Promise<string>
}

const SECRET_BYTES = 32
const OPERATOR_SECONDS = 3600
const MAX_BYTES: Readonly<Record<TokenKind, number>> = {
  entitlement: MAX_TOKEN_BYTES,
  payment: MAX_TOKEN_BYTES,
  operator: MAX_TOKEN_BYTES,
  event: MAX_EVENT_BYTES,
  statuslist: MAX_LIST_TOKEN_BYTES,
}

function createSigner(options: BillingIssuerOptions): Signer {
  const { issuer, audience, speaksFor = [], clock = systemClock } = options
  const { maxLifetimeSeconds = DAY_SECONDS, maxOperatorLifetimeSeconds = OPERATOR_SECONDS } = options
  const randomId = options.randomId ?? (() => crypto.randomUUID())
  if (!isName(issuer)) throw new InvalidClaimsError('issuer: expected the "iss" of the tokens.')
  const source = keySourceOf(options, maxLifetimeSeconds)
  const factsFor = (kind: TokenKind): IssuerFacts => ({
    issuer,
    maxLifetimeSeconds: kind === 'operator' ? maxOperatorLifetimeSeconds : maxLifetimeSeconds,
    speaksFor,
  })
  return {
    facts: () => ({ issuer, audience, now: clock(), randomId }),
    published: () => publishedAt(source.keys, clock() / 1000, maxLifetimeSeconds),
    async sign(kind, claims) {
      const now = clock()
      const payload = encoded(claims)
      const parsed: JsonObject = JSON.parse(payload)
      const fault = await claimsFault(kind, parsed, factsFor(kind), now)
      if (fault !== undefined) throw new InvalidClaimsError(fault)
      const { alg, kid, key } = await source.signerFor(parsed['exp'], now / 1000)
      const header = { alg, typ: TOKEN_TYPES[kind], ...(kid === undefined ? {} : { kid }) }
      const token = await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(header).sign(key)
      const read = readCompact(token, MAX_BYTES[kind])
      if (!read.ok) throw new InvalidClaimsError(read.error.detail)
      return token
    },
  }
}

/** Writes claims as JSON. Throws InvalidClaimsError for what JSON cannot say: a bigint, `NaN`, a function. */
function encoded(claims: JsonObject): string {
  try {
    return JSON.stringify(claims, speakable)
  } catch (error) {
    throw new InvalidClaimsError(`The claims are not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** `JSON.stringify` would write null for these, and a claim that is null counts as none. */
function speakable(this: unknown, name: string, value: unknown): unknown {
  const isUnspeakable =
    (typeof value === 'number' && !Number.isFinite(value)) ||
    typeof value === 'function' ||
    typeof value === 'symbol' ||
    (value === undefined && Array.isArray(this))
  if (isUnspeakable) throw new TypeError(`"${name}" is ${String(value)}`)
  return value
}

interface SigningKeySource {
  readonly keys: readonly CheckedKey[]
  /** Returns the key that signs at `now` (seconds). Throws InvalidClaimsError if there is none, or if it retires before `expires`. */
  readonly signerFor: (
    expires: unknown,
    now: number,
  ) => Promise<{ readonly alg: string; readonly kid: string | undefined; readonly key: CryptoKey | Uint8Array }>
}

function keySourceOf(options: BillingIssuerOptions, maxLifetimeSeconds: number): SigningKeySource {
  const { keys, secret } = options
  if ((keys === undefined) === (secret === undefined))
    throw new InvalidClaimsError('keys, secret: expected exactly one of the two.')
  if (secret !== undefined) {
    const key = new TextEncoder().encode(secret)
    if (key.byteLength < SECRET_BYTES) throw new InvalidClaimsError(`secret: expected at least ${SECRET_BYTES} bytes.`)
    return { keys: [], signerFor: async () => ({ alg: 'HS256', kid: undefined, key }) }
  }
  const checked = (keys ?? []).map(checkKey)
  const fault = checked.length === 0 ? 'keys: expected at least one.' : scheduleFault(checked, maxLifetimeSeconds)
  if (fault !== undefined) throw new InvalidClaimsError(fault)
  return { keys: checked, signerFor: (expires, now) => signerAmong(checked, expires, now, maxLifetimeSeconds) }
}

async function signerAmong(keys: readonly CheckedKey[], expires: unknown, now: number, maxLifetimeSeconds: number) {
  const found = signingKeyAt(keys, now)
  if (found === undefined) throw new InvalidClaimsError('keys: none signs yet: every "notBefore" is in the future.')
  const retires = retirementOf(found, keys, maxLifetimeSeconds)
  if (now >= retires || (typeof expires === 'number' && expires > retires))
    throw new InvalidClaimsError(`keys: "${found.kid}" retires before this would end. Add its successor.`)
  const { alg, kid, signer } = found
  return { alg, kid, key: await signer() }
}
