import { request } from 'node:http'
import { startWorkerd, type Workerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf } from '../bundles.ts'

const SECRET = '0123456789abcdef0123456789abcdef'

/** The host of the dashboard; to a browser it is of the same site as `www.fare.localhost`. */
export const OPS_HOST = 'ops.fare.localhost'

/** Starts the gate of `worker.ts` before this origin. `host`: that of the dashboard; empty for the host of the zone. */
export function startDesk(originUrl: string, onLine?: (line: string) => void, host = OPS_HOST): Promise<Workerd> {
  return startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: {
      ORIGIN_URL: originUrl,
      OPS_HOST: host,
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

export interface HostAnswer {
  readonly status: number
  readonly text: string
  readonly cookie: string
  readonly location: string | undefined
}

/** Asks a host of the gate, as it is written into the request. POSTs a body. */
export function askHost(
  gate: string,
  host: string,
  path: string,
  { headers = {}, body }: { readonly headers?: Record<string, string>; readonly body?: string | undefined } = {},
): Promise<HostAnswer> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, gate)
    const method = body === undefined ? 'GET' : 'POST'
    const sent = request(url, { method, headers: { ...headers, host } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          text: Buffer.concat(parts).toString(),
          cookie: answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '',
          location: answer.headers.location,
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
