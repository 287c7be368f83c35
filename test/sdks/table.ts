import type { Reason } from '../../src/core/problem.ts'

/** Each status with a reason for it, what the SDK's user reads, and how long the gate asks to wait, in seconds. */
export const REFUSALS: readonly (readonly [status: number, reason: Reason, message: string, wait?: number])[] = [
  [402, 'credit-insufficient', '0.12 USD left; this call reserves 0.25. Top up: https://models.test/top-up'],
  [402, 'usage-limit-reached', 'It is usage-limit-reached. Upgrade: https://models.test/top-up'],
  [402, 'entitlement-insufficient', 'It is entitlement-insufficient. Upgrade: https://models.test/top-up'],
  [402, 'security-hold', 'It is security-hold.'],
  [401, 'credential-expired', 'It is credential-expired. Renew: https://models.test/top-up'],
  [403, 'not-for-sale', 'It is not-for-sale. What this means: https://models.test/problems#not-for-sale'],
  [
    404,
    'model-not-found',
    'It is model-not-found. Nearest: "demo-model". What this means: https://models.test/problems#model-not-found',
  ],
  [
    409,
    'idempotency-conflict',
    'It is idempotency-conflict. What this means: https://models.test/problems#idempotency-conflict',
    7,
  ],
  [
    413,
    'content-too-large',
    'It is content-too-large. What this means: https://models.test/problems#content-too-large',
  ],
  [
    429,
    'too-many-requests',
    'It is too-many-requests. What this means: https://models.test/problems#too-many-requests',
    7,
  ],
  [503, 'ledger-unavailable', 'It is ledger-unavailable.', 5],
]
