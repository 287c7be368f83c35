import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { call, createMcpWorld, type McpWorld, receivedBy } from './server.ts'

// Ways to have a server read another message than the gate has read.

let world: McpWorld
beforeEach(async () => {
  world = await createMcpWorld()
})
afterEach(() => world.end())

const now = JSON.stringify(call('now'))

async function post(fields: Record<string, string>, content = now, url = 'https://news.test/mcp') {
  const { status } = await world.send(content, { fields: { 'content-type': 'application/json', ...fields }, url })
  const [received] = await receivedBy(world)
  return { status, received }
}

describe('a server', () => {
  // In UTF-7 "+ACI-" is a quote, and in GBK "你" takes the backslash after it: each has another tool in it then.
  it.each([
    ['utf-7', now.replace('"name"', '"x":"+ACI-,+ACI-name+ACI-:+ACI-search","name"')],
    ['gbk', now.replace('"name"', String.raw`"x":"你\",\"name\":\"search","name"`)],
    ['utf-8"; charset="utf-7', now],
  ])('decoded a message by the charset %s that its sender named', async (charset, content) => {
    const { status, received } = await post({ 'content-type': `application/json; charset="${charset}"` }, content)
    expect([status, received?.text]).toEqual([200, content])
    expect(received?.headers.get('content-type')).toBe('application/json')
  })

  it('took another spelling of a field for the field', async () => {
    const fields = { mcp_session_id: 'of-another', last_event_id: '1', mcp_method: 'ping', content_encoding: 'deflate' }
    const { status, received } = await post(fields)
    expect(status).toBe(200)
    for (const name of Object.keys(fields)) expect(received?.headers.get(name)).toBeNull()
    await world.send(undefined, { method: 'GET', fields })
    for (const name of Object.keys(fields)) expect((await receivedBy(world))[1]?.headers.get(name)).toBeNull()
  })

  it.each(['GET', 'POST'])('was called through a socket that began as a %s', async (method) => {
    const fields = { upgrade: 'WebSocket', connection: 'Upgrade' }
    const { status } = await world.send(method === 'GET' ? undefined : now, { method, fields })
    expect([status, world.received.length]).toEqual([400, 0])
  })

  it.each([
    'Search',
    'SEARCH',
    ' search',
    'search\n',
    'search\u0000',
    'sear\u00adch',
    'sear\u0301ch',
    '\uff53earch',
    'search\ud800',
    'se_arch',
    'gone ',
  ])('ran a tool with a price under the terms of unnamed ones, called %j', async (name) => {
    const url = 'https://news.test/members'
    const token = await world.bearing({ entitlements: ['premium'] })
    expect((await world.send(call(name), { url, fields: token })).body.error.code).toBe(-32602)
    expect(world.received).toEqual([])
    expect((await world.send(call('research'), { url, fields: token })).body.result.content[0].text).toBe('research')
  })

  it.each(['__proto__', 'constructor', 'tool search', 'toString'])('has no tool %s that is free', async (name) => {
    expect((await world.send(call(name))).body.error.code).toBe(-32602)
    expect(world.received).toEqual([])
  })
})
