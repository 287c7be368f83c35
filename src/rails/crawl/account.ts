import type { Entitlement, SpendingLimit } from '../../access/entitlement.ts'
import type { SentSignature } from './rules/signatures.ts'

/** The issuer of the accounts of agents: no token names one, and the name of an account is the URL that publishes its keys. */
export const AGENTS = 'web-bot-auth'

/** How the account of an agent pays. */
export interface AgentTerms {
  readonly paysLater?: true
  readonly spending?: SpendingLimit
}

const TOLERANCE_SECONDS = 30
/** What a signature has opened goes on after its end, which was judged when it came. */
const DAY_SECONDS = 86_400

/** Returns the account of a verified agent, for one request. */
export function agentAccount(
  agent: string,
  { name, created, keyid }: Pick<SentSignature, 'name' | 'created' | 'keyid'>,
  terms: AgentTerms,
  accountHash: string | undefined,
): Entitlement {
  return {
    kind: 'entitlement',
    issuer: AGENTS,
    account: agent,
    jti: undefined,
    entitlements: [],
    plan: undefined,
    limits: [],
    standing: 'active',
    signedBy: keyid,
    accountHash,
    issuedAt: created,
    notBefore: created,
    expires: created + DAY_SECONDS,
    toleranceSeconds: TOLERANCE_SECONDS,
    requestName: name,
    ...terms,
  }
}
