import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { embedMany, generateText, streamText, tool } from 'ai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startForFile } from '../slow/startforfile.ts'
import { startModelGate } from './gate.ts'
import { receiptIn, recorded } from './recorded.ts'

const gate = await startForFile(startModelGate())
const token = await gate.token('account-7')
await gate.grant('account-7', '5')

const anthropic = () => createAnthropic({ apiKey: token, baseURL: `${gate.url}/anthropic/v1` })
const google = () => createGoogleGenerativeAI({ apiKey: token, baseURL: `${gate.url}/gemini/v1beta` })

const weather = tool({
  description: 'The weather at a place',
  inputSchema: z.object({ place: z.string().optional() }).loose(),
  execute: async () => 'fine',
})

describe.each([
  ['anthropic', () => anthropic()('demo-model'), true],
  ['google', () => google()('demo-model'), false],
])('ai with @ai-sdk/%s', (_, create, hasReceipt) => {
  it('generates a text', async () => {
    const { text, usage } = await generateText({
      model: create(),
      maxOutputTokens: 200,
      prompt: 'Hello. [[tokens-12]]',
    })
    expect(text).toContain('You asked')
    expect(usage.outputTokens).toBe(12)
  })

  it('streams a text to its end, and does not see the receipt that may be in it', async () => {
    const { value, answers } = await recorded(async () => {
      const { text, finishReason } = streamText({
        model: create(),
        maxOutputTokens: 200,
        prompt: 'Hello. [[tokens-12]]',
      })
      return [await text, await finishReason]
    })
    expect(value).toEqual([expect.stringContaining('You asked'), 'stop'])
    const read = answers[0] ?? { text: '' }
    if (hasReceipt) expect(receiptIn(read).currency).toBe('USD')
    else expect(read.text).not.toMatch(/^:/m)
  })

  it('calls a tool and goes on with what it returned', async () => {
    const prompt = 'How is the weather? [[tool]]'
    const { steps } = await generateText({
      model: create(),
      maxOutputTokens: 200,
      prompt,
      tools: { get_weather: weather },
      stopWhen: () => false,
    })
    expect(steps.map(({ toolCalls }) => toolCalls.length)).toEqual([1, 0])
  })

  it('reports the error that comes in the middle of a stream', async () => {
    const errors: unknown[] = []
    const answer = streamText({
      model: create(),
      maxOutputTokens: 200,
      prompt: 'Hello. [[error-after-9]]',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    })
    await answer.consumeStream()
    expect(errors).toHaveLength(1)
  })
})

describe('ai with @ai-sdk/google', () => {
  it('embeds texts', async () => {
    const model = google().textEmbeddingModel('demo-model')
    const { embeddings } = await embedMany({ model, values: ['Hello.', 'Good bye.'] })
    expect(embeddings).toHaveLength(2)
  })
})
