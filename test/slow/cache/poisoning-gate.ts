import { SignJWT } from 'jose'
import { bundleOf } from '../bundles.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { ISSUER, ZONES } from './poisoning-config.ts'
import { type Reflecting, startReflecting } from './poisoning-origin.ts'

const TOKEN_SECRET = '0123456789abcdef0123456789abcdef'

/** The gate as it is deployed, under plain workerd, before an origin that says back whatever it is told. */
export type Gate = {
  readonly port: number
  readonly origin: Reflecting
  /** Every line that the gate has printed. */
  readonly log: readonly string[]
  readonly stop: () => Promise<void>
}

export async function startGate(): Promise<Gate> {
  const origin = await startReflecting()
  const log: string[] = []
  const workerd = await startWorkerd({
    module: bundleOf(import.meta.dirname, 'poisoning-worker.ts'),
    vars: { TOKEN_SECRET, ORIGIN_URL: origin.url },
    onLine: (line) => log.push(line),
  })
  return {
    port: Number(new URL(workerd.url).port),
    origin,
    log,
    stop: async () => {
      await workerd.stop()
      await origin.stop()
    },
  }
}

type Claims = {
  readonly account?: string
  readonly plan?: string
  readonly zone?: keyof typeof ZONES
  readonly entitlements?: readonly string[]
  readonly lastsSeconds?: number
  readonly secret?: string
}

/** A token of the billing backend; or, with another secret, of someone who would like to be it. */
export function token(claims: Claims = {}): Promise<string> {
  const { account = 'the-victim', plan = 'gold', zone = 'one', entitlements = ['premium'] } = claims
  const now = Math.floor(Date.now() / 1000)
  const lasts = claims.lastsSeconds ?? 3600
  return new SignJWT({ entitlements: [...entitlements], plan })
    .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
    .setIssuer(ISSUER)
    .setAudience(ZONES[zone].audience)
    .setSubject(account)
    .setIssuedAt(lasts > 0 ? now : now + lasts - 3600)
    .setExpirationTime(now + lasts)
    .sign(new TextEncoder().encode(claims.secret ?? TOKEN_SECRET))
}

/** A request as its client writes it. */
export function get(target: string, ...fields: readonly string[]): Buffer {
  return written({ line: `GET ${target}`, fields })
}

export function written(request: {
  readonly line: string
  readonly host?: string | undefined
  readonly fields?: readonly string[] | undefined
  readonly body?: string | undefined
}): Buffer {
  const { line, host = 'Host: localhost', fields = [], body = '' } = request
  return Buffer.from([`${line} HTTP/1.1`, ...(host === '' ? [] : [host]), ...fields, '', body].join('\r\n'), 'latin1')
}

/** The field by which a reader pays, or none. */
export function paying(bearer: string | undefined): string[] {
  return bearer === undefined ? [] : [`Authorization: Bearer ${bearer}`]
}
