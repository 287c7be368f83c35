import { describe, expect, it } from 'vitest'
import { joinBytes } from '../../../src/core/bytes.ts'
import { followBody, isNative, tapBody } from '../../../src/http/passthrough.ts'
import { type AnswerPlan, type FirstError, measureAnswer } from '../../../src/meters/llm/answer.ts'
import {
  charged,
  DONE,
  event,
  measured,
  RUNNING,
  TERMINAL,
  TEXT,
  type ToyOptions,
  toyOptions,
  toyPlan,
  toyReader,
  USAGE,
} from '../../meters/llm/answers.ts'

// The runtime's own streams carry what nothing is dropped from. A decoder of the runtime's is such a stream that a test can write to.

/** An answer in a stream of the runtime's own. What is sent goes in stored blocks (RFC 1951 §3.2.4), which a decoder holds nothing back of. */
function nativeUpstream() {
  const { readable, writable } = new DecompressionStream('deflate-raw')
  const writer = writable.getWriter()
  const stored = (isLast: boolean, bytes: Uint8Array): Uint8Array => {
    const head = new DataView(new ArrayBuffer(5))
    head.setUint8(0, isLast ? 1 : 0)
    head.setUint16(1, bytes.byteLength, true)
    head.setUint16(3, ~bytes.byteLength, true)
    return joinBytes([new Uint8Array(head.buffer), bytes])
  }
  return {
    response: new Response(readable, {
      headers: { 'content-type': 'text/event-stream' },
    }),
    send: async (text: string): Promise<void> => {
      const bytes = new TextEncoder().encode(text)
      for (let at = 0; at < bytes.byteLength; at += 50_000)
        await writer.write(stored(false, bytes.slice(at, at + 50_000)))
    },
    end: async (): Promise<void> => {
      await writer.write(stored(true, new Uint8Array(0)))
      await writer.close()
    },
    die: () => writer.abort(new Error('the provider has died')),
  }
}

async function firstError(response: Response): Promise<FirstError> {
  const result = await measureAnswer(response, toyPlan(), toyOptions())
  if (result.ok) throw new Error('no error came first')
  return result.error
}

/** Comes after the last event if something is to follow it. */
const MARK = '\n: faregate\n\n\n'

async function readFrom(reader: ReadableStreamDefaultReader<Uint8Array>, until: (text: string) => boolean) {
  const decoder = new TextDecoder()
  let text = ''
  while (!until(text)) {
    const { done, value } = await reader.read()
    if (done) break
    text += decoder.decode(value, { stream: true })
  }
  return text
}

/** Reads as a connection does: whatever comes. `text()` would wait for more. */
async function textOf(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) throw new Error('no body')
  return readFrom(body.getReader(), () => false)
}

const receipt = ': faregate {"charge":"c1","amount":"0.000000007","currency":"USD"}\n\n'

