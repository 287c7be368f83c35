import type { MeasureOptions } from '../../src/access/meter.ts'
import { tapBody } from '../../src/http/passthrough.ts'
import { measureAnswer } from '../../src/meters/llm/answer.ts'
import type { UsageReader } from '../../src/meters/llm/provider.ts'
import { openaiProvider } from '../../src/meters/openai.ts'

/** The reader of a chat with OpenAI whose model delivers all it generates: it looks at the text of each event as well. */
function reader(): UsageReader {
  const path = '/v1/chat/completions'
  const endpoint = openaiProvider.endpoint('POST', path, '')
  if (endpoint?.kind !== 'metered') throw new Error('chats are not metered')
  const body = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }], stream: true }
  const request = endpoint.api.read(body, { path, query: '' })
  if (!request.ok) throw new Error(request.error.reason)
  return endpoint.api.reader(request.value)
}

const HEAD = { headers: { 'content-type': 'text/event-stream' } }

/** Ways to pass a provider's stream on: `/native`, `/copied` piece by piece, and as a meter does, `/tapped` and `/filtered`. */
export default {
  async fetch(request: Request, env: { PROVIDER: string }, context: ExecutionContext): Promise<Response> {
    const { pathname, search } = new URL(request.url)
    const answer = await fetch(`${env.PROVIDER}${search}`)
    if (answer.body === null || pathname === '/native') return new Response(answer.body, HEAD)
    if (pathname === '/copied') return new Response(copied(answer.body, context), HEAD)
    const options: MeasureOptions = {
      left: request.signal,
      waitUntil: (work) => context.waitUntil(work),
      bound: { amount: { counts: [] } },
      charge: 'c1',
    }
    const measured = await measureAnswer(
      answer,
      {
        reader: reader(),
        dropsUsage: pathname === '/filtered',
        drainSeconds: 0,
        hasReceipt: true,
        price: () => ({ counts: [] }),
        terminal: () => '',
      },
      options,
    )
    if (!measured.ok) return new Response(null, { status: 502 })
    const { response } = measured.value
    if (response.body !== null) tapBody(response.body, undefined)
    return response
  },
} satisfies ExportedHandler<{ PROVIDER: string }>

/** The pump that filtering is compared with: reads into buffers of its own, and looks at nothing. */
function copied(body: ReadableStream<Uint8Array>, context: ExecutionContext): ReadableStream<Uint8Array> {
  const { readable, writable } = new IdentityTransformStream()
  const reading = body.getReader({ mode: 'byob' })
  const writer = writable.getWriter()
  const pump = async (): Promise<void> => {
    for (;;) {
      const { done, value } = await reading.read(new Uint8Array(4096))
      if (done) return writer.close()
      await writer.write(value)
    }
  }
  context.waitUntil(pump().catch(() => undefined))
  return readable
}
