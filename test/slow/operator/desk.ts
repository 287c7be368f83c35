import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf } from '../bundles.ts'

const SECRET = '0123456789abcdef0123456789abcdef'

/** Starts the gate of `worker.ts` before this origin. */
export function startDesk(originUrl: string, onLine?: (line: string) => void): Promise<Workerd> {
  return startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: originUrl,
      TOKEN_SECRET: SECRET,
      STAFF_SECRET: `staff ${SECRET}`,
      GATE_SECRET: `gate ${SECRET}`,
      ACCOUNT_KEY: `accounts ${SECRET}`,
    },
    ...(onLine && { onLine }),
  })
}

async function token(secret: string, claims: Record<string, unknown>, typ: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return sign(await secretKey(secret), { aud: 'https://news.test', iat: now - 60, exp: now + 900, ...claims }, { typ })
}

export function staffToken(scope: string): Promise<string> {
  return token(`staff ${SECRET}`, { iss: 'https://staff.test', sub: 'ann', scope }, 'operator+jwt')
}

export function readerToken(account: string): Promise<string> {
  return token(SECRET, { iss: 'https://billing.test', sub: account, entitlements: ['premium'] }, 'entitlement+jwt')
}
