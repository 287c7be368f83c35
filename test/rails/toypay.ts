import { base64url } from 'jose'
import type { Pack } from '../../src/access/pack.ts'
import type { Payment } from '../../src/access/payment.ts'
import type { Json } from '../../src/core/json.ts'
import { describeMoney, parseMoney } from '../../src/core/money.ts'
import { type Refusal, refusal } from '../../src/core/problem.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import type { Settlement, StoredPayment } from '../../src/ledger/rules/payment.ts'
import type { Challenge, Contribution, PaymentSettler, Rail, SettlerPlatform } from '../../src/rails/rail.ts'
import { EXPOSED, isExposed } from '../../src/tokens/bearer.ts'

export const TOY_FIELD = 'Toy-Payment'

/** A payment as its wallet signs it: amount as a decimal string, `validUntil` in seconds since 1970. */
export interface ToyPayment {
  readonly payer: string
  readonly nonce: string
  readonly amount: string
  readonly currency: string
  readonly validUntil: number
}

export interface ToyPayOptions {
  /** The URL of the facilitator, which checks payments at `/verify` and settles them at `/settle`. */
  readonly facilitator: string
  /** Of all wallets. */
  readonly secret: string
  /** False for a facilitator that only settles. */
  readonly verifies?: boolean
  readonly failures?: PaymentSettler['failures']
}

const [utf8, text] = [new TextEncoder(), new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })]
const MEMBERS = ['payer', 'nonce', 'amount', 'currency', 'validUntil'] as const
const MAX_BYTES = 4096

function macKey(secret: string): Promise<CryptoKey> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', utf8.encode(secret), hmac, false, ['sign', 'verify'])
}

const signedPart = (paid: ToyPayment): Uint8Array => utf8.encode(JSON.stringify(MEMBERS.map((member) => paid[member])))

/** What a wallet sends in `Toy-Payment`. */
export async function signToyPayment(secret: string, paid: ToyPayment): Promise<string> {
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await macKey(secret), signedPart(paid)))
  return base64url.encode(JSON.stringify({ ...paid, mac: base64url.encode(mac) }))
}

/**
 * A rail that moves money itself, as x402 does, and nothing but a test pays with: a wallet signs payer, nonce and amount, a
 * facilitator moves the money, and no target is part of what is signed.
 */
export function toyPay({ facilitator, secret, verifies = true, failures }: ToyPayOptions): Rail {
  return {
    name: 'toy-pay',
    role: 'payment',
    kinds: [],
    async present({ exchange, zone, offer }) {
      const found = exchange.fields.get(TOY_FIELD)
      if (found === null) return undefined
      const proof = isExposed(exchange)
        ? err(EXPOSED)
        : withPack(await paymentIn(found, secret, zone.name), offer?.packs)
      return { role: 'payment', rail: 'toy-pay', proof }
    },
    challenge,
    peek({ exchange }) {
      const read = readCredential(exchange.fields.get(TOY_FIELD) ?? '')
      if (read === undefined) return undefined
      const { mac: _mac, ...claims } = read
      return { kind: 'payment', field: TOY_FIELD, header: {}, claims }
    },
    strip: (fields) => fields.delete(TOY_FIELD),
    settler: {
      create: (platform) => ({ ...createSettler(facilitator, verifies, platform), ...(failures && { failures }) }),
    },
    credentialFields: ['toy-payment'],
    exposes: ['Toy-Required', 'Toy-Receipt'],
  }
}

type Credential = ToyPayment & { readonly mac: string }

function readCredential(value: string): Credential | undefined {
  if (value.length > MAX_BYTES) return undefined
  try {
    const bytes = base64url.decode(value)
    const read: unknown = base64url.encode(bytes) === value ? JSON.parse(text.decode(bytes)) : undefined
    return isCredential(read) ? read : undefined
  } catch {
    return undefined
  }
}

function isCredential(read: unknown): read is Credential {
  if (typeof read !== 'object' || read === null) return false
  const { validUntil, ...texts } = read as Record<string, unknown>
  const isComplete = Object.keys(texts).sort().join() === 'amount,currency,mac,nonce,payer'
  return isComplete && Number.isSafeInteger(validUntil) && Object.values(texts).every((one) => typeof one === 'string')
}

async function paymentIn(value: string, secret: string, realm: string): Promise<Result<Payment, Refusal>> {
  if (value.includes(',')) return err(refusal('credential-ambiguous', 'There is more than one payment.', SPELLING))
  const read = readCredential(value)
  const amount = read && parseMoney(read.amount, read.currency)
  if (read === undefined || amount === undefined)
    return err(refusal('credential-malformed', `The "${TOY_FIELD}" field is not one payment.`, SPELLING))
  const { mac, ...paid } = read
  const isGenuine = await crypto.subtle.verify('HMAC', await macKey(secret), bytesOf(mac), signedPart(paid))
  if (!isGenuine) return err(refusal('credential-invalid', 'No wallet has signed this.', { check: 'signature' }))
  return ok({
    kind: 'payment',
    rail: 'toy-pay',
    name: JSON.stringify(['toy', paid.payer, paid.nonce]),
    amount,
    payer: paid.payer,
    payload: { ...read },
    requirements: { realm },
    accountHash: undefined,
    issuedAt: 0,
    notBefore: 0,
    expires: paid.validUntil,
    toleranceSeconds: 0,
  })
}

/** What costs exactly as much as was paid. */
function withPack(proof: Result<Payment, Refusal>, packs: readonly Pack[] = []): Result<Payment, Refusal> {
  const pack = proof.ok && packs.find(({ amount }) => amount.units === proof.value.amount.units)
  return pack && proof.ok ? ok({ ...proof.value, pack }) : proof
}

const SPELLING = { check: 'spelling' } as const

/** None at all if it is no base64url: no signature is empty. */
function bytesOf(mac: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(base64url.decode(mac))
  } catch {
    return new Uint8Array()
  }
}

/** What is asked for is one exchange's own. */
function challenge({ offer, exchange, zone }: Challenge): Contribution {
  if (offer?.price === undefined || !offer.onSale) return { fields: [], isStatic: true }
  const { method, target } = exchange
  const toy = { realm: zone.name, method, target: `${target.path}${target.query}`, ...describeMoney(offer.price) }
  const required = base64url.encode(JSON.stringify({ ...toy, target: toy.target.slice(0, 512) }))
  return { fields: [['Toy-Required', required]], members: { toy } }
}

function createSettler(facilitator: string, verifies: boolean, platform: SettlerPlatform): PaymentSettler {
  const post = async (path: string, body: Json): Promise<unknown> => {
    const sent = new Request(`${facilitator}${path}`, { method: 'POST', body: JSON.stringify(body) })
    return (await platform.fetch(sent)).json()
  }
  const settle = async ({ payload, requirements }: StoredPayment, tries: number): Promise<Settlement> => {
    const answer = (await post('/settle', { payload, requirements, tries })) as Settlement
    return answer.kind === 'settled' || answer.kind === 'failed' ? answer : { ...answer, kind: 'unknown' }
  }
  return {
    settle,
    ...(verifies && {
      async verify({ payload, requirements }) {
        const answer = (await post('/verify', { payload, requirements })) as { readonly valid: boolean }
        return answer.valid
          ? ok(undefined)
          : err(refusal('payment-declined', 'The wallet is empty.', { check: 'cover' }))
      },
    }),
    receiptFields: (settlement, { payer = '' }) => [
      ['Toy-Receipt', base64url.encode(JSON.stringify({ ...settlement, payer }))],
    ],
  }
}
