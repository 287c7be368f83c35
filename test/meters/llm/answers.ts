import type { MeasureOptions, Metered, MeteredAmount } from '../../../src/access/meter.ts'
import { type AnswerPlan, measureAnswer } from '../../../src/meters/llm/answer.ts'
import type { UsageReader } from '../../../src/meters/llm/provider.ts'

/** What a reader is shown in tests: `{"text": "…"}`, `{"usage": 7}`, `{"text": "…", "running": 3}`, `{"error": "…"}`. */
interface ToyEvent {
  readonly text?: string
  readonly usage?: number
  readonly running?: number
  readonly error?: string
}

/** Reads a provider that counts output tokens alone. `bounds`: what came bounds what was used. */
export function toyReader(bounds = false): UsageReader {
  let final: bigint | undefined
  let running: bigint | undefined
  const tokens = (output: bigint) => ({ tokens: { output } })
  return {
    mayMatter: (data) => /"(?:usage|running|error)"/.test(data),
    event(name, data) {
      const { text, usage, running: soFar, error } = data as ToyEvent
      if (error !== undefined || name === 'error') return 'error'
      if (soFar !== undefined) running = BigInt(soFar)
      if (usage === undefined) return 'content'
      final = BigInt(usage)
      return text === undefined ? 'usage-only' : 'content'
    },
    whole(answer) {
      const { usage } = answer as ToyEvent
      if (usage !== undefined) final = BigInt(usage)
    },
    final: () => (final === undefined ? undefined : tokens(final)),
    soFar(bytes) {
      if (running !== undefined) return tokens(running)
      return bounds ? tokens(BigInt(bytes)) : undefined
    },
    isRunning: () => running !== undefined,
  }
}

export const event = (data: object | string, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

export const TEXT = event({ text: 'Héllo' })
export const USAGE = event({ usage: 7 })
export const DONE = event('[DONE]')
export const TERMINAL = event({ error: 'gone' }, 'error')

/** Amounts of a toy: a token costs a nano; `of` says how it came about. */
export const amountOf = (units: bigint, of = ''): MeteredAmount => ({
  counts: [{ name: 'tokens', units }],
  price: { units, currency: 'USD' },
  ...(of !== '' && { breakdown: { of: 'toy', basis: of === 'bounded' ? of : 'measured', lines: [] } }),
})

export const toyPlan = (changes: Partial<AnswerPlan> = {}): AnswerPlan => ({
  reader: toyReader(),
  dropsUsage: false,
  drainSeconds: 20,
  hasReceipt: false,
  price: ({ tokens: { output = 0n } }, basis) => amountOf(output, basis),
  terminal: () => TERMINAL,
  ...changes,
})

export interface ToyOptions extends MeasureOptions {
  readonly leave: () => void
  /** Resolves once all work is done that was to be waited for. */
  readonly done: () => Promise<void>
}

export function toyOptions(changes: Partial<MeasureOptions> = {}): ToyOptions {
  const left = new AbortController()
  const works: Promise<unknown>[] = []
  return {
    left: left.signal,
    waitUntil: (work) => void works.push(work),
    bound: { amount: amountOf(100n) },
    charge: 'c1',
    ...changes,
    leave: () => left.abort(),
    done: async () => {
      while (works.length > 0) await works.shift()
    },
  }
}

/** An answer whose pieces the test sends. */
export function upstream(type = 'text/event-stream', fields: Record<string, string> = {}) {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: () => void (isCancelled = true),
  })
  return {
    response: new Response(body, { headers: { 'content-type': type, ...fields } }),
    /** Has no effect once nobody reads any more. */
    send: (text: string | Uint8Array): void => {
      const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
      if (!isCancelled && bytes.byteLength > 0) controller?.enqueue(bytes)
    },
    end: () => controller?.close(),
    die: () => controller?.error(new Error('the provider has died')),
    isCancelled: () => isCancelled,
  }
}

/** An answer that is all there, in these pieces. */
export function answered(pieces: readonly (string | Uint8Array)[], type?: string): Response {
  const { response, send, end } = upstream(type)
  for (const piece of pieces) send(piece)
  end()
  return response
}

export async function measured(
  response: Response,
  plan: Partial<AnswerPlan> = {},
  options: ToyOptions = toyOptions(),
): Promise<Metered> {
  const result = await measureAnswer(response, toyPlan(plan), options)
  if (!result.ok) throw new Error('an error came first')
  return result.value
}

/** Units that an answer is charged, and how they came about. */
export async function charged(answer: Metered) {
  const amount = await answer.used()
  return amount && [amount.counts[0]?.units, amount.breakdown?.basis]
}

export const RUNNING = event({ text: 'a', running: 3 })
export const PING = event({ type: 'ping' }, 'ping')
