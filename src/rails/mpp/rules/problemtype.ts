import type { Reason, Refusal } from '../../../core/problem.ts'

/** The reason of a settlement that failed because the payer would have to act. */
export const ACTION_REQUIRED = 'payment-action-required'

const PROBLEMS = 'https://paymentauth.org/problems/'
const OWN: Partial<Record<Reason, string>> = {
  'credential-malformed': 'malformed-credential',
  'credential-ambiguous': 'malformed-credential',
  'credential-invalid': 'invalid-challenge',
  'credential-expired': 'payment-expired',
  'payment-insufficient': 'payment-insufficient',
  'payment-declined': 'verification-failed',
}

/** Returns the scheme's own type of problem for a refusal. */
export function mppProblemType({ reason, facts }: Pick<Refusal, 'reason' | 'facts'>): string {
  const own = facts?.declined === ACTION_REQUIRED ? ACTION_REQUIRED : OWN[reason]
  return `${PROBLEMS}${own ?? 'payment-required'}`
}
