import { GrowingBytes } from '../core/bytes.ts'
import { err, ok, type Result } from '../core/result.ts'
import { systemClock } from './clock.ts'
import { readUsageBatch, type UsageRecord } from './rules/usagerecord.ts'

/** Why a delivery of usage is not taken, and the status to answer it with. */
export interface UsageFault {
  /**
   * `signature`: none, or not one of the secrets'. `time`: signed too long ago, or in the future. `too-large`, `malformed`:
   * genuine or not, it cannot be read.
   */
  readonly reason: 'signature' | 'time' | 'too-large' | 'malformed'
  /**
   * 401 and 500 let the gate send the same records again; 413 lets it send smaller batches. A genuine batch that cannot be
   * read is no reason for the gate to pass its records over, as a 400 would be.
   */
  readonly status: 401 | 413 | 500
  readonly detail: string
}

/** How a delivery is verified. */
export interface VerifyUsageOptions {
  /** The present time: milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: number | undefined
  /** The greatest difference between that and the time of the signature. Default 300. */
  readonly toleranceSeconds?: number | undefined
  /** The longest body to be read. Default 1 MiB. */
  readonly maxBytes?: number | undefined
}

const TOLERANCE_SECONDS = 300
const MAX_BYTES = 1024 * 1024
const SECRET_BYTES = 32

/**
 * Verifies a delivery of `signed({ url, secret })`, and returns its records. Reads the body of the request. `secret`: the
 * gate's, of at least 32 bytes, or several while it is replaced; a shorter one is none. Signatures are compared in constant time.
 *
 * A record may come again, in another batch, hours later: keep it under its `source` and `id` with a unique index, in the
 * transaction that counts it, and do nothing for one that is there. Then answer any 2xx. Answer an error with its `status`.
 *
 * @example
 * ```ts
 * import { type UsageRecord, verifyUsage } from 'faregate/billing'
 *
 * export async function usage(request: Request, secret: string, keep: (record: UsageRecord) => Promise<void>) {
 *   const delivery = await verifyUsage(request, secret)
 *   if (!delivery.ok) return new Response(delivery.error.detail, { status: delivery.error.status })
 *   for (const record of delivery.value) await keep(record) // INSERT … ON CONFLICT (source, id) DO NOTHING
 *   return new Response(null, { status: 204 })
 * }
 * ```
 */
export async function verifyUsage(
  request: Request,
  secret: string | readonly string[],
  options: VerifyUsageOptions = {},
): Promise<Result<readonly UsageRecord[], UsageFault>> {
  const { now = systemClock(), toleranceSeconds = TOLERANCE_SECONDS, maxBytes = MAX_BYTES } = options
  const signature = readSignature(request.headers.get('faregate-signature'))
  if (signature === undefined) return NOT_SIGNED
  const apart = Math.abs(now / 1000 - signature.seconds)
  if (Number.isNaN(apart) || apart > toleranceSeconds) return OUT_OF_TIME
  const body = await readBytes(request, maxBytes)
  if (body === undefined) return TOO_LARGE
  const secrets = typeof secret === 'string' ? [secret] : secret
  const genuine = await Promise.all(secrets.map((one) => isGenuine(one, signature, body)))
  if (!genuine.includes(true)) return NOT_SIGNED
  const records = readUsageBatch(new TextDecoder().decode(body))
  return records === undefined ? MALFORMED : ok(records)
}

interface Signature {
  readonly seconds: number
  /** As it was sent: it is part of what is signed. */
  readonly text: string
  readonly mac: Uint8Array<ArrayBuffer>
}

function readSignature(field: string | null): Signature | undefined {
  const [, text, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(field ?? '') ?? []
  if (text === undefined || hex === undefined) return undefined
  const mac = Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))
  return { seconds: Number(text), text, mac }
}

/** WebCrypto compares in constant time. */
async function isGenuine(secret: string, { text, mac }: Signature, body: Uint8Array): Promise<boolean> {
  const encoder = new TextEncoder()
  // The gate takes no shorter one. A variable that is not set is an empty one, under which anyone signs.
  if (encoder.encode(secret).length < SECRET_BYTES) return false
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), hmac, false, ['verify'])
  const signed = new GrowingBytes()
  signed.append(encoder.encode(`${text}.`))
  signed.append(body)
  return crypto.subtle.verify('HMAC', key, mac, signed.toBytes())
}

/** Reads a body; undefined if it is longer than `maxBytes`: the rest is not read then. */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const reader = request.body?.getReader()
  const bytes = new GrowingBytes()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (value !== undefined) bytes.append(value)
    if (bytes.length > maxBytes) {
      await reader?.cancel()
      return undefined
    }
    if (done) return bytes.toBytes()
  }
}

const refused = (reason: UsageFault['reason'], status: UsageFault['status'], detail: string) =>
  err<UsageFault>({ reason, status, detail })

const NOT_SIGNED = refused('signature', 401, 'The delivery is not signed with the secret.')
const OUT_OF_TIME = refused('time', 401, 'The delivery was not signed just now. Are the clocks right?')
const TOO_LARGE = refused('too-large', 413, 'The delivery is too large.')
const MALFORMED = refused(
  'malformed',
  500,
  'The delivery is genuine, but not a batch of usage that is understood here.',
)
