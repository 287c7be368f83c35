import { MODEL_KEYS } from '../../demo/models/models.ts'
import { serveModels, type ServedModels } from '../../demo/models/serve.ts'
import { startWorkerd } from '../../tools/workerd.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import { bundleOf } from '../slow/bundles.ts'
import { secretKey, sign } from '../support/issuer.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const AUDIENCE = 'https://models.test'

/** The gate in workerd, before a provider of the demo's. */
export interface ModelGate {
  readonly url: string
  readonly models: ServedModels
  /** A token of an account, as billing signs it. */
  token(account: string, claims?: object): Promise<string>
  /** An API key of the account. */
  key(account: string): Promise<string>
  grant(account: string, amount: string): Promise<void>
  /** Runs something, and returns the lines of the log about the requests to providers that came of it. */
  lines(run: () => Promise<unknown>): Promise<readonly LogRecord[]>
  stop(): Promise<void>
}

/** Starts both. To be called with `startForFile`. */
export async function startModelGate(): Promise<ModelGate> {
  const models = await serveModels()
  const log = createLog()
  const { url, stop } = await startWorkerd({
    module: bundleOf(import.meta.dirname),
    objects: { LEDGER: 'Ledger' },
    vars: {
      MODELS_URL: models.url,
      TOKEN_SECRET: SECRET,
      GATE_SECRET: `gate ${SECRET}`,
      OPENAI_KEY: MODEL_KEYS.openai,
      ANTHROPIC_KEY: MODEL_KEYS.anthropic,
      GEMINI_KEY: MODEL_KEYS.gemini,
      MISTRAL_KEY: MODEL_KEYS.mistral,
    },
    onLine: (line) => log.read(line),
  })
  return {
    url,
    models,
    token: (account, claims = {}) => signed('https://billing.test', { sub: account, entitlements: ['api'], ...claims }),
    async key(account) {
      const { secret } = await order(url, 'keys', { action: 'create', account, name: 'SDK', entitlements: ['api'] })
      return String(secret)
    },
    async grant(account, amount) {
      await order(url, 'credit', { account, amount, currency: 'USD', id: crypto.randomUUID() })
    },
    async lines(run) {
      const from = log.records.length
      await run()
      await log.until(async () => {
        const marker = await fetch(`${url}/marker`)
        return ((await marker.json()) as { instance: string }).instance.slice('urn:uuid:'.length)
      })
      return log.records.slice(from).filter(({ route }) => route !== undefined && route !== '/*')
    },
    async stop() {
      await stop()
      await models.close()
    },
  }
}

/** Gives an operator's order. Throws unless it is carried out. */
async function order(url: string, name: string, body: object): Promise<Record<string, unknown>> {
  const token = await signed('https://staff.test', { scope: name }, 'operator+jwt')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const response = await fetch(`${url}/__faregate/${name}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Record<string, unknown>
}

async function signed(iss: string, claims: object, typ = 'entitlement+jwt'): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return sign(await secretKey(SECRET), { iss, aud: AUDIENCE, iat: now, exp: now + 600, ...claims }, { typ })
}

/** The lines that the gate has written. */
function createLog() {
  const records: LogRecord[] = []
  let wake = (): void => undefined
  return {
    records,
    read(line: string): void {
      if (!line.startsWith('{')) return
      records.push(JSON.parse(line) as LogRecord)
      wake()
    },
    /** Waits for the line of the request that `send` sends: those of all requests before have been written then. */
    async until(send: () => Promise<string>): Promise<void> {
      const id = await send()
      while (!records.some((record) => record.id === id)) await new Promise<void>((resolve) => (wake = resolve))
    },
  }
}
