import Anthropic from '@anthropic-ai/sdk'
import AnthropicOldest from 'anthropic-sdk-oldest'
import { describe, expect, it } from 'vitest'
import { startForFile } from '../slow/startforfile.ts'
import { startModelGate } from './gate.ts'
import { receiptIn, recorded } from './recorded.ts'

const gate = await startForFile(startModelGate())
const token = await gate.token('account-7')
await gate.grant('account-7', '5')

const model = 'demo-model'
const said = (content: string) => ({ model, max_tokens: 200, messages: [{ role: 'user' as const, content }] })
const weather = {
  name: 'get_weather',
  description: 'The weather at a place',
  input_schema: { type: 'object' as const, properties: { place: { type: 'string' } } },
}
/** What the last call cost, by what the provider knows it used: 2.50 and 10 for a million tokens. */
function costOfLast(): string {
  const { input, output } = gate.models.log.at(-1)?.usage ?? { input: 0, output: 0 }
  return String((input * 2500 + output * 10_000) / 1e9)
}

const clients = {
  '1.x': () => new Anthropic({ apiKey: token, baseURL: `${gate.url}/anthropic` }),
  '0.x': () => new AnthropicOldest({ apiKey: token, baseURL: `${gate.url}/anthropic` }) as unknown as Anthropic,
}

describe.each(Object.entries(clients))('@anthropic-ai/sdk %s', (_, create) => {
  it('reads a message', async () => {
    const { value, answers } = await recorded(() => create().messages.create(said('Hello. [[tokens-12]]')))
    expect(value).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'end_turn',
      usage: { output_tokens: 12 },
    })
    expect(answers[0]?.headers.get('faregate-charge')).toMatch(/\S/)
  })

  it('reads a stream to its end, and does not see the receipt that is in it', async () => {
    const { value, answers } = await recorded(() =>
      create().messages.stream(said('Hello. [[tokens-12]]')).finalMessage(),
    )
    expect(value.content).toMatchObject([{ type: 'text', text: expect.stringContaining('You asked') }])
    expect(value.usage.output_tokens).toBe(12)
    expect(Number(receiptIn(answers[0] ?? { text: '' }).amount)).toBe(Number(costOfLast()))
  })

  it('calls a tool and sends what it returned', async () => {
    const asked = { ...said('How is the weather? [[tool]]'), tools: [weather] }
    const called = await create().messages.create(asked)
    const use = called.content.find((block) => block.type === 'tool_use')
    expect(called.stop_reason).toBe('tool_use')
    expect(use).toMatchObject({ name: 'get_weather' })
    const answered = await create().messages.create({
      ...asked,
      messages: [
        ...asked.messages,
        { role: 'assistant', content: called.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use?.id ?? '', content: 'Fine.' }] },
      ],
    })
    expect(answered.stop_reason).toBe('end_turn')
  })

  it('streams the call of a tool', async () => {
    const stream = create().messages.stream({ ...said('How is the weather? [[tool]]'), tools: [weather] })
    const { content } = await stream.finalMessage()
    expect(content).toMatchObject([{ type: 'tool_use', name: 'get_weather', input: expect.anything() }])
  })

  it('counts tokens and lists models, for free', async () => {
    const { messages } = said('Hello.')
    expect((await create().messages.countTokens({ model, messages })).input_tokens).toBeGreaterThan(0)
    const { data } = await create().models.list()
    expect(data.map(({ id }) => id)).toContain(model)
    expect((await create().models.retrieve(model)).id).toBe(model)
  })

  it('throws the error that comes in the middle of a stream, as its own', async () => {
    const read = async (): Promise<string> => {
      let text = ''
      for await (const event of await create().messages.create({ ...said('Hello. [[error-after-9]]'), stream: true }))
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
      return text
    }
    await expect(read()).rejects.toMatchObject({ error: { type: 'error' } })
  })

  it('is told of an error that comes in place of a stream by its status', async () => {
    const failing = create()
      .withOptions({ maxRetries: 0 })
      .messages.create({ ...said('Hello. [[error-first]]'), stream: true })
    await expect(failing).rejects.toMatchObject({ status: expect.toSatisfy((status: number) => status >= 500) })
  })

  it('sends the operator’s key and none of its own, and no field that was not listed', async () => {
    await create().messages.create(said('Hello.'), {
      headers: { 'anthropic-beta': 'context-1m-2025-08-07', 'x-mine': '1' },
    })
    const { fields = {} } = gate.models.log.at(-1) ?? {}
    expect(JSON.stringify(fields)).not.toContain(token)
    expect(Object.keys(fields)).not.toContain('x-mine')
    expect(Object.keys(fields)).not.toContain('anthropic-beta')
    expect(fields['anthropic-version']).toMatch(/^20\d\d-/)
  })
})
