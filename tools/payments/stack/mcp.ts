import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { InMemoryEventStore } from '@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js'
import type { IncomingMessage } from 'node:http'
import { serve, type Served } from './serve.ts'

export interface McpDouble extends Served {
  /** The tools that were called, in order. */
  readonly called: readonly string[]
  /** The path, the session and the token of each request, in order. */
  readonly requests: readonly {
    readonly method: string
    readonly session: string | undefined
    readonly token: boolean
  }[]
  /** Resolves when a client has opened the stream of a session by GET. */
  readonly opened: (session: string) => Promise<void>
  /** Tells every open stream of a session that the list of tools has changed. */
  readonly announce: () => void
}

/**
 * Starts an MCP server, as its SDK makes one: with sessions, streams that can be resumed, and tools that answer in JSON or, if
 * `streams`, in events.
 */
export async function startMcp({ streams }: { readonly streams: boolean }): Promise<McpDouble> {
  const called: string[] = []
  const requests: McpDouble['requests'][number][] = []
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  const servers = new Set<McpServer>()
  const eventStore = new InMemoryEventStore()
  const opened = new EventEmitter()
  const open = new Set<string>()

  const begin = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      enableJsonResponse: !streams,
      eventStore,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    })
    const server = createTools((name) => called.push(name))
    servers.add(server)
    await server.connect(transport as Parameters<McpServer['connect']>[0])
    return transport
  }

  const served = await serve(async (request, response) => {
    const session = fieldOf(request, 'mcp-session-id')
    requests.push({ method: request.method ?? '', session, token: request.headers.authorization !== undefined })
    const transport = session === undefined ? await begin() : sessions.get(session)
    if (transport === undefined) {
      response.writeHead(404).end()
      return
    }
    const handled = transport.handleRequest(request, response)
    if (request.method === 'GET') {
      while (!response.headersSent) await setImmediate()
      open.add(session ?? '')
      opened.emit(session ?? '')
    }
    await handled
  })
  return {
    ...served,
    called,
    requests,
    async opened(session) {
      if (!open.has(session)) await once(opened, session)
    },
    announce: () => {
      for (const server of servers) server.sendToolListChanged()
    },
  }
}

function fieldOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Makes a server whose tools log while they work, and one that fails. */
function createTools(called: (name: string) => void): McpServer {
  const server = new McpServer({ name: 'tools', version: '1.0.0' }, { capabilities: { logging: {} } })
  for (const name of ['search', 'report', 'now', 'hidden'])
    server.registerTool(name, { description: `The tool ${name}` }, async ({ sendNotification }) => {
      called(name)
      for (const data of ['one', 'two'])
        await sendNotification({ method: 'notifications/message', params: { level: 'info', data } })
      return { content: [{ type: 'text', text: `the result of ${name}` }] }
    })
  server.registerTool('fails', { description: 'Fails' }, () => {
    called('fails')
    throw new Error('nothing was found')
  })
  return server
}
