import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { bundleOf, ROOT } from '../bundles.ts'
import { startWorkerd } from '../../../tools/workerd.ts'
import { makeKey, sign } from '../../support/issuer.ts'
import { open, shut } from '../../../tools/loopback.ts'

/** The real gate in workerd, an origin that does what a test says, and readers who come all at once. */
export interface CrowdedGate {
  /** What the origin got, in order. */
  readonly calls: IncomingMessage[]
  /** What it does about a request; `index` counts from the beginning of the test. */
  origin: (index: number, response: ServerResponse) => void
  /** Sends one request for each reader, or for the first few, each over a connection of its own. */
  readonly arrive: (path: string, few?: number) => readonly Reader[]
  readonly stop: () => Promise<void>
}

export interface Reader {
  /** Settles when the request has left. */
  readonly sent: Promise<void>
  /** The header of the response, with the content to come. */
  readonly answer: Promise<IncomingMessage>
}

/** As `demo/faregate.config.ts` has it. */
const AUDIENCE = 'https://www.example.com'

/** As many as a crowd may knock at once. */
const BACKLOG = 2048

export async function startCrowdedGate(readers: number): Promise<CrowdedGate> {
  const key = await makeKey('ES256', 'crowd')
  const billing = createServer((_request, response) => response.end(JSON.stringify({ keys: [key.jwk] })))
  const calls: IncomingMessage[] = []
  const origin = createServer((incoming, response) => {
    calls.push(incoming)
    gate.origin(calls.length - 1, response)
  })
  const issuer = await open(billing, 0, BACKLOG)
  const vars = {
    ORIGIN_URL: await open(origin, 0, BACKLOG),
    BILLING_URL: issuer,
    ACCOUNT_HASH_KEY: 'a key for the tests',
    GATE_SECRET: 'a secret for the tests, of 32 bytes',
    CLIENT_SECRET: 'another secret for the tests, of 32 bytes',
  }
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: AUDIENCE, iat: now, exp: now + 3600, entitlements: ['premium'] }
  const accounts = Array.from({ length: readers }, (_none, index) => `account-${index}`)
  const tokens = await Promise.all(accounts.map((sub) => sign(key, { ...claims, sub })))
  const workerd = await startWorkerd({ module: bundleOf(join(ROOT, 'demo')), vars })
  const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY })
  const gate: CrowdedGate = {
    calls,
    origin: (_index, response) => response.end(),
    arrive: (path, few = readers) => tokens.slice(0, few).map((token) => read(`${workerd.url}${path}`, token, agent)),
    stop: async () => {
      await workerd.stop()
      agent.destroy()
      for (const server of [origin, billing]) await shut(server)
    },
  }
  return gate
}

function read(url: string, token: string, agent: Agent): Reader {
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' }
  const sending = request(url, { agent, headers })
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    sending.once('response', resolve).once('error', reject)
  })
  // `finish` comes when the last byte was handed to the kernel.
  const sent = once(sending, 'finish').then(() => undefined)
  sending.end()
  return { sent, answer }
}

/** Chunk by chunk, as they come. */
export function chunksOf(answer: IncomingMessage): () => Promise<string | undefined> {
  const chunks: AsyncIterator<Buffer> = answer[Symbol.asyncIterator]()
  return async () => {
    const { done, value } = await chunks.next()
    return done === true ? undefined : value.toString('utf8')
  }
}

/** How often each status and content came. */
export async function tally(readers: readonly Reader[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const all = readers.map(async ({ answer }) => {
    const message = await answer
    const bytes = await message.toArray()
    return message.statusCode === 200 ? `200 ${Buffer.concat(bytes).toString('base64')}` : `${message.statusCode}`
  })
  for (const got of await Promise.all(all)) counts[got] = (counts[got] ?? 0) + 1
  return counts
}
