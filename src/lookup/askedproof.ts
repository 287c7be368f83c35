import type { Entitlement } from '../access/entitlement.ts'
import { judgeLifetime } from '../access/lifetime.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { IssuedCredential } from '../ledger/rules/credentials.ts'
import { tokenName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { Call, Ledger, Said } from '../ports.ts'
import { keyEntitlement } from '../rails/keys/entitlement.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { AskedAccount } from './question.ts'

/** The credential that an account is taken to present. */
export interface AskedProof {
  readonly entitlement: Entitlement
  /** The refusal of the credential itself, as of a key that is disabled. */
  readonly refused: Refusal | undefined
}

/** The lifetime of a token that nobody signed: it is presented at once. */
const LIFETIME_SECONDS = 60
const DISABLED = refusal('subscription-inactive', 'The API key is disabled.', { check: 'standing' })

/**
 * Makes the credential that an account is taken to present: a token that states what the question says, or one of its API
 * keys, with what its record has. Undefined if the account has no such key. Error: the ledger does not answer.
 */
export async function proofFor(
  subject: AskedAccount,
  accountHash: string | undefined,
  zone: Zone,
  call: Call,
  { ledgers }: Services,
): Promise<Result<AskedProof | undefined, 'ledger-unavailable'>> {
  const { issuer, account, key } = subject
  const ledger = ledgers && openLedger(ledgers, zone, { from: 'account', issuer, account })
  if (key !== undefined) return keyProof(subject, key, accountHash, ledger, zone, call)
  const { plan, limits = [], entitlements, issuedAt = Math.floor(call.now / 1000) } = subject
  const said = entitlements ?? (ledger && (await saidOf(ledger, undefined))?.ofAccount?.entitlements?.names)
  const entitlement: Entitlement = {
    kind: 'entitlement',
    issuer,
    account,
    jti: undefined,
    entitlements: said ?? [],
    plan,
    limits,
    standing: 'active',
    accountHash,
    issuedAt,
    notBefore: issuedAt,
    expires: Math.max(Math.floor(call.now / 1000), issuedAt) + LIFETIME_SECONDS,
    toleranceSeconds: 0,
  }
  return ok({ entitlement, refused: undefined })
}

async function keyProof(
  { issuer, account, entitlements, plan, limits }: AskedAccount,
  key: string,
  accountHash: string | undefined,
  ledger: Ledger | undefined,
  zone: Zone,
  { now }: Call,
): Promise<Result<AskedProof | undefined, 'ledger-unavailable'>> {
  const asked = ledger?.order('listCredentials', 'key').catch(() => undefined)
  const [listed, said] = await Promise.all([
    asked && withTimeout(asked, LEDGER_MS),
    ledger && saidOf(ledger, tokenName(zone, key)),
  ])
  if (listed?.ok !== true || said === undefined) return { ok: false, error: 'ledger-unavailable' }
  const record = listed.value.find(({ id }) => id === key)
  if (record === undefined) return ok(undefined)
  const proof = keyEntitlement(record, { kind: 'key', id: key, issuer, account }, said, accountHash)
  const given = { ...(entitlements && { entitlements }), ...(plan && { plan }), ...(limits && { limits }) }
  const entitlement = { ...proof, ...given }
  return ok({ entitlement, refused: refusalOf(record, entitlement, now) })
}

function refusalOf({ isDisabled }: IssuedCredential, proof: Entitlement, now: number): Refusal | undefined {
  return isDisabled === true ? DISABLED : judgeLifetime(proof, now)
}

/** Returns what the ledger has of the account and one token of its; undefined if it does not answer. */
async function saidOf(ledger: Ledger, token: string | undefined): Promise<Said | undefined> {
  const asked = ledger.statements(token).catch(() => undefined)
  const answer = await withTimeout(asked, LEDGER_MS)
  return answer?.ok === true ? answer.value : undefined
}
