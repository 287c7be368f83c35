import { describe, expect, it } from 'vitest'
import { createModels, MODEL_KEYS, type Models } from '../../demo/models/models.ts'

const messages = [{ role: 'user', content: 'Say hello.' }]
const contents = [{ role: 'user', parts: [{ text: 'Say hello.' }] }]

/** A request of each API, for the model `demo` and more. */
const apis = {
  chat: { path: '/openai/v1/chat/completions', body: { messages } },
  completions: { path: '/openai/v1/completions', body: { prompt: 'Say hello.' } },
  responses: { path: '/openai/v1/responses', body: { input: 'Say hello.' } },
  messages: { path: '/anthropic/v1/messages', body: { messages, max_tokens: 1000 } },
  gemini: { path: '/gemini/v1beta/models/MODEL:generateContent', body: { contents } },
  mistral: { path: '/mistral/v1/chat/completions', body: { messages } },
  qianfan: { path: '/qianfan/v2/chat/completions', body: { messages } },
  compatible: { path: '/compatible/v1/chat/completions', body: { messages } },
} as const
type ApiName = keyof typeof apis

function ask(models: Models, api: ApiName, model = 'demo', members: object = {}): Promise<Response> {
  const { path, body } = apis[api]
  const family = path.split('/')[1] as keyof typeof MODEL_KEYS
  return models.fetch(
    new Request(`http://models.example${path.replace('MODEL', encodeURIComponent(model))}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${MODEL_KEYS[family]}`, 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model, ...body, ...members }),
    }),
  )
}

function stream(models: Models, api: ApiName, model = 'demo'): Promise<Response> {
  if (api !== 'gemini') return ask(models, api, model, { stream: true, stream_options: { include_usage: true } })
  const url = `http://models.example/gemini/v1beta/models/${model}:streamGenerateContent?alt=sse`
  const headers = { 'x-goog-api-key': MODEL_KEYS.gemini }
  return models.fetch(new Request(url, { method: 'POST', headers, body: JSON.stringify({ contents }) }))
}

/** Every number in the report of an answer, by its last name. */
function numbers(value: unknown, found: Record<string, number> = {}): Record<string, number> {
  if (typeof value !== 'object' || value === null) return found
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'number') found[name] = member
    else numbers(member, found)
  }
  return found
}

function data(text: string): unknown[] {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
  return lines.map((line) => JSON.parse(line.slice(6)) as unknown)
}

const INPUTS = ['prompt_tokens', 'input_tokens', 'promptTokenCount']
const OUTPUTS = ['completion_tokens', 'output_tokens', 'candidatesTokenCount']
const first = (from: Record<string, number>, names: string[]): number | undefined =>
  names.map((name) => from[name]).find((value) => value !== undefined)

describe.each(Object.keys(apis) as ApiName[])('the model provider of tests, %s', (api) => {
  it('reports what it used, in an answer and at the end of a stream', async () => {
    const models = createModels()
    const whole = numbers(await (await ask(models, api, 'demo~tokens-20')).json())
    const last = numbers(data(await (await stream(models, api, 'demo~tokens-20')).text()))
    expect(models.log.map(({ usage }) => usage?.output)).toEqual([20, 20])
    for (const told of [whole, last]) {
      expect(first(told, INPUTS)).toBe(models.log[0]?.usage?.input)
      expect(first(told, OUTPUTS)).toBe(20)
    }
    expect(models.log[1]).toMatchObject({ generated: 20, state: 'done', status: 200 })
  })

  it('reports nothing if it is asked to report nothing', async () => {
    const models = createModels()
    const told = numbers(data(await (await stream(models, api, 'demo~no-usage')).text()))
    expect(first(told, OUTPUTS)).toBeUndefined()
  })

  it('cuts a stream where it is asked to', async () => {
    const models = createModels()
    await expect((await stream(models, api, 'demo~dies-after-3')).text()).rejects.toThrow('died')
    expect(models.log[0]).toMatchObject({ events: 3, state: 'broken' })
    expect(data(await (await stream(models, api, 'demo~ends-after-2')).text())).toHaveLength(2)
    const failed = await (await stream(models, api, 'demo~error-after-2')).text()
    expect(data(failed)).toHaveLength(3)
    expect(failed).toContain('error')
    expect(failed).not.toContain('[DONE]')
  })

  it('splits its bytes and ends its lines as it is asked to', async () => {
    const models = createModels()
    const plain = data(await (await stream(models, api, 'demo~served-x')).text())
    const odd = data(await (await stream(models, api, 'demo~served-x~split-3~crlf')).text())
    expect(odd.length).toBe(plain.length)
  })

  it('goes on until its reader leaves', async () => {
    const models = createModels()
    const reader = (await stream(models, api, 'demo~never-ends')).body?.getReader()
    for (let count = 0; count < 200; count += 1) await reader?.read()
    await reader?.cancel()
    await models.log[0]?.ended
    expect(models.log[0]).toMatchObject({ events: 200, state: 'cancelled' })
  })
})

describe('the model provider of tests', () => {
  it('demands its key, and echoes the head and the tail of another', async () => {
    const models = createModels()
    const headers = { authorization: 'Bearer sk-proj-canary-of-a-client-1234' }
    const url = 'http://models.example/openai/v1/chat/completions'
    const response = await models.fetch(new Request(url, { method: 'POST', headers, body: '{"model":"demo"}' }))
    expect(response.status).toBe(401)
    expect(await response.text()).toMatch(/sk-proj-\*+1234/)
  })

  it('waits until it is released', async () => {
    const models = createModels()
    const responses = [1, 2, 3].map(() => ask(models, 'chat', 'demo~slow'))
    await models.arrived(3)
    models.release()
    expect((await Promise.all(responses)).map(({ status }) => status)).toEqual([200, 200, 200])
  })

  it('answers with a status so many times, and then well', async () => {
    const models = createModels()
    const statuses: number[] = []
    for (let count = 0; count < 3; count += 1) statuses.push((await ask(models, 'chat', 'demo~first-2-503')).status)
    expect(statuses).toEqual([503, 503, 200])
  })

  it('takes what it is asked for from the prompt as well, and refuses what it does not know', async () => {
    const models = createModels()
    const asked = (text: string) => ask(models, 'chat', 'demo', { messages: [{ role: 'user', content: text }] })
    await asked('Hello [[tokens-7, cached-2]]')
    expect(models.log[0]?.usage).toMatchObject({ output: 7, cached: 2 })
    expect((await asked('[[token-7]]')).status).toBe(400)
  })

  it('keeps to the caps of a request, reasoning included', async () => {
    const models = createModels()
    await ask(models, 'chat', 'demo~thinking-6~tokens-90', { max_completion_tokens: 10, n: 2 })
    expect(models.log[0]?.usage).toMatchObject({ output: 20, thinking: 12 })
  })
})
