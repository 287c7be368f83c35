import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compatible } from '../../../src/index.ts'
import { createSites, HOUR_MS, inMs } from '../../levers/world.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T23:00:00Z'), toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const limit = { input: 1000, output: 100 }
const rates = { input: '1', output: '1' }

/** Models at two servers, and an account with credit for them. */
async function createModels() {
  const meter = compatible({
    url: ['http://127.0.0.1:8001/v1', 'http://127.0.0.1:8002/v1'],
    currency: 'USD',
    models: {
      big: { rates, limit, fallbacks: ['small'] },
      small: { rates, limit },
      'odd/name:7b "x"': { rates, limit },
    },
  })
  const sites = await createSites({ routes: [{ path: '/llm/*', requires: 'premium', meter }] })
  const calls: string[] = []
  const gate = sites.isolate((_, { server, content, request }) => {
    calls.push(`${server ?? ''} ${content === undefined ? request.method : ''}`.trim())
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }
    return Response.json({ id: 'c', object: 'chat.completion', model: 'm', choices: [], usage })
  })
  const granted = await gate.send('/__faregate/credit', {
    method: 'POST',
    headers: { authorization: `Bearer ${await sites.operatorToken('credit')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ account: 'ann', amount: '10', currency: 'USD', id: 'start' }),
  })
  expect(granted.status).toBe(200)
  const paid = await sites.token()
  const chat = (model: string): ReturnType<typeof gate.send> =>
    gate.send('/llm/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${paid}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }], max_tokens: 10 }),
    })
  const close = (part: object): ReturnType<typeof gate.order> => gate.order({ close: part, until: inMs(HOUR_MS) })
  return { ...sites, gate, calls, chat, close }
}

describe('a model that an operator closes', () => {
  it('is refused in the shape of its family, and charges nothing; others go on', async () => {
    const { gate, chat, close, calls, lines } = await createModels()
    expect((await chat('small')).status).toBe(200)
    expect((await close({ model: 'small' })).status).toBe(200)
    const before = calls.length
    const refused = await chat('small')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '300'])
    expect(refused.body).toMatchObject({
      error: { type: 'server_error', message: expect.stringContaining('closed it for a time') },
    })
    expect(calls).toHaveLength(before)
    expect(lines.at(-1)).toMatchObject({ reason: 'temporarily-closed', charged: undefined, route: '/llm/*' })
    expect((await chat('big')).status).toBe(200)
    await gate.order({ close: { model: 'small' }, undo: true })
    expect((await chat('small')).status).toBe(200)
  })

  it('is replaced by the next that the configuration names for it', async () => {
    const { chat, close } = await createModels()
    await close({ model: 'big' })
    expect((await chat('big')).status).toBe(200)
    await close({ model: 'small' })
    expect((await chat('big')).status).toBe(503)
  })

  it('is named as the configuration names it, whatever is in the name', async () => {
    const { chat, close } = await createModels()
    expect((await close({ model: 'odd/name:7b "x"' })).status).toBe(200)
    expect((await chat('odd/name:7b "x"')).status).toBe(503)
    expect((await close({ model: 'Small' })).body['detail']).toContain(
      'expected a model that a route of this zone calls',
    )
  })
})

describe('a provider that an operator closes', () => {
  it('is not attempted, and the next server is', async () => {
    const { chat, close, calls } = await createModels()
    await chat('small')
    await close({ provider: '127.0.0.1:8001' })
    expect((await chat('small')).status).toBe(200)
    expect(calls).toEqual(['http://127.0.0.1:8001', 'http://127.0.0.1:8002'])
    await close({ provider: '127.0.0.1:8002' })
    expect((await chat('small')).status).toBe(503)
    expect(calls).toHaveLength(2)
  })

  it('is closed with all its servers by its name', async () => {
    const { gate, chat, close } = await createModels()
    await close({ provider: 'compatible' })
    expect((await chat('small')).status).toBe(503)
    expect((await chat('big')).status).toBe(503)
    expect((await gate.order({ open: { route: '/llm/*' }, until: inMs(HOUR_MS) })).status).toBe(400)
  })
})
