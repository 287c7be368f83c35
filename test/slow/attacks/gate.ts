import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { bundleOf } from '../bundles.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { AUDIENCE, ISSUER } from './config.ts'
import { type Origin, startOrigin } from './origin.ts'

/** The gate as it is deployed, under plain workerd, with an origin behind it. */
export type Gate = {
  readonly port: number
  readonly origin: Origin
  /** A token that opens every paid page. */
  readonly token: string
  readonly stop: () => Promise<void>
}

export async function startGate(unmatched: 'free' | 'closed'): Promise<Gate> {
  const origin = await startOrigin()
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'attacks', alg: 'ES256' }
  const workerd = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    vars: { JWK: JSON.stringify(jwk), ORIGIN_URL: origin.url, UNMATCHED: unmatched },
  })
  const token = await new SignJWT({ entitlements: ['premium'] })
    .setProtectedHeader({ alg: 'ES256', typ: 'entitlement+jwt', kid: 'attacks' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('account-of-the-payer')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
  return {
    port: Number(new URL(workerd.url).port),
    origin,
    token,
    stop: async () => {
      await workerd.stop()
      await origin.stop()
    },
  }
}
