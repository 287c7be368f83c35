import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf } from './gateway.ts'

let world: World
let gate: Gate
let buyer: Buyer
let logs: MockInstance[]

beforeEach(async () => {
  logs = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')]
  for (const log of logs) log.mockImplementation(() => undefined)
  world = await createWorld()
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

describe('what the provider says of the operator’s account', () => {
  it.each([
    ['Anthropic’s credit', MESSAGES, 'Your credit balance is too low to access the Anthropic API.'],
    ['a limit of spending', CHAT, 'Billing hard limit reached: billing_hard_limit_reached'],
    ['Gemini’s key', GENERATE, 'API key not valid. Please pass a valid API key (AIzaSyCa********0003).'],
  ])('does not reach a client as a fault of its request: %s', async (_what, path, message) => {
    world.origin = () => Response.json({ error: { message, code: 400 } }, { status: 400 })
    const body = { model: 'test', max_tokens: 9, messages: [user('x')] }
    const response = await buyer.post(path, path === GENERATE ? { contents: [{ parts: [{ text: 'x' }] }] } : body)
    expect(response.status).toBe(503)
    expect(written(await shown(response))).not.toMatch(/credit balance|hard_limit|AIza|API key not/)
    await gate.settled()
    expect(await buyer.credit()).toBe(100_000_000_000n)
  })

  it('leaves what is said of the request, without names of organisations, projects and keys', async () => {
    const message = 'Bad "size" in proj_canary12345 of org-canary12345 with sk-proj-cana****0001, projects/12345.'
    world.origin = () => Response.json({ error: { message } }, { status: 404 })
    const response = await buyer.post(CHAT, { model: 'test', messages: [user('x')] })
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: { message: 'Bad "size" in … of … with …, ….' } })
  })

  it.each([
    ['error', { type: 'error', code: 'rate_limit_exceeded', message: 'in organization org-canary', param: null }],
    [
      'response.failed',
      {
        type: 'response.failed',
        response: { error: { code: 'rate_limit_exceeded', message: 'in organization org-canary' } },
      },
    ],
  ])('does not reach a client after signs of life: %s', async (name, data) => {
    const events = [
      ['response.created', { type: 'response.created', response: { status: 'in_progress', error: null, usage: null } }],
      ['response.in_progress', { type: 'response.in_progress', response: { error: null, usage: null } }],
      [name, data],
    ] as const
    const text = events.map(([event, value]) => `event: ${event}\ndata: ${JSON.stringify(value)}\n\n`).join('')
    world.origin = () => new Response(text, { headers: { 'content-type': 'text/event-stream' } })
    const response = await buyer.post('/openai/v1/responses', { model: 'test', input: 'x', stream: true })
    expect(response.status).toBe(503)
    expect(written(await shown(response))).not.toContain('org-canary')
    await gate.settled()
    expect(await buyer.credit()).toBe(100_000_000_000n)
  })
})
