import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { call, createMcpWorld, INITIALIZE, type McpClient, type McpWorld } from './server.ts'

let world: McpWorld
let send: McpClient
beforeEach(async () => {
  world = await createMcpWorld()
  send = world.send
})
afterEach(() => world.end())

describe('a session', () => {
  const begin = async (fields: Record<string, string>) =>
    (await send(INITIALIZE, { fields })).headers.get('mcp-session-id') ?? ''

  it('is of the account that began it, for calls, streams and its end', async () => {
    const [ann, bob] = [await world.bearing({ sub: 'ann' }), await world.bearing({ sub: 'bob' })]
    const session = await begin(ann)
    expect(session).toMatch(/^1\.[\w-]{22}\.session-of-the-server$/)
    const mine = { ...ann, 'mcp-session-id': session }
    expect((await send(call('now'), { fields: mine })).status).toBe(200)
    expect(world.received.at(-1)?.headers.get('mcp-session-id')).toBe('session-of-the-server')
    world.received.length = 0
    for (const fields of [{ ...bob, 'mcp-session-id': session }, { 'mcp-session-id': session }])
      for (const [message, method] of [
        [call('now'), 'POST'],
        [undefined, 'GET'],
        [undefined, 'DELETE'],
      ] as const) {
        const { status, body } = await send(message, { fields, method })
        expect([status, body.error.code]).toEqual([404, -32001])
      }
    expect(world.received).toEqual([])
    expect((await send(undefined, { fields: mine, method: 'DELETE' })).status).toBe(204)
  })

  it('is not found by the id of the server, nor by an altered name', async () => {
    const session = await begin({})
    const forged = ['session-of-the-server', session.replace('1.', '2.'), `${session}x`, session.replace(/\.(.)/, '.-')]
    for (const name of forged)
      expect((await send(call('now'), { fields: { 'mcp-session-id': name } })).status).toBe(404)
    expect((await send(call('now'), { fields: { 'mcp-session-id': session } })).status).toBe(200)
  })

  it('of one server was that of another server of the site with the same id', async () => {
    const ann = await world.bearing({ sub: 'ann' })
    const fields = { ...ann, 'mcp-session-id': await begin(ann) }
    const { text } = await send(undefined, { method: 'GET', fields: ann })
    const event = { ...ann, 'last-event-id': /^id: (.*)$/m.exec(text)?.[1] ?? '' }
    world.received.length = 0
    const url = 'https://news.test/members'
    expect((await send(call('now'), { fields, url })).status).toBe(404)
    expect((await send(undefined, { method: 'DELETE', fields, url })).status).toBe(404)
    expect((await send(undefined, { method: 'GET', fields: event, url })).status).toBe(400)
    expect(world.received).toEqual([])
    expect((await send(call('now'), { fields, url: 'https://news.test/mcp/' })).status).toBe(200)
    expect((await send(undefined, { method: 'GET', fields: event })).status).toBe(200)
  })

  it('that nobody known began goes on by its name, whoever signs in', async () => {
    const session = await begin({})
    expect(
      (await send(call('now'), { fields: { ...(await world.bearing()), 'mcp-session-id': session } })).status,
    ).toBe(200)
  })

  it('has events that nobody else resumes at', async () => {
    const [ann, bob] = [await world.bearing({ sub: 'ann' }), await world.bearing({ sub: 'bob' })]
    const [hers, his] = [
      { ...ann, 'mcp-session-id': await begin(ann) },
      { ...bob, 'mcp-session-id': await begin(bob) },
    ]
    const { text } = await send(undefined, { method: 'GET', fields: hers })
    const ids = Array.from(text.matchAll(/^id: (.*?)\r?$/gm), ([, id = '']) => id)
    expect(ids).toMatchObject([/^1\.[\w-]{22}\.e-1$/, /^1\.[\w-]{22}\.e-2$/].map((one) => expect.stringMatching(one)))
    expect(text.replaceAll(/1\.[\w-]{22}\./g, '')).toBe(
      'id: e-1\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\n\nid: e-2\r\ndata: {}\r\n\r\n',
    )
    const event = { 'last-event-id': ids[0] ?? '' }
    expect((await send(undefined, { method: 'GET', fields: { ...hers, ...event } })).status).toBe(200)
    expect(world.received.at(-1)?.headers.get('last-event-id')).toBe('e-1')
    for (const fields of [{ ...his, ...event }, { ...ann, ...event }, event, { ...hers, 'last-event-id': 'e-1' }])
      expect((await send(undefined, { method: 'GET', fields })).status).toBe(400)
  })
})

describe('signing in', () => {
  it('begins at 401, with the metadata of the resource', async () => {
    const { status, headers, body } = await send(call('summarize'))
    expect([status, body.error.code, body.id]).toEqual([401, -32000, 1])
    const challenge = headers.get('www-authenticate') ?? ''
    expect(challenge).toMatch(/^Bearer realm="news"/)
    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? []
    expect(url).toBe('https://news.test/.well-known/oauth-protected-resource/mcp')
    for (const where of [url, 'https://news.test/.well-known/oauth-protected-resource']) {
      const metadata = await send(undefined, { url: where, method: 'GET' })
      expect([metadata.status, metadata.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
      expect(metadata.body).toEqual({
        resource: 'https://news.test/mcp',
        authorization_servers: ['https://login.test'],
        bearer_methods_supported: ['header'],
        scopes_supported: ['tools'],
      })
    }
    expect(world.received).toEqual([])
  })

  it('begins with the first message where the whole route asks for an account', async () => {
    const { status, headers } = await send(INITIALIZE, { url: 'https://news.test/private' })
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('/.well-known/oauth-protected-resource/private"')
    expect((await send(undefined, { url: 'https://news.test/private', method: 'GET' })).status).toBe(401)
  })

  it('is asked of who has a price to pay if only an account can pay it', async () => {
    expect((await send(call('search'), { url: 'https://plain.test/mcp' })).status).toBe(401)
    expect((await send(call('search'))).status).toBe(200)
  })

  it('is asked of an expired token, and of nobody who pays', async () => {
    const expired = await world.bearing({ iat: 1, exp: 2 })
    const { status, headers } = await send(call('search'), { fields: expired })
    expect(status).toBe(401)
    expect(headers.get('www-authenticate')).toContain('error="invalid_token"')
    const paid = await send(call('search', { _meta: { 'x402/payment': { x402Version: 2, payload: { toy: 'no' } } } }))
    expect([paid.status, paid.body.error.code]).toEqual([200, -32602])
  })
})
