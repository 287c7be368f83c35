import { type Attempt, type Bound, type BoundedRequest, type MeasureOptions, type Meter } from '../../src/index.ts'
import type { Refusal } from '../../src/core/problem.ts'
import { refusal } from '../../src/core/problem.ts'
import { err, ok, type Result } from '../../src/core/result.ts'
import { createWordCounter, type WordCounter } from './words.ts'

export interface WordsOptions {
  /** The server of each model. */
  readonly models: Readonly<Record<string, string>>
  /** What a model needs beside what opens the route. */
  readonly requires?: Readonly<Record<string, string>>
  /** What a word costs, in 10⁻⁹ USD from credit. Default: nothing. */
  readonly nanos?: bigint
  readonly drainMs?: number
}

/** What is asked for: `{"words": 40, "models": ["small", "large"]}`. */
interface Wish {
  readonly words: bigint
  readonly models: readonly string[]
}

/**
 * Counts the words of a text that a server streams: at most as many as were asked for. Each model is a server, asked after the
 * one before it has failed; a first line that begins with `error` is a failure. Who has fewer words left gets those.
 */
export function words(options: WordsOptions): Meter {
  const { nanos, drainMs = 20_000 } = options
  return {
    name: 'words',
    counted: ['words'],
    ...(nanos !== undefined && { currency: 'USD' }),
    content: { maxBytes: 10_000, mostMs: 5000 },
    classify: ({ target: { path } }) =>
      path.endsWith('/models') ? 'free' : path.endsWith('/batches') ? 'closed' : 'metered',
    bound(request) {
      const wish = readWish(request, options)
      return wish.ok ? ok(boundOf(wish.value, options)) : wish
    },
    async measure(response, attempt, how) {
      if (response.status === 503)
        return attempt === lastOf(how) ? ok({ response, used: () => undefined }) : err('next-attempt')
      if (!response.ok || response.body === null) return ok({ response, used: () => undefined })
      const counted = await count(response.body, how, drainMs)
      if (counted === undefined) return err('next-attempt')
      const headers = new Headers(response.headers)
      headers.delete('content-length')
      const { body, total } = counted
      return ok({
        response: new Response(body, { status: response.status, headers }),
        used: async () => amountOf(await total, nanos),
      })
    },
  }
}

const amountOf = (units: bigint, nanos: bigint | undefined): Bound['amount'] => ({
  counts: [{ name: 'words', units }],
  ...(nanos !== undefined && { price: { units: units * nanos, currency: 'USD' } }),
})

const lastOf = ({ bound: { attempts = [] } }: MeasureOptions): Attempt | undefined => attempts.at(-1)

function boundOf(wish: Wish, options: WordsOptions, isLowered = false): Bound {
  const { models, requires = {}, nanos } = options
  const needed = wish.models.flatMap((model) => requires[model] ?? [])
  return {
    amount: amountOf(wish.words, nanos),
    ...(needed.length > 0 && { requires: needed }),
    attempts: wish.models.map((model) => ({
      server: models[model] ?? '',
      ...(isLowered && {
        content: Uint8Array.from(new TextEncoder().encode(JSON.stringify({ words: Number(wish.words) }))),
      }),
      request: (outgoing) => {
        outgoing.headers.set('x-model', model)
        return outgoing
      },
    })),
    tighten({ counts, price }) {
      const byUnits = counts.find(({ name }) => name === 'words')?.units ?? wish.words
      const byPrice = price === undefined || nanos === undefined ? wish.words : price.units / nanos
      const left = byUnits < byPrice ? byUnits : byPrice
      return left < 1n ? undefined : boundOf({ ...wish, words: left < wish.words ? left : wish.words }, options, true)
    },
  }
}

function readWish({ content }: BoundedRequest, { models: known }: WordsOptions): Result<Wish, Refusal> {
  try {
    const { words: most, models } = JSON.parse(new TextDecoder().decode(content)) as { words: number; models: string[] }
    if (models.some((model) => !Object.hasOwn(known, model))) return err(refusal('not-for-sale', 'No such model.'))
    return ok({ words: BigInt(most), models })
  } catch {
    return err(refusal('request-malformed', 'Not what this reads.'))
  }
}

interface Counted {
  readonly body: ReadableStream<Uint8Array>
  readonly total: Promise<bigint>
}

/** The same text with a line at its end that says how many words it has; undefined if its first line is an error. */
async function count(
  text: ReadableStream<Uint8Array>,
  how: MeasureOptions,
  drainMs: number,
): Promise<Counted | undefined> {
  const reader = text.getReader()
  const counter = createWordCounter()
  const begun = await readLine(reader, counter)
  if (counter.text().startsWith('error')) {
    reader.cancel().catch(() => undefined)
    return undefined
  }
  const { promise: total, resolve } = Promise.withResolvers<bigint>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = (): void => {
    clearTimeout(timer)
    resolve(counter.end())
  }
  const most = how.bound.amount.counts[0]?.units
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const first = begun.shift()
        const next = first === undefined ? await read() : { done: false, value: first }
        if (next.value !== undefined) controller.enqueue(next.value)
        if (!next.done) return
        end()
        controller.enqueue(new TextEncoder().encode(`\n[${counter.end()} of at most ${most} words]`))
        controller.close()
      },
      cancel: () => how.waitUntil(drain()),
    },
    { highWaterMark: 0 },
  )
  how.left.addEventListener('abort', giveUpLater, { once: true })
  return { body, total }

  async function read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
    try {
      const piece = await reader.read()
      if (piece.value !== undefined) counter.add(piece.value)
      return piece
    } catch (error) {
      end()
      throw error
    }
  }

  /** Who has left may be noticed twice, or while a server is silent. */
  function giveUpLater(): void {
    timer ??= setTimeout(() => void reader.cancel().catch(() => undefined), drainMs)
  }

  async function drain(): Promise<void> {
    giveUpLater()
    try {
      while (!(await read()).done);
    } catch {
      // what came is counted
    }
    end()
  }
}

/** Pieces up to the end of the first line. */
async function readLine(reader: ReadableStreamDefaultReader<Uint8Array>, counter: WordCounter): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  while (!counter.text().includes('\n')) {
    const { done, value } = await reader.read()
    if (done) break
    counter.add(value)
    pieces.push(value)
  }
  return pieces
}
