import { SignJWT } from 'jose'
import { type Dispatcher, request } from 'undici'
import type { OriginOptions } from '../../../src/config/options.ts'
import { bundleOf } from '../bundles.ts'
import { startWorkerd, type WorkerdOptions } from '../../../tools/workerd.ts'

const TOKEN_SECRET = '0123456789abcdef0123456789abcdef'

export interface PoolGate {
  readonly url: string
  /** The fields of someone who has paid. */
  readonly paying: () => Promise<{ readonly authorization: string }>
  /** Asks the zone of this name with a good token, and gives the response once its head has come. */
  readonly ask: (zone: string, path: string, options?: AskOptions) => Promise<Dispatcher.ResponseData>
  /** Asks, and gives the status and the whole body; of a problem document its reason. */
  readonly outcome: (zone: string, path: string, options?: AskOptions) => Promise<string>
  readonly stop: () => Promise<void>
}

interface AskOptions {
  readonly method?: Dispatcher.HttpMethod
  readonly body?: string
  readonly account?: string
  readonly signal?: AbortSignal
}

/** The gate in workerd, with a zone for each of these origins. */
export async function startPoolGate(
  origins: Record<string, OriginOptions>,
  options: Pick<WorkerdOptions, 'vars' | 'services' | 'workers'> = {},
): Promise<PoolGate> {
  const vars = { ...options.vars, TOKEN_SECRET, ORIGINS: JSON.stringify(origins) }
  const workerd = await startWorkerd({ ...options, module: bundleOf(import.meta.dirname), vars })
  const ask: PoolGate['ask'] = async (zone, path, { method = 'GET', body, account = 'account-7', signal } = {}) => {
    const headers = { host: `${zone}.localhost`, authorization: `Bearer ${await token(account)}` }
    return request(`${workerd.url}${path}`, { method, headers, body: body ?? null, signal: signal ?? null })
  }
  return {
    url: workerd.url,
    paying: async () => ({ authorization: `Bearer ${await token('account-7')}` }),
    ask,
    outcome: async (...asked) => {
      const response = await ask(...asked)
      const text = await response.body.text()
      const isProblem = response.headers['content-type'] === 'application/problem+json'
      return `${response.statusCode} ${isProblem ? (JSON.parse(text) as { reason: string }).reason : text}`
    },
    stop: workerd.stop,
  }
}

function token(account: string): Promise<string> {
  return new SignJWT({ entitlements: ['premium'] })
    .setProtectedHeader({ alg: 'HS256', typ: 'entitlement+jwt' })
    .setIssuer('https://billing.test')
    .setAudience('https://pool.test')
    .setSubject(account)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(TOKEN_SECRET))
}
