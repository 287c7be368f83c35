import { GoogleGenAI, Type } from '@google/genai'
import { GoogleGenAI as GoogleGenAIOldest } from 'google-genai-oldest'
import { describe, expect, it } from 'vitest'
import { startForFile } from '../slow/startforfile.ts'
import { startModelGate } from './gate.ts'
import { recorded } from './recorded.ts'

const gate = await startForFile(startModelGate())
const token = await gate.token('account-7')
await gate.grant('account-7', '5')

const model = 'demo-model'
const weather = {
  name: 'get_weather',
  description: 'The weather at a place',
  parameters: { type: Type.OBJECT, properties: { place: { type: Type.STRING } } },
}

/** What the last call cost, by what the provider knows it used: 2.50 and 10 for a million tokens. */
function costOfLast(): number {
  const { input, output } = gate.models.log.at(-1)?.usage ?? { input: 0, output: 0 }
  return (input * 2500 + output * 10_000) / 1e9
}

const clients = {
  '3.x': () => new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: `${gate.url}/gemini` } }),
  '2.x': () =>
    new GoogleGenAIOldest({ apiKey: token, httpOptions: { baseUrl: `${gate.url}/gemini` } }) as unknown as GoogleGenAI,
}

describe.each(Object.entries(clients))('@google/genai %s', (_, create) => {
  it('reads an answer', async () => {
    const { value, answers } = await recorded(() =>
      create().models.generateContent({ model, contents: 'Hello. [[tokens-12]]' }),
    )
    expect(value.text).toContain('You asked')
    expect(value.usageMetadata?.candidatesTokenCount).toBe(12)
    expect(answers[0]?.headers.get('faregate-charge')).toMatch(/\S/)
  })

  it('reads a stream to its end, which has no comment: Google’s SDK for Python would fail on one', async () => {
    const { value, answers } = await recorded(async () => {
      let text = ''
      for await (const chunk of await create().models.generateContentStream({
        model,
        contents: 'Hello. [[tokens-12]]',
      }))
        text += chunk.text ?? ''
      return text
    })
    expect(value).toContain('You asked')
    expect(answers[0]?.url).toContain('alt=sse')
    expect(answers[0]?.text).not.toMatch(/^:/m)
    expect(costOfLast()).toBeGreaterThan(0)
  })

  it('calls a function and sends what it returned', async () => {
    const config = { tools: [{ functionDeclarations: [weather] }] }
    const contents = [{ role: 'user', parts: [{ text: 'How is the weather? [[tool]]' }] }]
    const called = await create().models.generateContent({ model, contents, config })
    const [call] = called.functionCalls ?? []
    expect(call?.name).toBe('get_weather')
    const content = called.candidates?.[0]?.content
    const answered = await create().models.generateContent({
      model,
      contents: [
        ...contents,
        ...(content === undefined ? [] : [content]),
        { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { weather: 'fine' } } }] },
      ],
      config,
    })
    expect(answered.text).toContain('You asked')
  })

  it('embeds texts', async () => {
    const { embeddings } = await create().models.embedContent({ model, contents: ['Hello.', 'Good bye.'] })
    expect(embeddings?.[0]?.values?.length).toBeGreaterThan(0)
  })

  it('counts tokens and lists models, for free', async () => {
    expect((await create().models.countTokens({ model, contents: 'Hello.' })).totalTokens).toBeGreaterThan(0)
    const names = []
    for await (const { name } of await create().models.list()) names.push(name)
    expect(names).toContain(`models/${model}`)
    expect((await create().models.get({ model })).name).toBe(`models/${model}`)
  })

  it('goes on with an answer in several, each of which is a charge of its own', async () => {
    const before = gate.models.log.length
    const { answers } = await recorded(() =>
      create().models.generateContent({
        model,
        contents: 'Hello. [[continuation, tokens-5]]',
        config: { automaticContinuation: false },
      }),
    )
    expect(answers[0]?.text).toContain('CONTINUATION')
    expect(gate.models.log.length).toBe(before + 1)
  })

  it('throws the error that comes in the middle of a stream, as its own', async () => {
    const read = async (): Promise<void> => {
      const stream = await create().models.generateContentStream({ model, contents: 'Hello. [[error-after-9]]' })
      for await (const _ of stream) continue
    }
    await expect(read()).rejects.toMatchObject({ status: expect.any(Number) })
  })

  it('is told of an error that comes in place of a stream by its status', async () => {
    const failing = create().models.generateContentStream({ model, contents: 'Hello. [[error-first]]' })
    await expect(failing).rejects.toMatchObject({ status: expect.toSatisfy((status: number) => status >= 500) })
  })

  it('sends the operator’s key and none of its own, and no field that was not listed', async () => {
    const headers = { 'x-goog-user-project': 'mine', 'x-goog-fieldmask': 'candidates' }
    await create().models.generateContent({ model, contents: 'Hello.', config: { httpOptions: { headers } } })
    const { fields = {}, query } = gate.models.log.at(-1) ?? {}
    expect(JSON.stringify(fields)).not.toContain(token)
    expect(Object.keys(fields).filter((name) => name in headers)).toEqual([])
    expect(query).toBe('')
  })
})
