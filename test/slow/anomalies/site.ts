import { serve } from '../../../tools/payments/stack/serve.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { secretKey, sign } from '../../support/issuer.ts'
import { bundleOf } from '../bundles.ts'
import { startForFile } from '../startforfile.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const VARS = {
  TOKEN_SECRET: SECRET,
  GATE_SECRET: `gate ${SECRET}`,
  ACCOUNT_KEY: `accounts ${SECRET}`,
  ANOMALY_SALT: `salt ${SECRET}`,
}

interface Line {
  readonly status: number
  readonly decision: string
  readonly account?: string
  readonly credential?: string
  readonly network?: string
  readonly country?: string
  readonly asn?: number
  readonly token?: string
}

const origin = await startForFile(
  serve((_request, response) => {
    response.writeHead(200, { 'content-length': 4, 'cache-control': 'max-age=60' }).end('text')
  }),
)

/** A gate behind what does as Cloudflare does, and all that it prints. */
export async function started(watches: 'yes' | 'acts' | 'no') {
  const printed: string[] = []
  const gate = await startForFile(
    startWorkerd({
      module: bundleOf(import.meta.dirname, 'edgeworker.ts'),
      services: { GATE: 'gate' },
      workers: {
        gate: {
          module: bundleOf(import.meta.dirname),
          objects: { LEDGER: 'Ledger' },
          vars: { ...VARS, ORIGIN_URL: origin.url, WATCHES: watches },
        },
      },
      onLine: (line) => printed.push(line),
    }),
  )
  const lines = (): Line[] =>
    printed
      .filter((line) => line.startsWith('{"time"'))
      .map((line) => JSON.parse(line) as Line)
      .filter(({ decision }) => decision !== 'own')
  return { url: gate.url, printed, lines }
}

export async function tokenOf(account: string, more: object = {}, typ = 'entitlement+jwt'): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://billing.test', aud: 'https://news.test', sub: account, entitlements: ['premium'] }
  return sign(await secretKey(SECRET), { ...claims, iat: now - 60, exp: now + 600, ...more }, { typ })
}

export interface From {
  readonly address: string
  readonly asn: number
  readonly country: string
}

export const at = (index: number): From => ({ address: `198.51.${index}.7`, asn: 60_000 + index, country: 'DE' })

export async function ask(gate: { readonly url: string }, token: string, from: From): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'x-from': JSON.stringify(from) }
  const response = await fetch(`${gate.url}/articles/1`, { headers })
  await response.arrayBuffer()
  return response.status
}

export const operator = (scope: string): Promise<string> => tokenOf('ops', { scope }, 'operator+jwt')

export async function askFound(gate: { readonly url: string }, token: string | undefined): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return fetch(`${gate.url}/__faregate/anomalies`, { headers })
}
