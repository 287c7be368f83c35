import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { MODEL_KEYS, type Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let gate: Gate
let buyer: Buyer
let logs: MockInstance[]

beforeEach(async () => {
  logs = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')]
  for (const log of logs) log.mockImplementation(() => undefined)
  world = await createWorld()
  models = providerIn(world)
  gate = gatewayOf()
  buyer = await createBuyer(gate, world)
  await buyer.grant(100_000_000_000n)
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

const CHAT = '/openai/v1/chat/completions'
const MESSAGES = '/anthropic/v1/messages'
const GENERATE = '/gemini/v1beta/models/test:generateContent'
const user = (content: unknown) => ({ role: 'user', content })

/** What the gate wrote: to its log, and to the client. */
const written = (answer: string): string =>
  [world.log, ...logs]
    .flatMap(({ mock }) => mock.calls.flat())
    .map(String)
    .join('\n') + answer

/** Everything of a response that a client sees. */
async function shown(response: Response): Promise<string> {
  return `${[...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')}\n${await response.text()}`
}

describe('what is kept at the provider, for everyone under its key', () => {
  it.each([
    ['an earlier response', '/openai/v1/responses', { model: 'test', input: 'x', previous_response_id: 'resp_a' }],
    ['a conversation', '/openai/v1/responses', { model: 'test', input: 'x', conversation: 'conv_a' }],
    ['a prompt', '/openai/v1/responses', { model: 'test', input: 'x', prompt: { id: 'pmpt_a' } }],
    ['an item', '/openai/v1/responses', { model: 'test', input: [{ type: 'item_reference', id: 'msg_a' }] }],
    ['a file', CHAT, { model: 'test', messages: [user([{ type: 'file', file: { file_id: 'file_a' } }])] }],
    [
      'a file in a response',
      '/openai/v1/responses',
      { model: 'test', input: [user([{ type: 'input_file', file_id: 'file_a' }])] },
    ],
    [
      'a file of Anthropic',
      MESSAGES,
      {
        model: 'test',
        max_tokens: 10,
        messages: [user([{ type: 'document', source: { type: 'file', file_id: 'file_a' } }])],
      },
    ],
    [
      'a file in the result of a tool',
      MESSAGES,
      {
        model: 'test',
        max_tokens: 10,
        messages: [
          user([
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [{ type: 'image', source: { type: 'file', file_id: 'file_a' } }],
            },
          ]),
        ],
      },
    ],
    ['a container', MESSAGES, { model: 'test', max_tokens: 10, messages: [user('x')], container: 'container_a' }],
    ['cached content', GENERATE, { contents: [{ parts: [{ text: 'x' }] }], cachedContent: 'cachedContents/a' }],
    [
      'cached content, in snake case',
      GENERATE,
      { contents: [{ parts: [{ text: 'x' }] }], cached_content: 'cachedContents/a' },
    ],
    ['a file of Gemini', GENERATE, { contents: [{ parts: [{ fileData: { fileUri: 'files/a' } }] }] }],
  ])('cannot be reached: %s', async (_what, path, body) => {
    const response = await buyer.post(path, body, { 'anthropic-version': '2023-06-01' })
    expect([response.status >= 400 && response.status < 500, models.log.length]).toEqual([true, 0])
    await response.text()
    await gate.settled()
    expect((await buyer.reading()).totals.charges).toBe(0)
  })

  it.each([
    ['GET', '/openai/v1/responses/resp_a'],
    ['DELETE', '/openai/v1/responses/resp_a'],
    ['POST', '/openai/v1/responses/resp_a/cancel'],
    ['GET', '/openai/v1/files'],
    ['POST', '/openai/v1/batches'],
    ['GET', '/openai/v1/realtime'],
    ['POST', '/anthropic/v1/messages/batches'],
    ['GET', '/anthropic/v1/files'],
    ['POST', '/gemini/v1beta/models/test:batchGenerateContent'],
    ['POST', '/gemini/v1beta/cachedContents'],
    ['POST', '/mistral/v1/agents/completions'],
    ['POST', '/mistral/v1/batch/jobs'],
    ['POST', '/qianfan/v2/files'],
    ['POST', '/llama/api/chat'],
  ])('is closed: %s %s', async (method, path) => {
    const response = await buyer.send(path, { method, ...(method === 'POST' && { body: '{}' }) })
    expect([response.status, models.log.length]).toEqual([403, 0])
  })

  it('is not begun: answers are not stored there', async () => {
    await (await buyer.post('/openai/v1/responses', { model: 'test', input: 'x' })).text()
    expect(models.log[0]?.body).toMatchObject({ store: false })
    const kept = await buyer.post('/openai/v1/responses', { model: 'test', input: 'x', store: true })
    await kept.text()
    expect(models.log[1]?.body?.['store'] ?? false).toBe(false)
  })
})

describe('names that a client gives its own customers', () => {
  it('reach the provider as others, which two accounts never share', async () => {
    const other = await createBuyer(gate, world)
    await other.grant(1_000_000_000n)
    const body = {
      model: 'test',
      messages: [user('x')],
      user: 'alice',
      safety_identifier: 'alice',
      prompt_cache_key: 'k',
    }
    for (const one of [buyer, buyer, other])
      await (await one.post(CHAT, body, { 'idempotency-key': crypto.randomUUID() })).text()
    const names = models.log.map(({ body: sent }) => [
      sent['user'],
      sent['safety_identifier'],
      sent['prompt_cache_key'],
    ])
    expect(names[0]).toEqual(names[1])
    for (const [index, name] of (names[0] ?? []).entries()) expect(name).not.toBe(names[2]?.[index])
    expect(JSON.stringify(models.log.map(({ text, fields }) => [text, fields]))).not.toMatch(/alice|idempotency/i)
  })
})

describe('a body that servers would read differently', () => {
  it.each([
    ['a member twice', '{"model":"test","model":"dear","messages":[]}'],
    ['a member in another case', '{"Model":"test","messages":[]}'],
    ['a cap in another case', '{"model":"test","messages":[],"MAX_TOKENS":1}'],
    ['a number beyond 2^53', '{"model":"test","messages":[],"max_completion_tokens":9007199254740993}'],
    ['a byte order mark', '\ufeff{"model":"test","messages":[]}'],
    ['a member that nobody knows', '{"model":"test","messages":[],"api_base":"https://evil.example"}'],
    ['another gateway’s member', '{"model":"test","messages":[],"provider":{"only":["x"]}}'],
    ['no JSON', 'model=test'],
  ])('is refused, and nothing is sent: %s', async (_what, body) => {
    const response = await buyer.send(CHAT, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    expect([response.status, models.log.length]).toEqual([400, 0])
    expect(await response.json()).toMatchObject({
      reason: 'request-malformed',
      error: { type: 'invalid_request_error' },
    })
  })
})

describe('fields and parameters', () => {
  it('go upstream by a list: nothing that could name another organisation, project, gateway or key', async () => {
    const fields = {
      'openai-organization': 'org-evil',
      'openai-project': 'proj_evil',
      'x-goog-user-project': 'evil',
      'cf-aig-authorization': 'evil',
      'helicone-auth': 'evil',
      cookie: 'evil=1',
      'x-forwarded-for': '203.0.113.9',
      'faregate-subject': 'evil',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'anthropic-beta': 'evil-beta-2026-01-01',
      'openai-beta': 'evil=v2',
    }
    await (await buyer.post(CHAT, { model: 'test', messages: [user('x')] }, fields)).text()
    const body = { model: 'test', max_tokens: 10, messages: [user('x')] }
    await (await buyer.post(`${MESSAGES}?evil=1`, body, { ...fields, 'anthropic-version': '2023-06-01' })).text()
    const sent = JSON.stringify(models.log.map(({ fields: got, query }) => [got, query]))
    expect(models.log).toHaveLength(2)
    expect(sent).not.toMatch(/evil|203\.0\.113|faregate|traceparent|eyJ/)
  })
})

describe('what the provider says to the operator', () => {
  it.each([401, 402, 403, 429, 500, 503, 529, 302])('does not reach a client: %s', async (status) => {
    const response = await buyer.post(CHAT, { model: 'test', messages: [user(`x [[status-${status}, headers]]`)] })
    expect([502, 503]).toContain(response.status)
    const all = written(await shown(response))
    expect(models.log.length).toBeGreaterThan(0)
    expect(all).not.toMatch(/sk-proj|canary|OperatorKey|elsewhere\.example|org-/i)
    await gate.settled()
    expect(await buyer.credit()).toBe(100_000_000_000n)
  })

  it('leaves no organisation, limit or cookie in the fields of an answer', async () => {
    const response = await buyer.post(CHAT, { model: 'test', messages: [user('x [[headers]]')] })
    expect(response.status).toBe(200)
    expect(await shown(response)).not.toMatch(/openai-organization|x-ratelimit|set-cookie|org-/i)
  })

  it.each(Object.values(MODEL_KEYS))('never has the key in anything: %s', async (key) => {
    for (const path of [
      CHAT,
      '/mistral/v1/chat/completions',
      '/qianfan/v2/chat/completions',
      '/llama/v1/chat/completions',
    ]) {
      const response = await buyer.post(path, { model: 'test', messages: [user('x [[status-401]]')] })
      expect(written(await shown(response))).not.toContain(key)
    }
  })
})

describe('prompts and completions', () => {
  it('are in no log, error or record', async () => {
    const secret = 'CanaryOfThePrompt'
    for (const fault of ['tokens-5', 'status-500', 'error-first', 'no-usage', 'dies-after-2']) {
      const body = { model: 'test', stream: true, messages: [user(`${secret} [[${fault}]]`)] }
      await (await buyer.post(CHAT, body)).text().catch(() => undefined)
    }
    await (await buyer.post(CHAT, { model: 'test', messages: [user(secret)], [secret]: 1 })).text()
    await gate.settled()
    expect(written('')).not.toContain(secret)
    expect(
      JSON.stringify(await buyer.reading(), (_key, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    ).not.toContain(secret)
  })
})

describe('a token given to an SDK as its key', () => {
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'x' }] }] })
  const ask = (path: string, headers: Record<string, string>) =>
    gate.fetch(
      new Request(`https://news.test${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }),
    )

  it.each(['x-api-key', 'x-goog-api-key', 'api-key'])('is read in %s, and stays at the gate', async (name) => {
    expect((await ask(GENERATE, { [name]: buyer.token })).status).toBe(200)
    expect(JSON.stringify(models.log.map(({ fields }) => fields))).not.toContain(buyer.token)
  })

  it('is not read in the URL', async () => {
    const response = await ask(`${GENERATE}?key=${buyer.token}`, {})
    expect([response.status, models.log.length]).toEqual([402, 0])
    expect(written(await shown(response))).not.toContain(buyer.token)
  })

  it.each([
    ['that is no token', { 'x-goog-api-key': 'AIza-of-someone' }, 401],
    ['in Authorization', { authorization: 'Bearer sk-of-someone' }, 401],
  ])('opens nothing: another key %s', async (_what, fields, status) => {
    const response = await ask(GENERATE, fields)
    expect([response.status, models.log.length]).toEqual([status, 0])
    expect(await response.json()).toMatchObject({ error: { code: status } })
  })
})
