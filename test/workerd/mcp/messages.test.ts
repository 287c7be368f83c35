import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { call, createMcpWorld, type McpClient, type McpWorld } from './server.ts'

let world: McpWorld
let send: McpClient
beforeEach(async () => {
  world = await createMcpWorld()
  send = world.send
})
afterEach(() => world.end())

const repeated = (text: string, by: string) => JSON.stringify(call('now')).replace(text, `${text},${by}`)

describe('a message that could be read in two ways', () => {
  it.each([
    ['a batch', JSON.stringify([call('now'), call('search')])],
    ['a batch of one after white space', ` \n[${JSON.stringify(call('now'))}]`],
    ['a tool named twice', repeated('"name":"now"', '"name":"search"')],
    ['a tool named twice by an escape', repeated('"name":"now"', '"n\\u0061me":"search"')],
    ['a tool named in another case', repeated('"name":"now"', '"Name":"search"')],
    ['a method in another case', repeated('"method":"tools/call"', '"Method":"tools/call"')],
    ['a method in another case alone', JSON.stringify(call('now')).replace('"method"', '"METHOD"')],
    ['a tool named in another case alone', JSON.stringify(call('now')).replace('"name"', '"NAME"')],
    ['an argument twice', repeated('"q":"x"', '"q":"y"')],
    ['a call without an id', JSON.stringify({ ...call('search'), id: undefined })],
    ['a call with the id null', JSON.stringify({ ...call('search'), id: null })],
    ['another version', JSON.stringify({ ...call('now'), jsonrpc: '1.0' })],
    ['params by position', JSON.stringify({ ...call('now'), params: ['now'] })],
    ['a name that is no text', JSON.stringify(call(7 as unknown as string))],
    ['two messages', `${JSON.stringify(call('now'))}${JSON.stringify(call('search'))}`],
    ['a byte order mark', `\ufeff${JSON.stringify(call('now'))}`],
    ['no JSON', 'now'],
  ])('is refused: %s', async (_name, text) => {
    const { status, body } = await send(text)
    expect([status, body.error.code, body.error.data.problem.reason]).toEqual([400, -32600, 'request-malformed'])
    expect(body).not.toHaveProperty('id')
    expect(world.received).toEqual([])
  })

  it('is refused if it is no UTF-8', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify(call('now')))
    bytes[bytes.indexOf(0x78)] = 0xff
    const headers = { 'content-type': 'application/json' }
    const response = await world.gate.fetch(
      new Request('https://news.test/mcp', { method: 'POST', headers, body: bytes }),
    )
    expect(response.status).toBe(400)
    expect(world.received).toEqual([])
  })

  it.each([
    ['mcp-method', 'ping'],
    ['mcp-name', 'search'],
    ['mcp-name', '=?base64?c2VhcmNo?='],
  ])('is refused if its field %s says %s', async (name, value) => {
    expect((await send(call('now'), { fields: { [name]: value } })).status).toBe(400)
    expect(world.received).toEqual([])
  })

  it('passes with fields that mirror it', async () => {
    const fields = { 'mcp-method': 'tools/call', 'mcp-name': '=?base64?bm93?=' }
    expect((await send(call('now'), { fields })).status).toBe(200)
  })

  it('is not looked for in a GET, in a form, or by another method', async () => {
    const form = { 'content-type': 'text/plain' }
    expect((await send(call('now'), { fields: form })).status).toBe(400)
    expect((await send(call('now'), { method: 'DELETE' })).status).toBe(400)
    expect((await send(call('now'), { method: 'PUT' })).status).toBe(405)
    expect(world.received).toEqual([])
  })
})

describe('a page of another site', () => {
  it('is refused, whatever it asks for', async () => {
    for (const origin of ['https://evil.test', 'null', 'http://news.test', 'https://news.test.evil.test']) {
      const { status, body } = await send(call('now'), { fields: { origin } })
      expect([status, body.error.data.problem.reason]).toEqual([403, 'origin-not-allowed'])
    }
    expect((await send(undefined, { method: 'GET', fields: { origin: 'https://evil.test' } })).status).toBe(403)
    expect(world.received).toEqual([])
  })

  it('is served if it is ours, or of an origin that the zone names', async () => {
    for (const origin of ['https://news.test', 'https://app.test'])
      expect((await send(call('now'), { fields: { origin } })).status).toBe(200)
  })
})
