import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { compile } from '../../src/config.ts'
import { NO_BULLETIN } from '../../src/core/bulletin.ts'
import type { Entitlement } from '../../src/core/entitlement.ts'
import { ok } from '../../src/core/result.ts'
import type { Bulletins } from '../../src/edge/bulletin.ts'
import { createBulletinConsult } from '../../src/edge/standing.ts'
import config from '../support/config.ts'
import { NO_LEDGER } from '../support/ledger.ts'

const NOW = 1_800_000_000

const TOKEN: Entitlement = {
  kind: 'entitlement',
  issuer: 'https://billing.test',
  account: 'anne',
  jti: undefined,
  entitlements: ['premium'],
  plan: undefined,
  limits: [],
  standing: 'active',
  accountHash: undefined,
  issuedAt: NOW - 60,
  notBefore: NOW - 60,
  expires: NOW + 60,
  toleranceSeconds: 0,
}

it('what a ledger said of one account is not taken for what it says of another, whatever their names and tokens', async () => {
  const compiled = compile(config, env as unknown as Record<string, unknown>, { needsOrigin: true })
  const zone = compiled.ok ? compiled.value.sites.get('news.test')?.zone : undefined
  if (zone === undefined) throw new Error('no zone')
  const known = { head: { ...NO_BULLETIN, leftOutAt: NOW }, entries: new Map() }
  const bulletins: Bulletins = { of: () => ok(known), post: async () => true }
  // Only the account with a space in its name is past-due.
  const ledgers = (name: string) => {
    const isLate = name.includes('"anne lee"')
    const ofAccount = isLate ? { standing: { at: NOW, standing: 'past-due' as const } } : undefined
    return { ...NO_LEDGER, said: async () => ok({ ofAccount, ofToken: undefined }) }
  }
  const consult = createBulletinConsult(bulletins, ledgers, () => NOW * 1000)
  const standingOf = async (account: string, jti: string) => {
    const call = { now: NOW * 1000, waitUntil: () => undefined }
    const presented = await consult({ entitlement: ok({ ...TOKEN, account, jti }) }, zone, call)
    return presented?.entitlement?.ok === true ? presented.entitlement.value.standing : undefined
  }
  expect(await standingOf('anne', 'lee 1')).toBe('active')
  expect(await standingOf('anne lee', '1')).toBe('past-due')
})
