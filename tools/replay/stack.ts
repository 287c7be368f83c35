/** What stands around the gate of a replay: an origin, a billing that keeps what it is told, and a facilitator; and the log. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { startStubFacilitator } from '../payments/stack/stub.ts'
import { json, serve } from '../payments/stack/serve.ts'
import { startWorkerd, type Workerd } from '../workerd.ts'
import { SECRET } from './load.ts'

export const METRICS_SECRET = 'a-secret-for-a-scraper-of-32-bytes'

/** The running parts of a replay. */
export interface Stack {
  readonly gate: Workerd
  /** The lines of the log since the beginning. */
  readonly lines: readonly string[]
  /** The events that billing was told, some of them twice: it says so now and then that it has none. */
  readonly events: readonly string[]
  /** What the facilitator has moved, in millionths of a dollar. */
  readonly moved: () => bigint
  readonly stop: () => Promise<void>
}

/** Starts all of it. `takes` is asked for each batch whether billing says that it has it. */
export async function startStack(module: string, storage: string, takes: () => boolean): Promise<Stack> {
  const [lines, events]: [string[], string[]] = [[], []]
  const origin = await serve(answerPage)
  const billing = await serve(async (request, response) => {
    const told = JSON.parse(await text(request)) as readonly unknown[]
    events.push(...told.map((event) => JSON.stringify(event)))
    response.writeHead(takes() ? 204 : 503).end()
  })
  const facilitator = await startStubFacilitator()
  const vars = {
    ORIGIN_URL: origin.url,
    BILLING_URL: billing.url,
    FACILITATOR_URL: facilitator.url,
    TOKEN_SECRET: SECRET,
    METRICS_SECRET,
    GATE_SECRET: `the gate's: ${SECRET}`,
    ACCOUNT_KEY: `of accounts: ${SECRET}`,
    USAGE_SECRET: `of usage: ${SECRET}`,
    OPENAI_KEY: 'the key of a provider',
  }
  const onLine = (line: string): void => {
    if (line.startsWith('{"time"')) lines.push(line)
    else if (!KNOWN.test(line)) console.error(line)
  }
  const gate = await startWorkerd({ module, vars, storage, objects: { LEDGER: 'Ledger' }, onLine })
  const stop = async (): Promise<void> => {
    await gate.stop()
    await Promise.all([origin.stop(), billing.stop(), facilitator.stop()])
  }
  return { gate, lines, events, moved: facilitator.moved, stop }
}

/** What the gate says beside its log: that billing did not take a batch, and that the clock of its alarms is another. */
const KNOWN = /^\{"usage":|SQLite alarm (handler canceled|overdue)/

function answerPage(request: IncomingMessage, response: ServerResponse): void {
  const name = request.url?.split('/').at(-1) ?? ''
  if (name === 'completions') return void completion(request, response)
  if (name === 'gone') return void request.socket.destroy()
  const status = { missing: 404, broken: 500 }[name] ?? 200
  const content = `the page ${name}`
  response.setHeader('cache-control', 'max-age=60').setHeader('content-type', 'text/plain')
  if (name === 'unmeasured') return void response.write(content, () => response.end())
  const answer = (): unknown => response.writeHead(status, { 'content-length': content.length }).end(content)
  if (name === 'slow') setTimeout(answer, SLOW_MS)
  else answer()
}

const SLOW_MS = 15

async function completion(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model } = JSON.parse(await text(request)) as { model: string }
  const message = { role: 'assistant', content: 'something' }
  const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  json(response, 200, { id: 'chat-1', object: 'chat.completion', created: 1, model, choices, usage })
}
