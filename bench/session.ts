import { compile } from '../src/config/config.ts'
import { sealSession } from '../src/login/session/token.ts'
import { createIssuer } from './tokens.ts'
import { BENCH_OWNER, BENCH_SECRET } from './workers/benchkey.ts'
import { BENCH_LOGIN, sessionOptions } from './workers/benchsession.ts'
import { ISSUER } from './workers/claims.ts'

/** Seals the benchmark's session. */
export async function benchSession(): Promise<string> {
  const { publicJwk } = createIssuer('ES256')
  const compiled = compile(
    sessionOptions(),
    { KEYS: JSON.stringify([publicJwk]), ACCOUNT_HASH_KEY: BENCH_SECRET },
    { needsOrigin: false },
  )
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const zone = compiled.value.sites.get('127.0.0.1')?.zone
  if (zone?.gateKeys === undefined) throw new Error('no keys')
  const now = Math.floor(Date.now() / 1000)
  const facts = {
    sid: 'abcdefghijklmnopqrstuv',
    login: BENCH_LOGIN,
    account: BENCH_OWNER.account,
    signedInAt: now,
    issuedAt: now,
    expires: now + 2 * 86_400,
    entitlements: ['premium'],
    plan: 'Premium',
    limits: [],
    standing: 'active' as const,
  }
  const sealed = await sealSession(facts, ISSUER, zone.gateKeys, zone)
  if (!sealed.ok) throw new Error(sealed.error)
  return sealed.value.token
}
