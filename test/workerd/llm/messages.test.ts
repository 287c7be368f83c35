import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models

beforeEach(async () => {
  world = await createWorld()
  models = providerIn(world)
})
afterEach(() => world.end())

const VERSION = { 'anthropic-version': '2023-06-01' }

async function buyerAt(common: Parameters<typeof gatewayOf>[0] = {}): Promise<Buyer> {
  const buyer = await createBuyer(gatewayOf(common), world)
  await buyer.grant(100_000_000_000n)
  return buyer
}

/** A request as Claude Code sends it. */
const code = {
  model: 'test',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: '<system-reminder>\nToday is Saturday.\n</system-reminder>' },
        { type: 'text', text: 'Hello.', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
    },
  ],
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.295' },
    { type: 'text', text: 'You are Claude Code.', cache_control: { type: 'ephemeral', scope: 'global', ttl: '1h' } },
  ],
  tools: [
    { name: 'Bash', description: 'Runs a command', input_schema: { type: 'object', properties: { command: {} } } },
    { name: 'mcp__files__read', description: 'Reads', input_schema: { type: 'object' }, defer_loading: true },
  ],
  metadata: { user_id: '{"device_id":"d","account_uuid":"","session_id":"s"}' },
  max_tokens: 12_000,
  thinking: { type: 'adaptive', display: 'summarized' },
  context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
  output_config: { effort: 'high' },
  diagnostics: { previous_message_id: null },
  stream: true,
}
const BETAS = 'claude-code-20250219,context-1m-2025-08-07,interleaved-thinking-2025-05-14,advisor-tool-2026-03-01'

describe('a request of Claude Code', () => {
  it('goes upstream with every byte, but for what names a customer, an earlier answer or a price', async () => {
    const buyer = await buyerAt()
    const fields = { ...VERSION, 'anthropic-beta': BETAS, 'x-app': 'cli', 'x-claude-code-session-id': 's' }
    const response = await buyer.post('/anthropic/v1/messages?beta=true', code, fields)
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('message_stop')])
    const [call] = models.log
    const { metadata, diagnostics: _, ...rest } = code
    expect(call?.body).toEqual({ ...rest, metadata: { user_id: expect.any(String) }, service_tier: 'standard_only' })
    expect(call?.text).not.toContain(metadata.user_id)
    expect(call?.text).toContain(JSON.stringify(code.system))
    expect(call?.fields['anthropic-beta']).toBe('claude-code-20250219,interleaved-thinking-2025-05-14')
    expect(call?.fields).not.toHaveProperty('x-claude-code-session-id')
    expect([call?.path, call?.query]).toEqual(['/v1/messages', '?beta=true'])
  })

  it('is counted for free', async () => {
    const buyer = await buyerAt()
    const { model, messages, system, tools, thinking } = code
    const count = { model, messages, system, tools, thinking }
    const response = await buyer.post('/anthropic/v1/messages/count_tokens?beta=true', count, VERSION)
    expect(await response.json()).toEqual({ input_tokens: expect.any(Number) })
    expect((await buyer.reading()).totals.charges).toBe(0)
  })
})

describe('tools that Anthropic runs', () => {
  const asking = (type: string, more: object = {}) => ({
    model: 'test',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Hello.' }],
    tools: [{ type, name: 'tool', ...more }],
  })

  it.each([
    ['are not sold unless they are listed', [], asking('web_fetch_20260318'), 403],
    ['fetch pages for the tokens alone, so how many is no matter', ['web_fetch'], asking('web_fetch_20260318'), 200],
    ['search at a price, so how often has to be known', ['web_search'], asking('web_search_20260318'), 403],
    ['search so often', ['web_search'], asking('web_search_20260318', { max_uses: 2 }), 200],
  ])('%s', async (_, tools, body, status) => {
    const buyer = await buyerAt({ tools })
    const response = await buyer.post('/anthropic/v1/messages', body, VERSION)
    expect([response.status, models.log.length]).toEqual([status, status === 200 ? 1 : 0])
    await response.text()
  })
})
