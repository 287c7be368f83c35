import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { createInterface } from 'node:readline'
import { SignJWT } from 'jose'
import { MODEL_KEYS } from '../demo/models/models.ts'
import { startWorkerd, type Workerd } from '../tools/workerd.ts'
import { bundleAll } from './server.ts'
import { AUDIENCE, ISSUER } from './workers/claims.ts'

const SECRET = 'a secret of a benchmark of models, and of nobody else'

/** Where a call goes, and the key that it has. */
export interface ModelsServer {
  readonly url: string
  readonly key: string
}

/** The whole gate before a provider, each in a process of its own. */
export interface ModelsGate {
  readonly gate: ModelsServer & { readonly process: Workerd }
  readonly provider: ModelsServer
  /** How many calls the ledgers have had. */
  readonly ledgerCalls: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Starts both. `paceMs`: the time between two tokens at the provider. Its first event comes at once. */
export async function startModelsGate(paceMs: number): Promise<ModelsGate> {
  const provider = await startProvider(paceMs)
  const modules = await bundleAll(['models'])
  const vars = { MODELS_URL: provider.url, TOKEN_SECRET: SECRET, OPENAI_KEY: MODEL_KEYS.openai }
  const module = modules.get('models') ?? ''
  const process = await startWorkerd({ module, vars, objects: { LEDGER: 'Ledger' }, dropsOutput: true })
  await grant(process.url)
  const key = await signed('entitlement+jwt', { sub: ACCOUNT, entitlements: ['premium'] })
  return {
    gate: { url: process.url, key, process },
    provider: { url: provider.url, key: MODEL_KEYS.openai },
    ledgerCalls: async () => (await (await fetch(`${process.url}/ledger-calls`)).json()) as number,
    async stop() {
      await process.stop()
      provider.child.kill()
    },
  }
}

async function startProvider(paceMs: number): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['demo/models/serve.ts', '0', String(paceMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const url = /http:[^\s/]*\/\/[^\s/]+(?=\.\s)/.exec(line)?.[0]
  if (url === undefined) throw new Error(`the provider did not say where it is: ${line}`)
  return { url, child }
}

const ACCOUNT = 'reader-1'

async function grant(url: string): Promise<void> {
  const authorization = `Bearer ${await signed('operator+jwt', { scope: 'credit' })}`
  const body = JSON.stringify({ account: ACCOUNT, amount: '100000', currency: 'USD', id: 'grant' })
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await fetch(`${url}/__faregate/credit`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`the credit was not granted: ${answer.status} ${await answer.text()}`)
}

function signed(typ: string, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET))
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity })

/** A stream of which the first piece has come. */
export interface OpenStream {
  readonly firstByteMs: number
  /** Resolves once all of it has come. */
  readonly ended: Promise<void>
}

/** Asks for a stream of so many tokens. `keepsUsage`: true to ask for the report of usage, which is then not dropped. */
export async function openStream({ url, key }: ModelsServer, tokens: number, keepsUsage = false): Promise<OpenStream> {
  const body = JSON.stringify({
    model: 'test',
    messages: [{ role: 'user', content: `[[tokens-${tokens}]] Tell me what this costs.` }],
    max_completion_tokens: 1000,
    stream: true,
    ...(keepsUsage && { stream_options: { include_usage: true } }),
  })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const began = performance.now()
  const asking = request(`${url}/openai/v1/chat/completions`, { method: 'POST', agent, headers }).end(body)
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`expected 200 and got ${answer.statusCode}`)
  const [piece] = (await once(answer, 'data')) as [Buffer]
  const firstByteMs = performance.now() - began
  return { firstByteMs, ended: readRest(answer, piece) }
}

async function readRest(answer: IncomingMessage, first: Buffer): Promise<void> {
  let text = first.toString()
  answer.on('data', (piece: Buffer) => (text += piece.toString()))
  await once(answer, 'end')
  if (!text.includes('data: [DONE]')) throw new Error('the stream broke off')
}
