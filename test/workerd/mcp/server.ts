import { vi } from 'vitest'
import { bearer, defineConfig, mcp, receipt } from '../../../src/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { realObjects } from '../../support/services.ts'
import { createWorld, type World } from '../../support/world.ts'
import { BANK } from '../../support/paid.ts'
import { Bank } from '../payments/bank.ts'
import { createGate, type Gate } from '../cache/gate.ts'
import { walletRail } from './wallet.ts'

const price = { amount: '0.25', currency: 'USD' }
const tools = {
  search: { price },
  summarize: { requires: 'pro' },
  now: 'free' as const,
  mine: 'included' as const,
  gone: 'closed' as const,
}
const zone = {
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  origin: { servers: [{ url: 'https://origin.test' }], limits: { responseSeconds: 10, connectSeconds: 10 } },
  unmatched: 'closed' as const,
  remedies: { documentation: 'https://billing.test/problems', checkout: 'https://billing.test/checkout' },
}
const authorizationServers = ['https://login.test']

/** The whole Worker before an MCP server. On `plain.test` nobody pays by a wallet. */
function mcpGate(): Gate {
  const config = defineConfig({
    endpoints: ENDPOINTS,
    secrets: { gate: 'GATE_SECRET' },
    zones: [
      {
        ...zone,
        name: 'news',
        hosts: ['news.test'],
        origins: ['https://app.test'],
        rails: [bearer(), receipt(), walletRail()],
        routes: [
          { path: '/mcp', free: true, protocol: mcp({ tools, authorizationServers, scopes: ['tools'] }) },
          { path: '/members', requires: 'premium', protocol: mcp({ tools, unknown: 'included' }) },
          { path: '/private', requires: 'premium', protocol: mcp({ tools, authorizationServers }) },
        ],
      },
      {
        ...zone,
        name: 'plain',
        hosts: ['plain.test'],
        rails: [bearer()],
        routes: [{ path: '/mcp', free: true, protocol: mcp({ tools, authorizationServers }) }],
      },
    ],
  })
  return createGate('embedded', config, { GATE_SECRET: 'a secret of the gate, of thirty-two bytes' }, realObjects())
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever an answer has
  readonly body: any
}

export interface McpClient {
  (
    message: unknown,
    init?: { readonly fields?: Record<string, string>; readonly url?: string; readonly method?: string },
  ): Promise<Answer>
}

/** Sends messages, and waits for all that outlives the answers. */
function clientOf(gate: Gate): McpClient {
  return async (message, { fields = {}, url = 'https://news.test/mcp', method = 'POST' } = {}) => {
    const body = typeof message === 'string' ? message : JSON.stringify(message)
    const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
    const headers = { ...(message === undefined ? {} : json), ...fields }
    const init = message === undefined ? { method, headers } : { method, headers, body }
    const response = await gate.fetch(new Request(url, init))
    const text = await response.text()
    await gate.settled()
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== ''
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
  }
}

export const call = (name: string, more: object = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: { q: 'x' }, ...more },
})

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}

/** What reached the server of each request: its message and its fields. */
export async function receivedBy(
  world: World,
): Promise<readonly { readonly text: string; readonly headers: Headers }[]> {
  return Promise.all(
    world.received.map(async (request) => ({ text: await request.clone().text(), headers: request.headers })),
  )
}

/** Puts an MCP server in the place of the origin: it begins a session, and tells in its result what it was asked. */
function serveMcp(world: World): void {
  world.origin = async (request) => {
    if (request.method === 'GET') {
      const events = 'id: e-1\ndata: {"jsonrpc":"2.0","method":"notifications/message"}\n\nid: e-2\r\ndata: {}\r\n\r\n'
      return new Response(events, { headers: { 'content-type': 'text/event-stream' } })
    }
    if (request.method === 'DELETE') return new Response(null, { status: 204 })
    const { id, method, params } = (await request.clone().json()) as {
      id?: unknown
      method?: string
      params?: { name?: string }
    }
    if (id === undefined || method === undefined) return new Response(null, { status: 202 })
    const fields: Record<string, string> = method === 'initialize' ? { 'mcp-session-id': 'session-of-the-server' } : {}
    const content = [{ type: 'text', text: params?.name ?? method }]
    if (params?.name === 'fails') return Response.json({ jsonrpc: '2.0', id, error: { code: -32603, message: 'no' } })
    return Response.json({ jsonrpc: '2.0', id, result: { content } }, { headers: fields })
  }
}

/** The gate before an MCP server, a bank, and whoever calls. */
export interface McpWorld extends World {
  readonly gate: Gate
  readonly bank: Bank
  readonly send: McpClient
  /** The field of an account's token. */
  bearing(claims?: Record<string, unknown>): Promise<Record<string, string>>
}

export async function createMcpWorld(): Promise<McpWorld> {
  const world = await createWorld()
  const bank = new Bank()
  const fetching = vi.mocked(globalThis.fetch)
  const outside = fetching.getMockImplementation() ?? globalThis.fetch
  fetching.mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    return request.url.startsWith(BANK) ? bank.answer(request) : outside(request)
  })
  const gate = mcpGate()
  serveMcp(world)
  const bearing: McpWorld['bearing'] = async (claims = {}) => ({ authorization: `Bearer ${await world.token(claims)}` })
  return Object.assign(world, { gate, bank, send: clientOf(gate), bearing })
}