describe('a stream of the runtime’s own', () => {
  it('is read in a second branch, and passes byte for byte', async () => {
    const { response, send, end } = nativeUpstream()
    expect(response.body && isNative(response.body)).toBe(true)
    const text = TEXT.repeat(5000) + USAGE + DONE
    void send(text).then(end)
    const options = toyOptions()
    const answer = await measured(response, {}, options)
    expect((await textOf(answer.response.body)) === text).toBe(true)
    expect(await charged(answer)).toEqual([7n, 'measured'])
    await options.done()
  })

  it.each([1, 3, 700])('ends with its receipt, after %i events', async (count) => {
    const { response, send, end } = nativeUpstream()
    const text = TEXT.repeat(count) + USAGE + DONE
    void send(text).then(end)
    const answer = await measured(response, { hasReceipt: true })
    const got = await textOf(answer.response.body)
    expect(got.slice(text.length)).toBe(MARK + receipt)
    expect(got.startsWith(text)).toBe(true)
    expect(await charged(answer)).toEqual([7n, 'measured'])
  })

  it('passes each event before the next has come', async () => {
    const { response, send, end } = nativeUpstream()
    await send(TEXT)
    const answer = await measured(response)
    const reader = answer.response.body?.getReader()
    if (reader === undefined) throw new Error('no body')
    for (let times = 0; times < 5; times++) {
      expect(await readFrom(reader, (text) => text.length >= TEXT.length)).toBe(TEXT)
      await send(times < 4 ? TEXT : USAGE)
    }
    await end()
    expect(await readFrom(reader, () => false)).toBe(USAGE)
    expect(await charged(answer)).toEqual([7n, 'measured'])
  })

  it('shows all that is sent to whoever keeps the answer', async () => {
    const { response, send, end } = nativeUpstream()
    void send(TEXT + USAGE + DONE).then(end)
    const options = toyOptions()
    const answer = await measured(response, { hasReceipt: true }, options)
    const { body } = answer.response
    if (body === null) throw new Error('no body')
    const seen: (string | undefined)[] = []
    const decoder = new TextDecoder()
    tapBody(body, (piece) => seen.push(piece && decoder.decode(piece, { stream: true })))
    const text = await textOf(answer.response.body)
    await options.done()
    expect([seen.slice(0, -1).join(''), seen.at(-1)]).toEqual([text, undefined])
  })

  it('that is an error from its first event on has nothing leave', async () => {
    const { response, send } = nativeUpstream()
    void send(event({ error: 'overloaded' }, 'error')).catch(() => undefined)
    const { data } = await firstError(response)
    expect(data).toEqual({ error: 'overloaded' })
  })

  it.each([
    ['after an event', RUNNING, RUNNING],
    ['inside an event', `${RUNNING}data: {"te`, `${RUNNING}data: {"te`],
  ])('whose provider breaks off %s ends with the error of its API', async (_when, sent, passed) => {
    const { response, send, die } = nativeUpstream()
    await send(sent)
    const answer = await measured(response)
    const reader = answer.response.body?.getReader()
    if (reader === undefined) throw new Error('no body')
    expect(await readFrom(reader, (text) => text.length >= sent.length)).toBe(passed)
    void die().catch(() => undefined)
    const rest = await readFrom(reader, () => false)
    expect(rest).toBe(MARK + TERMINAL)
    expect(await charged(answer)).toEqual([3n, 'bounded'])
  })

  it('that the gate ends has its last words, and its usage is settled as if its client had left', async () => {
    const { response, send } = nativeUpstream()
    await send(RUNNING)
    const answer = await measured(response)
    const { body } = answer.response
    if (body === null) throw new Error('no body')
    followBody(answer.response, body).finish(new TextEncoder().encode('\n\nevent: held\ndata: {}\n\n'))
    const text = await textOf(body)
    expect([text.startsWith(RUNNING), text.endsWith('\n\nevent: held\ndata: {}\n\n')]).toEqual([true, true])
    expect(await charged(answer)).toEqual([3n, 'bounded'])
  })

  async function leaving(sent: string, plan: Partial<AnswerPlan> = {}) {
    const upstream = nativeUpstream()
    await upstream.send(sent)
    const options: ToyOptions = toyOptions()
    const answer = await measured(upstream.response, plan, options)
    void answer.response.body?.cancel().catch(() => undefined)
    options.leave()
    return { ...upstream, answer, options }
  }

  it('whose client leaves is cancelled at once if its usage is known as it goes', async () => {
    const { answer, options } = await leaving(RUNNING)
    expect(await charged(answer)).toEqual([3n, 'bounded'])
    await options.done()
  })

  it('whose client leaves is read to the report at its end otherwise, however much comes', async () => {
    const { answer, options, send, end } = await leaving(TEXT, { hasReceipt: true })
    await send(TEXT.repeat(3000) + USAGE)
    await end()
    expect(await charged(answer)).toEqual([7n, 'measured'])
    await options.done()
  })

  it('whose client leaves is read only until its usage is known', async () => {
    const { answer, send } = await leaving(TEXT, { reader: toyReader() })
    void send(TEXT + RUNNING + TEXT.repeat(1000)).catch(() => undefined)
    expect(await charged(answer)).toEqual([3n, 'bounded'])
  })
})
